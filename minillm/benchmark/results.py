"""What a benchmark has measured so far."""

from collections.abc import Iterable, Mapping
from typing import Any

from .figures import FORMULAE, Figures, figures_of
from .measurement import Measurement
from .plan import Limits

__all__ = ["Results"]

Key = tuple[str, str, str]


class Results:
    """All measurements, and the figures of each series.

    Args:
        facts: what is known of the plan: whom it asked, what, when; see :func:`minillm.benchmark.plan_facts`.
        limits: what counts as good.

    ``ending`` is ``"done"``, ``"interrupted"``, why it was stopped, or ``""`` where nobody knows: it runs still, or was
    killed.
    """

    def __init__(self, facts: Mapping[str, Any], *, limits: Limits | None = None) -> None:
        self.facts = facts
        self.limits = Limits() if limits is None else limits
        self.ending = ""
        self.measurements: list[Measurement] = []

    def __repr__(self) -> str:
        return f"<Results: {len(self.measured)} requests, {self.failed} failed, {len(self.by_series())} series>"

    def add(self, row: Measurement) -> None:
        """One more request."""
        self.measurements.append(row)

    def extend(self, rows: Iterable[Measurement]) -> None:
        """Several."""
        self.measurements.extend(rows)

    @property
    def measured(self) -> list[Measurement]:
        """The requests that count: without those that went ahead."""
        return [row for row in self.measurements if not row.warm_up]

    @property
    def failed(self) -> int:
        """How many of these were not answered."""
        return sum(not row.ok for row in self.measured)

    def by_series(self) -> dict[Key, list[Measurement]]:
        """The requests that count, by target, prompt and load."""
        found: dict[Key, list[Measurement]] = {}
        for row in self.measurements:
            if not row.warm_up:
                found.setdefault(row.series, []).append(row)
        return found

    def whole(self, requests: int) -> set[Key]:
        """The series of which so many requests were measured."""
        return {key for key, rows in self.by_series().items() if len(rows) >= requests}

    @property
    def series(self) -> list[Figures]:
        """The figures of each series, in the order they were begun."""
        return [figures_of(rows, self.limits) for rows in self.by_series().values()]

    def to_json(self) -> dict[str, Any]:
        """Plan, formulae and figures as one JSON value."""
        return {
            "plan": dict(self.facts),
            "ending": self.ending,
            "formulae": dict(FORMULAE),
            "series": [figures.to_json() for figures in self.series],
        }
