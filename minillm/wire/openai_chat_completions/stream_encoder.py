"""Stream events into chunks: exact for events that came over this wire, plain for all others."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...report import Report, reporting
from ...types import (
    AudioDelta,
    AudioPart,
    CitationAdded,
    Finish,
    FinishReason,
    ImagePart,
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
from ..sse import ServerSentEvent
from ..tool_calls import NO_ARGUMENTS, invented_id
from .citations import NO_ADDRESS, encode_citation, encode_logprobs, has_no_address
from .content import encode_picture
from .dialect import WIRE, encode_reason
from .errors import encode_error
from .frames import FrameEncoder
from .usage import encode_usage

__all__ = ["ChatStreamEncoder"]

_PLAIN_REASONING: Final = ("reasoning_content", "reasoning")


class ChatStreamEncoder:
    """Stream events in, server-sent events out.

    Finish reasons and usage wait for the end, since both may come again: one finish a choice, the
    usage in a chunk without choices, then ``[DONE]``. The official SDKs' stream helpers add up ids and
    names that are repeated, so each is said once, and ``index`` always (wire-spec: openai-chat section 9).
    They cannot add up lists without an ``index`` either, so all sources of an answer go in one chunk; and they
    parse the arguments of every call, so one without any says so before the next part.
    """

    __slots__ = (
        "_annotations",
        "_bare",
        "_calls",
        "_created",
        "_ended",
        "_error_said",
        "_finishes",
        "_frames",
        "_id",
        "_model",
        "_quirks",
        "_report",
        "_report_given",
        "_said_once",
        "_started",
        "_usage",
    )

    def __init__(self, quirks: Quirks, report: Report | None) -> None:
        self._quirks = quirks
        self._report_given = report
        self._report: Report | None = None
        self._frames = FrameEncoder()
        self._id, self._model, self._created = "", "", 0.0
        self._started: dict[int, bool] = {}  # choice -> its finish reason has been said
        self._calls: dict[tuple[int, int], int] = {}
        self._bare: dict[tuple[int, int], bool] = {}  # calls that have said no arguments: whether they are over
        self._annotations: dict[int, list[Any]] = {}  # choice -> the sources in its text
        self._finishes: dict[int, Finish] = {}
        self._usage: Usage | None = None
        self._said_once: set[tuple[str, str]] = set()
        self._error_said = False
        self._ended = False

    def feed(self, *events: StreamEvent) -> list[ServerSentEvent]:
        """The frames for the events of one source frame."""
        out: list[ServerSentEvent] = []
        at = 0
        while at < len(events):
            frame = events[at].native
            if frame is None or frame.wire != WIRE:
                self._feed_one(events[at], out)
                at += 1
                continue
            end = at + 1
            while end < len(events) and (other := events[end].native) is not None and other.data is frame.data:
                end += 1
            self._feed_frame(frame.data, events[at:end], out)
            at = end
        return out

    def finish(self) -> list[ServerSentEvent]:
        """Nothing: an end without a terminal event is a cut stream, and shows as one."""
        return []

    def _feed_frame(self, frame: Any, events: Sequence[StreamEvent], out: list[ServerSentEvent]) -> None:
        """Events that came in one chunk of this wire."""
        if isinstance(frame, dict):
            encoded, spare = self._frames.encode(frame, events)
            out.append(encoded)
            self._note_said(events, spare)
            for event in spare:
                self._feed_one(event, out)
            return
        end = events[-1]
        if isinstance(end, StreamFailed) and not self._error_said:
            self._fail(end, out)
        if isinstance(end, MessageEnd) and (self._finishes or self._usage is not None):
            self._say_end(out)  # something without a frame of this wire is still to be said
        if frame:
            out.append(_done())
        self._ended = self._ended or isinstance(end, MessageEnd | StreamFailed)

    def _note_said(self, events: Sequence[StreamEvent], spare: Sequence[StreamEvent]) -> None:
        """What this wire's own chunks have said needs no chunk of ours."""
        for event in events:
            if isinstance(event, NativeEvent) and event.name == "error":
                self._error_said = True
            elif isinstance(event, MessageStart):
                self._id, self._model, self._created = event.id, event.model, event.created or 0.0
            elif isinstance(event, Finish) and event not in spare:
                self._started[event.choice] = True
                self._finishes.pop(event.choice, None)
            elif isinstance(event, UsageUpdate):
                self._usage = None
            elif not isinstance(event, NativeEvent | MessageEnd | StreamFailed):
                self._started.setdefault(event.choice, False)

    def _feed_one(self, event: StreamEvent, out: list[ServerSentEvent]) -> None:
        """An event without a frame of this wire."""
        if self._ended:
            return
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event, out)

    # What has been said so far

    def _head(self) -> dict[str, Any]:
        if not self._id:
            self._id = f"chatcmpl-{invented_id(self._model, self._created)[5:]}"
        created = int(self._created) if float(self._created).is_integer() else self._created
        return {"id": self._id, "object": "chat.completion.chunk", "created": created, "model": self._model}

    def _chunk(
        self,
        choice: int,
        delta: dict[str, Any],
        out: list[ServerSentEvent],
        *,
        logprobs: Any = None,
        finish: str | None = None,
    ) -> None:
        if choice not in self._started:
            self._started[choice] = False
            self._chunk(choice, {"role": "assistant", "content": ""}, out)
        said = {"index": choice, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        out.append(_frame({**self._head(), "choices": [said]}))

    def _tell(self) -> Report:
        if self._report is None:
            self._report = reporting(self._report_given)
        return self._report

    def _note_once(self, path: str, what: str, reason: str, *, lost: bool = False) -> None:
        """One loss a part, however many deltas it has."""
        if (path, what) not in self._said_once:
            self._said_once.add((path, what))
            (self._tell().lost if lost else self._tell().note)(path, what, reason)

    # Handlers

    def _on_start(self, event: MessageStart, out: list[ServerSentEvent]) -> None:
        self._id, self._model, self._created = event.id, event.model, event.created or 0.0
        if event.usage is not None:
            self._on_usage(UsageUpdate(event.usage), out)
        if not self._started:
            self._started[0] = False
            self._chunk(0, {"role": "assistant", "content": ""}, out)

    def _on_part(self, event: PartStart, out: list[ServerSentEvent]) -> None:
        part, choice = event.part, event.choice
        self._say_no_arguments(choice, out, over=True)
        path = f"choices[{choice}].message.content[{event.index}]"
        if isinstance(part, ToolCallPart):
            self._open_call(event, part, out)
        elif isinstance(part, TextPart):
            if part.text or part.logprobs:
                self._on_text(TextDelta(event.index, part.text, part.logprobs, choice), out)
            for citation in part.citations:
                self._on_citation(CitationAdded(event.index, citation, choice), out)
        elif isinstance(part, RefusalPart):
            if part.text:
                self._on_refusal(RefusalDelta(event.index, part.text, part.logprobs, choice), out)
        elif isinstance(part, ReasoningPart):
            if part.text:
                self._on_reasoning(ReasoningDelta(event.index, part.text, choice), out)
            if part.signature is not None or part.sealed is not None:
                self._on_signature(SignatureDelta(event.index, choice=choice), out)
        elif isinstance(part, AudioPart):
            said = {"id": part.file_id, "data": part.data, "transcript": part.transcript}
            self._chunk(choice, {"audio": {key: value for key, value in said.items() if value}}, out)
        else:
            self._other_part(part, choice, path, out)

    def _other_part(self, part: Part, choice: int, path: str, out: list[ServerSentEvent]) -> None:
        picture = None
        if isinstance(part, ImagePart):
            picture = encode_picture(part, Encoding(WIRE, self._quirks, self._report_given, asking=False))
        if picture is not None:
            self._chunk(choice, {"images": [picture]}, out)
            self._note_once(path, "picture", "the protocol has no field for it; it goes out as a dialect's")
        else:
            kind = type(part).__name__.removesuffix("Part").lower()
            what = f"{part.wire} block" if isinstance(part, NativePart) else kind
            self._note_once(path, what, "it has no form in a stream of Chat Completions", lost=True)

    def _open_call(self, event: PartStart, part: ToolCallPart, out: list[ServerSentEvent]) -> None:
        ordinal = sum(1 for choice, _ in self._calls if choice == event.choice)
        self._calls[event.choice, event.index] = ordinal
        id_ = part.id or invented_id(self._id, event.choice, ordinal, part.name)
        field = "input" if part.kind == "custom" else "arguments"
        said: dict[str, Any] = {
            "index": ordinal,
            "id": id_,
            "type": part.kind,
            part.kind: {"name": part.name, field: part.arguments},
        }
        if part.signature is not None:
            said["extra_content"] = {"google": {"thought_signature": part.signature}}
        if part.kind == "custom":
            path = f"choices[{event.choice}].message.content[{event.index}]"
            self._note_once(path, "custom tool call", "chunks have no form for it; it goes out in that of a message")
        elif not part.arguments:
            self._bare[event.choice, event.index] = False
        self._chunk(event.choice, {"tool_calls": [said]}, out)

    def _on_arguments(self, event: ToolCallDelta, out: list[ServerSentEvent]) -> None:
        if not event.delta:
            return
        ordinal = self._calls.get((event.choice, event.index))
        if ordinal is None:  # its start was never told
            self._open_call(PartStart(event.index, ToolCallPart("", ""), event.choice), ToolCallPart("", ""), out)
            ordinal = self._calls[event.choice, event.index]
        self._bare.pop((event.choice, event.index), None)
        self._chunk(event.choice, {"tool_calls": [{"index": ordinal, "function": {"arguments": event.delta}}]}, out)

    def _on_part_end(self, event: PartEnd, out: list[ServerSentEvent]) -> None:
        if (event.choice, event.index) in self._bare:
            self._bare[event.choice, event.index] = True  # the ceiling may have cut it: the finish reason tells

    def _say_no_arguments(self, choice: int, out: list[ServerSentEvent], *, over: bool = False) -> None:
        """An empty object for calls that came without arguments; with ``over`` for those that have ended."""
        for place in [p for p, ended in self._bare.items() if p[0] == choice and (ended or not over)]:
            del self._bare[place]
            said = {"index": self._calls[place], "function": {"arguments": NO_ARGUMENTS}}
            self._chunk(choice, {"tool_calls": [said]}, out)

    def _on_text(self, event: TextDelta, out: list[ServerSentEvent]) -> None:
        logprobs = None
        if event.logprobs:
            logprobs = {"content": encode_logprobs(event.logprobs), "refusal": None}
        self._chunk(event.choice, {"content": event.delta}, out, logprobs=logprobs)

    def _on_refusal(self, event: RefusalDelta, out: list[ServerSentEvent]) -> None:
        logprobs = None
        if event.logprobs:
            logprobs = {"content": None, "refusal": encode_logprobs(event.logprobs)}
        self._chunk(event.choice, {"refusal": event.delta}, out, logprobs=logprobs)

    def _on_reasoning(self, event: ReasoningDelta, out: list[ServerSentEvent]) -> None:
        path = f"choices[{event.choice}].message.content[{event.index}]"
        self._note_once(path, "reasoning", "the protocol has no field for it; it goes out as a dialect's")
        name = self._quirks.reasoning_replay
        self._chunk(event.choice, {name if name in _PLAIN_REASONING else "reasoning_content": event.delta}, out)

    def _on_signature(self, event: SignatureDelta, out: list[ServerSentEvent]) -> None:
        path = f"choices[{event.choice}].message.content[{event.index}].signature"
        self._note_once(path, "signature", "it is of use to its author alone, and the protocol has no place for it")

    def _on_citation(self, event: CitationAdded, out: list[ServerSentEvent]) -> None:
        if has_no_address(event.citation):
            path = f"choices[{event.choice}].message.content[{event.index}].citations"
            if (path, "citations") not in self._said_once:
                self._said_once.add((path, "citations"))
                self._tell().degraded(path, "citations", NO_ADDRESS)
        self._annotations.setdefault(event.choice, []).append(encode_citation(event.citation))

    def _say_annotations(self, out: list[ServerSentEvent]) -> None:
        for choice, said in self._annotations.items():
            self._chunk(choice, {"annotations": said}, out)
        self._annotations = {}

    def _on_audio(self, event: AudioDelta, out: list[ServerSentEvent]) -> None:
        said = {"data": event.data, "transcript": event.transcript}
        self._chunk(event.choice, {"audio": {key: value for key, value in said.items() if value}}, out)

    def _on_usage(self, event: UsageUpdate, out: list[ServerSentEvent]) -> None:
        self._usage = event.usage if self._usage is None else self._usage.updated(event.usage)

    def _on_finish(self, event: Finish, out: list[ServerSentEvent]) -> None:
        self._finishes[event.choice] = event

    def _on_native(self, event: NativeEvent, out: list[ServerSentEvent]) -> None:
        if not event.structural:
            self._note_once("stream", f"{event.wire} {event.name}", "it has no form on this wire", lost=True)

    def _on_end(self, event: MessageEnd, out: list[ServerSentEvent]) -> None:
        self._say_end(out)
        out.append(_done())
        self._ended = True

    def _say_end(self, out: list[ServerSentEvent]) -> None:
        self._say_annotations(out)
        for choice in sorted({*self._started, *self._finishes}):
            finish = self._finishes.pop(choice, None)
            if finish is None or finish.reason is not FinishReason.LENGTH:
                self._say_no_arguments(choice, out)
            if finish is None and self._started.get(choice):
                continue
            called = any(of == choice for of, _ in self._calls)
            word = None if finish is None else encode_reason(finish.reason, finish.raw_reason, ours=False)
            self._chunk(choice, {}, out, finish=word or ("tool_calls" if called else "stop"))
            self._started[choice] = True
            if finish is not None and finish.reason in _WEAK:
                self._tell().degraded(
                    f"choices[{choice}].finish_reason", str(finish.reason), "there is no such word; it says stop"
                )
        if self._usage is not None:
            out.append(_frame({**self._head(), "choices": [], "usage": encode_usage(self._usage)}))
            self._usage = None

    def _on_failed(self, event: StreamFailed, out: list[ServerSentEvent]) -> None:
        self._say_annotations(out)
        if self._usage is not None:  # what it cost until then
            out.append(_frame({**self._head(), "choices": [], "usage": encode_usage(self._usage)}))
            self._usage = None
        self._fail(event, out)

    def _fail(self, event: StreamFailed, out: list[ServerSentEvent]) -> None:
        """No ``[DONE]`` behind it: nobody may take what came for the whole."""
        _, body = encode_error(event.error)
        out.append(_frame(body))
        self._error_said = self._ended = True


_WEAK: Final = frozenset({FinishReason.PAUSED, FinishReason.CANCELLED, FinishReason.INTERRUPTED})

_HANDLERS: Final[dict[type, Any]] = {
    MessageStart: ChatStreamEncoder._on_start,
    PartStart: ChatStreamEncoder._on_part,
    TextDelta: ChatStreamEncoder._on_text,
    RefusalDelta: ChatStreamEncoder._on_refusal,
    ReasoningDelta: ChatStreamEncoder._on_reasoning,
    ToolCallDelta: ChatStreamEncoder._on_arguments,
    PartEnd: ChatStreamEncoder._on_part_end,
    SignatureDelta: ChatStreamEncoder._on_signature,
    CitationAdded: ChatStreamEncoder._on_citation,
    AudioDelta: ChatStreamEncoder._on_audio,
    UsageUpdate: ChatStreamEncoder._on_usage,
    Finish: ChatStreamEncoder._on_finish,
    NativeEvent: ChatStreamEncoder._on_native,
    MessageEnd: ChatStreamEncoder._on_end,
    StreamFailed: ChatStreamEncoder._on_failed,
}


def _frame(value: Mapping[str, Any]) -> ServerSentEvent:
    from ...json.serialization import dumps

    return ServerSentEvent("", dumps(value))


def _done() -> ServerSentEvent:
    return ServerSentEvent("", b"[DONE]")
