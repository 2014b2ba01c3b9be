"""A call whose arguments come in pieces, each with a JSON path."""

from typing import Any

import pytest

from minillm.types import ToolCallPart
from minillm.wire.gemini_generate_content.partial_call import PartialCall


def call() -> PartialCall:
    return PartialCall(3, ToolCallPart("c", "f"))


def test_strings_that_go_on_are_joined() -> None:
    partial = call()
    assert not partial.add({"partialArgs": [{"jsonPath": "$.a", "stringValue": "x"}], "willContinue": True})
    assert partial.add({"partialArgs": [{"jsonPath": "$.a", "stringValue": "y"}]})
    assert partial.arguments == '{"a":"xy"}'


def test_nothing_has_come_yet() -> None:
    assert call().arguments == ""


def test_whole_arguments_may_come_beside_pieces() -> None:
    partial = call()
    assert partial.add({"args": {"a": 1}})
    assert partial.arguments == '{"a":1}'


@pytest.mark.parametrize("piece", [None, 1, [1], [{}], [{"jsonPath": 1}], [{"jsonPath": "$.[[", "stringValue": "x"}]])
def test_an_odd_piece_makes_nothing_fall(piece: Any) -> None:
    assert call().add({"partialArgs": piece})
