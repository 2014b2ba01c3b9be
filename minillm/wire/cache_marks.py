"""The cache marks of one body: which lifetimes a host knows, how many marks it takes, in which order.

The wires put their marks where they belong and tell them here, in the order of the prompt: tools, instructions,
messages. When the body is whole, what a host would refuse is mended, and told by the place of the mark it befell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ..report import Report
from ..types import CacheBreakpoint
from ..types.lifetime import lifetime_seconds

__all__ = ["LIFETIMES", "CacheMarks", "MarkKey", "mark_said", "nearest_lifetime"]

MarkKey: TypeAlias = Literal["cache_control", "prompt_cache_breakpoint"]

#: The lifetimes each form of mark knows, shortest first; the first is what a mark without one means.
#: https://platform.claude.com/docs/en/build-with-claude/prompt-caching (OpenRouter takes the same two),
#: https://developers.openai.com/api/docs/guides/prompt-caching
LIFETIMES: Final[Mapping[str, tuple[str, ...]]] = {
    "cache_control": ("5m", "1h"),
    "prompt_cache_breakpoint": ("30m", "12h"),
}
_HEADS: Final[Mapping[str, Mapping[str, str]]] = {
    "cache_control": {"type": "ephemeral"},
    "prompt_cache_breakpoint": {"mode": "explicit"},
}


def nearest_lifetime(ttl: str, known: Sequence[str]) -> str:
    """The shortest of ``known`` that lasts as long, else the longest: kept too long costs less than lost."""
    wanted = lifetime_seconds(ttl)
    if wanted is None:
        return known[-1]
    return next((each for each in known if (lifetime_seconds(each) or 0) >= wanted), known[-1])


def mark_said(mark: CacheBreakpoint, key: str, report: Report, path: str) -> dict[str, Any]:
    """A mark in the words of ``key``, with a lifetime that it knows; another one is told."""
    known, ttl = LIFETIMES[key], mark.ttl
    if ttl is None:
        return dict(_HEADS[key])
    if ttl not in known:
        report.degraded(f"{path}.cache", f"cache for {ttl}", f"this wire knows {' and '.join(known)}")
        ttl = nearest_lifetime(ttl, known)
    return {**_HEADS[key], "ttl": ttl}


@dataclass(slots=True)
class _Mark:
    path: str
    holder: dict[str, Any]
    key: str
    given: bool

    @property
    def seconds(self) -> int:
        said = self.holder[self.key]
        ttl = said.get("ttl") if isinstance(said, Mapping) else None
        return lifetime_seconds(ttl if isinstance(ttl, str) else LIFETIMES[self.key][0]) or 0

    @property
    def name(self) -> str:
        """The lifetime in words."""
        return self.holder[self.key].get("ttl") or LIFETIMES[self.key][0]

    def live_as(self, other: "_Mark") -> None:
        said = {name: value for name, value in self.holder[self.key].items() if name != "ttl"}
        self.holder[self.key] = said if other.name == LIFETIMES[self.key][0] else {**said, "ttl": other.name}


class CacheMarks:
    """Marks as they are made, in the order of the prompt."""

    __slots__ = ("_marks",)

    def __init__(self) -> None:
        self._marks: list[_Mark] = []

    def add(self, path: str, holder: dict[str, Any], key: str, *, given: bool = False) -> None:
        """Tell of a mark.

        Args:
            path: the part or tool that carries it.
            holder: the object it was put on, under ``key``.
            given: a peer had put it there itself: it counts, and stays as it is.
        """
        self._marks.append(_Mark(path, holder, key, given))

    def settle(self, most: int, report: Report) -> None:
        """Leave out what is too many, and put lifetimes in the order that the host demands."""
        if self._marks:
            self._limit(most, report)
            self._order(report)

    def _limit(self, most: int, report: Report) -> None:
        """The last ones stay: a later mark covers all that stands before it."""
        spare = len(self._marks) - most
        for mark in [mark for mark in self._marks if not mark.given][: max(spare, 0)]:
            del mark.holder[mark.key]
            self._marks.remove(mark)
            report.note(f"{mark.path}.cache", "cache mark", f"a request may carry {most}, and the last ones are kept")

    def _order(self, report: Report) -> None:
        """A longer lifetime must stand before a shorter one, else Anthropic refuses the request. What is to live
        long holds all that stands before it, so an earlier mark gets the longer life; only where a peer's own mark
        is in the way, which must stay as it is, the later one gets the shorter."""
        marks = [mark for mark in self._marks if mark.key == "cache_control"]
        shortest: _Mark | None = None
        for mark in marks:
            if shortest is not None and not mark.given and mark.seconds > shortest.seconds:
                why = f"an earlier mark lives {shortest.name}, and a later one may not live longer"
                report.degraded(f"{mark.path}.cache", f"cache for {mark.name}", why)
                mark.live_as(shortest)
            if mark.given and (shortest is None or mark.seconds < shortest.seconds):
                shortest = mark
        longest: _Mark | None = None
        for mark in reversed(marks):
            if longest is not None and not mark.given and mark.seconds < longest.seconds:
                why = f"it lives {longest.name}: a later mark does, and none may live longer than those before it"
                report.note(f"{mark.path}.cache", f"cache for {mark.name}", why)
                mark.live_as(longest)
            if longest is None or mark.seconds > longest.seconds:
                longest = mark
