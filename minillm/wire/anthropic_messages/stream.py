"""Streams, both ways. One block is open at a time; its events are named, and clients drop unnamed ones."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...errors import DecodeError, StreamInterrupted
from ...json.serialization import loads, parser
from ...types import (
    CitationAdded,
    Finish,
    MessageEnd,
    MessageStart,
    Native,
    NativeEvent,
    NativePart,
    Part,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalPart,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
)
from ..errors import build_error, read_error
from ..fields import as_object, as_text, as_word
from ..recurring import Recurring
from ..sse import ServerSentEvent, UnterminatedEvent
from .blocks import shell_of
from .citations import decode_citation
from .dialect import WIRE, decode_reason
from .stream_encoder import StreamEncoder
from .usage import decode_usage

__all__ = ["StreamDecoder", "StreamEncoder"]

Frame = Mapping[str, Any]


class StreamDecoder:
    """Frames in, events out. An error frame is terminal on this wire."""

    __slots__ = ("_at", "_count", "_ended", "_last", "_native", "_open", "_pieces", "_recurring", "_started", "usage")

    def __init__(self, keep_native: bool) -> None:
        self._native = keep_native
        self._count = 0  # parts opened so far: our index, never the wire's, which spliced streams restart
        self._at: dict[int, int] = {}
        self._open: dict[int, Part] = {}
        self._last: tuple[int, Part | None, str] = (-1, None, "")  # the block closed last, and what came of its input
        self._pieces: dict[int, list[str]] = {}
        self._recurring = Recurring(("delta", "text"), parser())
        self._started = False
        self._ended = False
        self.usage: Usage | None = None

    def feed(self, event: ServerSentEvent) -> list[StreamEvent]:
        """The events of one frame."""
        self._recurring.forget()
        if self._ended:
            return []  # such as the [DONE] of gateways
        try:
            frame = loads(event.raw)
        except DecodeError as error:
            if isinstance(event, UnterminatedEvent):
                return []  # cut inside its last frame: finish() says so
            return self._fail(DecodeError(f"a frame of the stream is {error.message}", raw=event.data, retryable=True))
        if not isinstance(frame, Mapping):
            return self._fail(DecodeError("a frame of the stream is no object", raw=event.data, retryable=True))
        kind = frame.get("type")
        events: list[StreamEvent]
        if kind == "content_block_delta":
            events = self._delta(frame)
        else:
            read = _READERS.get(kind) if isinstance(kind, str) else None
            events = [NativeEvent(WIRE, as_word(kind), frame)] if read is None else read(self, frame)
        if self._native and events:
            events[0].native = Native(WIRE, frame)
        return events

    def feed_many(self, frames: Iterable[ServerSentEvent]) -> list[StreamEvent]:
        """The events of several frames: cheaper than :meth:`feed` for each."""
        events: list[StreamEvent] = []
        at, keep = self._at, self._native
        parse, recurring = loads if keep else parser(), self._recurring
        for event in frames:
            # Nearly every frame brings more of a block that is open: those are read here, all others by feed().
            raw = event.raw
            if raw.endswith(b" }"):
                raw = raw[:-1].rstrip(b" ") + b"}"  # the vendor pads frames, each differently
            try:
                if recurring.before and raw.startswith(recurring.before) and raw.endswith(recurring.behind):
                    piece = parse(raw[len(recurring.before) : -len(recurring.behind)])
                    if piece.__class__ is str:
                        events.append(TextDelta(recurring.part, piece))
                        continue
                frame = parse(raw)
                delta, place = frame["delta"], frame["index"]
                field, make = _GROWING[delta["type"]]
                piece, index = delta[field], at[place]
            except (DecodeError, KeyError, ValueError, TypeError):
                events += self.feed(event)
                continue
            plain = piece.__class__ is str and place.__class__ is int and not self._ended
            if not plain or frame.get("type") != "content_block_delta":
                events += self.feed(event)
                continue
            if make is ToolCallDelta:
                if not isinstance(self._open.get(index), ToolCallPart):  # a server-side tool's input
                    events += self.feed(event)
                    continue
                self._pieces.setdefault(index, []).append(piece)
            made = make(index, piece)
            if keep:
                made.native = Native(WIRE, frame)
            elif recurring.tries and make is TextDelta:
                recurring.learn(raw, index)
            events.append(made)
        return events

    def finish(self) -> list[StreamEvent]:
        """The bytes have ended: the terminal event, unless it was given already."""
        if self._ended:
            return []
        where = "before message_stop" if self._started else "before it began"
        events = self._fail(StreamInterrupted(f"the stream ended {where}", retryable=True))
        if self._native:
            events[0].native = Native(WIRE, None)  # a frame that never was: on this wire nothing is said again
        return events

    def _fail(self, error: Exception) -> list[StreamEvent]:
        self._ended = True
        return [StreamFailed(error)]

    def _message_start(self, frame: Frame) -> list[StreamEvent]:
        self._started = True
        message = as_object(frame.get("message")) or {}
        usage = decode_usage(message.get("usage"), self.usage)
        self._count_tokens(usage)
        start = MessageStart(as_text(message.get("id")) or "", as_text(message.get("model")) or "", None, usage)
        # Gateways splice a second answer into a stream whose first one broke off: what was open stays incomplete.
        return [start, *(self._cut_off(index, self._open[index]) for index in list(self._open))]

    def _cut_off(self, index: int, part: Part) -> PartEnd:
        del self._open[index]
        pieces = "".join(self._pieces.pop(index, ()))
        if isinstance(part, ToolCallPart):
            return PartEnd(index, replace(part, arguments=part.arguments + pieces, incomplete=True))
        return PartEnd(index)

    def _block_start(self, frame: Frame) -> list[StreamEvent]:
        index, self._count = self._count, self._count + 1
        wire_index = frame.get("index")
        if isinstance(wire_index, int):
            self._at[wire_index] = index
        try:
            part = shell_of(frame.get("content_block"), "content_block")
        except DecodeError as error:
            return self._fail(error)
        self._open[index] = part
        return [PartStart(index, part)]

    def _index(self, frame: Frame) -> int | None:
        wire_index = frame.get("index")
        return self._at.get(wire_index) if isinstance(wire_index, int) else None

    def _delta(self, frame: Frame) -> list[StreamEvent]:
        index, delta = self._index(frame), frame.get("delta")
        if index is None or not isinstance(delta, Mapping):
            return [NativeEvent(WIRE, "content_block_delta", frame)]
        kind = delta.get("type")
        if kind == "text_delta" and isinstance(delta.get("text"), str):
            return [TextDelta(index, delta["text"])]
        if kind == "thinking_delta" and isinstance(delta.get("thinking"), str):
            return [ReasoningDelta(index, delta["thinking"])]
        if kind == "input_json_delta" and isinstance(delta.get("partial_json"), str):
            self._pieces.setdefault(index, []).append(delta["partial_json"])
            if isinstance(self._open.get(index), ToolCallPart):
                return [ToolCallDelta(index, delta["partial_json"])]
            return [NativeEvent(WIRE, "input_json_delta", frame, index, structural=True)]  # the block's end tells it
        if kind == "signature_delta" and isinstance(delta.get("signature"), str):
            return [SignatureDelta(index, delta["signature"])]
        if kind == "citations_delta" and isinstance(delta.get("citation"), Mapping):
            return [CitationAdded(index, decode_citation(delta["citation"]))]
        return [NativeEvent(WIRE, as_word(kind), frame, index)]

    def _block_stop(self, frame: Frame) -> list[StreamEvent]:
        index = self._index(frame)
        if index is None:
            return [NativeEvent(WIRE, "content_block_stop", frame, structural=True)]
        part = self._open.pop(index, None)
        text = "".join(self._pieces.pop(index, ()))
        self._last = (index, part, text)
        if not text or not isinstance(part, NativePart | ToolCallPart):
            return [PartEnd(index)]
        try:
            given = loads(text)
        except DecodeError:  # cut off inside: such a call must never be run
            whole = replace(part, arguments=text, incomplete=True) if isinstance(part, ToolCallPart) else None
            return [PartEnd(index, whole)]
        if isinstance(part, ToolCallPart):
            return [PartEnd(index)]
        # A server-side tool's input came in pieces: the block is whole only now.
        return [PartEnd(index, NativePart(WIRE, {**part.block, "input": given}))]

    def _message_delta(self, frame: Frame) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        delta = as_object(frame.get("delta")) or {}
        details = delta.get("stop_details")
        if isinstance(details, Mapping) and details.get("type") == "refusal" and as_text(details.get("explanation")):
            index, self._count = self._count, self._count + 1
            events += [PartStart(index, RefusalPart(details["explanation"])), PartEnd(index)]
        usage = decode_usage(frame.get("usage"), self.usage)
        if usage is not None:
            self._count_tokens(usage)
            events.append(UsageUpdate(usage))
        reason = as_text(delta.get("stop_reason"))
        if reason is not None:
            index, part, text = self._last
            if reason == "max_tokens" and isinstance(part, ToolCallPart) and not text and not part.arguments:
                events.append(PartEnd(index, replace(part, incomplete=True)))  # its arguments never came
            events.append(Finish(0, decode_reason(reason), reason))
        return events or [NativeEvent(WIRE, "message_delta", frame, structural=True)]

    def _message_stop(self, frame: Frame) -> list[StreamEvent]:
        self._ended = True
        return [MessageEnd()]

    def _ping(self, frame: Frame) -> list[StreamEvent]:
        return [NativeEvent(WIRE, "ping", frame, structural=True)]

    def _error(self, frame: Frame) -> list[StreamEvent]:
        return self._fail(build_error(read_error(frame), status=None))

    def _count_tokens(self, usage: Usage | None) -> None:
        if usage is not None:
            self.usage = usage if self.usage is None else self.usage.updated(usage)


# The deltas that most frames are: by type, the field of the piece and the event.
_GROWING: dict[str, tuple[str, type[TextDelta] | type[ReasoningDelta] | type[ToolCallDelta]]] = {
    "text_delta": ("text", TextDelta),
    "thinking_delta": ("thinking", ReasoningDelta),
    "input_json_delta": ("partial_json", ToolCallDelta),
}

_READERS: dict[str, Callable[[StreamDecoder, Frame], list[StreamEvent]]] = {
    "message_start": StreamDecoder._message_start,
    "content_block_start": StreamDecoder._block_start,
    "content_block_stop": StreamDecoder._block_stop,
    "message_delta": StreamDecoder._message_delta,
    "message_stop": StreamDecoder._message_stop,
    "ping": StreamDecoder._ping,
    "error": StreamDecoder._error,
}
