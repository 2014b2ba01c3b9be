"""Events into chunks. Nothing but ``data`` frames: this vendor's client breaks on comments, names and [DONE].

Chunks of this wire come back as they were, with what was changed in them. For events of another origin
text goes out as it comes, and a call when its arguments are whole.
"""

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
    Part,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
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
from ..residue import own
from ..sequence import Sequencer
from ..sse import ServerSentEvent
from .dialect import WIRE, encode_reason
from .errors import encode_error
from .parts import arguments_of, encode_part
from .usage import encode_usage

__all__ = ["StreamEncoder"]

Frame = dict[str, Any]


class StreamEncoder:
    """See :class:`minillm.wire.codec.StreamEncoder`."""

    __slots__ = ("_arguments", "_call", "_enc", "_finish", "_head", "_refusal", "_sequence", "_usage")

    def __init__(self, quirks: Quirks, report: Report | None) -> None:
        self._enc = Encoding(WIRE, quirks, report, asking=False)
        self._sequence = Sequencer()
        self._head: Frame = {}
        self._call: Part | None = None
        self._arguments: list[str] = []
        self._refusal: list[str] = []
        self._usage: Usage | None = None
        self._finish: Finish | None = None

    def feed(self, *events: StreamEvent) -> list[ServerSentEvent]:
        """The frames for the events of one source frame."""
        if not events:
            return []
        chunk = own(events[0].native, WIRE)
        if chunk is not None and not isinstance(events[0], MessageEnd | StreamFailed):
            return [_framed(_changed(chunk, events))]
        frames: list[ServerSentEvent] = []
        for event in events:
            choice = getattr(event, "choice", 0)
            if choice:
                self._enc.report.lost(f"choices[{choice}]", "answer", "streams of this encoder carry one answer")
            for following in self._sequence.feed(event):
                say = _WRITERS.get(type(following))
                if say is not None:
                    frames += [_framed(said) for said in say(self, following)]
        return frames

    def finish(self) -> list[ServerSentEvent]:
        """Nothing is left to say: the end of the bytes is the end of the answer."""
        return []

    def _chunk(self, parts: list[Frame], **candidate: Any) -> Frame:
        return {
            "candidates": [{"content": {"role": "model", "parts": parts}, "index": 0, **candidate}],
            **self._head,
        }

    def _start(self, event: MessageStart) -> list[Frame]:
        if event.model:
            self._head["modelVersion"] = event.model
        if event.id:
            self._head["responseId"] = event.id
        self._usage = event.usage
        return []

    def _part_start(self, event: PartStart) -> list[Frame]:
        part = event.part
        if isinstance(part, ToolCallPart):
            self._call, self._arguments = part, [part.arguments]
            return []
        if isinstance(part, RefusalPart):
            return []
        if isinstance(part, TextPart | ReasoningPart) and not (part.signature or getattr(part, "sealed", None)):
            return []
        ours = own(getattr(part, "native", None), WIRE) is not None
        said = encode_part(part, self._enc, f"parts[{event.index}]", signed=ours)
        return [] if said is None else [self._chunk([said])]

    def _text(self, event: TextDelta) -> list[Frame]:
        return [self._chunk([{"text": event.delta}])]

    def _reasoning(self, event: ReasoningDelta) -> list[Frame]:
        return [self._chunk([{"text": event.delta, "thought": True}])]

    def _arguments_delta(self, event: ToolCallDelta) -> list[Frame]:
        self._arguments.append(event.delta)
        return []

    def _refusal_delta(self, event: RefusalDelta) -> list[Frame]:
        self._refusal.append(event.delta)
        return []

    def _citation(self, event: CitationAdded) -> list[Frame]:
        self._enc.report.lost(
            f"parts[{event.index}].citations", "citations", "this wire grounds whole answers, not stretches of text"
        )
        return []

    def _part_end(self, event: PartEnd) -> list[Frame]:
        call = self._call
        if not isinstance(call, ToolCallPart):
            return []
        self._call = None
        whole = replace(call, arguments="".join(self._arguments))
        said = encode_part(whole, self._enc, f"parts[{event.index}]", signed=own(call.native, WIRE) is not None)
        return [] if said is None else [self._chunk([said])]

    def _count(self, event: UsageUpdate) -> list[Frame]:
        self._usage = event.usage if self._usage is None else self._usage.updated(event.usage)
        return []

    def _finished(self, event: Finish) -> list[Frame]:
        self._finish = event  # the last one holds; it is said with the final counts
        return []

    def _end(self, event: MessageEnd) -> list[Frame]:
        finish = self._finish or Finish(0, FinishReason.STOP)
        reason = encode_reason(finish.reason, finish.raw_reason) or "STOP"
        candidate: Frame = {"finishReason": reason}
        if self._refusal:
            candidate["finishMessage"] = "".join(self._refusal)
            candidate["finishReason"] = "SAFETY" if reason == "STOP" else reason
        said = self._chunk([], **candidate)
        if self._usage is not None:
            said["usageMetadata"] = encode_usage(self._usage)
        return [said]

    def _failed(self, event: StreamFailed) -> list[Frame]:
        frames = [encode_error(event.error)[1]]
        if self._usage is not None:  # what it cost until then
            frames.insert(0, {"usageMetadata": encode_usage(self._usage), **self._head})
        return frames

    def _native(self, event: NativeEvent) -> list[Frame]:
        if not event.structural:
            self._enc.report.lost(
                "stream", f"{event.wire} event {event.name}", "it has no form in Gemini GenerateContent"
            )
        return []


