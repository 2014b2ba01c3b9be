"""The limits of one key at one host for one model, and those that wait for them. Belongs to one event loop."""

import time
from asyncio import Future, TimerHandle, get_running_loop
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from ..errors import RateLimitError, TimeoutExceeded
from ..types import RateLimit, RateLimits, Usage
from .deadline import Deadline
from .token_bucket import Bucket
from .turns import Turns

__all__ = ["NO_LANE", "Grant", "Limiter"]

# What a request takes, or took, of each limit in the order of _LIMITS: a tuple, since every request makes two.
_Amounts: TypeAlias = tuple[float, float, float, float]
_Known: TypeAlias = tuple[None, float | None, float | None, float | None]
# The buckets that there are, each with the place of its limit in those.
_Buckets: TypeAlias = tuple[tuple[int, Bucket], ...]

#: The tree and the node of a call that names none.
NO_LANE: tuple[Hashable, ...] = (None, None)

# What hosts' headers call the limits that are kept here (minillm.wire.rate_limits reads them).
_NAMES = {
    "requests": "requests",
    "requests_minute": "requests",
    "tokens": "tokens",
    "tokens_minute": "tokens",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "tokens_prompt": "input_tokens",
    "tokens_generated": "output_tokens",
}
_LIMITS = {
    "requests": "requests_per_minute",
    "tokens": "tokens_per_minute",
    "input_tokens": "input_tokens_per_minute",
    "output_tokens": "output_tokens_per_minute",
}
_USUAL_ANSWER = 400.0  # tokens, before any answer has told
# Counted as an answer is made: what a host says of it knows nothing of those under way.
_COUNTED_LATER = frozenset({"output_tokens"})
_NOTHING: Mapping[str, RateLimit] = MappingProxyType({})
_PLACES = {name: place for place, name in enumerate(_LIMITS)}
_UNKNOWN: _Known = (None, None, None, None)
_NO_TOKENS: _Known = (None, 0.0, 0.0, 0.0)
_NO_TOKENS_APART: _Known = (None, None, 0.0, 0.0)  # of those counted together, the host itself says what came back
_NEWS = 0.1  # how much one answer weighs in what is usual


class Grant:
    """The leave to send one request: :meth:`Limiter.acquire` gives it, :meth:`Limiter.ended` takes it back.

    Args:
        prompt: how large the request is, roughly: its tokens, as characters say.
        ceiling: the longest answer, where it is set.
    """

    __slots__ = ("buckets", "ceiling", "ended", "prompt", "seen", "sent_at", "taken", "told")

    def __init__(self, prompt: float = 0.0, ceiling: int | None = None) -> None:
        self.prompt = prompt
        self.ceiling = ceiling
        self.told = False  # its host has answered, and so has counted it
        self.ended = False
        # What follows is known when it is given: of which buckets it took what, and for each of them what the host had
        # counted then, this request included.
        self.buckets: _Buckets
        self.taken: _Amounts
        self.seen: list[float]
        self.sent_at: float

    def seen_of(self, name: str) -> float | None:
        """What the host had counted of one limit; None where it took none of it."""
        at, wanted = 0, _PLACES[name]
        for place, _ in self.buckets:
            if place == wanted:
                return self.seen[at]
            at += 1  # noqa: SIM113  every answer comes here, and enumerate() makes a tuple of tuples
        return None


@dataclass(slots=True, eq=False)
class _Waiter:
    future: "Future[None]"
    grant: Grant
    patience: float


