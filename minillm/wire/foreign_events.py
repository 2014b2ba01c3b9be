"""Stream events on their way to another wire: made fit for it, and what their frames said beyond them told.

A part, a field, a bucket is told once, however many pieces it came in.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from ..json.serialization import dumps
from ..report import Report
from ..types import (
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
    RefusalDelta,
    RefusalPart,
    Severity,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    UsageUpdate,
)
from .foreign import Foreign
from .foreign_frames import unsaid_in
from .places import Places
from .portable import portable_part, portable_reason

__all__ = ["ForeignEvents"]

_DELTAS: Final[dict[type, type]] = {
    TextPart: TextDelta,
    RefusalPart: RefusalDelta,
    ReasoningPart: ReasoningDelta,
    ToolCallPart: ToolCallDelta,
}
_TERSE: Final = ("anthropic_messages", "gemini_generate_content")

_MANY_ANSWERS: Final = ("openai_chat_completions",)

Place = tuple[int, int]


class _Growing:
    """What has come of a part: enough to see what its final form adds."""

    __slots__ = ("citations", "length", "part", "sealed")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.length = len(_text_of(part))
        self.citations = len(part.citations) if isinstance(part, TextPart) else 0
        self.sealed = False


class ForeignEvents:
    """Events of one stream of ``source``, for an encoder of ``target``."""

    __slots__ = ("_finish", "_foreign", "_free_texts", "_kept", "_parts", "_refused", "_report", "_source", "_target")

    def __init__(self, source: str, target: str, report: Report) -> None:
        self._source = source
        self._target = target
        self._report = report
        self._foreign = Foreign(target, report, asking=False)
        self._parts: dict[Place, _Growing] = {}
        self._finish: dict[int, Finish] = {}
        self._kept: set[str] = set()
        self._refused: set[int] = set()
        self._free_texts: set[Place] = set()  # free-text calls that are being said as objects

    def feed(self, events: list[StreamEvent]) -> list[StreamEvent]:
        """The events of one source frame, as the target may hear them."""
        out: list[StreamEvent] = []
        frame: Native | None = None
        for event in events:
            if event.native is not None and event.native is not frame:
                frame = event.native
                unsaid_in(frame, self._foreign)
            choice = getattr(event, "choice", 0)
            if choice and self._target not in _MANY_ANSWERS:
                self._foreign.tell(f"choices[{choice}]", "answer", Severity.LOST, "it carries one answer a stream")
                continue
            translate = _TRANSLATE.get(type(event))
            if translate is None:
                out.append(event)
            else:
                translate(self, event, out)
        return out

    def _on_start(self, event: MessageStart, out: list[StreamEvent]) -> None:
        if event.usage is not None:
            self._foreign.usage(event.usage)
        self._foreign.created(event.created)
        out.append(event)

    def _on_usage(self, event: UsageUpdate, out: list[StreamEvent]) -> None:
        self._foreign.usage(event.usage)
        out.append(event)

    def _on_finish(self, event: Finish, out: list[StreamEvent]) -> None:
        self._finish[event.choice] = event
        self._close_texts(event.choice, out)
        reason = portable_reason(event.reason, self._target, refused=event.choice in self._refused)
        out.append(Finish(event.choice, reason, None))  # the word was the source's

    def _on_end(self, event: StreamEvent, out: list[StreamEvent]) -> None:
        for choice, finish in self._finish.items():
            refused = choice in self._refused
            self._foreign.finish(f"choices[{choice}]", finish.reason, finish.raw_reason, refused=refused)
        for choice, _ in [*self._free_texts]:
            self._close_texts(choice, out)
        out.append(event)

    def _close_texts(self, choice: int, out: list[StreamEvent]) -> None:
        for place in [place for place in self._free_texts if place[0] == choice]:
            self._free_texts.discard(place)
            out.append(ToolCallDelta(place[1], '"}', choice))

    def _path(self, event: Any) -> str:
        return f"choices[{event.choice}].message.content[{event.index}]"

    def _on_part(self, event: PartStart, out: list[StreamEvent]) -> None:
        part, path = event.part, self._path(event)
        self._parts[event.choice, event.index] = _Growing(part)
        self._foreign.part(path, part)
        if isinstance(part, ReasoningPart):
            # Its text may be still to come; only then is there something to show.
            shown = ReasoningPart(part.text)
            if part.signature is not None or part.sealed is not None:
                self._seal(event)
            if part.sealed is None or part.text:
                out.append(PartStart(event.index, shown, event.choice))
            return
        kept = portable_part(part, self._source, self._target, self._report, path, Places(), asking=False)
        if isinstance(part, RefusalPart):
            self._refused.add(event.choice)
        if isinstance(kept, ToolCallPart) and kept.kind == "custom" and self._target in _TERSE:
            # Their arguments are an object: the text is spelled as a string in one, piece by piece.
            self._report.degraded(path, "free-text tool call", "its text goes as the field 'input'")
            self._free_texts.add((event.choice, event.index))
            shell = replace(kept, kind="function", arguments="", native=None)
            out.append(PartStart(event.index, shell, event.choice))
            out.append(ToolCallDelta(event.index, '{"input":"' + _escaped(kept.arguments), event.choice))
            return
        if kept is None:
            kept = TextPart("") if isinstance(part, TextPart) else None
        if kept is not None:
            out.append(event if kept is part else PartStart(event.index, kept, event.choice))

    def _seal(self, event: Any) -> None:
        growing = self._parts.get((event.choice, event.index))
        if growing is not None and growing.sealed:
            return
        if growing is not None:
            growing.sealed = True
        self._report.note(f"{self._path(event)}.signature", "signature or seal", "only its author can read it")

    def _on_signature(self, event: SignatureDelta, out: list[StreamEvent]) -> None:
        if event.signature or event.sealed:
            self._seal(event)

    def _on_delta(self, event: Any, out: list[StreamEvent]) -> None:
        growing = self._parts.get((event.choice, event.index))
        if growing is not None:
            growing.length += len(event.delta)
        if isinstance(event, TextDelta | RefusalDelta) and event.logprobs and self._target in _TERSE:
            path = f"{self._path(event)}.logprobs"
            if path not in self._kept:
                self._kept.add(path)
                self._report.lost(path, "logprobs", f"{self._target} has no place for them")
        if isinstance(event, ToolCallDelta) and (event.choice, event.index) in self._free_texts:
            event = ToolCallDelta(event.index, _escaped(event.delta), event.choice)
        out.append(event)

    def _on_citation(self, event: CitationAdded, out: list[StreamEvent]) -> None:
        growing = self._parts.get((event.choice, event.index))
        number = 0
        if growing is not None:
            number, growing.citations = growing.citations, growing.citations + 1
        self._foreign.citation(f"{self._path(event)}.citations[{number}]", event.citation)
        out.append(event)

    def _on_part_end(self, event: PartEnd, out: list[StreamEvent]) -> None:
        """A wire's own final form may hold what no delta had said: it is said now."""
        growing, final = self._parts.get((event.choice, event.index)), event.part
        if growing is not None and final is not None:
            self._foreign.part(self._path(event), final)
            self._say_rest(event, growing, final, out)
        if (event.choice, event.index) in self._free_texts:
            self._free_texts.discard((event.choice, event.index))
            out.append(ToolCallDelta(event.index, '"}', event.choice))
        out.append(PartEnd(event.index, None, event.choice))

    def _say_rest(self, event: PartEnd, growing: _Growing, final: Part, out: list[StreamEvent]) -> None:
        if isinstance(final, ReasoningPart) and (final.signature is not None or final.sealed is not None):
            self._seal(event)
        delta = _DELTAS.get(type(final))
        if delta is None or type(final) is not type(growing.part):
            return
        rest = _text_of(final)[growing.length :]
        if rest and (event.choice, event.index) in self._free_texts:
            rest = _escaped(rest)
        if rest:
            out.append(delta(event.index, rest, choice=event.choice))
        if isinstance(final, TextPart):
            for citation in final.citations[growing.citations :]:
                self._on_citation(CitationAdded(event.index, citation, event.choice), out)
            if final.logprobs and self._target in _TERSE and f"{self._path(event)}.logprobs" not in self._kept:
                self._kept.add(f"{self._path(event)}.logprobs")
                self._report.lost(f"{self._path(event)}.logprobs", "logprobs", f"{self._target} has no place for them")

    def _on_native(self, event: NativeEvent, out: list[StreamEvent]) -> None:
        """Steps of a block that is told as a whole are no losses of their own."""
        growing = None if event.index is None else self._parts.get((event.choice, event.index))
        if growing is not None and isinstance(growing.part, NativePart):
            return
        if event.structural or event.name in (*self._kept, "chunk"):  # a chunk's fields are told one by one
            return
        self._kept.add(event.name)
        out.append(event)


def _escaped(text: str) -> str:
    """A piece of a JSON string, without the quotes."""
    return dumps(text).decode()[1:-1]


def _text_of(part: Part) -> str:
    said = getattr(part, "arguments" if isinstance(part, ToolCallPart) else "text", "")
    return said if isinstance(said, str) else ""


_TRANSLATE: dict[type, Callable[[ForeignEvents, Any, list[StreamEvent]], None]] = {
    MessageStart: ForeignEvents._on_start,
    UsageUpdate: ForeignEvents._on_usage,
    Finish: ForeignEvents._on_finish,
    MessageEnd: ForeignEvents._on_end,
    StreamFailed: ForeignEvents._on_end,
    PartStart: ForeignEvents._on_part,
    SignatureDelta: ForeignEvents._on_signature,
    TextDelta: ForeignEvents._on_delta,
    RefusalDelta: ForeignEvents._on_delta,
    ReasoningDelta: ForeignEvents._on_delta,
    ToolCallDelta: ForeignEvents._on_delta,
    CitationAdded: ForeignEvents._on_citation,
    PartEnd: ForeignEvents._on_part_end,
    NativeEvent: ForeignEvents._on_native,
}
