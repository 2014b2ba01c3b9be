"""From numbers to places along an axis, in percent, and the round numbers to write there."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

__all__ = ["Scale"]

_WIDE = 30.0  # above this ratio an axis is logarithmic: else the short ones cannot be told apart


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high``.

    Args:
        log: equal steps are equal ratios.
    """

    low: float
    high: float
    log: bool = False

    @classmethod
    def over(cls, values: Iterable[float | None], *, may_be_log: bool = True) -> "Scale":
        """Around these numbers, none of them negative; from 0 unless it is logarithmic."""
        known = [value for value in values if value is not None]
        above = [value for value in known if value > 0]
        if not above:
            return cls(0.0, 1.0)
        low, high = min(above), max(above)
        if may_be_log and high / low > _WIDE:
            # Nothing measured is told apart below a microsecond, and one such value would stretch the axis.
            return cls(max(low, high / 1e6) / 1.2, high * 1.2, log=True)
        step = _step(high)
        return cls(0.0, ceil(round(high / step, 9)) * step)

    def at(self, value: float) -> float:
        """The place, from 0 to 100."""
        if self.log:
            share = log10(max(value, self.low) / self.low) / log10(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return min(max(share, 0.0), 1.0) * 100

    def ticks(self) -> list[float]:
        """Round numbers on it, at least two, at most eight."""
        if not self.log:
            step = _step(self.high)
            return [round(step * place, 12) for place in range(floor(self.high / step + 1e-9) + 1)]
        powers = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        for digits in ((1, 2, 5), (1, 3), (1,)):
            found = [float(f"{digit}e{power}") for power in powers for digit in digits]
            inside = [value for value in found if self.low <= value <= self.high]
            if len(inside) <= 8:
                return inside
        return inside[:: ceil(len(inside) / 8)]


def _step(high: float) -> float:
    """A round step of which four to eight make up ``high``."""
    rough = high / 5
    power = 10.0 ** floor(log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if rough <= factor * power * 1.0000001)