class Limiter:
    """Lets requests go no faster than allowed, in turns; one that waits costs nothing until its time has come.

    Args:
        limits: what its user allows.
        name: what errors call it.
        clock: seconds, monotonic.
        wall_clock: seconds since the epoch, in which hosts speak.
    """

    def __init__(
        self,
        limits: RateLimits,
        name: str = "",
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._clock = clock
        self._wall_clock = wall_clock
        self._buckets: dict[str, Bucket] = {}
        self._each: _Buckets = ()
        self._turns: Turns[_Waiter] = Turns()
        self._running = 0
        self._held_until = 0.0
        self._timer: TimerHandle | None = None
        # What answers have shown: tokens for each that characters promised, and the length of an answer.
        self._ratio = 1.0
        self._answer = _USUAL_ANSWER
        self._heard: set[str] = set()  # limits of which the host speaks
        #: Whether the size of a request matters.
        self.counts_tokens = False
        #: Another one stands in its place: to be looked for again by whoever has kept it.
        self.forgotten = False
        self.limits = limits
        self.allow(limits)

    @property
    def idle(self) -> bool:
        """Whether nobody waits or runs."""
        return not self._running and not self._turns

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return len(self._turns)

    @property
    def learned(self) -> bool:
        """Whether the host has told any limit that is kept here."""
        return bool(self._heard)

    def allow(self, limits: RateLimits) -> None:
        """Take other limits from now on."""
        self.limits = limits
        now = self._clock()
        for name, field_name in _LIMITS.items():
            limit = getattr(limits, field_name)
            if limit is not None:
                self._put(name, Bucket(limit, now, burst=limits.burst))

    def _put(self, name: str, bucket: Bucket) -> None:
        self._buckets[name] = bucket
        self._each = tuple((_PLACES[name], bucket) for name, bucket in self._buckets.items())
        self.counts_tokens = self.counts_tokens or name != "requests"

    async def acquire(
        self,
        grant: Grant,
        path: Sequence[Hashable] = NO_LANE,
        *,
        deadline: Deadline | None = None,
        patience: float = float("inf"),
    ) -> Grant:
        """Wait for the turn of a request. Returns the same, given.

        Args:
            grant: a new one, with the size of the request.
            path: the lanes it waits in, its tree and its node; see :class:`Turns`.
            deadline: no wait goes beyond it.
            patience: how many seconds a host may ask all requests to wait.

        Raises:
            TimeoutExceeded: its turn would come, or did come, too late; with ``retry_at``.
            RateLimitError: the host has asked for a longer wait than ``patience``.
        """
        if self.at_once(grant, patience):
            return grant
        if deadline is not None:
            self._check_deadline(deadline, grant, path, self._clock())
        waiter = _Waiter(get_running_loop().create_future(), grant, patience)
        self._turns.add(waiter, path)
        self._pump()
        try:
            if deadline is None:
                await waiter.future
            else:
                await deadline.within(lambda: waiter.future)
        except BaseException:
            if waiter.future.done() and not waiter.future.cancelled() and waiter.future.exception() is None:
                self.unsent(grant)  # its turn came in the same moment
            waiter.future.cancel()
            self._pump()
            raise
        return grant

    def at_once(self, grant: Grant, patience: float = float("inf")) -> bool:
        """Whether a request need not wait: then it is given leave; else in :meth:`acquire`. Raises as that does."""
        now = self._clock()
        if self._held_until > now:
            self._check_hold(now, patience)
            return False
        most = self.limits.concurrency
        if self._turns.size or (most is not None and self._running >= most):
            return False
        needs = self._needs(grant)
        for place, bucket in self._each:
            # What was there when somebody last looked is there still; else it is worth a call.
            if bucket.level < needs[place] and bucket.ready_at(needs[place], now) > now:
                return False
        self._take(grant, needs, now)
        return True

    def _needs(self, grant: Grant) -> _Amounts:
        """What a request takes of each limit that there may be."""
        prompt, ceiling, answer = grant.prompt * self._ratio, grant.ceiling, self._answer
        # Where tokens are counted together, the ceiling counts, and not what came of it (OpenAI).
        whole = prompt + (answer if ceiling is None else ceiling)
        if ceiling is not None and ceiling < answer:
            answer = ceiling
        return 1.0, whole, prompt, answer

    def _ready_at(self, needs: _Amounts, now: float) -> float:
        at = max(now, self._held_until)
        for place, bucket in self._each:
            at = max(at, bucket.ready_at(needs[place], now))
        return at

    def _take(self, grant: Grant, needs: _Amounts, now: float) -> None:
        grant.buckets, grant.taken, grant.sent_at = self._each, needs, now
        grant.seen = seen = []
        for place, bucket in self._each:
            seen.append(bucket.take(needs[place], now))
        self._running += 1

    def _now_of(self, grant: Grant) -> _Buckets:
        """The buckets that it took of, as they are now: other limits have been given or told since."""
        now = dict(self._each)
        return tuple((place, now[place]) for place, _ in grant.buckets)

    def _pump(self) -> None:
        """Let go whose turn it is, as many as may; then wait until the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock()
        while self._turns:
            waiter = self._turns.first()
            if not waiter.future.done():
                most = self.limits.concurrency
                if most is not None and self._running >= most:
                    return  # the next that ends comes here
                needs = self._needs(waiter.grant)
                at = self._ready_at(needs, now)
                if at > now:
                    self._timer = get_running_loop().call_later(at - now, self._pump)
                    return
                self._take(waiter.grant, needs, now)
                waiter.future.set_result(None)
            self._turns.pop()

    def ended(
        self,
        grant: Grant,
        usage: Usage | None = None,
        said: Mapping[str, RateLimit] = _NOTHING,
        *,
        refused: bool = False,
    ) -> None:
        """Give the place back, and put right what was taken. Only the first call counts.

        Args:
            usage: what it really took, where that is known.
            said: what the host says of its limits.
            refused: no model saw it, and it took no tokens.
        """
        if grant.ended:
            return
        grant.ended = True
        self._running -= 1
        now, taken, told = self._clock(), grant.taken, grant.told
        used = _UNKNOWN if usage is None else self._used(grant, usage)
        if refused:
            used = _NO_TOKENS_APART if "tokens" in self._heard else _NO_TOKENS
        for place, bucket in grant.buckets if grant.buckets is self._each else self._now_of(grant):
            bucket.settle(taken[place], used[place], now, told)
        grant.told = True
        if said and not told and self.limits.learn:
            self._heed(said, grant, grant.sent_at, now)
        if self._turns.size:
            self._pump()

    def unsent(self, grant: Grant) -> None:
        """Give everything back: nothing was sent."""
        if not grant.ended:
            grant.ended = True
            self._running -= 1
            now, taken, told = self._clock(), grant.taken, grant.told
            for place, bucket in self._now_of(grant):
                bucket.settle(taken[place], 0.0, now, told)
            grant.told = True
            if self._turns.size:
                self._pump()

    def _used(self, grant: Grant, usage: Usage) -> _Known:
        """What an answer took of each limit that counts tokens, as far as it tells; and learn from it."""
        read, said = usage.input_tokens, usage.output_tokens
        if said is not None:
            self._answer += (said - self._answer) * _NEWS
        if read is None:
            return None, None, None, said
        if read and grant.prompt:
            self._ratio += (read / grant.prompt - self._ratio) * _NEWS
        # Of tokens counted together, the host itself says what came back.
        both = None if said is None or "tokens" in self._heard else read + said
        # What a cache holds does not count (Anthropic).
        return None, both, read - (usage.cache_read_tokens or 0), said

    def heed(self, said: Mapping[str, RateLimit], grant: Grant | None = None, *, sent_at: float | None = None) -> None:
        """Heed what the host says of its limits in an answer.

        Args:
            grant: the leave of the request it answers; None where that was sent without.
            sent_at: when it was sent then; None is now.
        """
        if not self.limits.learn:
            return
        now = self._clock()
        self._heed(said, grant, grant.sent_at if grant is not None else now if sent_at is None else sent_at, now)
        if grant is not None and not grant.told:
            self._count(grant)
        if self._turns.size:
            self._pump()

    def _heed(self, said: Mapping[str, RateLimit], grant: Grant | None, since: float, now: float) -> None:
        wall = self._wall_clock()
        apart = "input_tokens" in said or "output_tokens" in said  # then their sum is only the narrowest (Anthropic)
        for their_name, limit in said.items():
            name = _NAMES.get(their_name)
            if name is None or (apart and name == "tokens"):
                continue
            bucket = self._buckets.get(name)
            if bucket is None:
                if not limit.limit:
                    continue  # 0 is what hosts say that know none
                bucket = Bucket(limit.limit, now, learned=True)
                self._put(name, bucket)
            self._heard.add(name)
            in_seconds = None if limit.reset_at is None else limit.reset_at - wall
            seen = None if grant is None or name in _COUNTED_LATER else grant.seen_of(name)
            bucket.observe(limit, now, since, seen, in_seconds)

    def _count(self, grant: Grant) -> None:
        """Its host has answered it, and so has counted what it took."""
        grant.told = True
        now, taken = self._clock(), grant.taken
        for place, bucket in self._now_of(grant):
            bucket.counted(taken[place], now)

    def hold(self, until: float) -> None:
        """Let nobody go before this moment, in seconds since the epoch: the host has asked for it."""
        now = self._clock()
        self._held_until = max(self._held_until, now + until - self._wall_clock())
        held = self._held_until - now
        for waiter in self._turns:
            if waiter.patience < held and not waiter.future.done():
                waiter.future.set_exception(self._impatient(held))
        if self._turns.size:
            self._pump()

    def _check_hold(self, now: float, patience: float) -> None:
        if self._held_until - now > patience:
            raise self._impatient(self._held_until - now)

    def _impatient(self, held: float) -> RateLimitError:
        return RateLimitError(
            f"{self.name} has asked all requests to wait, for another {held:.0f} s, which is more than max_retry_after",
            retryable=True,
            retry_at=self._wall_clock() + held,
        )

    def _check_deadline(self, deadline: Deadline, grant: Grant, path: Sequence[Hashable], now: float) -> None:
        """Fail at once rather than wait past the deadline."""
        ahead = self._turns.ahead(path)
        at = max(now, self._held_until)
        needs = self._needs(grant)
        for place, bucket in self._each:
            # Those ahead are taken to be like this one.
            amount = needs[place]
            bucket.refill(now)
            lacking = amount * (ahead + 1) - bucket.level
            if ahead == 0:
                lacking = min(amount, bucket.capacity) - bucket.level
            at = max(at, now + lacking / bucket.rate)
        if at - now >= deadline.left():
            raise TimeoutExceeded(
                f"the rate limits of {self.name} leave no room within the deadline of {deadline.seconds:g} s for this "
                f"call: {ahead} wait before it, about {at - now:.1f} s",
                retry_at=self._wall_clock() + at - now,
            )
