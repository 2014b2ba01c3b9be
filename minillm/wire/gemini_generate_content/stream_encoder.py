"""Events into chunks. Nothing but ``data`` frames: this vendor's client breaks on comments, names and [DONE].

Chunks of this wire come back as they were, with what was changed in them. For events of another origin
text goes out as it comes, and a call when its arguments are whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...errors import DecodeError
from ...json.serialization import dumps, loads
from ...report import Report
from ...types import (
    Citation,
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
from ..residue import own
from ..sequence import Sequencer
from ..sse import ServerSentEvent
from .calls import arguments_of
from .dialect import WIRE, encode_reason
from .errors import encode_error
from .grounding import citation_sources
from .parts import encode_part
from .response import NO_SOURCE
from .usage import encode_usage

__all__ = ["StreamEncoder"]

Frame = dict[str, Any]


class StreamEncoder:
    """See :class:`minillm.wire.codec.StreamEncoder`."""

    __slots__ = (
        "_arguments",
        "_call",
        "_cut",
        "_enc",
        "_error_said",
        "_finish",
        "_head",
        "_refusal",
        "_said",
        "_seals_told",
        "_sequence",
        "_signature",
        "_texts",
        "_usage",
    )

    def __init__(self, quirks: Quirks, report: Report | None) -> None:
        self._enc = Encoding(WIRE, quirks, report, asking=False)
        self._sequence = Sequencer()
        self._head: Frame = {}
        self._call: ToolCallPart | None = None
        self._cut = False  # the source broke off: a call that is still open may not be run
        self._signature: str | None = None  # of the open text, said behind it
        self._texts: list[tuple[list[str], list[Citation]]] = []  # pieces of each text, and the sources in it
        self._said = False  # any part at all
        self._seals_told: set[int] = set()
        self._error_said = False
        self._arguments: list[str] = []
        self._refusal: list[str] = []
        self._usage: Usage | None = None
        self._finish: Finish | None = None

    def feed(self, *events: StreamEvent) -> list[ServerSentEvent]:
        """The frames for the events of one source frame."""
        frames: list[ServerSentEvent] = []
        at = 0
        while at < len(events):
            frame = events[at].native
            if frame is None or frame.wire != WIRE:
                self._feed_one(events[at], frames)
                at += 1
                continue
            # A chunk of this wire: its first event carries it, the others follow bare.
            end = at + 1
            while end < len(events) and events[end].native is None:
                end += 1
            self._feed_chunk(frame.data, events[at:end], frames)
            at = end
        return frames

    def _feed_chunk(self, chunk: Any, events: tuple[StreamEvent, ...], frames: list[ServerSentEvent]) -> None:
        if isinstance(chunk, Mapping):
            self._error_said = self._error_said or "error" in chunk
            frames.append(_framed(_changed(chunk, events)))
            return
        for event in events:  # the end of the bytes, which is none of its own on this wire
            if isinstance(event, StreamFailed) and not self._error_said:
                frames.append(_framed(encode_error(event.error)[1]))

    def _feed_one(self, event: StreamEvent, frames: list[ServerSentEvent]) -> None:
        """An event without a chunk of this wire."""
        choice = getattr(event, "choice", 0)
        if choice:
            self._enc.report.lost(f"choices[{choice}]", "answer", "streams of this encoder carry one answer")
        if isinstance(event, SignatureDelta) and event.native is not None:
            self._tell_seal(event)  # another vendor's
            return
        self._cut = isinstance(event, StreamFailed)
        for following in self._sequence.feed(event):
            say = _WRITERS.get(type(following))
            if say is not None:
                frames += [_framed(said) for said in say(self, following)]

    def finish(self) -> list[ServerSentEvent]:
        """Nothing is left to say: the end of the bytes is the end of the answer."""
        return []

    def _chunk(self, parts: list[Frame], **candidate: Any) -> Frame:
        self._said = self._said or bool(parts)
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
        self._signature = None
        if isinstance(part, ToolCallPart):
            self._call, self._arguments = part, [part.arguments]
            return []
        if isinstance(part, RefusalPart):
            return []
        path = self._sequence.path(event.index)
        if isinstance(part, TextPart | ReasoningPart):
            if isinstance(part, TextPart):
                self._texts.append(([part.text], list(part.citations)))
            self._open_text(part, path)
            return []
        said = encode_part(part, self._enc, path)
        return [] if said is None else [self._chunk([said])]

    def _open_text(self, part: TextPart | ReasoningPart, path: str) -> None:
        sealed = isinstance(part, ReasoningPart) and part.sealed is not None
        if part.native is None or own(part.native, WIRE) is not None:
            self._signature = part.signature
        elif part.signature is not None or sealed:
            self._enc.report.note(f"{path}.signature", "signature", "only its author can read it")

    def _text(self, event: TextDelta) -> list[Frame]:
        if self._texts:
            self._texts[-1][0].append(event.delta)
        return [self._chunk([{"text": event.delta}])]

    def _reasoning(self, event: ReasoningDelta) -> list[Frame]:
        return [self._chunk([{"text": event.delta, "thought": True}])]

    def _signed(self, event: SignatureDelta) -> list[Frame]:
        """Said behind the text it belongs to, or with its call."""
        if event.signature is None or (event.native is not None and event.native.wire != WIRE):
            self._tell_seal(event)
        elif self._call is not None:
            self._call = replace(self._call, signature=event.signature)
        else:
            self._signature = event.signature
        return []

    def _tell_seal(self, event: SignatureDelta) -> None:
        if event.index not in self._seals_told:
            self._seals_told.add(event.index)
            path = f"choices[{event.choice}].message.content[{event.index}].signature"  # in the source's count
            self._enc.report.note(path, "signature", "only its author can read it")

    def _arguments_delta(self, event: ToolCallDelta) -> list[Frame]:
        self._arguments.append(event.delta)
        return []

    def _refusal_delta(self, event: RefusalDelta) -> list[Frame]:
        self._refusal.append(event.delta)
        return []

    def _citation(self, event: CitationAdded) -> list[Frame]:
        if self._texts:
            self._texts[-1][1].append(event.citation)
        return []

    def _part_end(self, event: PartEnd) -> list[Frame]:
        call, signature, self._call, self._signature = self._call, self._signature, None, None
        if call is not None:
            whole, path = replace(call, arguments="".join(self._arguments)), self._sequence.path(event.index)
            if self._cut and not _is_object(whole.arguments):
                self._enc.report.lost(path, "tool call", "the answer broke off inside its arguments")
                return []
            said = encode_part(whole, self._enc, path)
            return [] if said is None else [self._chunk([said])]
        return [] if signature is None else [self._chunk([{"text": "", "thoughtSignature": signature}])]

    def _count(self, event: UsageUpdate) -> list[Frame]:
        self._usage = event.usage if self._usage is None else self._usage.updated(event.usage)
        return []

    def _finished(self, event: Finish) -> list[Frame]:
        self._finish = event  # the last one holds; it is said with the final counts
        return []

    def _end(self, event: MessageEnd) -> list[Frame]:
        finish = self._finish or Finish(0, FinishReason.STOP)
        reason = encode_reason(finish.reason, finish.raw_reason, ours=False) or "STOP"
        candidate: Frame = {"finishReason": reason}
        if self._refusal:
            candidate["finishMessage"] = "".join(self._refusal)
            candidate["finishReason"] = "SAFETY" if reason == "STOP" else reason
        cited = [TextPart("".join(text), tuple(citations)) for text, citations in self._texts if citations]
        sources, unsaid = citation_sources(cited)
        if sources:
            candidate["citationMetadata"] = {"citationSources": sources}
        if unsaid:
            self._enc.report.lost("choices[0].message.content", "citations", NO_SOURCE)
        # As the vendor does: its clients' chats forget a turn in which any chunk has no part.
        said = self._chunk([{"text": ""}] if self._said else [], **candidate)
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
    SignatureDelta: StreamEncoder._signed,
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


def _is_object(arguments: str) -> bool:
    try:
        return isinstance(loads(arguments), Mapping)
    except DecodeError:
        return False


def _is_whole_call(part: Mapping[str, Any]) -> bool:
    call = part.get("functionCall")
    return isinstance(call, Mapping) and "partialArgs" not in call and "willContinue" not in call and "name" in call
