"""Events into frames. Frames of this wire come back as they were, with what was changed in them; events
of another origin are put in sequence first, one block open at a time."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...json.serialization import dumps
from ...report import Report
from ...types import (
    CitationAdded,
    Finish,
    FinishReason,
    MessageEnd,
    MessageStart,
    NativeEvent,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
)
from ..codec import Quirks
from ..encoding import Encoding
from ..residue import own, restore
from ..sequence import Sequencer
from ..sse import ServerSentEvent
from .blocks import encode_block
from .citations import FOREIGN, encode_citation
from .dialect import WIRE, encode_reason
from .errors import encode_error
from .usage import encode_usage

__all__ = ["StreamEncoder"]

Frame = dict[str, Any]


class StreamEncoder:
    """See :class:`minillm.wire.codec.StreamEncoder`."""

    __slots__ = ("_blocks", "_enc", "_finish", "_free_texts", "_refusal", "_sealed", "_sequence", "_usage")

    def __init__(self, quirks: Quirks, report: Report | None) -> None:
        self._enc = Encoding(WIRE, quirks, report, asking=False)
        self._sequence = Sequencer()
        self._usage: Usage | None = None
        self._finish: Finish | None = None
        self._refusal: list[str] = []
        self._blocks: dict[int, int] = {}  # parts that became blocks: theirs and the block's index
        self._free_texts: set[int] = set()
        self._sealed: set[int] = set()  # parts whose seal stays behind

    def feed(self, *events: StreamEvent) -> list[ServerSentEvent]:
        """The frames for the events of one source frame."""
        if not events:
            return []
        first = events[0].native
        frame = own(first, WIRE)
        if frame is not None and isinstance(frame.get("type"), str):
            return [_framed(restore(_changes(frame, events), frame))]
        if frame is not None and isinstance(events[0], NativeEvent) and events[0].wire == WIRE:
            return [ServerSentEvent("", dumps(frame))]  # it says not even what it is
        if first is not None and first.wire == WIRE and first.data is None:
            failed = (event for event in events if isinstance(event, StreamFailed))
            return [_framed(encode_error(event.error)[1]) for event in failed]
        frames: list[ServerSentEvent] = []
        for event in events:
            if isinstance(event, SignatureDelta) and (event.native is not None or event.sealed is not None):
                self._tell_seal(event)
                continue
            choice = getattr(event, "choice", 0)
            if choice:
                self._enc.report.lost(f"choices[{choice}]", "answer", "this wire carries one answer a response")
            for following in self._sequence.feed(event):
                say = _WRITERS.get(type(following))
                if say is not None:
                    frames += [_framed(said) for said in say(self, following)]
        return frames

    def _tell_seal(self, event: SignatureDelta) -> None:
        """Another vendor's seal: its owner's clients could make nothing of it, and it may come in pieces."""
        if event.index not in self._sealed:
            self._sealed.add(event.index)
            path = f"choices[{event.choice}].message.content[{event.index}].signature"  # in the source's count
            self._enc.report.note(path, "seal of the reasoning", "only its author can read it")

    def finish(self) -> list[ServerSentEvent]:
        """Nothing is left to say: MessageEnd or StreamFailed said it."""
        return []

    def _start(self, event: MessageStart) -> list[Frame]:
        self._usage = event.usage
        message: Frame = {
            "id": event.id,
            "type": "message",
            "role": "assistant",
            "model": event.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": encode_usage(event.usage),
        }
        return [{"type": "message_start", "message": message}]

    def _part_start(self, event: PartStart) -> list[Frame]:
        part = event.part
        if isinstance(part, RefusalPart):
            return []  # it explains the stop
        if isinstance(part, ReasoningPart) and part.sealed is None:
            block: Frame | None = {"type": "thinking", "thinking": "", "signature": ""}
        elif isinstance(part, TextPart):
            block = {"type": "text", "text": ""}
        elif isinstance(part, ToolCallPart) and part.kind == "custom":
            return self._free_text_start(event.index, part)
        else:
            block = encode_block(part, self._enc, self._sequence.path(event.index), assistant=True)
        return [] if block is None else [self._block_start(event.index, block)]

    def _block_start(self, part: int, block: Frame) -> Frame:
        index = self._blocks[part] = len(self._blocks)
        return {"type": "content_block_start", "index": index, "content_block": block}

    def _free_text_start(self, index: int, part: ToolCallPart) -> list[Frame]:
        """A call with free text becomes one whose only field is that text, piece by piece."""
        path = self._sequence.path(index)
        self._enc.report.degraded(path, "free-text tool call", "its text goes as the field 'input'")
        block = encode_block(replace(part, kind="function", arguments=""), self._enc, path)
        self._free_texts.add(index)
        opened = [] if block is None else [self._block_start(index, block)]
        return [*opened, *self._delta(index, "input_json_delta", partial_json='{"input":"')]

    def _delta(self, part: int, kind: str, **said: Any) -> list[Frame]:
        index = self._blocks.get(part)
        if index is None:
            return []
        return [{"type": "content_block_delta", "index": index, "delta": {"type": kind, **said}}]

    def _text(self, event: TextDelta) -> list[Frame]:
        return self._delta(event.index, "text_delta", text=event.delta)

    def _reasoning(self, event: ReasoningDelta) -> list[Frame]:
        return self._delta(event.index, "thinking_delta", thinking=event.delta)

    def _arguments(self, event: ToolCallDelta) -> list[Frame]:
        piece = event.delta
        if event.index in self._free_texts:
            piece = dumps(piece)[1:-1].decode()
        return self._delta(event.index, "input_json_delta", partial_json=piece)

    def _refusal_delta(self, event: RefusalDelta) -> list[Frame]:
        self._refusal.append(event.delta)
        return []

    def _signature(self, event: SignatureDelta) -> list[Frame]:
        if event.signature is None:
            return []
        if event.native is not None and event.native.wire != WIRE:
            self._tell_seal(event)
            return []
        return self._delta(event.index, "signature_delta", signature=event.signature)

    def _citation(self, event: CitationAdded) -> list[Frame]:
        said = encode_citation(event.citation)
        if said is None:
            self._enc.report.lost(f"{self._sequence.path(event.index)}.citations", "citations", FOREIGN)
            return []
        return self._delta(event.index, "citations_delta", citation=said)

    def _part_end(self, event: PartEnd) -> list[Frame]:
        index = self._blocks.get(event.index)
        if index is None:
            return []
        stop: Frame = {"type": "content_block_stop", "index": index}
        if event.index not in self._free_texts:
            return [stop]
        return [*self._delta(event.index, "input_json_delta", partial_json='"}'), stop]

    def _count(self, event: UsageUpdate) -> list[Frame]:
        self._usage = event.usage if self._usage is None else self._usage.updated(event.usage)
        return []

    def _finished(self, event: Finish) -> list[Frame]:
        self._finish = event  # the last one holds; it is said with the final counts
        return []

    def _end(self, event: MessageEnd) -> list[Frame]:
        finish = self._finish or Finish(0, FinishReason.STOP)
        reason = finish.reason
        delta: Frame = {"stop_sequence": None}
        if self._refusal:
            delta["stop_details"] = {"type": "refusal", "category": None, "explanation": "".join(self._refusal)}
            if reason in (None, FinishReason.STOP):
                reason = FinishReason.REFUSAL
        delta = {"stop_reason": encode_reason(reason, finish.raw_reason, ours=False) or "end_turn", **delta}
        return [
            {"type": "message_delta", "delta": delta, "usage": encode_usage(self._usage)},
            {"type": "message_stop"},
        ]

    def _failed(self, event: StreamFailed) -> list[Frame]:
        frames = [encode_error(event.error)[1]]
        if self._usage is not None:  # what it cost until then
            delta = {"stop_reason": None, "stop_sequence": None}
            frames.insert(0, {"type": "message_delta", "delta": delta, "usage": encode_usage(self._usage)})
        return frames

    def _native(self, event: NativeEvent) -> list[Frame]:
        if not event.structural:
            self._enc.report.lost("stream", f"{event.wire} event {event.name}", "it has no form in Anthropic Messages")
        return []


_WRITERS: dict[type, Callable[[StreamEncoder, Any], list[Frame]]] = {
    MessageStart: StreamEncoder._start,
    PartStart: StreamEncoder._part_start,
    TextDelta: StreamEncoder._text,
    ReasoningDelta: StreamEncoder._reasoning,
    ToolCallDelta: StreamEncoder._arguments,
    RefusalDelta: StreamEncoder._refusal_delta,
    SignatureDelta: StreamEncoder._signature,
    CitationAdded: StreamEncoder._citation,
    PartEnd: StreamEncoder._part_end,
    UsageUpdate: StreamEncoder._count,
    Finish: StreamEncoder._finished,
    MessageEnd: StreamEncoder._end,
    StreamFailed: StreamEncoder._failed,
    NativeEvent: StreamEncoder._native,
}


def _framed(frame: Mapping[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(str(frame["type"]), dumps(frame))


def _changes(frame: Mapping[str, Any], events: tuple[StreamEvent, ...]) -> Frame:
    """What the events say of their frame: all that may have been changed since it was decoded."""
    said: Frame = {}
    for event in events:
        tell = _TELLERS.get(type(event))
        if tell is not None:
            _merge(said, tell(event, frame))
    return said


def _merge(into: Frame, more: Frame) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _tell_start(event: MessageStart, frame: Mapping[str, Any]) -> Frame:
    message: Frame = {}
    if event.id:
        message["id"] = event.id
    if event.model:
        message["model"] = event.model
    if event.usage is not None:
        message["usage"] = encode_usage(event.usage)
    return {"message": message} if message else {}


def _tell_part(event: PartStart, frame: Mapping[str, Any]) -> Frame:
    block: Frame = {}
    if isinstance(event.part, RefusalPart):  # which no block is: it explains the stop
        return {"delta": {"stop_details": {"explanation": event.part.text}}}
    if isinstance(event.part, TextPart):
        block["text"] = event.part.text
    elif isinstance(event.part, ToolCallPart):
        block.update(id=event.part.id, name=event.part.name)
    elif isinstance(event.part, ReasoningPart) and event.part.sealed is None:
        block["thinking"] = event.part.text
    return {"content_block": block}


def _tell_delta(field: str) -> Callable[[Any, Mapping[str, Any]], Frame]:
    return lambda event, frame: {"delta": {field: event.delta}}


def _tell_finish(event: Finish, frame: Mapping[str, Any]) -> Frame:
    return {"delta": {"stop_reason": encode_reason(event.reason, event.raw_reason)}}


_TELLERS: dict[type, Callable[[Any, Mapping[str, Any]], Frame]] = {
    MessageStart: _tell_start,
    PartStart: _tell_part,
    TextDelta: _tell_delta("text"),
    ReasoningDelta: _tell_delta("thinking"),
    ToolCallDelta: _tell_delta("partial_json"),
    SignatureDelta: lambda event, frame: {"delta": {"signature": event.signature}},
    UsageUpdate: lambda event, frame: {"usage": encode_usage(event.usage)},
    Finish: _tell_finish,
}
