"""Stream events on their way to another wire: made fit for it, and what stays behind told once."""

from typing import Any

import pytest

from minillm.report import Report, Severity
from minillm.types import (
    Finish,
    FinishReason,
    MessageEnd,
    NativeEvent,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    SignatureDelta,
    StreamEvent,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCallDelta,
    ToolCallPart,
)
from minillm.wire.foreign_events import ForeignEvents

CHAT, ANTHROPIC, GEMINI = "openai_chat_completions", "anthropic_messages", "gemini_generate_content"


def through(source: str, target: str, *events: StreamEvent) -> tuple[list[StreamEvent], list[tuple[str, Severity]]]:
    report = Report()
    translate = ForeignEvents(source, target, report)
    out = [made for event in events for made in translate.feed([event])]
    return out, [(loss.path, loss.severity) for loss in report.losses]


def test_a_text_passes_as_it_is() -> None:
    events: list[StreamEvent] = [PartStart(0, TextPart("")), TextDelta(0, "a"), PartEnd(0)]
    assert through(CHAT, ANTHROPIC, *events) == (events, [])


def test_a_seal_is_told_once_and_left_behind() -> None:
    out, losses = through(
        ANTHROPIC,
        CHAT,
        PartStart(0, ReasoningPart("", "s")),
        ReasoningDelta(0, "hm"),
        SignatureDelta(0, "s"),
        PartEnd(0),
    )
    assert out == [PartStart(0, ReasoningPart("")), ReasoningDelta(0, "hm"), PartEnd(0)]
    assert losses == [("choices[0].message.content[0].signature", Severity.NOTE)]


@pytest.mark.parametrize("target", [ANTHROPIC, GEMINI])
def test_a_free_text_call_is_spelled_as_an_object_piece_by_piece(target: str) -> None:
    custom = ToolCallPart("c", "f", kind="custom")
    out, _ = through(CHAT, target, PartStart(0, custom), ToolCallDelta(0, 'a"'), ToolCallDelta(0, "\n"), PartEnd(0))
    assert isinstance(out[0], PartStart)
    assert out[0].part == ToolCallPart("c", "f")
    assert "".join(event.delta for event in out if isinstance(event, ToolCallDelta)) == '{"input":"a\\"\\n"}'


def test_what_only_a_final_form_says_is_said_at_the_end() -> None:
    out, _ = through(CHAT, ANTHROPIC, PartStart(0, TextPart("")), TextDelta(0, "a"), PartEnd(0, TextPart("abc")))
    assert out[1:] == [TextDelta(0, "a"), TextDelta(0, "bc"), PartEnd(0)]


def test_probabilities_are_lost_once_where_there_is_no_place_for_them() -> None:
    piece = TextDelta(0, "a", (TokenLogprob("a", -0.5),))
    _, losses = through(CHAT, ANTHROPIC, PartStart(0, TextPart("")), piece, piece)
    assert losses == [("choices[0].message.content[0].logprobs", Severity.LOST)]


def test_other_answers_are_lost_where_a_stream_carries_one() -> None:
    out, losses = through(CHAT, ANTHROPIC, TextDelta(0, "b", choice=1), TextDelta(0, "c", choice=1))
    assert (out, losses) == ([], [("choices[1]", Severity.LOST)])


def test_the_word_of_the_source_stays_behind_and_its_meaning_is_judged_at_the_end() -> None:
    out, losses = through(CHAT, GEMINI, Finish(0, FinishReason.STOP_SEQUENCE, "stop_sequence"), MessageEnd())
    assert out == [Finish(0, FinishReason.STOP_SEQUENCE), MessageEnd()]
    assert losses == [("choices[0].finish_reason", Severity.DEGRADED)]


@pytest.mark.parametrize(("structural", "count"), [(True, 0), (False, 1)])
def test_an_event_without_neutral_form_passes_once_unless_it_is_structure(structural: bool, count: int) -> None:
    event: Any = NativeEvent(GEMINI, "groundingMetadata", {"a": 1}, structural=structural)
    out, _ = through(GEMINI, CHAT, event, event)
    assert len(out) == count
