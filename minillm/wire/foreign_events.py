"""Stream events on their way to another wire: made fit for it, and what their frames said beyond them told.

A part, a field, a bucket is told once, however many pieces it came in.
"""

from collections.abc import Callable
from typing import Any, Final

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
from .portable import portable_part

__all__ = ["ForeignEvents"]

_DELTAS: Final[dict[type, type]] = {
    TextPart: TextDelta,
    RefusalPart: RefusalDelta,
    ReasoningPart: ReasoningDelta,
    ToolCallPart: ToolCallDelta,
}
_NO_LOGPROBS: Final = ("anthropic_messages", "gemini_generate_content")

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

    __slots__ = ("_finish", "_foreign", "_kept", "_parts", "_report", "_source", "_target")

    def __init__(self, source: str, target: str, report: Report) -> None:
        self._source = source
        self._target = target
        self._report = report
        self._foreign = Foreign(target, report, asking=False)
        self._parts: dict[Place, _Growing] = {}
        self._finish: dict[int, Finish] = {}
        self._kept: set[str] = set()

    def feed(self, events: list[StreamEvent]) -> list[StreamEvent]:
        """The events of one source frame, as the target may hear them."""
        out: list[StreamEvent] = []
        frame: Native | None = None
        for event in events:
            if event.native is not None and event.native is not frame:
                frame = event.native
                unsaid_in(frame, self._foreign)
            translate = _TRANSLATE.get(type(event))
            if translate is None:
                out.append(event)
            else:
                translate(self, event, out)
        return out

    def _on_start(self, event: MessageStart, out: list[StreamEvent]) -> None:
        if event.usage is not None:
            self._foreign.usage(event.usage)
        out.append(event)

    def _on_usage(self, event: UsageUpdate, out: list[StreamEvent]) -> None:
        self._foreign.usage(event.usage)
        out.append(event)

    def _on_finish(self, event: Finish, out: list[StreamEvent]) -> None:
        self._finish[event.choice] = event
        out.append(event)

    def _on_end(self, event: StreamEvent, out: list[StreamEvent]) -> None:
        for choice, finish in self._finish.items():
            self._foreign.finish(f"choices[{choice}]", finish.reason, finish.raw_reason)
        out.append(event)

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
        kept = portable_part(part, self._source, self._target, self._report, path, asking=False)
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
        if isinstance(event, TextDelta | RefusalDelta) and event.logprobs and self._target in _NO_LOGPROBS:
            path = f"{self._path(event)}.logprobs"
            if path not in self._kept:
                self._kept.add(path)
                self._report.lost(path, "logprobs", f"{self._target} has no place for them")
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
        out.append(PartEnd(event.index, None, event.choice))

    def _say_rest(self, event: PartEnd, growing: _Growing, final: Part, out: list[StreamEvent]) -> None:
        if isinstance(final, ReasoningPart) and (final.signature is not None or final.sealed is not None):
            self._seal(event)
        delta = _DELTAS.get(type(final))
        if delta is None or type(final) is not type(growing.part):
            return
        rest = _text_of(final)[growing.length :]
        if rest:
            out.append(delta(event.index, rest, choice=event.choice))
        if isinstance(final, TextPart):
            for citation in final.citations[growing.citations :]:
                self._on_citation(CitationAdded(event.index, citation, event.choice), out)
            if final.logprobs and self._target in _NO_LOGPROBS and f"{self._path(event)}.logprobs" not in self._kept:
                self._kept.add(f"{self._path(event)}.logprobs")
                self._report.lost(f"{self._path(event)}.logprobs", "logprobs", f"{self._target} has no place for them")

    def _on_native(self, event: NativeEvent, out: list[StreamEvent]) -> None:
        """Steps of a block that is told as a whole are no losses of their own."""
        growing = None if event.index is None else self._parts.get((event.choice, event.index))
        if growing is not None and isinstance(growing.part, NativePart):
            return
        if event.structural or event.name in self._kept:
            return
        self._kept.add(event.name)
        out.append(event)


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
