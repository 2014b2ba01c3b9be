"""How much time and money a run will still take, by what it took so far."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from .measurement import Measurement
from .plan import Closed, Plan
from .run import Series

__all__ = ["Outlook"]


class Outlook:
    """Told each measurement, it knows what is left.

    Args:
        series: those that will be measured.
    """

    def __init__(self, plan: Plan, series: Sequence[Series]) -> None:
        self._plan = plan
        self._series = list(series)
        self._done: dict[tuple[str, str, str], int] = defaultdict(int)
        self._seconds: dict[tuple[str, ...], _Sum] = {}
        self._usd: dict[tuple[str, ...], _Sum] = {}
        self.total = sum(self._requests(each) for each in self._series)
        self.done = self.failed = 0
        self.spent = Decimal(0)
        self.spent_is_known = True

    def add(self, row: Measurement) -> None:
        """A request has ended."""
        self.done += 1
        self.failed += not row.ok
        self._done[row.series] += 1
        self.spent += row.known_usd
        self.spent_is_known &= row.usd is not None
        for key in _keys(row.target, row.prompt):
            _note(self._seconds, key, row.since_sent)
            if row.usd is not None:
                _note(self._usd, key, float(row.usd))

    @property
    def seconds_left(self) -> float | None:
        """None before anything was measured."""
        left = 0.0
        for series in self._series:
            requests = self._requests(series) - self._done[series.key]
            if requests <= 0:
                continue
            each = _mean(self._seconds, series)
            if each is None:
                return None
            if isinstance(series.load, Closed):
                # The last ones do not wait for each other, and nobody asks beside them.
                left += each * max(requests / series.load.concurrency, 1.0)
            else:
                left += requests / series.load.rate + each
            left += self._plan.pause
        return left

    @property
    def usd_left(self) -> Decimal | None:
        """None where no request has told its cost."""
        left = 0.0
        for series in self._series:
            requests = self._requests(series) - self._done[series.key]
            if requests > 0:
                each = _mean(self._usd, series)
                if each is None:
                    return None
                left += each * requests
        return Decimal(f"{left:.9f}")  # a guess: no more digits than a guess has

    def _requests(self, series: Series) -> int:
        return self._plan.requests + self._plan.warm_up_of(series.load)


def _mean(known: Mapping[tuple[str, ...], "_Sum"], series: Series) -> float | None:
    for key in _keys(series.target.name, series.prompt.name):
        if key in known:
            return known[key].total / known[key].count
    return None


class _Sum:
    """Many numbers as two: it is asked after every request, while others are being timed."""

    __slots__ = ("count", "total")

    def __init__(self, total: float) -> None:
        self.total = total
        self.count = 1

    def add(self, number: float) -> None:
        self.total += number
        self.count += 1


def _note(known: dict[tuple[str, ...], _Sum], key: tuple[str, ...], number: float) -> None:
    if key in known:
        known[key].add(number)
    else:
        known[key] = _Sum(number)


def _keys(target: str, prompt: str) -> tuple[tuple[str, ...], ...]:
    """What tells most first."""
    return (target, prompt), (target,), ()
