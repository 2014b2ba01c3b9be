"""Events into the whole ladder of frames: clients index into what was added, so every step is sent.

Frames of this wire come back as they were, with what was changed in them; events of another origin are
put in sequence first, and the terminal frame holds all that was streamed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...errors import BadRequestError, RateLimitError
from ...json.serialization import dumps
from ...report import Report
from ...types import (
    ChatResponse,
    Choice,
    CitationAdded,
    Finish,
    FinishReason,
    ImagePart,
    Message,
    MessageEnd,
    MessageStart,
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
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
)
from ..codec import Quirks
from ..encoding import Encoding
from ..fields import as_text
from ..residue import HINTS, hints_of, own
from ..sequence import Sequencer
from ..sse import ServerSentEvent
from ..tool_calls import NO_ARGUMENTS
from .citations import ADDRESSES_ONLY, encode_citation
from .dialect import WIRE
from .errors import encode_error
from .items import item_id
from .logprobs import encode_logprobs
from .pictures import encode_picture
from .response import encode_response
from .usage import encode_usage

__all__ = ["StreamEncoder"]

Frame = dict[str, Any]


class StreamEncoder:
    """See :class:`minillm.wire.codec.StreamEncoder`."""

    __slots__ = (
        "_created",
        "_enc",
        "_error_said",
        "_finish",
        "_id",
        "_items",
        "_logprobs",
        "_model",
        "_number",
        "_open",
        "_sequence",
        "_text",
        "_usage",
    )

    def __init__(self, quirks: Quirks, report: Report | None) -> None:
        self._enc = Encoding(WIRE, quirks, report, asking=False)
        self._sequence = Sequencer()
        self._number = 0
        self._id = self._model = ""
        self._created: float | None = None
        self._items: list[Frame] = []
        self._open: Part | None = None
        self._text: list[str] = []
        self._logprobs: list[TokenLogprob] = []
        self._usage: Usage | None = None
        self._finish: Finish | None = None
        self._error_said = False

    def feed(self, *events: StreamEvent) -> list[ServerSentEvent]:
        """The frames for the events of one source frame."""
        if not events:
            return []
        first = events[0].native
        frame = own(first, WIRE)
        if frame is not None and ("type" in frame or "event" in hints_of(frame)):
            name = as_text(hints_of(frame).get("event", frame.get("type"))) or ""
            self._error_said = self._error_said or frame.get("type") == "error"
            return [ServerSentEvent(name, dumps(_changed(frame, events)))]
        if first is not None and first.wire == WIRE and first.data is None:
            failed = () if self._error_said else [event for event in events if isinstance(event, StreamFailed)]
            return [ServerSentEvent("error", dumps(_error_frame(event.error))) for event in failed]
        frames: list[ServerSentEvent] = []
        for event in events:
            choice = getattr(event, "choice", 0)
            if choice:
                self._enc.report.lost(f"choices[{choice}]", "answer", "this wire carries one answer a response")
            for following in self._sequence.feed(event):
                say = _WRITERS.get(type(following))
                if say is not None:
                    frames += [self._framed(said) for said in say(self, following)]
        return frames

    def finish(self) -> list[ServerSentEvent]:
        """Nothing is left to say: MessageEnd or StreamFailed said it."""
        return []

    def _framed(self, said: Frame) -> ServerSentEvent:
        said["sequence_number"] = self._number
        self._number += 1
        return ServerSentEvent(said["type"], dumps(said))

    def _response(self, reason: FinishReason | None, raw: str | None = None) -> Frame:
        choice = Choice(0, Message(Role.ASSISTANT, ()), reason, raw)
        response = ChatResponse(self._id, self._model, (choice,), self._usage, self._created)
        body = encode_response(response, self._enc.quirks, self._enc.report)
        body["output"] = list(self._items) if reason is not None else []
        body.setdefault("usage", None)
        return body

    def _start(self, event: MessageStart) -> list[Frame]:
        self._id = event.id or item_id("resp", event.model, event.created)
        self._model, self._created, self._usage = event.model, event.created, event.usage
        return [
            {"type": "response.created", "response": {**self._response(None), "usage": None}},
            {"type": "response.in_progress", "response": {**self._response(None), "usage": None}},
        ]

    def _address(self, **more: Any) -> Frame:
        return {"item_id": self._items[-1]["id"], "output_index": len(self._items) - 1, **more}

    def _part_start(self, event: PartStart) -> list[Frame]:
        part, self._text, self._logprobs = event.part, [], []
        place = len(self._items)
        self._open = None
        if isinstance(part, TextPart | RefusalPart):
            item: Frame = {"type": "message", "role": "assistant", "status": "in_progress", "content": []}
            prefix = "msg"
        elif isinstance(part, ToolCallPart):
            kind, field = ("custom_tool_call", "input") if part.kind == "custom" else ("function_call", "arguments")
            item = {"type": kind, "call_id": part.id, "name": part.name, field: "", "status": "in_progress"}
            prefix = "ctc" if part.kind == "custom" else "fc"
        elif isinstance(part, ReasoningPart):
            if part.sealed is not None and own(part.native, WIRE) is None:
                self._enc.report.note(
                    self._sequence.path(event.index), "sealed reasoning", "only its author can read it"
                )
                return []
            item, prefix = {"type": "reasoning", "summary": [], "status": "in_progress"}, "rs"
        elif isinstance(part, NativePart) and part.wire == WIRE:
            item, prefix = dict(part.block), "it"
        elif isinstance(part, ImagePart) and (picture := encode_picture(part)) is not None:
            item, prefix = {**picture, "result": None, "status": "in_progress"}, "ig"
        else:
            what = type(part).__name__.removesuffix("Part").lower()
            if isinstance(part, NativePart):
                what = f"{part.wire} block"
            self._enc.report.lost(
                self._sequence.path(event.index), what, "the model's turn holds no such content on this wire"
            )
            return []
        self._open = part
        self._items.append({"id": item_id(prefix, self._id, place), **item})
        frames: list[Frame] = [
            {"type": "response.output_item.added", "output_index": place, "item": dict(self._items[-1])}
        ]
        if isinstance(part, TextPart | RefusalPart):
            frames.append(
                {"type": "response.content_part.added", **self._address(content_index=0), "part": _content(part, "")}
            )
        elif isinstance(part, ReasoningPart):
            summary = {"type": "summary_text", "text": ""}
            frames.append(
                {"type": "response.reasoning_summary_part.added", **self._address(summary_index=0), "part": summary}
            )
        return frames

    def _piece(self, kind: str, delta: str, **more: Any) -> list[Frame]:
        if self._open is None:
            return []
        self._text.append(delta)
        return [{"type": kind, **self._address(**more), "delta": delta}]

    def _text_delta(self, event: TextDelta) -> list[Frame]:
        frames = self._piece("response.output_text.delta", event.delta, content_index=0)
        for frame in frames:
            frame["logprobs"] = encode_logprobs(event.logprobs) if event.logprobs else []
            self._logprobs += event.logprobs or ()
        return frames

    def _refusal_delta(self, event: RefusalDelta) -> list[Frame]:
        return self._piece("response.refusal.delta", event.delta, content_index=0)

    def _reasoning_delta(self, event: ReasoningDelta) -> list[Frame]:
        return self._piece("response.reasoning_summary_text.delta", event.delta, summary_index=0)

    def _call_delta(self, event: ToolCallDelta) -> list[Frame]:
        custom = isinstance(self._open, ToolCallPart) and self._open.kind == "custom"
        return self._piece(
            "response.custom_tool_call_input.delta" if custom else "response.function_call_arguments.delta", event.delta
        )

    def _citation(self, event: CitationAdded) -> list[Frame]:
        said, part = encode_citation(event.citation), self._open
        if said is None or not isinstance(part, TextPart):
            path = f"{self._sequence.path(event.index)}.citations"
            self._enc.report.lost(path, "citations", ADDRESSES_ONLY)
            return []
        self._open = replace(part, citations=(*part.citations, event.citation))
        kind = "response.output_text.annotation.added"
        place = self._address(content_index=0, annotation_index=len(part.citations))
        return [{"type": kind, **place, "annotation": said}]

    def _part_end(self, event: PartEnd) -> list[Frame]:
        part, self._open = self._open, None
        if part is None:
            return []
        text, item = "".join(self._text), self._items[-1]
        if isinstance(part, NativePart):
            final = event.part if isinstance(event.part, NativePart) else part
            self._items[-1] = item = dict(final.block)
            return [{"type": "response.output_item.done", "output_index": len(self._items) - 1, "item": item}]
        if isinstance(part, ImagePart):
            self._items[-1] = item = {**item, **(encode_picture(part) or {})}
            return [{"type": "response.output_item.done", "output_index": len(self._items) - 1, "item": item}]
        if isinstance(event.part, ReasoningPart) and own(event.part.native, WIRE) is not None and event.part.sealed:
            item["encrypted_content"] = event.part.sealed
        item["status"] = "incomplete" if self._is_cut(event, part) else "completed"
        end = _ENDS[type(part)]
        frames = end(self, part, text, item)
        return [*frames, {"type": "response.output_item.done", "output_index": len(self._items) - 1, "item": item}]

    def _is_cut(self, event: PartEnd, part: Part) -> bool:
        """Whether a call broke off inside its arguments: told so, or ended by nothing but the ceiling."""
        if not isinstance(part, ToolCallPart):
            return False
        if isinstance(event.part, ToolCallPart):
            return event.part.incomplete
        return self._finish is not None and self._finish.reason is FinishReason.LENGTH

    def _end_content(self, part: Any, text: str, item: Frame) -> list[Frame]:
        content = _content(part, text)
        logprobs = encode_logprobs(tuple(self._logprobs))
        if logprobs and isinstance(part, TextPart):
            content["logprobs"] = logprobs
        item["content"] = [content]
        place = self._address(content_index=0)
        if isinstance(part, RefusalPart):
            done: Frame = {"type": "response.refusal.done", **place, "refusal": text}
        else:
            done = {"type": "response.output_text.done", **place, "text": text, "logprobs": logprobs}
        return [done, {"type": "response.content_part.done", **place, "part": content}]

    def _end_reasoning(self, part: Any, text: str, item: Frame) -> list[Frame]:
        summary = {"type": "summary_text", "text": text}
        item["summary"] = [summary] if text else []
        place = self._address(summary_index=0)
        return [
            {"type": "response.reasoning_summary_text.done", **place, "text": text},
            {"type": "response.reasoning_summary_part.done", **place, "part": summary},
        ]

    def _end_call(self, part: Any, text: str, item: Frame) -> list[Frame]:
        if part.kind == "custom":
            item["input"] = text
            return [{"type": "response.custom_tool_call_input.done", **self._address(), "input": text}]
        frames: list[Frame] = []
        if not text and item["status"] != "incomplete":
            text = NO_ARGUMENTS
            frames.append({"type": "response.function_call_arguments.delta", **self._address(), "delta": text})
        item["arguments"] = text
        done = "response.function_call_arguments.done"
        return [*frames, {"type": done, **self._address(), "name": part.name, "arguments": text}]

    def _count(self, event: UsageUpdate) -> list[Frame]:
        self._usage = event.usage if self._usage is None else self._usage.updated(event.usage)
        return []

    def _finished(self, event: Finish) -> list[Frame]:
        self._finish = event  # the last one holds; it is said with the final counts
        return []

    def _end(self, event: MessageEnd) -> list[Frame]:
        finish = self._finish or Finish(0, FinishReason.STOP)
        body = self._response(finish.reason or FinishReason.STOP, finish.raw_reason)
        status = body["status"] if body["status"] in ("completed", "incomplete", "failed") else "incomplete"
        return [{"type": f"response.{status}", "response": body}]

    def _failed(self, event: StreamFailed) -> list[Frame]:
        frame = _error_frame(event.error)
        frames = [frame]
        if self._usage is not None:  # what it cost until then is said by the failed answer alone
            failed = {"code": _failed_code(event.error), "message": frame["message"]}
            body = {**self._response(FinishReason.ERROR), "error": failed}
            frames.append({"type": "response.failed", "response": body})
        return frames

    def _signature(self, event: SignatureDelta) -> list[Frame]:
        if event.native is None and event.sealed is not None and isinstance(self._open, ReasoningPart):
            self._items[-1]["encrypted_content"] = event.sealed
        else:
            path = f"{self._sequence.path(event.index)}.signature"
            self._enc.report.note(path, "seal of the reasoning", "only its author can read it")
        return []

    def _native(self, event: NativeEvent) -> list[Frame]:
        if not event.structural:
            self._enc.report.lost("stream", f"{event.wire} event {event.name}", "it has no form in Responses")
        return []


_ENDS: dict[type, Callable[[StreamEncoder, Any, str, Frame], list[Frame]]] = {
    TextPart: StreamEncoder._end_content,
    RefusalPart: StreamEncoder._end_content,
    ReasoningPart: StreamEncoder._end_reasoning,
    ToolCallPart: StreamEncoder._end_call,
}
_WRITERS: dict[type, Callable[[StreamEncoder, Any], list[Frame]]] = {
    MessageStart: StreamEncoder._start,
    PartStart: StreamEncoder._part_start,
    TextDelta: StreamEncoder._text_delta,
    RefusalDelta: StreamEncoder._refusal_delta,
    ReasoningDelta: StreamEncoder._reasoning_delta,
    ToolCallDelta: StreamEncoder._call_delta,
    CitationAdded: StreamEncoder._citation,
    SignatureDelta: StreamEncoder._signature,
    PartEnd: StreamEncoder._part_end,
    UsageUpdate: StreamEncoder._count,
    Finish: StreamEncoder._finished,
    MessageEnd: StreamEncoder._end,
    StreamFailed: StreamEncoder._failed,
    NativeEvent: StreamEncoder._native,
}


def _failed_code(error: Exception) -> str:
    """The nearest of the few codes that an answer's ``error`` may have: clients retry by them."""
    if isinstance(error, RateLimitError):
        return "rate_limit_exceeded"
    return "invalid_prompt" if isinstance(error, BadRequestError) else "server_error"


