"""What one wire said natively, told when it goes to another: one loss a field, and none for what says nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from minillm.report import Report, Severity
from minillm.types import (
    ChatRequest,
    ChatResponse,
    Choice,
    FinishReason,
    Message,
    Native,
    Role,
    TextPart,
    ToolDefinition,
    Usage,
)
from minillm.wire.foreign import Foreign

CHAT, RESPONSES, ANTHROPIC, GEMINI = (
    "openai_chat_completions",
    "openai_responses",
    "anthropic_messages",
    "gemini_generate_content",
)


def told(target: str, look: Callable[[Foreign], Any], *, asking: bool = False) -> list[tuple[str, Severity]]:
    report = Report()
    look(Foreign(target, report, asking=asking))
    return [(loss.path, loss.severity) for loss in report.losses]


def test_a_residue_of_another_wire_is_told_field_by_field() -> None:
    native = Native(ANTHROPIC, {"container": {"id": "c"}, "speed": "fast", "id": "x", "empty": []})
    assert told(CHAT, lambda foreign: foreign.residue("", native)) == [
        ("container", Severity.LOST),
        ("speed", Severity.NOTE),
    ]


def test_in_a_request_every_field_is_a_wish_and_unheard_it_is_lost() -> None:
    request = ChatRequest("m", (), native=Native(RESPONSES, {"previous_response_id": "r", "include": ["x"]}))
    assert told(CHAT, lambda foreign: foreign.request(request), asking=True) == [
        ("previous_response_id", Severity.LOST),
        ("include", Severity.NOTE),
    ]


def test_a_wire_has_nothing_to_tell_of_itself() -> None:
    native = Native(CHAT, {"container": 1})
    assert told(CHAT, lambda foreign: foreign.residue("", native)) == []


def test_residues_are_found_wherever_they_lie() -> None:
    native = Native(ANTHROPIC, {"x": 1})
    message = Message(Role.USER, (TextPart("a", native=native),), native=native)
    request = ChatRequest("m", (message,), (ToolDefinition("f", native=native),))
    assert [path for path, _ in told(CHAT, lambda foreign: foreign.request(request), asking=True)] == [
        "messages[0].x",
        "messages[0].content[0].x",
        "tools[0].x",
    ]


def test_a_field_is_told_once() -> None:
    native = Native(ANTHROPIC, {"x": 1})

    def twice(foreign: Foreign) -> None:
        foreign.residue("p", native)
        foreign.residue("p", native)

    assert len(told(CHAT, twice)) == 1


@pytest.mark.parametrize(
    ("target", "reason", "raw", "expected"),
    [
        (CHAT, FinishReason.STOP, "end_turn", []),
        (CHAT, FinishReason.STOP, "novel", [("c.raw_finish_reason", Severity.NOTE)]),
        (CHAT, FinishReason.STOP_SEQUENCE, "stop_sequence", [("c.finish_reason", Severity.DEGRADED)]),
        (ANTHROPIC, FinishReason.STOP_SEQUENCE, None, []),
        (ANTHROPIC, FinishReason.CONTENT_FILTER, "SAFETY", [("c.finish_reason", Severity.DEGRADED)]),
        (GEMINI, FinishReason.PAUSED, "pause_turn", [("c.finish_reason", Severity.DEGRADED)]),
        (RESPONSES, FinishReason.INTERRUPTED, None, [("c.finish_reason", Severity.DEGRADED)]),
    ],
)
def test_reasons_without_a_word_of_their_own(target: str, reason: FinishReason, raw: str | None, expected: Any) -> None:
    assert told(target, lambda foreign: foreign.finish("c", reason, raw, refused=False)) == expected


@pytest.mark.parametrize(
    ("target", "usage", "paths"),
    [
        (CHAT, Usage(3, tool_use_tokens=2), ["usage.tool_use_tokens"]),
        (GEMINI, Usage(3, tool_use_tokens=2), []),
        (GEMINI, Usage(3, cache_write_tokens={"5m": 2}), ["usage.cache_write_tokens"]),
        (RESPONSES, Usage(3, cache_write_tokens={"5m": 2}), ["usage.cache_write_tokens.5m"]),
        (ANTHROPIC, Usage(3, cache_write_tokens={"5m": 2}), []),
        (ANTHROPIC, Usage(3, cache_write_tokens={"5m": 0, "12h": 0}), []),
    ],
)
def test_counts_without_a_bucket_are_notes(target: str, usage: Usage, paths: list[str]) -> None:
    """Their tokens stay in the totals."""
    assert told(target, lambda foreign: foreign.usage(usage)) == [(path, Severity.NOTE) for path in paths]


def test_when_an_answer_was_made_is_only_told_where_nobody_asks() -> None:
    answer = ChatResponse("x", "m", (Choice(0, Message(Role.ASSISTANT, "a"), FinishReason.STOP),), created=5)
    assert told(GEMINI, lambda foreign: foreign.response(answer)) == [("created", Severity.NOTE)]
    assert told(CHAT, lambda foreign: foreign.response(answer)) == []
