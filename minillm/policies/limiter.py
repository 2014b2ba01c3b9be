"""The limits of one key at one host for one model, and those that wait for them. Belongs to one event loop."""

import time
from asyncio import Future, TimerHandle, get_running_loop
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ..errors import RateLimitError, TimeoutExceeded
from ..types import RateLimit, RateLimits, Usage
from .deadline import Deadline
from .token_bucket import Bucket
from .turns import Turns

__all__ = ["NO_LANE", "Grant", "Limiter", "Size"]

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
_GIVEN = {
    "requests": "requests_per_minute",
    "tokens": "tokens_per_minute",
    "input_tokens": "input_tokens_per_minute",
    "output_tokens": "output_tokens_per_minute",
}
_USUAL_ANSWER = 400.0  # tokens, before any answer has told
# Counted as an answer is made: what a host says of it knows nothing of those under way.
_COUNTED_LATER = frozenset({"output_tokens"})
_NOTHING: Mapping[str, RateLimit] = MappingProxyType({})
_NEWS = 0.1  # how much one answer weighs in what is usual


@dataclass(frozen=True, slots=True)
class Size:
    """How large a request is, roughly.

    Args:
        prompt: its tokens, as characters say.
        ceiling: the longest answer, where it is set.
    """

    prompt: float = 0.0
    ceiling: int | None = None


