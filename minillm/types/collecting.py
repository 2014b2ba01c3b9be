"""Events into a response: the one place where a stream becomes a message."""

from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import replace
from typing import Any

from .events import (
    AudioDelta,
    CitationAdded,
    Finish,
    MessageEnd,
    MessageStart,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    ToolCallDelta,
    UsageUpdate,
)
from .message import Message, Role
from .parts import (
    AudioPart,
    Citation,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    TokenLogprob,
    ToolCallPart,
)
from .response import ChatResponse, Choice, FinishReason
from .usage import Usage

__all__ = ["Collector", "acollect", "collect"]


class _OpenPart:
    """A part while it grows: pieces go into lists that are joined once."""

    __slots__ = ("citations", "ended", "final", "logprobs", "part", "pieces", "sealed", "signature", "transcript")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.pieces: list[str] = []
        self.transcript: list[str] | None = None
        self.logprobs: list[TokenLogprob] | None = None
        self.citations: list[Citation] | None = None
        self.signature: str | None = None
        self.sealed: str | None = None
        self.final: Part | None = None
        self.ended = False

    def build(self) -> Part:
        if self.final is not None:
            return self.final
        part, grown = self.part, "".join(self.pieces)
        changes: dict[str, Any] = {}
        if isinstance(part, ToolCallPart):
            if grown:
                changes["arguments"] = part.arguments + grown
        elif isinstance(part, TextPart | RefusalPart):
            if grown:
                changes["text"] = part.text + grown
            if self.logprobs:
                changes["logprobs"] = (part.logprobs or ()) + tuple(self.logprobs)
            if self.citations and isinstance(part, TextPart):  # a refusal cites nothing, whatever a peer says
                changes["citations"] = part.citations + tuple(self.citations)
        elif isinstance(part, ReasoningPart):
            if grown:
                changes["text"] = part.text + grown
            if self.sealed is not None:
                changes["sealed"] = self.sealed
        elif isinstance(part, AudioPart):
            if grown:
                changes["data"] = (part.data or "") + grown
            if self.transcript:
                changes["transcript"] = (part.transcript or "") + "".join(self.transcript)
        if self.signature is not None and hasattr(part, "signature"):
            changes["signature"] = self.signature
        return replace(part, **changes) if changes else part


class _OpenChoice:
    __slots__ = ("finish_reason", "parts", "raw_finish_reason")

    def __init__(self) -> None:
        self.parts: dict[int, _OpenPart] = {}
        self.finish_reason: FinishReason | None = None
        self.raw_finish_reason: str | None = None

    def message(self, complete: bool) -> Message:
        parts: list[Part] = []
        for open_part in self.parts.values():
            part = open_part.build()
            if isinstance(part, ToolCallPart) and not part.incomplete:
                cut = not complete and not open_part.ended
                if cut or (self.finish_reason is FinishReason.LENGTH and not open_part.ended):
                    part = replace(part, incomplete=True)
            parts.append(part)
        if len(parts) == 1 and type(parts[0]) is TextPart:
            only = parts[0]
            if only == TextPart(only.text) and only.native is None:
                return Message(Role.ASSISTANT, only.text)
        return Message(Role.ASSISTANT, tuple(parts))


