"""When the requests of an open loop are due."""

from random import Random

__all__ = ["arrivals"]


def arrivals(rate: float, count: int, seed: int) -> list[float]:
    """Seconds from the start at which requests are due: a Poisson process, so gaps are exponential.

    The schedule stands before the first request is sent, so no answer, however late, moves it.

    Args:
        rate: requests a second, on average.
        count: how many.
        seed: the same seed gives the same schedule.
    """
    chance = Random(seed)  # noqa: S311  a schedule is no secret
    due, at = [], 0.0
    for _ in range(count):
        due.append(at)
        at += chance.expovariate(rate)
    return due