@dataclass(slots=True)
class Grant:
    """The leave to send one request, to be given back by :meth:`Limiter.ended`."""

    size: Size
    taken: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)  # what the host had counted of each then, this included
    sent_at: float = 0.0
    told: bool = False
    ended: bool = False


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
        self._turns: Turns[_Waiter] = Turns()
        self._running = 0
        self._held_until = 0.0
        self._timer: TimerHandle | None = None
        # What answers have shown: tokens for each that characters promised, and the length of an answer.
        self._ratio = 1.0
        self._answer = _USUAL_ANSWER
        self._heard: set[str] = set()  # limits of which the host speaks
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

    @property
    def counts_tokens(self) -> bool:
        """Whether the size of a request matters."""
        return len(self._buckets) > ("requests" in self._buckets)

    def allow(self, limits: RateLimits) -> None:
        """Take other limits from now on."""
        self.limits = limits
        now = self._clock()
        for name, field_name in _GIVEN.items():
            limit = getattr(limits, field_name)
            if limit is not None:
                self._buckets[name] = Bucket(limit, now, burst=limits.burst)

    async def acquire(
        self,
        size: Size,
        path: Sequence[Hashable] = NO_LANE,
        *,
        deadline: Deadline | None = None,
        patience: float = float("inf"),
    ) -> Grant:
        """Wait for the turn of a request.

        Args:
            path: the lanes it waits in, its tree and its node; see :class:`Turns`.
            deadline: no wait goes beyond it.
            patience: how many seconds a host may ask all requests to wait.

        Raises:
            TimeoutExceeded: its turn would come, or did come, too late; with ``retry_at``.
            RateLimitError: the host has asked for a longer wait than ``patience``.
        """
        grant = self.at_once(size, patience=patience)
        if grant is not None:
            return grant
        grant = Grant(size)
        if deadline is not None:
            self._check_deadline(deadline, size, path, self._clock())
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

    def at_once(self, size: Size, *, patience: float = float("inf")) -> Grant | None:
        """The leave for a request that need not wait; None where it must, in :meth:`acquire`. Raises as that does."""
        now = self._clock()
        if self._held_until > now:
            self._check_hold(now, patience)
            return None
        if self._turns or not self._has_place():
            return None
        needs = self._needs(size)
        if self._ready_at(needs, now) > now:
            return None
        grant = Grant(size)
        self._take(grant, needs, now)
        return grant

    def _has_place(self) -> bool:
        return self.limits.concurrency is None or self._running < self.limits.concurrency

    def _needs(self, size: Size) -> dict[str, float]:
        """What a request takes of each bucket."""
        prompt = size.prompt * self._ratio
        answer = self._answer if size.ceiling is None else min(self._answer, size.ceiling)
        # Where tokens are counted together, the ceiling counts, and not what came of it (OpenAI).
        whole = prompt + (answer if size.ceiling is None else size.ceiling)
        amounts = {"requests": 1.0, "tokens": whole, "input_tokens": prompt, "output_tokens": answer}
        return {name: amounts[name] for name in self._buckets}

    def _ready_at(self, needs: Mapping[str, float], now: float) -> float:
        at = max(now, self._held_until)
        for name, amount in needs.items():
            at = max(at, self._buckets[name].ready_at(amount, now))
        return at

    def _take(self, grant: Grant, needs: dict[str, float], now: float) -> None:
        grant.taken = needs
        grant.sent_at = now
        for name, amount in needs.items():
            bucket = self._buckets[name]
            bucket.take(amount, now)
            grant.seen[name] = bucket.seen + amount
        self._running += 1

    def _pump(self) -> None:
        """Let go whose turn it is, as many as may; then wait until the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock()
        while self._turns:
            waiter = self._turns.first()
            if not waiter.future.done():
                if not self._has_place():
                    return  # the next that ends comes here
                needs = self._needs(waiter.grant.size)
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
        now = self._clock()
        actual = self._actual(usage, refused)
        for name, taken in grant.taken.items():
            bucket = self._buckets.get(name)
            # Of tokens counted together, the host itself says what came back.
            if bucket is not None and name in actual and not (name == "tokens" and name in self._heard):
                bucket.correct(taken - actual[name], now)
        if usage is not None:
            self._learn_sizes(grant.size, usage)
        if said and not grant.told:
            self.heed(said, grant)
        self._count(grant)
        if self._turns:
            self._pump()

    def unsent(self, grant: Grant) -> None:
        """Give everything back: nothing was sent."""
        if not grant.ended:
            grant.ended = True
            self._running -= 1
            now = self._clock()
            for name, taken in grant.taken.items():
                self._buckets[name].correct(taken, now)
            self._count(grant)
            if self._turns:
                self._pump()

    def _actual(self, usage: Usage | None, refused: bool) -> dict[str, float]:
        if refused:
            return {"tokens": 0.0, "input_tokens": 0.0, "output_tokens": 0.0}
        if usage is None:
            return {}
        found: dict[str, float] = {}
        if usage.input_tokens is not None:
            # What a cache holds does not count (Anthropic).
            found["input_tokens"] = usage.input_tokens - (usage.cache_read_tokens or 0)
        if usage.output_tokens is not None:
            found["output_tokens"] = usage.output_tokens
        if usage.total_tokens is not None:
            found["tokens"] = usage.total_tokens
        return found

    def _learn_sizes(self, size: Size, usage: Usage) -> None:
        if usage.input_tokens and size.prompt:
            self._ratio += (usage.input_tokens / size.prompt - self._ratio) * _NEWS
        if usage.output_tokens is not None:
            self._answer += (usage.output_tokens - self._answer) * _NEWS

    def heed(self, said: Mapping[str, RateLimit], grant: Grant | None = None, *, sent_at: float | None = None) -> None:
        """Heed what the host says of its limits in an answer.

        Args:
            grant: the leave of the request it answers; None where that was sent without.
            sent_at: when it was sent then; None is now.
        """
        if not self.limits.learn:
            return
        now, wall = self._clock(), self._wall_clock()
        apart = "input_tokens" in said or "output_tokens" in said  # then their sum is only the narrowest (Anthropic)
        for their_name, limit in said.items():
            name = _NAMES.get(their_name)
            if name is None or (apart and name == "tokens"):
                continue
            bucket = self._buckets.get(name)
            if bucket is None:
                if not limit.limit:
                    continue  # 0 is what hosts say that know none
                bucket = self._buckets[name] = Bucket(limit.limit, now, learned=True)
            self._heard.add(name)
            in_seconds = None if limit.reset_at is None else limit.reset_at - wall
            since = grant.sent_at if grant is not None else now if sent_at is None else sent_at
            seen = None if grant is None or name in _COUNTED_LATER else grant.seen.get(name)
            bucket.observe(limit, now, sent_at=since, seen=seen, in_seconds=in_seconds)
        if grant is not None:
            self._count(grant)
        if self._turns:
            self._pump()

    def _count(self, grant: Grant) -> None:
        """Its host has answered it, and so has counted what it took."""
        if not grant.told:
            grant.told = True
            now = self._clock()
            for name, taken in grant.taken.items():
                self._buckets[name].counted(taken, now)

    def hold(self, until: float) -> None:
        """Let nobody go before this moment, in seconds since the epoch: the host has asked for it."""
        now = self._clock()
        self._held_until = max(self._held_until, now + until - self._wall_clock())
        held = self._held_until - now
        for waiter in self._turns:
            if waiter.patience < held and not waiter.future.done():
                waiter.future.set_exception(self._impatient(held))
        if self._turns:
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

    def _check_deadline(self, deadline: Deadline, size: Size, path: Sequence[Hashable], now: float) -> None:
        """Fail at once rather than wait past the deadline."""
        ahead = self._turns.ahead(path)
        at = max(now, self._held_until)
        for name, amount in self._needs(size).items():
            # Those ahead are taken to be like this one.
            bucket = self._buckets[name]
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
