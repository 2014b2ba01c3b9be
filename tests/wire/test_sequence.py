"""Events in the order that every wire can say: one part open at a time, nothing lost on the way."""

from minillm.types import (
    Finish,
    FinishReason,
    MessageEnd,
    MessageStart,
    NativeEvent,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    StreamEvent,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
    collect,
)
from minillm.wire.sequence import Sequencer


def sequenced(*events: StreamEvent) -> list[StreamEvent]:
    sequencer = Sequencer()
    return [made for event in events for made in sequencer.feed(event)]


def test_interleaved_calls_come_one_after_the_other() -> None:
    """The first streams on; the second waits until the first is over."""
    made = sequenced(
        MessageStart("x"),
        PartStart(0, ToolCallPart("a", "f")),
        PartStart(1, ToolCallPart("b", "g")),
        ToolCallDelta(0, '{"x":'),
        ToolCallDelta(1, '{"y":'),
        ToolCallDelta(0, "1}"),
        ToolCallDelta(1, "2}"),
        MessageEnd(),
    )
    opened: list[int] = []
    for event in made:
        if isinstance(event, PartStart):
            assert opened == []
            opened.append(event.index)
        elif isinstance(event, PartEnd):
            opened.remove(event.index)
    assert [call.arguments for call in collect(made).tool_calls] == ['{"x":1}', '{"y":2}']


def test_a_call_streams_at_once_when_a_text_stands_before_it() -> None:
    made = sequenced(
        MessageStart(), PartStart(0, TextPart("")), TextDelta(0, "hi"), PartStart(1, ToolCallPart("a", "f"))
    )
    assert isinstance(made[-1], PartStart)
    assert isinstance(made[-2], PartEnd)


def test_a_second_call_streams_at_once_when_the_first_is_whole() -> None:
    made = sequenced(PartStart(0, ToolCallPart("a", "f", "{}")), PartStart(1, ToolCallPart("b", "g")))
    assert [event.index for event in made if isinstance(event, PartStart)] == [0, 1]


def test_text_behind_its_end_is_kept_as_a_text_of_its_own() -> None:
    made = sequenced(
        PartStart(0, TextPart("")),
        TextDelta(0, "a"),
        PartStart(1, ReasoningPart("")),
        ReasoningDelta(1, "r"),
        TextDelta(0, "b"),
        Finish(0, FinishReason.STOP, "stop"),
        TextDelta(0, "c"),
        MessageEnd(),
    )
    assert collect(made).text == "abc"
    assert [event.index for event in made if isinstance(event, PartStart)] == [0, 1, 2]


def test_a_prelude_and_early_counts_are_no_start() -> None:
    usage = UsageUpdate(Usage(1))
    made = sequenced(NativeEvent("w", "prelude"), usage, MessageStart("x", "m"))
    assert made == [NativeEvent("w", "prelude"), MessageStart("x", "m"), usage]


def test_whole_parts_are_spelled_out() -> None:
    made = sequenced(MessageStart(), PartStart(5, TextPart("all")), PartEnd(5))
    assert made[1:] == [PartStart(0, TextPart("")), TextDelta(0, "all"), PartEnd(0)]
