"""Streams, both ways."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ...errors import APIError, DecodeError, StreamInterrupted
from ...types import (
    Finish,
    MessageEnd,
    MessageStart,
    Native,
    NativeEvent,
    PartStart,
    ReasoningDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    Usage,
    UsageUpdate,
)
from ..errors import build_error
from ..recurring import Recurring
from ..residue import HINTS
from ..sse import ServerSentEvent, UnterminatedEvent
from .chunk import ChunkReader
from .dialect import WIRE, native
from .response import decode_response
from .stream_encoder import ChatStreamEncoder

__all__ = ["ChatStreamDecoder", "ChatStreamEncoder"]

DONE: Final = b"[DONE]"

# Keys of a chunk that are said by events, or say nothing: a chunk of only these is no loss anywhere.
_QUIET: Final = frozenset(
    {
        "choices",
        "created",
        "id",
        "model",
        "object",
        "obfuscation",
        "p",
        "provider",
        "service_tier",
        "stream_options",
        "system_fingerprint",
        "usage",
        HINTS,
    }
)


# Keys of a delta that brings a piece of plain reasoning (Groq adds the channel).
_THINKING: Final = frozenset({"role", "content", "reasoning_content", "reasoning", "channel"})


class ChatStreamDecoder:
    """Server-sent events in, stream events out.

    Terminal is ``[DONE]``, or the end of the bytes when every choice has said why it ended: usage may
    still come behind that. After an error inside the stream it reads on for the same reason.

    Args:
        native: put the decoded frames on the events, for exact encoding to the same wire.
    """

    __slots__ = ("_ended", "_native", "_parse", "_reader", "_recurring", "_usage", "_whole")

    def __init__(self, *, native: bool = True) -> None:
        from ...json.serialization import parser

        self._parse = parser()
        self._recurring = Recurring(("choices", 0, "delta", "content"), self._parse)
        self._native = native
        self._reader = ChunkReader()
        self._usage: Usage | None = None
        self._ended = False
        self._whole = False  # a whole body came in place of chunks

    @property
    def usage(self) -> Usage | None:
        """The tokens reported so far."""
        return self._usage

    def feed(self, event: ServerSentEvent) -> list[StreamEvent]:
        """The events of one frame."""
        return self.feed_many((event,))

    def feed_many(self, frames: Iterable[ServerSentEvent]) -> list[StreamEvent]:
        """The events of several frames: cheaper than :meth:`feed` for each."""
        out: list[StreamEvent] = []
        reader, parse, keep = self._reader, self._parse, self._native
        texts, thoughts = reader.texts, reader.thoughts
        recurring = self._recurring
        for event in frames:
            chunk, raw = None, event.raw
            try:
                if (
                    recurring.before
                    and raw.startswith(recurring.before)
                    and raw.endswith(recurring.behind)
                    and not event.event
                ):
                    text = parse(raw[len(recurring.before) : -len(recurring.behind)])
                    if text and text.__class__ is str:
                        out.append(TextDelta(recurring.part, text, None, recurring.choice))
                        continue
                chunk = parse(raw)
                (choice,) = chunk["choices"]
                delta, index = choice["delta"], choice["index"]
                text = delta.get("content")
            except (KeyError, ValueError, TypeError, AttributeError):
                out += self._feed(event, chunk)
                continue
            # Nearly every chunk brings more of one part that is open, and nothing else.
            made: StreamEvent | None = None
            if (
                index.__class__ is int
                and not choice.get("finish_reason")
                and not choice.get("logprobs")
                and not chunk.get("usage")
                and "error" not in chunk
                and "x_groq" not in chunk
                and not event.event
            ):
                if text:
                    part = texts.get(index)
                    alone = len(delta) == 1 or (len(delta) == 2 and "role" in delta)
                    if part is not None and alone and text.__class__ is str:
                        made = TextDelta(part, text, None, index)
                elif len(delta) == 1 and "tool_calls" in delta:
                    calls = delta["tool_calls"]
                    if calls.__class__ is list and len(calls) == 1:
                        made = reader.continued(index, calls[0])
                elif index in thoughts and delta.keys() <= _THINKING:
                    thought = delta.get("reasoning_content") or delta.get("reasoning")
                    if thought.__class__ is str and thought:
                        made = ReasoningDelta(thoughts[index], thought, index)
            if made is None or self._ended:
                out += self._feed(event, chunk)
                continue
            if keep:
                made.native = Native(WIRE, chunk)
            elif recurring.tries and made.__class__ is TextDelta:
                recurring.learn(raw, made.index, index)
            out.append(made)
        return out

    def finish(self) -> list[StreamEvent]:
        """The bytes have ended: the terminal event, unless it was given already."""
        if self._ended:
            return []
        # A frame that never was: on this wire nothing has to be said again.
        if self._whole or self._reader.complete or self._reader.error is not None:
            return self._end(native(None) if self._native else None)
        error = StreamInterrupted(
            "the stream ended before a finish_reason for every choice, and without [DONE]", retryable=True
        )
        return self._stop(StreamFailed(error, native(None) if self._native else None))

    def _feed(self, event: ServerSentEvent, chunk: Any) -> list[StreamEvent]:
        """Any frame but the plain one."""
        self._recurring.forget()
        if self._ended:
            return []
        raw = event.raw
        if raw.startswith(DONE):
            return self._end(native(DONE.decode()) if self._native else None)
        if chunk is None:
            chunk = _reread(raw)
        if not isinstance(chunk, dict):
            return self._unreadable(event)
        if event.event and self._native:
            chunk[HINTS] = {"event": event.event}
        try:
            if _is_whole_body(chunk):
                return self._body(chunk)
            pairs = self._reader.read(chunk, is_error=event.event == "error")
        except DecodeError as error:
            error.retryable = True
            error.raw = event.data[:2000]
            return self._stop(StreamFailed(error))
        events: list[StreamEvent] = [pair[0] for pair in pairs]
        for made in events:
            if type(made) is UsageUpdate:
                self._usage = made.usage if self._usage is None else self._usage.updated(made.usage)
        if self._native:
            if not events:
                events.append(quiet_event(chunk))
            frame = native(chunk)
            for made in events:
                made.native = frame
        return events

    def _unreadable(self, event: ServerSentEvent) -> list[StreamEvent]:
        """No JSON object. Where the bytes ended inside it, the stream was cut: ``finish`` says so."""
        if isinstance(event, UnterminatedEvent) or not event.raw.strip() or event.raw.strip() == b"null":
            return []
        from ...json.serialization import loads

        try:
            loads(event.raw)
            error = DecodeError("a frame of the stream is no JSON object", raw=event.data, retryable=True)
        except DecodeError as caught:
            error = DecodeError(f"a frame of the stream is {caught.message}", raw=event.data, retryable=True)
        return self._stop(StreamFailed(error))

    def _body(self, body: Mapping[str, Any]) -> list[StreamEvent]:
        """A whole answer although a stream was asked for (dialects, checklist 11)."""
        try:
            response = decode_response(body)
        except APIError as error:
            return self._stop(StreamFailed(error))
        self._whole = True
        events: list[StreamEvent] = [MessageStart(response.id, response.model, response.created)]
        for choice in response.choices:
            for at, part in enumerate(choice.message.parts):
                events.append(PartStart(at, part, choice.index))
        if response.usage is not None:
            self._usage = response.usage
            events.append(UsageUpdate(response.usage))
        events.extend(
            Finish(choice.index, choice.finish_reason, choice.raw_finish_reason) for choice in response.choices
        )
        return events

    def _end(self, frame: Native | None) -> list[StreamEvent]:
        facts = self._reader.error
        if facts is not None:
            return self._stop(StreamFailed(build_error(facts, status=None), frame))
        events = self._reader.endings()
        for made in events:
            made.native = frame
        return events + self._stop(MessageEnd(native=frame))

    def _stop(self, event: StreamEvent) -> list[StreamEvent]:
        self._ended = True
        return [event]


def _reread(raw: bytes) -> Any:
    """A frame that the fast parser refused: lone surrogates it cannot say are no fault of the stream."""
    from ...json.serialization import loads

    try:
        return loads(raw, exact=False)
    except DecodeError:
        return None


def quiet_event(chunk: Mapping[str, Any]) -> NativeEvent:
    """Stands for a chunk that says nothing by events, so that it is not lost on its own wire."""
    return NativeEvent(WIRE, "chunk", chunk, structural=chunk.keys() <= _QUIET)


def _is_whole_body(chunk: Mapping[str, Any]) -> bool:
    choices = chunk.get("choices")
    if not isinstance(choices, list) or not choices:
        return False
    return all(isinstance(choice, dict) and choice.get("message") and "delta" not in choice for choice in choices)
