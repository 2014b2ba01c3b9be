"""A limiter: who may go, who waits, who is told at once that it would be too late. The clock is ours."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import RateLimitError, TimeoutExceeded
from minillm.policies.deadline import Deadline
from minillm.policies.limiter import Grant, Limiter
from minillm.types import RateLimit, RateLimits, Usage

from .plain_limiter import NAMES, PlainLimiter


class Clock:
    """Stands still unless it is set; a limiter's own timers are woken by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def wall(self):
        return self.now + 1e9


@pytest.fixture
def clock():
    return Clock()


def limiter_at(clock, **limits):
    return Limiter(RateLimits(**limits), "host:m", clock=clock, wall_clock=clock.wall)


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def waits(limiter, *arguments, **more):
    return asyncio.ensure_future(limiter.acquire(Grant(*arguments), **more))


async def test_what_is_allowed_goes_at_once(clock):
    limiter = limiter_at(clock, requests_per_minute=100)
    grants = [await limiter.acquire(Grant()) for _ in range(97)]
    assert limiter.waiting == 0
    task = waits(limiter)
    await settle()
    assert limiter.waiting == 1
    clock.now += 4.0
    limiter._pump()
    for grant in [*grants, await task]:
        limiter.ended(grant)
    assert limiter.idle


async def test_so_many_run_at_a_time(clock):
    limiter = limiter_at(clock, concurrency=2)
    first, second = await limiter.acquire(Grant()), await limiter.acquire(Grant())
    third = waits(limiter)
    await settle()
    assert not third.done()
    limiter.ended(first)
    limiter.ended(first)  # counts once
    await settle()
    assert third.done()
    fourth = waits(limiter)
    await settle()
    assert not fourth.done()
    limiter.ended(second)
    await fourth


async def test_one_that_is_cancelled_leaves_its_turn_to_the_next(clock):
    limiter = limiter_at(clock, concurrency=1)
    grant = await limiter.acquire(Grant())
    tasks = [waits(limiter) for _ in range(3)]
    await settle()
    tasks[0].cancel()
    await settle()
    limiter.ended(grant)
    await settle()
    assert [task.done() for task in tasks] == [True, True, False]
    tasks[2].cancel()


async def test_one_that_is_cancelled_when_its_turn_comes_gives_it_back(clock):
    limiter = limiter_at(clock, concurrency=1, requests_per_minute=100)
    grant = await limiter.acquire(Grant())
    task, other = waits(limiter), waits(limiter)
    await settle()
    limiter.ended(grant)
    task.cancel()
    await settle()
    assert task.cancelled()
    limiter.ended(await other)
    assert limiter.idle
    assert limiter._buckets["requests"].level == pytest.approx(97 - 2)


async def test_large_ones_are_not_passed_by_small_ones(clock):
    limiter = limiter_at(clock, tokens_per_minute=1000)
    await limiter.acquire(Grant(900, 0))
    large, small = waits(limiter, 500, 0), waits(limiter, 1, 0)
    await settle()
    assert not small.done()
    clock.now += 60
    limiter._pump()
    await asyncio.gather(large, small)


async def test_trees_take_turns(clock):
    limiter, order = limiter_at(clock, concurrency=1), []

    async def call(tree, number):
        grant = await limiter.acquire(Grant(), (tree, number % 2))
        order.append(tree)
        await asyncio.sleep(0)
        limiter.ended(grant)

    first = await limiter.acquire(Grant())
    tasks = [asyncio.ensure_future(call("big", number)) for number in range(20)]
    await settle()
    tasks.append(asyncio.ensure_future(call("small", 0)))
    await settle()
    limiter.ended(first)
    await asyncio.gather(*tasks)
    assert order.index("small") <= 1


async def test_a_wait_beyond_the_deadline_fails_at_once(clock):
    limiter = limiter_at(clock, requests_per_minute=60)
    for _ in range(58):
        limiter.ended(await limiter.acquire(Grant()))
    with pytest.raises(TimeoutExceeded, match="rate limits of host:m leave no room") as caught:
        await limiter.acquire(Grant(), deadline=Deadline(0.5))
    assert clock.wall() + 0.5 < caught.value.retry_at < clock.wall() + 2
    assert limiter.waiting == 0


async def test_those_ahead_count_in_how_long_it_takes(clock):
    limiter = limiter_at(clock, requests_per_minute=60)
    for _ in range(58):
        limiter.ended(await limiter.acquire(Grant()))
    queue = [waits(limiter) for _ in range(30)]
    await settle()
    with pytest.raises(TimeoutExceeded, match="30 wait before it"):
        await limiter.acquire(Grant(), deadline=Deadline(20))
    lonely = waits(limiter, path=("other", 0), deadline=Deadline(20))
    await settle()
    assert not lonely.done()
    for task in (*queue, lonely):
        task.cancel()


async def test_a_deadline_that_passes_while_waiting_ends_the_wait(clock):
    limiter = limiter_at(clock, concurrency=1)
    await limiter.acquire(Grant())
    with pytest.raises(TimeoutExceeded):
        await limiter.acquire(Grant(), deadline=Deadline(0.01))


