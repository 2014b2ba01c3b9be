"""Streams for the tests of transforms: answers cut anywhere, and the laws that hold for any change of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from minillm.transforms import StreamChain, Transform, change_response
from minillm.types import (
    ChatResponse,
    Choice,
    Collector,
    Finish,
    FinishReason,
    Message,
    MessageEnd,
    MessageStart,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    StreamEvent,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    collect,
)
from minillm.wire import WIRES, get_codec

DELTAS: dict[type[Any], tuple[type[Any], str]] = {
    TextPart: (TextDelta, "text"),
    ReasoningPart: (ReasoningDelta, "text"),
    RefusalPart: (RefusalDelta, "text"),
    ToolCallPart: (ToolCallDelta, "arguments"),
}
cuts = st.lists(st.integers(0, 200), max_size=12)


def texts(*words: str) -> st.SearchStrategy[str]:
    """Texts made of these, which are close to what a transform looks for."""
    return st.lists(st.sampled_from([*words, " ", "\n", "a", "é"]), max_size=12).map("".join)


def pieces(text: str, places: Sequence[int]) -> list[str]:
    """The text cut at these places; some pieces may be empty."""
    at = sorted(place % (len(text) + 1) for place in places)
    return [text[start:end] for start, end in zip([0, *at], [*at, len(text)], strict=True)]


def part_events(
    part: Any, index: int = 0, choice: int = 0, places: Sequence[int] = (), *, final: bool = False, ends: bool = True
) -> list[StreamEvent]:
    """One part in pieces.

    Args:
        final: the wire says the part once more when it ends.
        ends: the wire says that it ends.
    """
    from dataclasses import replace

    delta, field = DELTAS[type(part)]
    events: list[StreamEvent] = [PartStart(index, replace(part, **{field: ""}), choice)]
    events += [delta(index, piece, choice=choice) for piece in pieces(getattr(part, field), places)]
    return [*events, PartEnd(index, part if final else None, choice)] if ends else events


def stream(*parts: Any, places: Sequence[int] = (), final: bool = False, snapshot: bool = False) -> list[StreamEvent]:
    """An answer of these parts, all cut at the same places."""
    events: list[StreamEvent] = [MessageStart("id", "m")]
    for index, part in enumerate(parts):
        events += part_events(part, index, 0, places, final=final)
    message = Message("assistant", parts) if snapshot else None
    return [*events, Finish(0, FinishReason.STOP, "stop"), MessageEnd(message)]


def text_stream(text: str, places: Sequence[int] = ()) -> list[StreamEvent]:
    return stream(TextPart(text), places=places)


def answer(*parts: Any) -> ChatResponse:
    """The same as a whole."""
    return ChatResponse("id", "m", (Choice(0, Message("assistant", parts), FinishReason.STOP, "stop"),))


def changed(events: Iterable[StreamEvent], *transforms: Transform, batch: int = 1) -> list[StreamEvent]:
    """The events as the transforms make them, in batches of a size."""
    chain, given, out = StreamChain(transforms), list(events), list[StreamEvent]()
    for start in range(0, len(given), batch):
        out += chain(given[start : start + batch])
    return [*out, *chain.flush()]


def said(response: ChatResponse) -> list[tuple[Any, ...]]:
    """What each choice holds, in order."""
    return [(choice.index, choice.message.parts, choice.finish_reason) for choice in response.choices]


def assert_laws(events: Sequence[StreamEvent]) -> None:
    """Parts are numbered as they open, each is opened before anything of it comes, and the end is the last."""
    open_: dict[int, int] = {}
    for event in events:
        choice, index = getattr(event, "choice", 0), getattr(event, "index", None)
        if isinstance(event, PartStart):
            assert index == open_.get(choice, 0), "numbered in the order they open"
            open_[choice] = open_.get(choice, 0) + 1
        elif index is not None:
            assert index < open_.get(choice, 0), f"{event!r} is of no part that is open"
    assert isinstance(events[-1], MessageEnd)


def assert_slice_independent(make: Callable[[], Transform], parts: Sequence[Any], places: Sequence[int]) -> Any:
    """However the pieces are cut or put in batches, and whole: one answer. Gives its parts."""
    expected = said(change_response(answer(*parts), [make()]))
    for final in (False, True):
        for batch in (1, 3, 1000):
            events = stream(*parts, places=places, final=final, snapshot=final)
            out = changed(events, make(), batch=batch)
            assert_laws(out)
            assert said(collect(out)) == expected
    return expected[0][1]


def assert_wires_agree(events: Sequence[StreamEvent]) -> None:
    """Each wire can say the events, and is read again as what they say."""
    for wire in WIRES:
        codec = get_codec(wire)
        encoder, decoder, collector = codec.stream_encoder(report=_ignore()), codec.stream_decoder(), Collector()
        frames = [frame for event in events for frame in encoder.feed(event)] + encoder.finish()
        for frame in frames:
            collector.feed_many(decoder.feed(frame))
        collector.feed_many(decoder.finish())
        assert words(collector.response().message) == words(collect(events).message), wire


def _ignore() -> Any:
    from minillm.report import Report

    return Report.ignore()


def words(message: Message) -> tuple[Any, ...]:
    """What it says, however it is divided into parts."""
    thoughts = "".join(part.text for part in message.parts if isinstance(part, ReasoningPart))
    calls = [(call.name, call.parse_arguments()) for call in message.tool_calls]
    return message.text, thoughts, calls
