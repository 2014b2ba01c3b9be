"""The writer that stands in for orjson."""

import json
from typing import Any

from hypothesis import given

from minillm.json import dumps
from minillm.json.exact import encode

from .test_serialization import VALUES


def leaf(value: Any) -> bytes:
    return dumps(value)


@given(VALUES)
def test_it_writes_what_the_standard_library_reads(value: Any) -> None:
    assert json.loads(encode(value, indent=False, leaf=leaf)) == value


@given(VALUES)
def test_it_indents_as_the_standard_library_does(value: Any) -> None:
    written = encode(value, indent=True, leaf=leaf)
    assert json.loads(written) == value
    assert written.count(b"\n") == json.dumps(value, indent=2).count("\n")