async def test_when_the_host_asks_for_a_pause_all_wait(clock):
    limiter = limiter_at(clock, concurrency=5)
    limiter.hold(clock.wall() + 3)
    tasks = [waits(limiter) for _ in range(3)]
    await settle()
    assert not any(task.done() for task in tasks)
    clock.now += 3.1
    limiter._pump()
    await asyncio.gather(*tasks)


async def test_a_pause_longer_than_anybody_would_wait_fails_at_once(clock):
    limiter = limiter_at(clock, concurrency=1)
    await limiter.acquire(Grant())
    waiting, patient = waits(limiter, patience=60), waits(limiter)
    await settle()
    limiter.hold(clock.wall() + 600)
    with pytest.raises(RateLimitError, match="host:m has asked all requests to wait, for another 600 s") as caught:
        await waiting
    assert caught.value.retry_at == pytest.approx(clock.wall() + 600)
    assert caught.value.retryable
    with pytest.raises(RateLimitError):
        await limiter.acquire(Grant(), patience=60)
    assert not patient.done()
    patient.cancel()


# ---------------------------------------------------------------- sizes

OF_TOKENS = {
    "tokens": "tokens_per_minute",
    "input_tokens": "input_tokens_per_minute",
    "output_tokens": "output_tokens_per_minute",
}


@pytest.mark.parametrize(
    ("name", "foreseen", "really"), [("tokens", 100 + 50, 30), ("input_tokens", 100, 20), ("output_tokens", 50, 10)]
)
async def test_what_a_request_takes_is_foreseen_and_put_right(clock, name, foreseen, really):
    limiter = limiter_at(clock, **{OF_TOKENS[name]: 10_000})
    bucket = limiter._buckets[name]
    grant = await limiter.acquire(Grant(100, 50))
    assert bucket.level == pytest.approx(9700 - foreseen)
    limiter.ended(grant, Usage(20, 5, output_tokens=10) if name != "tokens" else Usage(20, output_tokens=10))
    assert bucket.level == pytest.approx(9700 - really)


async def test_a_refused_request_takes_no_tokens(clock):
    limiter = limiter_at(clock, tokens_per_minute=10_000, requests_per_minute=100)
    limiter.ended(await limiter.acquire(Grant(100, 50)), refused=True)
    assert limiter._buckets["tokens"].level == pytest.approx(9700)
    assert limiter._buckets["requests"].level == pytest.approx(96)


async def test_an_unknown_usage_leaves_what_was_foreseen(clock):
    limiter = limiter_at(clock, tokens_per_minute=10_000)
    limiter.ended(await limiter.acquire(Grant(100, 50)))
    assert limiter._buckets["tokens"].level == pytest.approx(9550)


async def test_answers_teach_how_large_requests_are(clock):
    limiter = limiter_at(clock, input_tokens_per_minute=1_000_000, output_tokens_per_minute=1_000_000)
    for _ in range(100):
        limiter.ended(await limiter.acquire(Grant(100)), Usage(300, output_tokens=10))
    taken = (await limiter.acquire(Grant(100))).taken
    assert taken[2] == pytest.approx(300, rel=0.01)
    assert taken[3] == pytest.approx(10, rel=0.01)


# ---------------------------------------------------------------- what hosts say


async def test_limits_are_learned_from_what_the_host_says(clock):
    limiter = limiter_at(clock)
    assert not limiter.learned
    limiter.heed({"requests": RateLimit(100, 4, clock.wall() + 57.6), "size": RateLimit(5, 5)})
    assert limiter.learned
    await limiter.acquire(Grant())
    task = waits(limiter)
    await settle()
    assert not task.done()
    task.cancel()


async def test_a_user_who_wants_none_of_it_is_obeyed(clock):
    limiter = limiter_at(clock, requests_per_minute=100, learn=False)
    grant = await limiter.acquire(Grant())
    limiter.ended(grant, said={"requests": RateLimit(100, 0)})
    assert limiter._buckets["requests"].level > 90


async def test_where_tokens_are_told_apart_their_sum_is_no_limit_of_its_own(clock):
    limiter = limiter_at(clock)
    limiter.heed({name: RateLimit(100, 100) for name in ("tokens", "input_tokens", "output_tokens")})
    assert set(limiter._buckets) == {"input_tokens", "output_tokens"}


@pytest.mark.parametrize(
    "said", [{"requests": RateLimit(0, 0)}, {"requests": RateLimit(None, 5)}, {"size": RateLimit(1)}]
)
async def test_what_is_no_limit_is_not_learned(clock, said):
    limiter = limiter_at(clock)
    limiter.heed(said)
    assert not limiter.learned


async def test_tokens_that_the_host_counts_itself_come_back_as_it_says(clock):
    """OpenAI counts the ceiling, whatever came of it."""
    limiter = limiter_at(clock, tokens_per_minute=10_000)
    grant = await limiter.acquire(Grant(100, 900))
    limiter.ended(grant, Usage(100, output_tokens=5), {"tokens": RateLimit(10_000, 9_000)})
    assert limiter._buckets["tokens"].level == pytest.approx(9_000 - 300)


