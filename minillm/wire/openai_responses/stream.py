"""Streams into events. Parts are addressed by item and content index; look-alikes leave those out, so the
last one opened is the fallback (llama.cpp sends neither them nor sequence numbers)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...errors import APIError, DecodeError, StreamInterrupted
from ...json.serialization import loads, parser
from ...types import (
    CitationAdded,
    Finish,
    Message,
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
    RefusalDelta,
    RefusalPart,
    Role,
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
from ..fields import as_number, as_object, as_text, as_word
from ..residue import HINTS
from ..sse import ServerSentEvent, UnterminatedEvent
from .citations import decode_citation
from .dialect import WIRE, raw_reason
from .items import decode_item
from .logprobs import decode_logprobs
from .pictures import PICTURE
from .response import failure_of, reason_of
from .stream_encoder import StreamEncoder
from .usage import decode_usage

__all__ = ["StreamDecoder", "StreamEncoder"]

Frame = Mapping[str, Any]
Address = tuple[Any, ...]


class StreamDecoder:
    """Frames in, events out. Terminal are completed, incomplete and failed, and the error event."""

    __slots__ = (
        "_at",
        "_called",
        "_count",
        "_ended",
        "_error",
        "_items",
        "_last",
        "_native",
        "_refused",
        "_said_at_once",
        "_started",
        "usage",
    )

    def __init__(self, keep_native: bool) -> None:
        self._native = keep_native
        self._count = 0
        self._at: dict[Address, int] = {}  # where a part is addressed -> our index
        self._items: dict[Any, list[int]] = {}  # item -> the parts in it
        self._last: dict[str, int] = {}  # kind of delta -> the part opened last for it
        self._said_at_once: set[int] = set()  # calls that came whole
        self._called = self._refused = False
        self._started = self._ended = False
        self._error: Exception | None = None
        self.usage: Usage | None = None

    def feed(self, event: ServerSentEvent) -> list[StreamEvent]:
        """The events of one frame."""
        if self._ended or event.raw.startswith(b"[DONE]"):
            return []
        try:
            frame = loads(event.raw)
        except DecodeError as error:
            if isinstance(event, UnterminatedEvent):
                return []  # cut inside its last frame: finish() says so
            return self._fail(DecodeError(f"a frame of the stream is {error.message}", raw=event.data, retryable=True))
        if not isinstance(frame, Mapping):
            return self._fail(DecodeError("a frame of the stream is no object", raw=event.data, retryable=True))
        kind = frame.get("type") or event.event
        read = _READERS.get(kind) if isinstance(kind, str) else None
        events: list[StreamEvent]
        try:
            if read is not None:
                events = read(self, frame)
            elif frame.get("object") == "response":
                events = self._whole(frame)
            else:
                events = [NativeEvent(WIRE, as_word(kind), frame, structural=_is_structural(as_word(kind), frame))]
        except DecodeError as error:
            error.retryable = True
            return self._fail(error)
        if self._native and events:
            # Some servers leave the event's name out, or the type inside; then ours is left out as well.
            named = event.event != "" and event.event == frame.get("type")
            events[0].native = Native(WIRE, frame if named else {**frame, HINTS: {"event": event.event}})
        return events

    def feed_many(self, frames: Iterable[ServerSentEvent]) -> list[StreamEvent]:
        """The events of several frames: cheaper than :meth:`feed` for each."""
        events: list[StreamEvent] = []
        at, keep = self._at, self._native
        parse = loads if keep else parser()
        for event in frames:
            # Nearly every frame brings more of a part that is open: those are read here, all others by feed().
            try:
                frame = parse(event.raw)
                make, place, piece = _GROWING[frame["type"]], frame["output_index"], frame["delta"]
                number = frame.get("content_index")
                index = at.get((place, number))
                if index is None:
                    index = at[(place,)]
            except (DecodeError, KeyError, ValueError, TypeError):
                events += self.feed(event)
                continue
            plain = piece.__class__ is str and place.__class__ is int and (number is None or number.__class__ is int)
            unnamed = keep and event.event != frame["type"]  # which is to be told
            if not plain or unnamed or frame.get("logprobs") or index in self._said_at_once or self._ended:
                events += self.feed(event)
                continue
            made = make(index, piece)
            if keep:
                made.native = Native(WIRE, frame)
            events.append(made)
        return events

    def finish(self) -> list[StreamEvent]:
        """The bytes have ended: the terminal event, unless it was given already."""
        if self._ended:
            return []
        events = self._fail(
            self._error or StreamInterrupted("the stream ended before response.completed", retryable=True)
        )
        if self._native:
            events[0].native = Native(WIRE, None)  # a frame that never was: on this wire nothing is said again
        return events

    def _fail(self, error: Exception) -> list[StreamEvent]:
        self._ended = True
        return [StreamFailed(error)]

    def _begin(self, frame: Frame) -> list[StreamEvent]:
        response = as_object(frame.get("response")) or {}
        if self._started:
            return [NativeEvent(WIRE, as_word(frame.get("type")), frame, structural=True)]
        self._started = True
        return [
            MessageStart(
                as_text(response.get("id")) or "",
                as_text(response.get("model")) or "",
                as_number(response.get("created_at")),
            )
        ]

    def _open(self, frame: Frame, kind: str, part: Part, *address: Any) -> PartStart:
        index, self._count = self._count, self._count + 1
        self._at[address] = index
        self._items.setdefault(_item_of(frame), []).append(index)
        self._last[kind] = index
        return PartStart(index, part)

    def _item_added(self, frame: Frame) -> list[StreamEvent]:
        item = as_object(frame.get("item")) or {}
        kind, place = item.get("type"), _item_of(frame)
        if kind in ("message", PICTURE):  # a picture begins and ends when it is whole
            return [NativeEvent(WIRE, kind, frame, structural=True)]
        if kind in ("function_call", "custom_tool_call") and item.get("call_id"):
            given = item.get("input" if kind == "custom_tool_call" else "arguments")
            part = ToolCallPart(
                str(item["call_id"]), as_text(item.get("name")) or "", "", "custom" if kind[0] == "c" else "function"
            )
            self._called = True
            opened = self._open(frame, "call", part, place)
            if isinstance(given, str) and given:
                # Look-alikes send the whole call at once; its deltas, if any follow, would repeat it.
                self._said_at_once.add(opened.index)
                return [opened, ToolCallDelta(opened.index, given)]
            return [opened]
        if kind == "reasoning":
            return [self._open(frame, "reasoning", ReasoningPart(""), place)]
        return [self._open(frame, "native", NativePart(WIRE, dict(item)), place)]

    def _part_added(self, frame: Frame) -> list[StreamEvent]:
        part = as_object(frame.get("part")) or {}
        kind, address = part.get("type"), (_item_of(frame), _number(frame))
        if kind == "output_text":
            return [self._open(frame, "text", TextPart(""), *address)]
        if kind == "refusal":
            self._refused = True
            return [self._open(frame, "refusal", RefusalPart(""), *address)]
        return [NativeEvent(WIRE, as_word(frame.get("type")), frame, structural=True)]

    def _index(self, frame: Frame, kind: str, shell: Part, events: list[StreamEvent]) -> int:
        place = _item_of(frame)
        for address in ((place, _number(frame)), (place,)):
            index = self._at.get(address)
            if index is not None:
                return index
        last = self._last.get(kind)
        if last is not None and ("item_id" not in frame or kind == "reasoning"):
            return last
        opened = self._open(frame, kind, shell, place, _number(frame))
        events.append(opened)
        return opened.index

    def _text(self, frame: Frame) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        index = self._index(frame, "text", TextPart(""), events)
        return [*events, TextDelta(index, _delta(frame), decode_logprobs(frame.get("logprobs")))]

    def _refusal(self, frame: Frame) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        self._refused = True
        index = self._index(frame, "refusal", RefusalPart(""), events)
        return [*events, RefusalDelta(index, _delta(frame))]

    def _reasoning(self, frame: Frame) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        index = self._index(frame, "reasoning", ReasoningPart(""), events)
        return [*events, ReasoningDelta(index, _delta(frame))]

    def _summary_added(self, frame: Frame) -> list[StreamEvent]:
        number = frame.get("summary_index", frame.get("content_index"))
        if isinstance(number, int) and number > 0:
            events: list[StreamEvent] = []
            index = self._index(frame, "reasoning", ReasoningPart(""), events)
            return [*events, ReasoningDelta(index, "\n\n")]  # segments are joined by a blank line
        return [NativeEvent(WIRE, as_word(frame.get("type")), frame, structural=True)]

    def _arguments(self, frame: Frame) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        index = self._index(frame, "call", ToolCallPart("", ""), events)
        if index in self._said_at_once:
            return [NativeEvent(WIRE, as_word(frame.get("type")), frame, index, structural=True)]
        return [*events, ToolCallDelta(index, _delta(frame))]

    def _annotation(self, frame: Frame) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        index = self._index(frame, "text", TextPart(""), events)
        raw = as_object(frame.get("annotation"))
        if raw is None:
            return [NativeEvent(WIRE, as_word(frame.get("type")), frame, index)]
        return [*events, CitationAdded(index, decode_citation(raw))]

    def _item_done(self, frame: Frame) -> list[StreamEvent]:
        """The authoritative item: its parts as the wire finally says them."""
        item = as_object(frame.get("item")) or {}
        indices = self._items.get(_item_of(frame), [])
        parts = decode_item(item, "item")
        if any(isinstance(part, ToolCallPart) for part in parts):
            self._called = True
        events: list[StreamEvent] = []
        for index, part in zip(indices, parts, strict=False):
            events.append(PartEnd(index, part))
        for part in parts[len(indices) :]:
            opened = self._open(frame, "native", part, object())
            events += [opened, PartEnd(opened.index)]
        return events or [NativeEvent(WIRE, "response.output_item.done", frame, structural=True)]

    def _end(self, frame: Frame) -> list[StreamEvent]:
        return self._whole(as_object(frame.get("response")) or {})

    def _whole(self, response: Frame) -> list[StreamEvent]:
        usage = decode_usage(response.get("usage"))
        events: list[StreamEvent] = []
        if usage is not None:
            self.usage = usage
            events.append(UsageUpdate(usage))
        failure = failure_of(response)
        if failure is not None:
            # It says more than an error event before it; the same said again has fewer words for the kind of error.
            before = self._error
            again = isinstance(before, APIError) and before.message == getattr(failure, "message", None)
            return [*events, *self._fail(before if again and before is not None else failure)]
        self._ended = True
        output = response.get("output")
        listed = output if isinstance(output, list) else ()
        parts = [p for i, item in enumerate(listed) for p in decode_item(item, f"output[{i}]")]
        reason = raw_reason(response)
        said = parts or ([ToolCallPart("", "")] if self._called else [RefusalPart("")] if self._refused else [])
        events.append(Finish(0, reason_of(reason, said), reason))
        # An empty snapshot would erase what was streamed (openai-responses, section 6).
        events.append(MessageEnd(Message(Role.ASSISTANT, tuple(parts)) if parts else None))
        return events

    def _on_error(self, frame: Frame) -> list[StreamEvent]:
        nested = isinstance(frame.get("error"), Mapping)
        body = frame if nested else {"error": {key: frame.get(key) for key in ("message", "code", "param")}}
        # Read on: response.failed with the counts may follow.
        self._error = self._error or build_error(read_error(body), status=None)
        return [NativeEvent(WIRE, "error", frame, structural=True)]


def _item_of(frame: Frame) -> Any:
    item = frame.get("item")
    id_ = item.get("id") if isinstance(item, Mapping) else None
    for place in (frame.get("output_index"), frame.get("item_id"), id_):
        if isinstance(place, int | str) and place != "":
            return place
    return None


def _number(frame: Frame) -> int | None:
    number = frame.get("content_index")
    return number if isinstance(number, int) else None


def _delta(frame: Frame) -> str:
    said = frame.get("delta")
    return said if isinstance(said, str) else ""


def _is_structural(kind: str, frame: Frame) -> bool:
    """Whether an event says nothing that an item, which comes whole at its end, does not say."""
    return kind in ("keepalive", "response.metadata") or "output_index" in frame or "item_id" in frame


# The deltas that most frames are.
_GROWING: dict[str, type[TextDelta] | type[ReasoningDelta] | type[ToolCallDelta]] = {
    "response.output_text.delta": TextDelta,
    "response.reasoning_summary_text.delta": ReasoningDelta,
    "response.reasoning_text.delta": ReasoningDelta,
    "response.function_call_arguments.delta": ToolCallDelta,
    "response.custom_tool_call_input.delta": ToolCallDelta,
}

_READERS: dict[str, Callable[[StreamDecoder, Frame], list[StreamEvent]]] = {
    "response.created": StreamDecoder._begin,
    "response.queued": StreamDecoder._begin,
    "response.in_progress": StreamDecoder._begin,
    "response.output_item.added": StreamDecoder._item_added,
    "response.content_part.added": StreamDecoder._part_added,
    "response.output_text.delta": StreamDecoder._text,
    "response.refusal.delta": StreamDecoder._refusal,
    "response.reasoning_summary_text.delta": StreamDecoder._reasoning,
    "response.reasoning_text.delta": StreamDecoder._reasoning,
    "response.reasoning_summary_part.added": StreamDecoder._summary_added,
    "response.reasoning_part.added": StreamDecoder._summary_added,
    "response.function_call_arguments.delta": StreamDecoder._arguments,
    "response.custom_tool_call_input.delta": StreamDecoder._arguments,
    "response.output_text.annotation.added": StreamDecoder._annotation,
    "response.output_item.done": StreamDecoder._item_done,
    "response.completed": StreamDecoder._end,
    "response.incomplete": StreamDecoder._end,
    "response.failed": StreamDecoder._end,
    "response.cancelled": StreamDecoder._end,
    "error": StreamDecoder._on_error,
}
