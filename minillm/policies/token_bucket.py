"""The arithmetic of a rate limit: a bucket that fills by time. No clock of its own, nothing waits here.

OpenAI and Anthropic both describe their limits as such: a minute's worth at most, filled continuously
(https://platform.claude.com/docs/en/api/rate-limits, https://platform.openai.com/docs/guides/rate-limits).
"""

from ..types import RateLimit

__all__ = ["Bucket"]

_MINUTE = 60.0
# What is left unused: clocks differ, and what a request takes is known only when it has ended.
_SHARE = 0.97
# A full bucket of the host's gets no fuller while a first burst is on its way to it; seconds, at most.
_ON_ITS_WAY = 3.0
# Windows that hosts count in, and how much of a limit must be gone before the headers tell which one it is:
# resets are rounded, some to seconds.
_WINDOWS = (60.0, 3600.0, 86400.0)
_TELLING = 0.05


class Bucket:
    """So much may be taken at once, and so much comes back each second.

    Args:
        limit: what a minute brings.
        now: seconds, on any clock that all calls use.
        burst: the seconds' worth that it holds.
        learned: its host named the limit, and not its user: it may name another one later.
    """

    __slots__ = (
        "_learned",
        "_limit",
        "_spare",
        "_updated",
        "burst",
        "capacity",
        "level",
        "rate",
        "seen",
        "taken",
        "window",
    )

    def __init__(self, limit: float, now: float, *, burst: float = _MINUTE, learned: bool = False) -> None:
        self._learned = learned
        self._updated = now
        self.burst = burst
        self.taken = 0.0  # ever
        self.seen = 0.0  # the part of it that the host has surely counted
        self._set(limit, _MINUTE)
        self.level = self.capacity

    def _set(self, limit: float, window: float) -> None:
        self._limit = limit
        self.window = window
        self.rate = limit * _SHARE / window
        self.capacity = limit * _SHARE * (1.0 if self._learned else self.burst / _MINUTE)
        self._spare = limit - limit * _SHARE

    # What is called for every request spells out what refill() and min() do: a call costs more than all of it.
    # ruff: noqa: PLR1730, FURB136

    def refill(self, now: float) -> None:
        """Bring the level up to this moment."""
        if now > self._updated:
            self.level = min(self.capacity, self.level + (now - self._updated) * self.rate)
            self._updated = now

    def ready_at(self, amount: float, now: float) -> float:
        """When so much can be taken. More than it ever holds can be, when it is full."""
        level, capacity = self.level, self.capacity
        if now > self._updated:
            level += (now - self._updated) * self.rate
            if level > capacity:
                level = capacity
            self.level = level
            self._updated = now
        lacking = min(amount, capacity) - level
        return now if lacking <= 0.0 else max(now, self._updated) + lacking / self.rate

    def take(self, amount: float, now: float) -> float:
        """Take it, whether it is there or not. Returns what the host has counted when it has counted this, too."""
        level, capacity = self.level, self.capacity
        if now > self._updated:
            level += (now - self._updated) * self.rate
            self._updated = now
        if level >= capacity:
            level = capacity
            self._updated = now + _ON_ITS_WAY
        self.level = level - amount
        self.taken += amount
        return self.seen + amount

    def counted(self, amount: float, now: float) -> None:
        """A request that took so much has been answered: the host has counted it."""
        self.seen += amount
        self._updated = min(self._updated, now)

    def settle(self, taken: float, used: float | None, now: float, counted: bool = False) -> None:
        """A request has ended: what it took too much comes back, what it took too little is taken.

        Args:
            taken: what it took.
            used: what it should have taken; None where nobody knows.
            counted: :meth:`counted` has been said of it already.
        """
        level, capacity, updated = self.level, self.capacity, self._updated
        if now > updated:
            level += (now - updated) * self.rate
            if level > capacity:
                level = capacity
            self._updated = now
        if used is not None:
            level += taken - used
            if level > capacity:
                level = capacity
        self.level = level
        if not counted:
            self.seen += taken
            if updated > now:
                self._updated = now

    def observe(
        self, said: RateLimit, now: float, sent_at: float, seen: float | None, in_seconds: float | None
    ) -> None:
        """Heed what the host said with an answer.

        Nobody knows whether it was written when the request came in or when the answer went out, nor which of several
        requests under way came in first. So it leaves room on both sides: what has filled since may be in it or not,
        and so may be all that was taken and not seen to be counted. The level stays as it is, if that is possible.

        Args:
            sent_at: when the request was sent.
            seen: what the host had surely counted of all that was taken, this request included; None where it does not
                count what is under way, and so tells nothing of what is left at least.
            in_seconds: how long from now until it is full again, where the host told.
        """
        if now > self._updated:
            self.refill(now)
        limit, remaining = said.limit, said.remaining
        if limit and self._learned:
            window = None
            if in_seconds is not None and remaining is not None and limit - remaining >= _TELLING * limit:
                window = _window(limit, remaining, in_seconds)
            if limit != self._limit or (window is not None and window != self.window):
                self._set(limit, window or self.window)
                self.level = min(self.level, self.capacity)
        if remaining is None:
            return
        # A user may allow more than the host does: then a share of what the host has, or all of that would be spared.
        spare, theirs = self._spare, (limit or remaining) * (1.0 - _SHARE)
        left = remaining - (spare if spare <= theirs else theirs)
        level, most = self.level, left + (now - sent_at) * self.rate
        if level > most:
            self.level = most
        elif seen is not None and (self._learned or (limit is not None and limit <= self._limit)):
            least = left - (self.taken - seen)
            if least > level:
                level = least
            self.level = level if level <= self.capacity else self.capacity


def _window(limit: int, remaining: int, in_seconds: float) -> float | None:
    """The seconds in which a limit comes back whole, from how long it takes for what is gone, which must be enough to
    tell; None where nothing is to come back."""
    gone = limit - remaining
    if gone <= 0 or in_seconds <= 0.0:
        return None
    told = in_seconds * limit / gone
    return min(_WINDOWS, key=lambda window: max(window / told, told / window))
