"""How long routes take to begin: the last hundred times of each, measured in the running loop."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

from .. import loop_local

__all__ = ["Latencies", "latencies"]

_SAMPLES = 100
_LEAST = 10  # fewer tell nothing of a percentile
_LASTING = 600.0  # seconds: a route that was slow gets another chance
_MOST = 4096


class Latencies:
    """Seconds to the first content of a stream, or to the whole answer, by the route's key.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._samples: OrderedDict[Hashable, deque[tuple[float, float]]] = OrderedDict()
        self.clock = clock

    def note(self, key: Hashable, seconds: float) -> None:
        """A route took so long; one that was cancelled took at least so long."""
        samples = self._samples.get(key)
        if samples is None:
            samples = self._samples[key] = deque(maxlen=_SAMPLES)
            if len(self._samples) > _MOST:
                self._samples.popitem(last=False)
        samples.append((self.clock(), seconds))

    def usual(self, key: Hashable) -> float | None:
        """The median of the last ten minutes; None where nothing was measured in them."""
        known = self._recent(key)
        return known[len(known) // 2] if known else None

    def percentile(self, key: Hashable, share: float) -> float | None:
        """So many of the calls took no longer; None before ten were measured."""
        known = sorted(seconds for _, seconds in self._samples.get(key, ()))
        if len(known) < _LEAST:
            return None
        return known[min(int(len(known) * share), len(known) - 1)]

    def _recent(self, key: Hashable) -> list[float]:
        since = self.clock() - _LASTING
        return sorted(seconds for at, seconds in self._samples.get(key, ()) if at >= since)


def latencies() -> Latencies:
    """The running loop's."""
    return loop_local.get("minillm.policies.latency", Latencies)
