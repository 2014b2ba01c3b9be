"""Calls of functions and their results, both ways: ids are optional here, and results answer by name."""

from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.types import ToolCallPart, ToolResultPart
from minillm.wire.gemini_generate_content.calls import (
    Calls,
    arguments_of,
    is_piece,
    read_call,
    read_result,
    write_call,
    write_result,
)


def test_ids_that_a_host_leaves_out_are_invented_the_same_every_time() -> None:
    first, second = (Calls("r").called(None, "f") for _ in range(2))
    assert first == second
    assert first.startswith("call_")
    assert Calls("other").called(None, "f") != first


def test_results_without_an_id_answer_the_calls_of_their_name_in_order() -> None:
    calls = Calls()
    one, two, other = calls.called(None, "f"), calls.called(None, "f"), calls.called("c", "g")
    assert [calls.answered(None, "f"), calls.answered("c", "g"), calls.answered("", "f")] == [one, other, two]
    assert calls.answered(None, "f") not in (one, two, other)  # nobody asked


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ({"id": "c", "name": "f", "args": {"a": 1}}, '{"a":1}'),
        ({"name": "f", "args": {}}, "{}"),
        ({"name": "f"}, ""),
    ],
)
def test_a_call_means_this_and_comes_back(said: dict[str, Any], arguments: str) -> None:
    found = read_call(said, "p", Calls())
    assert found is not None
    fields, hints = found
    assert (fields["name"], fields["arguments"]) == ("f", arguments)
    assert write_call(ToolCallPart(**fields), hints, ours=True) == {"functionCall": said}


@pytest.mark.parametrize("said", [{"willContinue": True, "name": "f"}, {"partialArgs": []}, {}])
def test_a_piece_of_a_call_is_none(said: dict[str, Any]) -> None:
    assert is_piece(said)
    assert read_call(said, "p", Calls()) is None


@pytest.mark.parametrize(
    ("response", "content", "is_error"),
    [
        ({"output": "2"}, "2", False),
        ({"result": "2"}, "2", False),
        ({"error": "no"}, "no", True),
        ({"a": 1}, '{"a":1}', False),
        ({"error": {"code": 1}}, '{"error":{"code":1}}', True),
        ({}, "{}", False),
    ],
)
def test_a_result_means_this_and_comes_back(response: dict[str, Any], content: str, is_error: bool) -> None:
    said = {"name": "f", "response": response}
    fields, hints = read_result(said, "p", Calls())
    assert (fields["content"], fields["is_error"]) == (content, is_error)
    assert write_result(ToolResultPart(**fields), hints) == {"functionResponse": said}


def test_a_result_of_ours_is_an_object() -> None:
    assert write_result(ToolResultPart("c", "f", "2"), {}) == {
        "functionResponse": {"name": "f", "id": "c", "response": {"output": "2"}}
    }
    assert write_result(ToolResultPart("c", None, "no", is_error=True), {})["functionResponse"]["response"] == {
        "error": "no"
    }


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (ToolCallPart("c", "f", '{"a":1}'), {"a": 1}),
        (ToolCallPart("c", "f", "[1]"), {"input": [1]}),
        (ToolCallPart("c", "f", "not json"), {"input": "not json"}),
        (ToolCallPart("c", "f", '{"a":1}', "custom"), {"input": '{"a":1}'}),
    ],
)
def test_arguments_are_an_object(part: ToolCallPart, value: Any) -> None:
    assert arguments_of(part) == value


def test_what_is_no_result_is_refused_with_its_place() -> None:
    for said, place in (({}, "p.name"), ({"name": "f", "response": 1}, "p.response")):
        with pytest.raises(DecodeError) as caught:
            read_result(said, "p", Calls())
        assert caught.value.path == place