_WRITERS: dict[type, Callable[[StreamEncoder, Any], list[Frame]]] = {
    MessageStart: StreamEncoder._start,
    PartStart: StreamEncoder._part_start,
    TextDelta: StreamEncoder._text,
    ReasoningDelta: StreamEncoder._reasoning,
    ToolCallDelta: StreamEncoder._arguments_delta,
    RefusalDelta: StreamEncoder._refusal_delta,
    CitationAdded: StreamEncoder._citation,
    PartEnd: StreamEncoder._part_end,
    UsageUpdate: StreamEncoder._count,
    Finish: StreamEncoder._finished,
    MessageEnd: StreamEncoder._end,
    StreamFailed: StreamEncoder._failed,
    NativeEvent: StreamEncoder._native,
}


def _framed(frame: Mapping[str, Any]) -> ServerSentEvent:
    return ServerSentEvent("", dumps(frame))


def _changed(chunk: Mapping[str, Any], events: tuple[StreamEvent, ...]) -> Frame:
    """The chunk with the texts, calls, counts and reasons that its events now say."""
    texts = [e for e in events if isinstance(e, TextDelta | ReasoningDelta)]
    calls = [e.part for e in events if isinstance(e, PartStart) and isinstance(e.part, ToolCallPart)]
    out: Frame = dict(chunk)
    if isinstance(chunk.get("candidates"), list):
        out["candidates"] = [_changed_candidate(item, texts, calls) for item in chunk["candidates"]]
    for event in events:
        if isinstance(event, UsageUpdate):
            out["usageMetadata"] = encode_usage(event.usage)
        elif isinstance(event, MessageStart):
            if event.model:
                out["modelVersion"] = event.model
            if event.id:
                out["responseId"] = event.id
    return out


def _changed_candidate(candidate: Any, texts: list[Any], calls: list[ToolCallPart]) -> Any:
    content = candidate.get("content") if isinstance(candidate, Mapping) else None
    parts = content.get("parts") if isinstance(content, Mapping) else None
    if not isinstance(content, Mapping) or not isinstance(parts, list):
        return candidate
    changed = []
    for part in parts:
        if isinstance(part, Mapping) and part.get("text") and isinstance(part["text"], str) and texts:
            changed.append({**part, "text": texts.pop(0).delta})
        elif isinstance(part, Mapping) and _is_whole_call(part) and calls:
            call, said = calls.pop(0), dict(part["functionCall"])
            said["name"] = call.name
            if "args" in said:
                said["args"] = arguments_of(call)
            changed.append({**part, "functionCall": said})
        else:
            changed.append(part)
    return {**candidate, "content": {**content, "parts": changed}}


def _is_whole_call(part: Mapping[str, Any]) -> bool:
    call = part.get("functionCall")
    return isinstance(call, Mapping) and "partialArgs" not in call and "willContinue" not in call and "name" in call
