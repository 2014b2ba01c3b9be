"""The conversation, both ways: instructions, then items; a turn of the model is a run of them."""

from typing import Any

import pytest

from minillm.errors import DecodeError, EncodeError
from minillm.report import Report, Severity
from minillm.types import (
    ChatRequest,
    CompletionParameters,
    ImagePart,
    Message,
    NativePart,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.openai_responses.input import decode_input, decode_instructions, encode_input, is_instructions

WIRE = "openai_responses"


def items(*messages: Message, report: Report | None = None, lead: int = 0, **wanted: Any) -> list[dict[str, Any]]:
    enc = Encoding(WIRE, Quirks(), Report(strict=True) if report is None else report, asking=True)
    request = ChatRequest("m", messages, parameters=CompletionParameters(**wanted))
    return list(encode_input(request, lead, enc))


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Message(Role.SYSTEM, "be terse"), True),
        (Message(Role.DEVELOPER, "be terse"), False),
        (Message(Role.SYSTEM, (TextPart("be terse"),)), False),
        (Message(Role.SYSTEM, "be terse", "boss"), False),
        (Message(Role.SYSTEM, "be terse", extra={"x": 1}), False),
        (Message(Role.USER, "hi"), False),
        (decode_instructions("be terse"), True),
        (decode_input([{"role": "system", "content": "be terse"}])[0], False),  # a peer had made it an item
    ],
)
def test_which_message_goes_as_instructions(message: Message, expected: bool) -> None:
    assert is_instructions(message) is expected


def test_a_run_of_the_model_s_items_is_one_message() -> None:
    turn = [
        {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
        {"type": "web_search_call", "id": "ws_1"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    ]
    result = {"type": "function_call_output", "call_id": "c", "output": "2"}
    said = [{"role": "user", "content": "hi"}, *turn, result, {"role": "assistant", "content": "b"}]
    found = decode_input(said)
    assert found == [
        Message(Role.USER, "hi"),
        Message(
            Role.ASSISTANT,
            (
                ReasoningPart("hm"),
                TextPart("a"),
                NativePart(WIRE, {"type": "web_search_call", "id": "ws_1"}),
                ToolCallPart("c", "f", "{}"),
            ),
        ),
        Message(Role.TOOL, (ToolResultPart("c", None, "2"),)),
        Message(Role.ASSISTANT, (TextPart("b"),)),
    ]
    assert items(*found) == said


def test_results_are_items_of_their_own_before_what_else_a_message_holds() -> None:
    message = Message(Role.USER, (TextPart("and?"), ToolResultPart("c", "f", "2")))
    assert items(message) == [
        {"type": "function_call_output", "call_id": "c", "output": "2"},
        {"role": "user", "content": [{"type": "input_text", "text": "and?"}]},
    ]


def test_a_tool_message_that_holds_more_is_continued_by_the_user() -> None:
    message = Message(Role.TOOL, (ToolResultPart("c", "f", "2"), ImagePart(url="https://x.test/a")))
    assert [item.get("role", item.get("type")) for item in items(message)] == ["function_call_output", "user"]


def test_a_tool_message_of_nothing_is_none() -> None:
    assert items(Message(Role.TOOL, ())) == []


def test_results_of_free_text_tools_have_a_kind_of_their_own() -> None:
    call = Message(Role.ASSISTANT, (ToolCallPart("c", "g", "select 1", "custom"),))
    assert items(call, Message(Role.TOOL, ToolResultPart("c", "g", "2")))[1]["type"] == "custom_tool_call_output"


def test_names_of_speakers_are_lost() -> None:
    report = Report()
    items(Message(Role.USER, "a", "ann"), report=report)
    assert told(report) == [("messages[0].name", Severity.LOST)]


def test_what_the_user_wrote_beside_a_message_is_sent_where_it_is_one_item() -> None:
    assert items(Message(Role.USER, "a", extra={"x": 1})) == [{"role": "user", "content": "a", "x": 1}]
    (said,) = items(Message(Role.ASSISTANT, "a", extra={"phase": "commentary"}))
    assert said["phase"] == "commentary"
    with pytest.raises(EncodeError, match="collides"):
        items(Message(Role.USER, "a", extra={"role": "x"}))
    two = Message(Role.ASSISTANT, (TextPart("a"), ToolCallPart("c", "f", "{}")), extra={"x": 1})
    report = Report()
    items(two, report=report)
    assert told(report) == [("messages[0].extra", Severity.LOST)]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        (["hi"], "input[0]"),
        ([{"content": "hi"}], "input[0].role"),
        ([{"role": "user"}], "input[0].content"),
        ([{"role": "user", "content": [{"type": "input_text"}]}], "input[0].content[0].text"),
        ([{"type": "function_call", "name": "f"}], "input[0].call_id"),
        ([{"type": "function_call_output", "output": "2"}], "input[0].call_id"),
    ],
)
def test_what_is_no_item_is_refused_with_its_place(said: list[Any], place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_input(said)
    assert caught.value.path == place
