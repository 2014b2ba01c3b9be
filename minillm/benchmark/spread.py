"""Many numbers as few: count, mean, median, percentiles, ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["PERCENTILES", "Spread", "percentile"]

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Spread:
    """How numbers are spread; None everywhere where there is none."""

    count: int = 0
    mean: float | None = None
    low: float | None = None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, values: "Iterable[float | None]") -> "Spread":
        """Of those that are known."""
        known = sorted(value for value in values if value is not None)
        if not known:
            return cls()
        p50, p90, p95, p99 = (percentile(known, share) for share in PERCENTILES)
        return cls(len(known), sum(known) / len(known), known[0], p50, p90, p95, p99, known[-1])

    @property
    def median(self) -> float | None:
        return self.p50

    def to_json(self) -> dict[str, Any]:
        """By name, in the unit of the numbers."""
        return {name: getattr(self, name) for name in ("count", "mean", "low", "p50", "p90", "p95", "p99", "high")}


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which ``share`` percent lie, between its two neighbours in proportion.

    That is numpy's default and the one of spreadsheets' PERCENTILE.INC.

    Args:
        ordered: at least one number, rising.
    """
    place = (len(ordered) - 1) * share / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
