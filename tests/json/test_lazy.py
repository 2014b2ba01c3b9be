"""The package and what it loads."""

import subprocess
import sys

import pytest

import minillm.json


def test_importing_the_package_loads_no_parser_but_pythons_own() -> None:
    code = (
        "import sys, minillm.json, minillm.json.repair, minillm.json.schema, minillm.json.partial\n"
        "heavy = {'orjson', 'jiter', 'json_repair', 'jsonschema', 'pydantic', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", minillm.json.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(minillm.json, name) is not None
    assert name in dir(minillm.json)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = minillm.json.nonsense