class Collector:
    """Takes events one by one and has the response so far at any time.

    It never raises on what it is fed: a ``StreamFailed`` is kept in ``error``.
    """

    __slots__ = ("_choices", "_created", "_id", "_model", "_texts", "complete", "error", "snapshot", "usage")

    def __init__(self) -> None:
        self._choices: dict[int, _OpenChoice] = {}
        self._texts: dict[int, _OpenPart] = {}  # parts of choice 0: the hot path's shortcut
        self._id = ""
        self._model = ""
        self._created: float | None = None
        self.usage: Usage | None = None
        self.complete = False
        self.error: Exception | None = None
        self.snapshot: Message | None = None

    def feed(self, event: StreamEvent) -> None:
        if type(event) is TextDelta and event.choice == 0:
            open_part = self._texts.get(event.index)
            if open_part is not None:
                open_part.pieces.append(event.delta)
                if event.logprobs:
                    self._add_logprobs(open_part, event.logprobs)
                return
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)

    def feed_many(self, events: Iterable[StreamEvent]) -> None:
        """:meth:`feed` for each of them; texts, which most are, without a call for each."""
        feed = self.feed
        for event in events:
            if type(event) is TextDelta and event.choice == 0 and not event.logprobs:
                open_part = self._texts.get(event.index)
                if open_part is not None:
                    open_part.pieces.append(event.delta)
                    continue
            feed(event)

    def response(self) -> ChatResponse:
        """What has come so far, as a response."""
        choices = tuple(
            Choice(index, choice.message(self.complete), choice.finish_reason, choice.raw_finish_reason)
            for index, choice in sorted(self._choices.items())
        )
        if self.snapshot is not None and choices:
            choices = (replace(choices[0], message=self.snapshot), *choices[1:])
        return ChatResponse(self._id, self._model, choices, self.usage, self._created)

    def text(self) -> str:
        """The visible text of choice 0 so far."""
        return "".join(
            "".join((open_part.part.text, *open_part.pieces))
            for open_part in self._texts.values()
            if isinstance(open_part.part, TextPart)
        )

    def _choice(self, index: int) -> _OpenChoice:
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _OpenChoice()
            if index == 0:
                self._texts = choice.parts
        return choice

    def _part(self, choice: int, index: int, shell: Part) -> _OpenPart:
        parts = self._choice(choice).parts
        open_part = parts.get(index)
        if open_part is None:
            open_part = parts[index] = _OpenPart(shell)
        return open_part

    @staticmethod
    def _add_logprobs(open_part: _OpenPart, logprobs: tuple[TokenLogprob, ...]) -> None:
        if open_part.logprobs is None:
            open_part.logprobs = []
        open_part.logprobs.extend(logprobs)

    def _on_message_start(self, event: MessageStart) -> None:
        self._id, self._model, self._created = event.id, event.model, event.created
        if event.usage is not None:
            self._on_usage(UsageUpdate(event.usage))

    def _on_part_start(self, event: PartStart) -> None:
        self._choice(event.choice).parts[event.index] = _OpenPart(event.part)

    def _on_text(self, event: TextDelta) -> None:
        open_part = self._part(event.choice, event.index, TextPart(""))
        open_part.pieces.append(event.delta)
        if event.logprobs:
            self._add_logprobs(open_part, event.logprobs)

    def _on_refusal(self, event: RefusalDelta) -> None:
        open_part = self._part(event.choice, event.index, RefusalPart(""))
        open_part.pieces.append(event.delta)
        if event.logprobs:
            self._add_logprobs(open_part, event.logprobs)

    def _on_reasoning(self, event: ReasoningDelta) -> None:
        self._part(event.choice, event.index, ReasoningPart("")).pieces.append(event.delta)

    def _on_tool_call(self, event: ToolCallDelta) -> None:
        self._part(event.choice, event.index, ToolCallPart("", "")).pieces.append(event.delta)

    def _on_signature(self, event: SignatureDelta) -> None:
        open_part = self._part(event.choice, event.index, ReasoningPart(""))
        if event.signature is not None:
            open_part.signature = event.signature
        if event.sealed is not None:
            open_part.sealed = event.sealed

    def _on_citation(self, event: CitationAdded) -> None:
        open_part = self._part(event.choice, event.index, TextPart(""))
        if open_part.citations is None:
            open_part.citations = []
        open_part.citations.append(event.citation)

    def _on_audio(self, event: AudioDelta) -> None:
        open_part = self._part(event.choice, event.index, AudioPart())
        if event.data:
            open_part.pieces.append(event.data)
        if event.transcript:
            if open_part.transcript is None:
                open_part.transcript = []
            open_part.transcript.append(event.transcript)

    def _on_part_end(self, event: PartEnd) -> None:
        open_part = self._choice(event.choice).parts.get(event.index)
        if open_part is None:
            if event.part is not None:
                open_part = self._choice(event.choice).parts[event.index] = _OpenPart(event.part)
            else:
                return
        open_part.final = event.part
        open_part.ended = True

    def _on_usage(self, event: UsageUpdate) -> None:
        self.usage = event.usage if self.usage is None else self.usage.updated(event.usage)

    def _on_finish(self, event: Finish) -> None:
        choice = self._choice(event.choice)
        choice.finish_reason, choice.raw_finish_reason = event.reason, event.raw_reason

    def _on_end(self, event: MessageEnd) -> None:
        self.complete = True
        self.snapshot = event.message

    def _on_failed(self, event: StreamFailed) -> None:
        self.error = event.error


_HANDLERS: dict[type, Any] = {
    MessageStart: Collector._on_message_start,
    PartStart: Collector._on_part_start,
    TextDelta: Collector._on_text,
    RefusalDelta: Collector._on_refusal,
    ReasoningDelta: Collector._on_reasoning,
    ToolCallDelta: Collector._on_tool_call,
    SignatureDelta: Collector._on_signature,
    CitationAdded: Collector._on_citation,
    AudioDelta: Collector._on_audio,
    PartEnd: Collector._on_part_end,
    UsageUpdate: Collector._on_usage,
    Finish: Collector._on_finish,
    MessageEnd: Collector._on_end,
    StreamFailed: Collector._on_failed,
}


def collect(events: Iterable[StreamEvent]) -> ChatResponse:
    """All events as one response.

    Raises:
        StreamInterrupted: the stream was cut, or its events end without a terminal one;
            ``.response`` holds what came.
        APIError: the host reported an error; ``.partial`` holds what came.
    """
    collector = Collector()
    for event in events:
        collector.feed(event)
    return finished(collector)


async def acollect(events: AsyncIterable[StreamEvent]) -> ChatResponse:
    """:func:`collect` for an asynchronous stream."""
    collector = Collector()
    async for event in events:
        collector.feed(event)
    return finished(collector)


def finished(collector: Collector) -> ChatResponse:
    """The response of a stream that has ended; raises where it did not end well."""
    if collector.error is not None:
        if getattr(collector.error, "partial", ...) is None:
            collector.error.partial = collector.response()  # type: ignore[attr-defined]
        raise collector.error
    if not collector.complete:
        raise interrupted("the stream ended before its terminal event", partial=collector.response())
    return collector.response()


# ``errors`` stands a floor above and puts StreamInterrupted here when ``minillm`` is imported:
# a value file may not import it, yet a cut stream must raise it.
interrupted: Callable[..., Exception] = EOFError
