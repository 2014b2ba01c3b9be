"""One part of a stream whose text is being read: what came, what waits to be decided, what was made of it."""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..types import (
    Citation,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    SignatureDelta,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCallDelta,
    ToolCallPart,
)
from .scanner import Scanner

__all__ = ["DELTAS", "FIELDS", "Piece", "Slot", "TextPartState"]

DELTAS: Final[dict[type[Any], Any]] = {
    TextPart: TextDelta,
    RefusalPart: RefusalDelta,
    ReasoningPart: ReasoningDelta,
    ToolCallPart: ToolCallDelta,
}
FIELDS: Final[dict[type[Any], str]] = {
    TextPart: "text",
    RefusalPart: "text",
    ReasoningPart: "text",
    ToolCallPart: "arguments",
}

_CONTEXT: Final = 64  # characters that stay before what is undecided, for those who look back


@dataclass(slots=True)
class Slot:
    """The place of one source event in the order of things: what it became, and whether that is all."""

    events: list[Any] = field(default_factory=list)
    waits: bool = False


@dataclass(slots=True)
class _Held:
    slot: Slot
    event: Any
    text: str
    used: int = 0

    @property
    def left(self) -> int:
        return len(self.text) - self.used


@dataclass(slots=True)
class Piece:
    """A stretch out of one source event.

    Args:
        event: the source event; None for what no event said.
        whole: it is all of that event's text.
        first: it begins that event's text.
        last: it ends it.
    """

    event: Any
    slot: Slot
    text: str
    logprobs: tuple[TokenLogprob, ...] | None = None
    whole: bool = False
    first: bool = False
    last: bool = False


class TextPartState:
    """See above. Positions in ``text`` are those of its scanner."""

    __slots__ = (
        "_base",
        "_edits",
        "_said",
        "at",
        "changed",
        "held",
        "into",
        "key",
        "kind",
        "made",
        "scanner",
        "sources",
        "start",
        "target",
        "text",
        "vouches",
        "waiting",
    )

    def __init__(self, key: tuple[int, int], kind: type[Any], scanner: Scanner) -> None:
        self.key = key
        self.kind = self.into = kind
        self.scanner = scanner
        self.text = ""  # undecided, from ``at`` on
        self.at = 0
        self.held: deque[_Held] = deque()
        self.start: PartStart | None = None  # not given out yet
        self.target: int | None = None  # the part that is open
        self.made: list[str] = []  # what that part says
        self.waiting: list[tuple[Slot, Any]] = []  # told of a text that has not begun
        self.sources: list[Citation] = []  # that were added
        self.vouches: SignatureDelta | None = None  # a signature that came before its text
        self.changed = False
        self._said: list[str] = []
        self._base = 0
        self._edits: list[tuple[int, int, int]] = []  # start, end, new length, in the source's characters

    @property
    def choice(self) -> int:
        return self.key[0]

    @property
    def index(self) -> int:
        return self.key[1]

    @property
    def undecided(self) -> bool:
        return self.at < len(self.text)

    def hold(self, slot: Slot, event: Any, text: str) -> None:
        """An event waits, in its slot, until its text is decided."""
        slot.waits = True
        self.held.append(_Held(slot, event, text))
        if text:
            self.text += text
            self._said.append(text)

    def passed(self, text: str) -> None:
        """More text, of which nothing had to be decided."""
        self._said.append(text)
        self.made.append(text)
        self.text += text
        self.forget(len(self.text))

    def take(self, count: int) -> Piece:
        """The next ``count`` characters, or as many as the next event has."""
        held = self.held[0]
        first, text = held.used == 0, held.text[held.used : held.used + count]
        held.used += len(text)
        last = held.left == 0
        if last:
            self.held.popleft()
        logprobs = None
        if first and held.event is not None:
            source = held.event.part if type(held.event) is PartStart else held.event
            logprobs = getattr(source, "logprobs", None)
        return Piece(held.event, held.slot, text, logprobs, first and last, first, last)

    def whole(self, count: int) -> int:
        """As many of the next ``count`` characters as go on without cutting an event that nobody has cut yet."""
        passed = 0
        for held in self.held:
            if passed + held.left > count:
                return count if held.used else passed
            passed += held.left
        return passed

    def next_is_empty(self) -> bool:
        """Whether the next event that waits has no text: a start, a source, a signature."""
        return bool(self.held) and not self.held[0].left

    def forget(self, decided: int) -> None:
        """All before is decided."""
        cut = max(0, decided - _CONTEXT)
        self.text, self.at = self.text[cut:], decided - cut
        self._base += cut

    def said(self) -> str:
        """All that the source said."""
        return "".join(self._said)

    def note(self, start: int, end: int, length: int) -> None:
        """A stretch of the text was changed to one of another length."""
        self.changed = True
        self._edits.append((self._base + start, self._base + end, length))

    def moved(self, citation: Citation, *, exact: bool) -> Citation:
        """Where a source belongs now; nowhere said, where that cannot be told."""
        if citation.start is None and citation.end is None:
            return citation
        if not exact:
            return replace(citation, start=None, end=None)
        start, end = (None if place is None else self._moved(place) for place in (citation.start, citation.end))
        return replace(citation, start=start, end=end)

    def _moved(self, place: int) -> int:
        shift = 0
        for start, end, length in self._edits:
            if place >= end:
                shift += length - (end - start)
            elif place > start:
                return start + shift + length
        return place + shift
