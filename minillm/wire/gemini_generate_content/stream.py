"""Streams into events. Chunks are whole little answers; a new kind of part opens a new one of ours."""

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import DecodeError, StreamInterrupted
from ...json.serialization import dumps, loads
from ...types import (
    Finish,
    MessageEnd,
    MessageStart,
    Native,
    NativeEvent,
    NativePart,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
)
from ..errors import build_error, read_error
from ..fields import as_count, as_object, as_text
from ..sse import ServerSentEvent, UnterminatedEvent
from .dialect import WIRE, decode_reason
from .parts import Calls, decode_part
from .stream_encoder import StreamEncoder
from .usage import decode_usage

__all__ = ["StreamDecoder", "StreamEncoder"]

Raw = Mapping[str, Any]


class _Choice:
    """What is open in one candidate."""

    __slots__ = ("call", "called", "count", "index", "kind")

    def __init__(self) -> None:
        self.count = 0
        self.index = -1  # of the open text or thought, or -1
        self.kind: type | None = None
        self.called = False
        self.call: _PartialCall | None = None


class _PartialCall:
    """A call whose arguments come in pieces, each with a JSON path (Vertex)."""

    __slots__ = ("arguments", "index")

    def __init__(self, index: int) -> None:
        self.index = index
        self.arguments: Any = {}


