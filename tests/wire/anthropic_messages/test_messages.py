"""The conversation, both ways: leading instructions apart, then turns of user and assistant."""

from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.report import Report, Severity
from minillm.types import Message, Native, Part, ReasoningPart, Role, TextPart, ToolCallPart, ToolResultPart
from minillm.wire.anthropic_messages.messages import (
    decode_messages,
    decode_system,
    encode_messages,
    encode_system,
    leading,
)
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding

WIRE = "anthropic_messages"
USER = Message(Role.USER, "hi")


def encoding(report: Report | None = None, pattern: str | None = None) -> Encoding:
    quirks = Quirks(tool_id_pattern=pattern)
    return Encoding(WIRE, quirks, Report(strict=True) if report is None else report, asking=True)


def turns(*messages: Message, report: Report | None = None, pattern: str | None = None) -> list[dict[str, Any]]:
    return encode_messages(messages, 0, encoding(report, pattern))


def test_instructions_at_the_head_lead_and_later_ones_do_not() -> None:
    system, developer = Message(Role.SYSTEM, "a"), Message(Role.DEVELOPER, "b")
    assert leading((system, developer, USER, system)) == 2
    assert leading((USER,)) == 0
    assert leading(decode_messages([{"role": "system", "content": "a"}])) == 0  # a peer had put it there


def test_one_plain_instruction_is_a_text_and_several_are_blocks() -> None:
    assert encode_system([Message(Role.SYSTEM, "a")], encoding()) == "a"
    assert encode_system([Message(Role.SYSTEM, "a"), Message(Role.DEVELOPER, "b")], encoding()) == [
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
    ]
    assert decode_system("a") == Message(Role.SYSTEM, "a")
    assert decode_system([{"type": "text", "text": "a"}]) == Message(Role.SYSTEM, (TextPart("a"),))


@pytest.mark.parametrize(
    "said",
    [
        [{"role": "user", "content": "hi"}, {"role": "user", "content": "hi"}],
        [{"role": "assistant", "content": ""}],
        [{"role": "user", "content": []}],
        [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}, {"role": "system", "content": "c"}],
        [
            {
                "role": "user",
                "content": [{"type": "text", "text": "a"}, {"type": "tool_result", "tool_use_id": "t"}],
                "x": 1,
            }
        ],
        [{"role": "novel", "content": "a"}],
    ],
)
def test_turns_come_back_as_they_were(said: list[dict[str, Any]]) -> None:
    assert turns(*decode_messages(said)) == said


def test_results_of_neighbouring_messages_are_one_turn() -> None:
    results = (Message(Role.TOOL, ToolResultPart("a")), Message(Role.TOOL, ToolResultPart("b")))
    (turn,) = turns(*results)
    assert [block["tool_use_id"] for block in turn["content"]] == ["a", "b"]


def test_ids_that_do_not_fit_are_rewritten_alike_in_calls_and_results() -> None:
    call, result = ToolCallPart("functions.f:0", "f", "{}"), ToolResultPart("functions.f:0")
    asked, answered = turns(Message(Role.ASSISTANT, (call,)), Message(Role.TOOL, result), pattern="[a-zA-Z0-9_-]+")
    assert asked["content"][0]["id"] == answered["content"][0]["tool_use_id"] != "functions.f:0"


def test_ids_that_this_wire_gave_stay() -> None:
    block = {"type": "tool_use", "id": "functions.f:0", "name": "f", "input": {}}
    found = decode_messages([{"role": "assistant", "content": [block]}])
    asked, answered = turns(*found, Message(Role.TOOL, ToolResultPart("functions.f:0")), pattern="[a-zA-Z0-9_-]+")
    assert asked["content"][0]["id"] == answered["content"][0]["tool_use_id"] == "functions.f:0"


@pytest.mark.parametrize(
    ("part", "goes"),
    [
        (ReasoningPart("hm", "sig"), True),
        (ReasoningPart(sealed="x"), True),
        (ReasoningPart("hm"), False),
        (ReasoningPart("hm", "sig", native=Native("openai_responses", {})), False),
    ],
)
def test_reasoning_goes_back_whole_to_its_author_or_not_at_all(part: Part, goes: bool) -> None:
    report = Report()
    (turn,) = turns(Message(Role.ASSISTANT, (part, TextPart("a"))), report=report)
    assert len(turn["content"]) == 1 + goes
    assert [loss.severity for loss in report.losses] == ([] if goes else [Severity.NOTE])


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("hi", "messages"),
        ([1], "messages[0]"),
        ([{"content": "a"}], "messages[0].role"),
        ([{"role": "user", "content": None}], "messages[0].content"),
        ([{"role": "user", "content": [{"type": "text"}]}], "messages[0].content[0].text"),
    ],
)
def test_what_is_no_message_is_refused_with_its_place(said: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_messages(said)
    assert caught.value.path == place