async def test_of_tokens_that_the_host_counts_itself_a_refusal_gives_none_back(clock):
    limiter = limiter_at(clock, tokens_per_minute=10_000, input_tokens_per_minute=10_000)
    limiter.heed({"tokens": RateLimit(10_000, 10_000)})
    limiter.ended(await limiter.acquire(Grant(100, 900)), refused=True)
    assert limiter._buckets["tokens"].level == pytest.approx(9_700 - 1_000)
    assert limiter._buckets["input_tokens"].level == pytest.approx(9_700)


async def test_other_limits_may_be_given_later(clock):
    limiter = limiter_at(clock, requests_per_minute=100)
    limiter.allow(RateLimits(requests_per_minute=1000))
    assert limiter._buckets["requests"].rate == pytest.approx(1000 / 60 * 0.97)


async def test_what_runs_while_limits_change_is_put_right_by_the_new_ones(clock):
    limiter = limiter_at(clock, tokens_per_minute=10_000)
    grant = await limiter.acquire(Grant(100, 50))
    limiter.allow(RateLimits(tokens_per_minute=20_000))
    limiter.ended(grant, Usage(1000, output_tokens=1000))
    assert limiter._buckets["tokens"].level == pytest.approx(19_400 - (2000 - 150))


async def test_what_was_not_sent_takes_nothing(clock):
    limiter = limiter_at(clock, requests_per_minute=100, concurrency=1)
    grant = await limiter.acquire(Grant())
    task = waits(limiter)
    await settle()
    limiter.unsent(grant)
    limiter.unsent(grant)
    await task
    assert limiter._buckets["requests"].level == pytest.approx(96)


# ---------------------------------------------------------------- beside a plain one

counts = st.none() | st.integers(0, 3000)
steps = st.one_of(
    st.tuples(st.just("later"), st.sampled_from((0.0, 0.5, 1.0, 2.999, 3.0, 7.5, 61.0))),
    st.tuples(st.just("begin"), st.floats(0, 2000), st.none() | st.integers(0, 2000)),
    st.tuples(st.just("end"), st.integers(0, 99), st.none() | st.builds(Usage, counts, counts, output_tokens=counts)),
    st.tuples(st.just("refused"), st.integers(0, 99)),
    st.tuples(st.just("unsent"), st.integers(0, 99)),
)
given_limits = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(NAMES, st.sampled_from((3, 100, 6000, 10**9))), "concurrency": st.integers(1, 4)}
)


@given(given_limits, st.lists(steps, max_size=30))
def test_any_requests_take_and_give_back_what_they_do_plainly(limits, steps):
    clock = Clock()
    named = {name if name == "concurrency" else f"{name}_per_minute": value for name, value in limits.items()}
    limiter, plain = limiter_at(clock, **named), PlainLimiter(limits, clock.now)
    running = []
    for what, *said in steps:
        if what == "later":
            clock.now += said[0]
        elif what == "begin":
            grant, taken = Grant(*said), plain.begin(*said, clock.now)
            assert limiter.at_once(grant) == (taken is not None)
            if taken is not None:
                running.append((grant, taken))
        elif running:
            grant, taken = running.pop(said[0] % len(running))
            if what == "unsent":
                limiter.unsent(grant)
                plain.unsent(taken, clock.now)
            else:
                usage, refused = said[1] if what == "end" else None, what == "refused"
                limiter.ended(grant, usage, refused=refused)
                plain.end(taken, grant.prompt, usage, clock.now, refused=refused)
        for name, bucket in plain.buckets.items():
            found = limiter._buckets[name]
            found.refill(clock.now)
            bucket.refill(clock.now)
            assert (found.level, found.taken, found.seen) == pytest.approx((bucket.level, bucket.taken, bucket.seen))


@given(st.lists(steps, max_size=30), st.integers(0, 30))
def test_other_limits_in_between_leave_what_runs_to_its_end(steps, when):
    clock = Clock()
    limiter, running = limiter_at(clock, requests_per_minute=6000, tokens_per_minute=10**6), []
    for number, (what, *said) in enumerate(steps):
        if number == when:
            limiter.allow(RateLimits(tokens_per_minute=10**5, input_tokens_per_minute=10**5, concurrency=20))
            limiter.heed({"output_tokens": RateLimit(10**5, 10**5)})
        if what == "later":
            clock.now += said[0]
        elif what == "begin" and limiter.at_once(grant := Grant(*said)):
            running.append(grant)
        elif what == "end" and running:
            limiter.ended(running.pop(0), said[1], {"tokens": RateLimit(10**5, 5 * 10**4, clock.wall() + 30)})
        elif what == "unsent" and running:
            limiter.unsent(running.pop(0))
        assert limiter._running == len(running)
        for bucket in limiter._buckets.values():
            bucket.refill(clock.now)
            assert bucket.level <= bucket.capacity
    for grant in running:
        limiter.ended(grant)
    assert limiter.idle