class StreamDecoder:
    """Frames in, events out. The end of the bytes is the end of the answer, once it said why it ended."""

    __slots__ = ("_calls", "_choices", "_complete", "_ended", "_error", "_native", "_started", "usage")

    def __init__(self, *, keep_native: bool) -> None:
        self._native = keep_native
        self._choices: dict[int, _Choice] = {}
        self._calls = Calls()
        self._started = False
        self._complete = False
        self._ended = False
        self._error: Exception | None = None
        self.usage: Usage | None = None

    def feed(self, event: ServerSentEvent) -> list[StreamEvent]:
        """The events of one frame."""
        if self._ended:
            return []
        try:
            chunk = loads(event.raw)
        except DecodeError as error:
            if not isinstance(event, UnterminatedEvent):
                self._error = self._error or error
            return []
        if isinstance(chunk, list):  # a stream asked for without alt=sse
            return [made for item in chunk for made in self._chunk(item)]
        return self._chunk(chunk)

    def feed_many(self, frames: Iterable[ServerSentEvent]) -> list[StreamEvent]:
        """The events of several frames in one list."""
        events: list[StreamEvent] = []
        for frame in frames:
            events += self.feed(frame)
        return events

    def finish(self) -> list[StreamEvent]:
        """The bytes have ended: the terminal event."""
        if self._ended:
            return []
        self._ended = True
        if self._error is not None:
            return [StreamFailed(self._error)]
        if self._complete:
            return [MessageEnd()]
        return [StreamFailed(StreamInterrupted("the stream ended before a finishReason", retryable=True))]

    def _chunk(self, chunk: Any) -> list[StreamEvent]:
        if not isinstance(chunk, Mapping):
            self._error = self._error or DecodeError("a chunk must be an object")
            return []
        events: list[StreamEvent] = []
        if isinstance(chunk.get("error"), Mapping):
            self._error = build_error(read_error(chunk), status=None)
            events.append(NativeEvent(WIRE, "error", chunk, structural=True))
        elif not self._started:
            self._started = True
            events.append(
                MessageStart(as_text(chunk.get("responseId")) or "", as_text(chunk.get("modelVersion")) or "")
            )
        candidates = chunk.get("candidates")
        for position, candidate in enumerate(candidates if isinstance(candidates, list) else ()):
            if isinstance(candidate, Mapping):
                self._candidate(candidate, position, events)
        blocked = as_text((as_object(chunk.get("promptFeedback")) or {}).get("blockReason"))
        if blocked is not None:
            self._complete = True
            events.append(Finish(0, decode_reason(blocked, calls=False), blocked))
        usage = decode_usage(chunk.get("usageMetadata"))
        if usage is not None:
            self.usage = usage if self.usage is None else self.usage.updated(usage)
            events.append(UsageUpdate(usage))
        if not events:
            events.append(NativeEvent(WIRE, "chunk", chunk, structural=True))
        if self._native:
            events[0].native = Native(WIRE, chunk)
        return events

    def _candidate(self, candidate: Raw, position: int, events: list[StreamEvent]) -> None:
        given = as_count(candidate.get("index"))
        number = position if given is None else given
        choice = self._choices.setdefault(number, _Choice())
        parts = (as_object(candidate.get("content")) or {}).get("parts")
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, Mapping):
                self._part(part, number, choice, events)
        reason = as_text(candidate.get("finishReason"))
        if reason is not None:
            self._complete = True
            events.append(Finish(number, decode_reason(reason, calls=choice.called), reason))
        for key in ("groundingMetadata", "citationMetadata", "urlContextMetadata"):
            if candidate.get(key):
                events.append(NativeEvent(WIRE, key, candidate[key], choice=number))

    def _part(self, raw: Raw, number: int, choice: _Choice, events: list[StreamEvent]) -> None:
        text = raw.get("text")
        signed = "thoughtSignature" in raw
        if isinstance(text, str):
            kind: type = ReasoningPart if raw.get("thought") is True else TextPart
            if not signed and choice.kind is kind:
                if text:
                    delta = ReasoningDelta if kind is ReasoningPart else TextDelta
                    events.append(delta(choice.index, text, choice=number))
                return
            if not signed and not text:
                return
        call = raw.get("functionCall")
        if isinstance(call, Mapping) and ("partialArgs" in call or "willContinue" in call or choice.call is not None):
            self._partial_call(call, raw, number, choice, events)
            return
        self._close(number, choice, events)
        try:
            part = decode_part(raw, "candidates.content.parts", self._calls)
        except DecodeError:
            part = NativePart(WIRE, dict(raw))
        index, choice.count = choice.count, choice.count + 1
        if isinstance(part, TextPart | ReasoningPart):
            self._open_text(part, index, number, choice, events, signed)
            return
        choice.called = choice.called or isinstance(part, ToolCallPart)
        events += [PartStart(index, part, number), PartEnd(index, choice=number)]

    def _open_text(
        self, part: Any, index: int, number: int, choice: _Choice, events: list[StreamEvent], signed: bool
    ) -> None:
        from dataclasses import replace

        # The residue of a growing part would be that of its first piece only.
        shell = replace(part, text="", native=part.native if signed else None)
        events.append(PartStart(index, shell, number))
        if part.text:
            delta = ReasoningDelta if isinstance(part, ReasoningPart) else TextDelta
            events.append(delta(index, part.text, choice=number))
        if signed:
            # A signed part is never merged with what follows (gemini-generate, section 7).
            events.append(PartEnd(index, choice=number))
        else:
            choice.index, choice.kind = index, type(part)

    def _close(self, number: int, choice: _Choice, events: list[StreamEvent]) -> None:
        if choice.kind is not None:
            events.append(PartEnd(choice.index, choice=number))
            choice.index, choice.kind = -1, None

    def _partial_call(self, call: Raw, raw: Raw, number: int, choice: _Choice, events: list[StreamEvent]) -> None:
        open_call = choice.call
        if open_call is None:
            self._close(number, choice, events)
            index, choice.count = choice.count, choice.count + 1
            open_call = choice.call = _PartialCall(index)
            name = as_text(call.get("name")) or ""
            part = ToolCallPart(
                self._calls.called(call.get("id"), name), name, signature=as_text(raw.get("thoughtSignature"))
            )
            choice.called = True
            events.append(PartStart(index, part, number))
        pieces = call.get("partialArgs")
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, Mapping):
                _put(open_call.arguments, piece)
        if isinstance(call.get("args"), Mapping):
            open_call.arguments.update(call["args"])
        if call.get("willContinue") is not True:
            choice.call = None
            if open_call.arguments:
                events.append(ToolCallDelta(open_call.index, dumps(open_call.arguments).decode(), number))
            events.append(PartEnd(open_call.index, choice=number))


def _put(arguments: Any, piece: Raw) -> None:
    """Set what one ``partialArgs`` entry says at its path (``$.a.b[0]``); strings that go on are joined."""
    keys = _path(str(piece.get("jsonPath", "$")))
    value: Any = None
    for field in ("stringValue", "numberValue", "boolValue"):
        if field in piece:
            value = piece[field]
    target: Any = arguments
    for key, following in zip(keys, [*keys[1:], None], strict=False):  # none at all where the path is "$"
        last = following is None
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(key, int):
            if not isinstance(target, list) or key > 10_000:
                return
            while len(target) <= key:
                target.append(None)
            old = target[key]
        else:
            if not isinstance(target, dict):
                return
            old = target.get(key)
        holder: Any = target  # checked above: a list for a number, an object for a name
        if last:
            holder[key] = old + value if isinstance(old, str) and isinstance(value, str) else value
        else:
            if not isinstance(old, dict | list):
                holder[key] = old = empty
            target = old


def _path(text: str) -> list[str | int]:
    keys: list[str | int] = []
    for step in text.removeprefix("$").replace("[", ".[").split("."):
        if step.startswith("[") and step[1:-1].isdigit():
            keys.append(int(step[1:-1]))
        elif step:
            keys.append(step.strip("[]'\""))
    return keys
