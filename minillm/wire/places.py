"""Where a loss was, in the words of who handed the value in: values are taken out on the way to another wire, and
the encoder that tells of the rest counts without them."""

import re
from collections.abc import Sequence

from ..report import Report
from ..types import Severity

__all__ = ["Places"]

_NUMBER = re.compile(r"\[(\d+)\]")


class Places:
    """Which items of which lists were kept, by the list's own path."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[str, Sequence[int]] = {}

    def keep(self, path: str, kept: Sequence[int], count: int) -> None:
        """Of a list of ``count`` items only those of the numbers ``kept`` go on."""
        if len(kept) < count:
            self._kept[path] = kept

    def before(self, path: str) -> str:
        """The path as it was before anything was taken out."""
        pieces = _NUMBER.split(path)
        out = pieces[0]
        for number, behind in zip(pieces[1::2], pieces[2::2], strict=True):
            kept, place = self._kept.get(out, ()), int(number)
            out += f"[{kept[place] if place < len(kept) else place}]{behind}"
        return out

    def report(self, report: Report) -> Report:
        """The report for an encoder of what was kept: what it tells stands in ``report`` under the former paths."""
        return _Before(report, self) if self._kept else report


class _Before(Report):
    __slots__ = ("_places", "_report")

    def __init__(self, report: Report, places: Places) -> None:
        super().__init__(report.strict)
        self._report = report
        self._places = places

    def add(self, path: str, what: str, reason: str, severity: Severity = Severity.LOST) -> None:
        self._report.add(self._places.before(path), what, reason, severity)
