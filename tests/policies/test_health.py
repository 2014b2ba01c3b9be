"""The health of routes: when they cool, for how long, and who may try them again."""

import pytest

from minillm import (
    AuthenticationError,
    BadRequestError,
    ConnectError,
    ContextLengthError,
    InvalidOutput,
    QuotaError,
    RateLimitError,
    ServerError,
    StreamInterrupted,
)
from minillm.policies.health import Board, State, board

KEY = "route"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def seen(clock):
    return Board(clock, lambda: clock.now + 1e9)


def fail(seen, error=None, *, cooldown=30.0, failures=3):
    return seen.failed(KEY, error or ServerError("no"), cooldown=cooldown, failures=failures)


def test_a_route_nobody_knows_is_well(seen):
    assert not seen
    assert (seen.state(KEY), seen.look(KEY)) == (State.WELL, None)


def test_it_cools_after_so_many_failures_in_a_row(seen, clock):
    assert [fail(seen), fail(seen)] == [None, None]
    assert seen.state(KEY) is State.WELL
    assert fail(seen) == pytest.approx(clock.now + 1e9 + 30)
    assert seen.state(KEY) is State.COOLING


def test_an_answer_ends_the_row(seen):
    fail(seen), fail(seen)
    seen.answered(KEY)
    assert not seen
    assert fail(seen) is None


@pytest.mark.parametrize("kind", [AuthenticationError, QuotaError])
def test_what_does_not_pass_soon_cools_at_once(seen, kind):
    fail(seen, kind("no"))
    assert seen.state(KEY) is State.COOLING


@pytest.mark.parametrize("kind", [ConnectError, StreamInterrupted, RateLimitError])
def test_failures_of_the_host_count(seen, kind):
    assert fail(seen, kind("no"), failures=1) is not None


@pytest.mark.parametrize("kind", [BadRequestError, ContextLengthError, InvalidOutput])
def test_what_is_wrong_with_a_request_or_an_answer_says_nothing_of_the_host(seen, kind):
    assert fail(seen, kind("no"), failures=1) is None
    assert not seen


def test_a_host_that_says_when_is_not_asked_before(seen, clock):
    """Whatever the settings for cooling are, and however few its failures."""
    until = clock.now + 1e9 + 7
    assert fail(seen, RateLimitError("no", retry_at=until), cooldown=0) == until
    assert seen.state(KEY) is State.TOLD
    refusal = seen.refusal(KEY, "a:m")
    assert isinstance(refusal, RateLimitError)
    assert (refusal.retryable, refusal.retry_at) == (True, until)
    assert "a:m was not asked: its host wants to be asked again in 7 s" in str(refusal)
    clock.now += 7
    assert seen.state(KEY) is State.TRIAL


def test_a_moment_that_has_passed_is_no_pause(seen, clock):
    assert fail(seen, RateLimitError("no", retry_at=clock.now + 1e9 - 1)) is None
    assert seen.state(KEY) is State.WELL


def test_no_cooldown_counts_but_never_cools(seen):
    for _ in range(9):
        assert fail(seen, cooldown=0) is None
    assert seen.state(KEY) is State.WELL


def test_one_call_at_a_time_finds_out_whether_it_is_well(seen, clock):
    fail(seen, failures=1)
    assert not seen.asked(KEY)  # while it cools it may be asked in need, and that is no trial
    clock.now += 31
    assert seen.asked(KEY)
    assert (seen.state(KEY), seen.asked(KEY)) == (State.COOLING, False)
    seen.left(KEY)  # cancelled: nothing was found out
    assert seen.state(KEY) is State.TRIAL


def test_a_trial_that_fails_doubles_the_pause_up_to_sixteen_times(seen, clock):
    pauses = []
    for _ in range(7):
        until = fail(seen, failures=1)
        pauses.append(until - clock.now - 1e9)
        clock.now = until - 1e9
        seen.asked(KEY)
    assert pauses == pytest.approx([30, 60, 120, 240, 480, 480, 480])
    seen.answered(KEY)
    assert fail(seen, failures=1) == pytest.approx(clock.now + 1e9 + 30)


def test_a_trial_after_a_pause_that_was_asked_for_counts_at_once(seen, clock):
    fail(seen, RateLimitError("no", retry_at=clock.now + 1e9 + 7))
    clock.now += 8
    assert fail(seen) == pytest.approx(clock.now + 1e9 + 30)


def test_failures_while_it_cools_do_not_prolong_the_pause(seen, clock):
    """Calls that were under way together count once."""
    until = fail(seen, failures=1)
    clock.now += 10
    assert fail(seen, failures=1) == pytest.approx(until)


def test_the_board_does_not_grow_for_ever(seen, monkeypatch):
    from minillm.policies import health

    monkeypatch.setattr(health, "_MOST", 3)
    for key in range(5):
        seen.failed(key, ServerError("no"), cooldown=30, failures=1)
    assert [key for key in range(5) if seen.look(key)] == [2, 3, 4]


async def test_each_loop_has_its_own():
    assert board() is board()
    assert not board()
