"""The writer that stands in for orjson."""

import json
from typing import Any

from hypothesis import given

from minillm.json import dumps
from minillm.json.exact import MAX_DEPTH, encode, is_too_deep

from .test_serialization import VALUES, nested


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


def test_depth_is_counted_in_containers() -> None:
    assert not is_too_deep("scalar")
    assert not is_too_deep(nested(MAX_DEPTH))
    assert is_too_deep(nested(MAX_DEPTH + 1))
    assert is_too_deep({"a": [1, nested(MAX_DEPTH - 1)]})
    assert not is_too_deep({"a": [1, nested(MAX_DEPTH - 2)]})