def _error_frame(error: Exception) -> Frame:
    """Flat as documented, and nested besides: the official clients only raise on the nested one."""
    said = encode_error(error)[1]["error"]
    flat = {"code": said["code"], "message": said["message"], "param": said["param"]}
    return {"type": "error", **flat, "error": said}


def _content(part: TextPart | RefusalPart, text: str) -> Frame:
    if isinstance(part, RefusalPart):
        return {"type": "refusal", "refusal": text}
    annotations = [said for citation in part.citations if (said := encode_citation(citation)) is not None]
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}


def _changed(frame: Mapping[str, Any], events: tuple[StreamEvent, ...]) -> Frame:
    """The frame with the piece, the counts and the model that its events now say."""
    out: Frame = {key: value for key, value in frame.items() if key != HINTS}
    for event in events:
        if isinstance(event, TextDelta | RefusalDelta | ReasoningDelta | ToolCallDelta):
            if "delta" in out and (event.delta or isinstance(out["delta"], str)):  # an odd one said nothing
                out["delta"] = event.delta
        elif isinstance(event, UsageUpdate) and isinstance(out.get("response"), Mapping):
            out["response"] = {**out["response"], "usage": encode_usage(event.usage)}
        elif isinstance(event, MessageStart) and isinstance(out.get("response"), Mapping):
            named = {key: value for key, value in (("id", event.id), ("model", event.model)) if value}
            out["response"] = {**out["response"], **named}
    return out
