"""Streams into events. Chunks are whole little answers; a new kind of part opens a new one of ours."""

from collections.abc import Iterable, Mapping
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
from ..recurring import Recurring
from ..sse import ServerSentEvent, UnterminatedEvent
from .calls import Calls, is_piece
from .dialect import BLOCKED, FOREIGN_CALL, WIRE, decode_reason
from .grounding import citations_of
from .logprobs import decode_logprobs
from .partial_call import PartialCall
from .parts import decode_part
from .stream_encoder import StreamEncoder
from .usage import decode_usage, known

__all__ = ["StreamDecoder", "StreamEncoder"]

Raw = Mapping[str, Any]

# What stands beside the content and has no place in the neutral fields; of the rest, sources become citations.
_BESIDE = ("urlContextMetadata",)
_CITED = ("groundingChunks", "groundingSupports")


class _Choice:
    """What is open in one candidate, and what has been said of it."""

    __slots__ = ("call", "called", "count", "index", "kind", "texts")

    def __init__(self) -> None:
        self.count = 0
        self.index = -1  # of the open text or thought, or -1
        self.kind: type | None = None
        self.called = False
        self.call: PartialCall | None = None
        self.texts: dict[int, list[str]] = {}  # pieces of each text, which sources are counted in


class StreamDecoder:
    """Frames in, events out. The end of the bytes is the end of the answer, once it said why it ended."""

    __slots__ = (
        "_calls",
        "_choices",
        "_complete",
        "_counted",
        "_counts",
        "_ended",
        "_error",
        "_native",
        "_recurring",
        "_started",
        "usage",
    )

    def __init__(self, *, keep_native: bool) -> None:
        self._native = keep_native
        self._choices: dict[int, _Choice] = {}
        self._calls = Calls()
        self._counts: dict[str, Any] = {}
        self._counted: Any = None  # the counts that came last, as they were said
        self._recurring = Recurring(("candidates", 0, "content", "parts", 0, "text"), parser())
        self._started = False
        self._complete = False
        self._ended = False
        self._error: Exception | None = None
        self.usage: Usage | None = None

    def feed(self, event: ServerSentEvent) -> list[StreamEvent]:
        """The events of one frame."""
        self._recurring.forget()
        if self._ended:
            return []
        try:
            chunk = loads(event.raw)
        except DecodeError as error:
            if not isinstance(event, UnterminatedEvent) and not event.raw.startswith(b"[DONE]"):
                self._fault(f"a frame of the stream is {error.message}", event.data)
            return []
        if isinstance(chunk, list):  # a stream asked for without alt=sse
            return [made for item in chunk for made in self._chunk(item)]
        return self._chunk(chunk)

    def feed_many(self, frames: Iterable[ServerSentEvent]) -> list[StreamEvent]:
        """The events of several frames: cheaper than :meth:`feed` for each."""
        events: list[StreamEvent] = []
        keep = self._native
        parse, recurring = loads if keep else parser(), self._recurring
        for event in frames:
            # Nearly every frame brings more of a text that is open: those are read here, all others by feed().
            raw = event.raw
            try:
                if recurring.before and raw.startswith(recurring.before) and raw.endswith(recurring.behind):
                    piece = parse(raw[len(recurring.before) : -len(recurring.behind)])
                    if piece and piece.__class__ is str:
                        self._choices[recurring.choice].texts[recurring.part].append(piece)
                        events.append(TextDelta(recurring.part, piece, None, recurring.choice))
                        continue
                chunk = parse(raw)
                (candidate,) = chunk["candidates"]
                content, number = candidate["content"], candidate.get("index", 0)
                (part,) = content["parts"]
                piece = part["text"]
            except (DecodeError, KeyError, ValueError, TypeError, AttributeError):
                events += self.feed(event)
                continue
            choice = self._choices.get(number) if number.__class__ is int else None
            if (
                choice is None
                or choice.kind is not TextPart
                or piece.__class__ is not str
                or not piece
                or len(part) > 1
                or len(candidate) > 2
                or (len(candidate) == 2 and "index" not in candidate)
                or "error" in chunk
                or "promptFeedback" in chunk
                or self._ended
            ):
                events += self.feed(event)
                continue
            choice.texts[choice.index].append(piece)
            made = TextDelta(choice.index, piece, None, number)
            if keep:
                made.native = Native(WIRE, chunk)
            elif recurring.tries:
                recurring.learn(raw, choice.index, number)
            events.append(made)
            counts = chunk.get("usageMetadata")
            if counts is not None and counts != self._counted:
                self._count(counts, events)
        return events

    def finish(self) -> list[StreamEvent]:
        """The bytes have ended: the terminal event."""
        if self._ended:
            return []
        self._ended = True
        events: list[StreamEvent] = []
        for number, choice in self._choices.items():
            call = choice.call
            if call is not None:  # cut off inside: it must never be run
                cut = replace(call.part, arguments=call.arguments, incomplete=True)
                events.append(PartEnd(call.index, cut, number))
        error = self._error
        if error is None and not self._complete:
            error = StreamInterrupted("the stream ended before a finishReason", retryable=True)
        # A frame that never was: on this wire nothing is said again.
        frame = Native(WIRE, None) if self._native else None
        events.append(MessageEnd(native=frame) if error is None else StreamFailed(error, frame))
        if self._native:
            events[0].native = frame
        return events

    def _fault(self, message: str, raw: str) -> None:
        """Remember the first one, and read on: counts may still come."""
        self._error = self._error or DecodeError(message, raw=raw, retryable=True)

    def _chunk(self, chunk: Any) -> list[StreamEvent]:
        if not isinstance(chunk, Mapping):
            self._fault("a chunk of the stream is no object", "")
            return []
        events: list[StreamEvent] = []
        if isinstance(chunk.get("error"), Mapping):
            self._error = self._error or build_error(read_error(chunk), status=None)
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
            events.append(Finish(0, BLOCKED, blocked))
        self._count(chunk.get("usageMetadata"), events)
        if not events:
            events.append(NativeEvent(WIRE, "chunk", chunk, structural=True))
        if self._native:
            events[0].native = Native(WIRE, chunk)
        return events

    def _count(self, raw: Any, events: list[StreamEvent]) -> None:
        try:
            if raw == self._counted:
                return  # many hosts repeat with each chunk what they said before
        except RecursionError:
            pass  # nested deeper than Python compares: read again
        usage = decode_usage(raw, self._counts)
        if usage is not None:
            self._counted = raw
            self._counts.update(known(raw))
            self.usage = usage
            events.append(UsageUpdate(usage))

    def _candidate(self, candidate: Raw, position: int, events: list[StreamEvent]) -> None:
        given = as_count(candidate.get("index"))
        number = position if given is None else given
        choice = self._choices.setdefault(number, _Choice())
        made: list[StreamEvent] = []
        parts = (as_object(candidate.get("content")) or {}).get("parts")
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, Mapping):
                self._part(part, number, choice, made)
        self._sources(candidate, number, choice, made)
        events += made
        logprobs = decode_logprobs(candidate.get("logprobsResult"))
        last = next((event for event in reversed(made) if isinstance(event, TextDelta)), None)
        if logprobs is not None and last is not None:
            last.logprobs = logprobs
        reason = as_text(candidate.get("finishReason"))
        if reason is not None:
            self._complete = True
            events.append(Finish(number, decode_reason(reason, calls=choice.called), reason))
        for key in _BESIDE:
            if candidate.get(key):
                events.append(NativeEvent(WIRE, key, candidate[key], choice=number))
        grounding = as_object(candidate.get("groundingMetadata")) or {}
        if any(value for key, value in grounding.items() if key not in _CITED):
            events.append(NativeEvent(WIRE, "groundingMetadata", grounding, choice=number))

    def _sources(self, candidate: Raw, number: int, choice: _Choice, events: list[StreamEvent]) -> None:
        """Sources of what has come so far, each before the end of its text."""
        if "groundingMetadata" not in candidate and "citationMetadata" not in candidate:
            return
        indices = list(choice.texts)
        for at, citation in citations_of(candidate, ["".join(choice.texts[index]) for index in indices]):
            added = CitationAdded(indices[at], citation, number)
            ends = (i for i, event in enumerate(events) if isinstance(event, PartEnd) and event.index == added.index)
            events.insert(next(ends, len(events)), added)

    def _part(self, raw: Raw, number: int, choice: _Choice, events: list[StreamEvent]) -> None:
        text, signed = raw.get("text"), "thoughtSignature" in raw
        if isinstance(text, str) and not signed and self._goes_on(raw, text, number, choice, events):
            return
        call = raw.get("functionCall")
        if isinstance(call, Mapping) and (is_piece(call) or choice.call is not None):
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

    def _goes_on(self, raw: Raw, text: str, number: int, choice: _Choice, events: list[StreamEvent]) -> bool:
        """More of the open text or thought; an empty piece says nothing."""
        thought = raw.get("thought") is True
        if choice.kind is not (ReasoningPart if thought else TextPart):
            return not text
        if text and thought:
            events.append(ReasoningDelta(choice.index, text, choice=number))
        elif text:
            choice.texts[choice.index].append(text)
            events.append(TextDelta(choice.index, text, choice=number))
        return True

    def _open_text(
        self, part: Any, index: int, number: int, choice: _Choice, events: list[StreamEvent], signed: bool
    ) -> None:
        # The residue of a growing part would be that of its first piece only.
        shell: Part = replace(part, text="", native=part.native if signed else None)
        events.append(PartStart(index, shell, number))
        if isinstance(part, TextPart):
            choice.texts[index] = [part.text]
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
        opened = choice.call
        if opened is None:
            self._close(number, choice, events)
            index, choice.count = choice.count, choice.count + 1
            opened = choice.call = PartialCall(index, self._opened_call(call, raw))
            choice.called = True
            events.append(PartStart(index, opened.part, number))
        if opened.add(call):
            choice.call = None
            arguments = opened.arguments
            if arguments:
                events.append(ToolCallDelta(opened.index, arguments, number))
            events.append(PartEnd(opened.index, choice=number))

    def _opened_call(self, call: Raw, raw: Raw) -> ToolCallPart:
        name, signature = as_text(call.get("name")) or "", as_text(raw.get("thoughtSignature"))
        return ToolCallPart(
            self._calls.called(call.get("id"), name),
            name,
            signature=None if signature == FOREIGN_CALL else signature,
            native=Native(WIRE, {}),
        )
