"""What holds for any stream of any wire, well-formed or not: one end, the same events however the bytes were cut,
and on its own wire the frames it came in."""

import json
from collections.abc import Sequence
from typing import Any

from minillm.errors import DecodeError, MiniLLMError
from minillm.report import Report
from minillm.types import Collector, MessageEnd, StreamEvent, StreamFailed
from minillm.wire import get_codec
from minillm.wire.sse import ServerSentEvent, SSEDecoder, encode_event
from tests.wire.recorded import comparable, differences

Frame = dict[str, Any]


def as_bytes(frames: Sequence[Frame], *, named: bool = True) -> bytes:
    """The frames as a server writes them."""
    return b"".join(
        encode_event(ServerSentEvent(frame["type"] if named and "type" in frame else "", json.dumps(frame)))
        for frame in frames
    )


def sse_frames(pieces: Sequence[bytes]) -> list[ServerSentEvent]:
    decoder = SSEDecoder()
    return [*(frame for piece in pieces for frame in decoder.feed(piece)), *decoder.finish()]


def events_of(wire: str, pieces: Sequence[bytes], *, native: bool = True) -> list[StreamEvent]:
    """The events of a stream whose bytes come in these pieces."""
    decoder, frames = get_codec(wire).stream_decoder(native=native), SSEDecoder()
    events = [event for piece in pieces for event in decoder.feed_many(frames.feed(piece))]
    return [*events, *decoder.feed_many(frames.finish()), *decoder.finish()]


def events_one_by_one(wire: str, data: bytes) -> list[StreamEvent]:
    """The events of a stream whose frames are fed one at a time."""
    decoder = get_codec(wire).stream_decoder()
    return [*(event for frame in sse_frames([data]) for event in decoder.feed(frame)), *decoder.finish()]


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    at = sorted({place % (len(data) + 1) for place in places})
    return [data[start:end] for start, end in zip([0, *at], [*at, len(data)], strict=True)]


def assert_one_end(events: Sequence[StreamEvent]) -> None:
    ends = [place for place, event in enumerate(events) if isinstance(event, MessageEnd | StreamFailed)]
    assert ends == [len(events) - 1]
    assert all(isinstance(event.error, MiniLLMError) for event in events if isinstance(event, StreamFailed))


def assert_stream_laws(wire: str, frames: Sequence[Frame], places: Sequence[int] = (), *, named: bool = True) -> None:
    """All of them, for the stream of these frames, its bytes cut at these places."""
    data = as_bytes(frames, named=named)
    events = events_of(wire, [data])
    assert_one_end(events)
    for pieces in (cut(data, places), [data[at : at + 1] for at in range(len(data))]):
        assert comparable(events_of(wire, pieces)) == comparable(events)
    assert comparable(events_of(wire, [data], native=False)) == comparable(events)
    assert comparable(events_one_by_one(wire, data)) == comparable(events)
    collector = Collector()
    for event in events:
        collector.feed(event)
    collector.response()
    assert_comes_back(wire, frames, data)


def assert_comes_back(wire: str, frames: Sequence[Frame], data: bytes) -> None:
    """What has an end is said up to it, frame by frame, and nothing is lost or said twice."""
    report = Report()
    decoder, encoder = get_codec(wire).stream_decoder(), get_codec(wire).stream_encoder(report=report)
    said: list[Any] = []
    for frame in sse_frames([data]):
        events = decoder.feed(frame)
        if any(isinstance(event, StreamFailed) and isinstance(event.error, DecodeError) for event in events):
            return  # a frame that is none: its place is taken by an error
        if events:
            (again,) = encoder.feed(*events)
            assert again.event == frame.event
            said.append(json.loads(again.raw))
    rest = decoder.finish()
    told = encoder.feed(*rest)
    assert len(told) <= len(rest), "a stream that was cut may be told so, and an answer that ended has no more to say"
    assert encoder.finish() == []
    assert differences(list(frames[: len(said)]), said) == {}
    assert report.losses == ()
    if len(said) < len(frames):  # what follows the end is passed over
        assert decoder.finish() == []
