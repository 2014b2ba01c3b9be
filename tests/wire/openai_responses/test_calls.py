"""Calls and their results as items of their own, both ways."""

from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.report import Report, Severity
from minillm.types import CacheBreakpoint, Native, TextPart, ToolCallPart, ToolResultPart
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.openai_responses.calls import decode_call, decode_result, encode_call, encode_result

WIRE = "openai_responses"
CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a":1}'}


def encoding(report: Report | None = None) -> Encoding:
    return Encoding(WIRE, Quirks(), Report(strict=True) if report is None else report, asking=True)


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


@pytest.mark.parametrize(
    ("item", "part"),
    [
        (CALL, ToolCallPart("c", "f", '{"a":1}')),
        (
            {"type": "custom_tool_call", "call_id": "c", "name": "g", "input": "select 1"},
            ToolCallPart("c", "g", "select 1", "custom"),
        ),
        ({**CALL, "id": "fc_1", "status": "incomplete"}, ToolCallPart("c", "f", '{"a":1}', incomplete=True)),
        ({**CALL, "arguments": ""}, ToolCallPart("c", "f")),
        ({**CALL, "arguments": None}, ToolCallPart("c", "f")),
    ],
)
def test_a_call_means_this_and_comes_back(item: dict[str, Any], part: ToolCallPart) -> None:
    found = decode_call(item, "input[0]")
    assert found == part
    assert encode_call(found, encoding(), "input[0]") == item


def test_a_call_without_the_id_that_results_name_has_its_own() -> None:
    assert decode_call({"type": "function_call", "id": "fc_1", "name": "f"}, "x").id == "fc_1"


@pytest.mark.parametrize("field", ["call_id", "name"])
def test_a_call_without_what_makes_it_one_is_refused(field: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_call({key: value for key, value in CALL.items() if key != field}, "input[3]")
    assert caught.value.path == f"input[3].{field}"


def test_a_call_from_elsewhere() -> None:
    report = Report(strict=True)
    part = ToolCallPart("c", "f", '{"a":1}', signature="s", cache=CacheBreakpoint())
    assert encode_call(part, encoding(report), "m") == CALL
    assert told(report) == [("m.signature", Severity.NOTE), ("m.cache", Severity.NOTE)]


def test_a_call_that_was_cut_says_so() -> None:
    item = encode_call(ToolCallPart("c", "f", '{"a', incomplete=True), encoding(), "m")
    assert (item["arguments"], item["status"]) == ('{"a', "incomplete")


def test_changed_arguments_are_said() -> None:
    found = decode_call({**CALL, "status": "completed"}, "x")
    changed = ToolCallPart(found.id, found.name, "{}", native=found.native)
    assert encode_call(changed, encoding(), "m") == {**CALL, "status": "completed", "arguments": "{}"}


@pytest.mark.parametrize(
    ("item", "part"),
    [
        (
            {"type": "function_call_output", "call_id": "c", "output": "2"},
            ToolResultPart("c", None, "2"),
        ),
        (
            {"type": "custom_tool_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "2"}]},
            ToolResultPart("c", None, (TextPart("2"),)),
        ),
        ({"type": "function_call_output", "call_id": "c", "output": None}, ToolResultPart("c")),
        ({"type": "function_call_output", "call_id": "c", "name": "f"}, ToolResultPart("c", "f")),
    ],
)
def test_a_result_means_this_and_comes_back(item: dict[str, Any], part: ToolResultPart) -> None:
    found = decode_result(item, "input[0]")
    assert found == part
    assert encode_result(found, encoding(), "input[0]", custom=False) == item


def test_the_kind_of_a_result_is_that_of_its_call() -> None:
    """The vendor refuses the output of a custom tool under the other name."""
    kinds = [
        encode_result(ToolResultPart("c", "f", "2"), encoding(), "m", custom=custom)["type"] for custom in (True, False)
    ]
    assert kinds == ["custom_tool_call_output", "function_call_output"]


@pytest.mark.parametrize(
    ("content", "output"),
    [
        ("no such city", "Error: no such city"),
        ("Error 404", "Error 404"),
        ((TextPart("x"),), [{"type": "input_text", "text": "Error:"}, {"type": "input_text", "text": "x"}]),
    ],
)
def test_an_error_is_told_by_the_text(content: Any, output: Any) -> None:
    report = Report(strict=True)
    item = encode_result(ToolResultPart("c", "f", content, is_error=True), encoding(report), "m", custom=False)
    assert item["output"] == output
    assert told(report) == [("m.is_error", Severity.DEGRADED)]


def test_a_mark_on_a_result_stands_on_its_text() -> None:
    report = Report(strict=True)
    marked = {"type": "input_text", "text": "2", "prompt_cache_breakpoint": {"mode": "explicit"}}
    for content in ("2", (TextPart("2"),)):
        part = ToolResultPart("c", "f", content, cache=CacheBreakpoint())
        assert encode_result(part, encoding(report), "m", custom=False)["output"] == [marked]
    assert told(report) == []


def test_a_mark_on_an_empty_result_has_no_place() -> None:
    report = Report(strict=True)
    item = encode_result(ToolResultPart("c", "f", "", cache=CacheBreakpoint()), encoding(report), "m", custom=False)
    assert item["output"] == ""
    assert told(report) == [("m.cache", Severity.NOTE)]


def test_what_another_wire_left_on_a_call_stays_out() -> None:
    part = ToolCallPart("c", "f", '{"a":1}', native=Native("anthropic_messages", {"caller": {"type": "direct"}}))
    assert encode_call(part, encoding(), "m") == CALL
