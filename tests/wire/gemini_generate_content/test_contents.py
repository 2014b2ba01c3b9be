"""The conversation, both ways: the instruction apart, then contents of user and model."""

from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.report import Report, Severity
from minillm.types import Message, Role, TextPart, ToolCallPart, ToolResultPart
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.gemini_generate_content.calls import Calls
from minillm.wire.gemini_generate_content.contents import (
    decode_contents,
    decode_instruction,
    encode_contents,
    encode_instruction,
    leading,
)


def encoding(report: Report | None = None) -> Encoding:
    report = Report(strict=True) if report is None else report
    return Encoding("gemini_generate_content", Quirks(), report, asking=True)


def contents(*messages: Message, report: Report | None = None) -> list[dict[str, Any]]:
    return list(encode_contents(messages, 0, encoding(report)))


@pytest.mark.parametrize(
    "said",
    [
        [{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": [{"text": "a"}]}],
        [{"parts": [{"text": "hi"}]}],
        [{"role": "user", "parts": {"text": "hi"}}],  # a list of one, written as its item
        [{"role": "user"}, {"role": "user", "parts": None}, {"role": "model", "parts": []}],
        [{"role": "function", "parts": [{"functionResponse": {"name": "f", "response": {"output": "2"}}}]}],
        [{"role": "novel", "parts": [{"text": "hi"}], "x": 1}],
    ],
)
def test_contents_come_back_as_they_were(said: list[dict[str, Any]]) -> None:
    assert contents(*decode_contents(said, Calls())) == said


def test_roles_mean_this() -> None:
    said = [{"role": role, "parts": [{"text": "a"}]} for role in ("user", "model", "function", "novel")]
    assert [message.role for message in decode_contents(said, Calls())] == [
        Role.USER,
        Role.ASSISTANT,
        Role.TOOL,
        "novel",
    ]


@pytest.mark.parametrize("said", ["a", {"parts": [{"text": "a"}]}, {"role": "system", "parts": {"text": "a"}}])
def test_an_instruction_means_this(said: Any) -> None:
    found = decode_instruction(said, Calls())
    assert (found.role, found.text) == (Role.SYSTEM, "a")
    again = encode_instruction([found], encoding())
    assert again == said or again == {"parts": [{"text": "a"}]}


def test_only_instructions_at_the_head_lead() -> None:
    system, user = Message(Role.SYSTEM, "a"), Message(Role.USER, "b")
    assert leading((system, system, user, system)) == 2
    assert leading((system,)) == 1
    assert leading(tuple(decode_contents([{"role": "system", "parts": [{"text": "a"}]}], Calls()))) == 0


def test_results_of_neighbouring_messages_are_one_content_and_know_their_tools() -> None:
    call = Message(Role.ASSISTANT, (ToolCallPart("a", "f"), ToolCallPart("b", "g")))
    results = (Message(Role.TOOL, ToolResultPart("a", None, "1")), Message(Role.TOOL, ToolResultPart("b", None, "2")))
    said = contents(call, *results)
    assert [part["functionResponse"]["name"] for part in said[1]["parts"]] == ["f", "g"]
    assert len(said) == 2


def test_instructions_in_mid_conversation_go_as_the_user_s_words() -> None:
    report = Report(strict=True)
    said = contents(Message(Role.USER, "a"), Message(Role.SYSTEM, (TextPart("b"),)), report=report)
    assert [content["role"] for content in said] == ["user", "user"]
    assert [(loss.path, loss.severity) for loss in report.losses] == [("messages[1]", Severity.DEGRADED)]


@pytest.mark.parametrize(
    ("said", "place"), [(1, "contents"), ([1], "contents[0]"), ([{"parts": "x"}], "contents[0].parts")]
)
def test_what_is_no_content_is_refused_with_its_place(said: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_contents(said, Calls())
    assert caught.value.path == place


def test_a_turn_without_words_from_elsewhere_is_no_content_without_parts() -> None:
    """The vendor refuses contents without parts: a silent model's turn stays away, a user's is an empty text."""
    silent = (Message(Role.USER, "a"), Message(Role.ASSISTANT, ""), Message(Role.USER, ""))
    assert contents(*silent) == [
        {"role": "user", "parts": [{"text": "a"}]},
        {"role": "user", "parts": [{"text": ""}]},
    ]
