"""The arithmetic of a rate limit, with a clock in hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.policies.token_bucket import Bucket
from minillm.types import RateLimit

SHARE = 0.97  # the rest is left unused


def bucket(limit=600, **more):
    return Bucket(limit, 0.0, **more)


def observe(found, now, *, remaining, limit=600, sent_at=None, seen=None, in_seconds=None):
    found.observe(
        RateLimit(limit, remaining), now, sent_at=now if sent_at is None else sent_at, seen=seen, in_seconds=in_seconds
    )


def test_a_minutes_worth_may_go_at_once_and_then_as_it_comes_back():
    found = bucket()
    assert found.capacity == pytest.approx(600 * SHARE)
    found.take(found.capacity, 0.0)
    found.counted(found.capacity, 0.0)
    assert found.ready_at(1, 0.0) == pytest.approx(1 / (10 * SHARE))
    assert found.ready_at(10, 0.0) == pytest.approx(10 / (10 * SHARE))


def test_while_a_first_burst_is_on_its_way_nothing_comes_back():
    """The host's bucket is still full then, and gets no fuller."""
    found = bucket()
    found.take(found.capacity, 0.0)
    assert found.ready_at(1, 0.0) == pytest.approx(3 + 1 / (10 * SHARE))
    found.refill(1.0)
    assert found.level == 0
    found.counted(1, 1.0)
    assert found.ready_at(1, 1.0) == pytest.approx(1 + 1 / (10 * SHARE))


def test_it_never_holds_more_than_its_size():
    found = bucket()
    found.refill(1e6)
    assert found.level == found.capacity
    found.settle(500, 0, 1e6, counted=True)
    assert found.level == found.capacity


def test_a_shorter_burst_holds_less_and_fills_as_fast():
    found = bucket(burst=6.0)
    assert found.capacity == pytest.approx(60 * SHARE)
    assert found.rate == bucket().rate


def test_more_than_it_holds_goes_when_it_is_full():
    found = bucket()
    assert found.ready_at(10_000, 0.0) == 0.0
    found.take(10_000, 0.0)
    assert found.ready_at(1, 0.0) > 900


def test_what_was_taken_wrong_is_put_right():
    found = bucket()
    found.take(100, 0.0)
    found.settle(60, 0, 0.0, counted=True)
    assert found.level == pytest.approx(found.capacity - 40)
    found.settle(-10, 0, 0.0, counted=True)
    assert found.level == pytest.approx(found.capacity - 50)


def test_time_that_goes_back_changes_nothing():
    found = bucket()
    found.take(10, 5.0)
    found.refill(3.0)
    assert found.level == pytest.approx(found.capacity - 10)


def test_a_host_that_has_less_is_believed():
    """Somebody else uses the same key."""
    found = bucket()
    found.take(1, 0.0)
    observe(found, 0.0, remaining=18)
    assert found.level == pytest.approx(0)
    assert found.ready_at(1, 0.0) > 0


@pytest.mark.parametrize("limit", [600, None])
def test_a_host_that_allows_far_less_than_its_user_is_not_waited_for(limit):
    """What is spared is a share of the host's own limit, not of the larger one that was given."""
    found = bucket(1_000_000)
    found.take(1, 0.0)
    observe(found, 0.0, remaining=500, limit=limit)
    assert 480 < found.level < 500
    assert found.ready_at(1, 0.0) == 0.0


def test_what_has_filled_since_the_request_may_be_missing_in_what_is_said():
    found = bucket()
    observe(found, 30.0, remaining=18, sent_at=0.0)
    assert found.level == pytest.approx(30 * 10 * SHARE)


def test_what_is_under_way_may_be_missing_in_what_is_said():
    """Taken: 20 that the host has seen, then 30 that it may not have seen."""
    found = bucket(learned=True)
    found.take(20, 0.0)
    found.counted(20, 0.0)
    found.take(30, 0.0)
    found.level = 0  # thought to be empty
    observe(found, 0.0, remaining=580, seen=20)
    assert found.level == pytest.approx(580 - 18 - 30)


def test_a_host_that_agrees_changes_nothing():
    found = bucket(learned=True)
    for taken in range(50):
        found.take(1, taken / 100)
        before = found.level
        observe(found, taken / 100, remaining=600 - taken - 1, seen=found.taken)
        assert found.level == pytest.approx(before, abs=20)


@pytest.mark.parametrize(("host", "raised"), [(600, True), (60_000, False)])
def test_a_limit_that_was_given_is_raised_only_by_a_host_that_has_no_larger_one(host, raised):
    found = bucket()
    found.take(found.capacity, 0.0)
    observe(found, 0.0, remaining=400, limit=host, seen=found.taken)
    assert (found.level > 0) is raised


def test_a_host_that_does_not_count_what_is_under_way_raises_nothing():
    found = bucket(learned=True)
    found.take(found.capacity, 0.0)
    observe(found, 0.0, remaining=600, seen=None)
    assert found.level == pytest.approx(0)


def test_a_host_may_name_another_limit():
    found = bucket(learned=True)
    observe(found, 0.0, remaining=1200, limit=1200, seen=0.0)
    assert (found.rate, found.capacity) == (pytest.approx(20 * SHARE), pytest.approx(1200 * SHARE))
    given_one = bucket()
    observe(given_one, 0.0, remaining=1200, limit=1200, seen=0.0)
    assert given_one.rate == pytest.approx(10 * SHARE)


@pytest.mark.parametrize(
    ("limit", "remaining", "in_seconds", "window"),
    [
        (600, 300, 30.0, 60.0),  # half of it in half a minute
        (600, 570, 3.0, 60.0),
        (14_400, 7_200, 43_200.0, 86_400.0),  # Groq: requests by the day
        (1000, 500, 1790.0, 3600.0),
        (600, 599, 1.0, 60.0),  # rounded to seconds: it says nothing yet
        (600, 600, 0.0, 60.0),
        (600, 300, None, 60.0),
    ],
)
def test_the_window_of_a_limit_shows_in_how_long_it_takes_to_fill(limit, remaining, in_seconds, window):
    found = Bucket(limit, 0.0, learned=True)
    observe(found, 0.0, remaining=remaining, limit=limit, seen=0.0, in_seconds=in_seconds)
    assert found.window == window
    assert found.rate == pytest.approx(limit * SHARE / window)


@pytest.mark.parametrize("said", [RateLimit(), RateLimit(0), RateLimit(None, None, 5.0)])
def test_a_host_that_says_nothing_changes_nothing(said):
    found = bucket(learned=True)
    before = found.level, found.rate
    found.observe(said, 0.0, sent_at=0.0, seen=0.0, in_seconds=None)
    assert (found.level, found.rate) == before


@given(st.floats(1, 1e6), st.lists(st.tuples(st.floats(0, 100), st.floats(0, 50)), max_size=30))
def test_what_is_let_through_is_never_more_than_is_allowed(limit, steps):
    """Whoever waits as long as told never takes more than the bucket's size and what came back."""
    found, now, taken = Bucket(limit, 0.0), 0.0, 0.0
    for wanted, pause in steps:
        amount = min(wanted, found.capacity)
        now = found.ready_at(amount, now + pause)
        found.take(amount, now)
        taken += amount
        assert taken <= (limit + limit / 60 * now) * (1 + 1e-9)


def heeded_plainly(found, said, now, sent_at, seen, in_seconds):
    """What Bucket.observe does, in as many words."""
    found.refill(now)
    if said.limit and found._learned:
        window = found.window
        if said.remaining is not None and in_seconds is not None and in_seconds > 0:
            gone = said.limit - said.remaining
            if gone > 0 and gone >= 0.05 * said.limit:
                told = in_seconds * said.limit / gone
                window = min((60.0, 3600.0, 86400.0), key=lambda known: max(known / told, told / known))
        if (said.limit, window) != (found._limit, found.window):
            found._set(said.limit, window)
            found.level = min(found.level, found.capacity)
    if said.remaining is None:
        return
    left = said.remaining - min(found._spare, (said.limit or said.remaining) * (1.0 - SHARE))
    most = left + (now - sent_at) * found.rate
    if found.level > most:
        found.level = most
    elif seen is not None and (found._learned or (said.limit is not None and said.limit <= found._limit)):
        found.level = min(max(found.level, left - (found.taken - seen)), found.capacity)


COUNTS = st.none() | st.integers(0, 1000)
MOMENTS = st.floats(0, 200)


@given(
    st.booleans(),
    st.lists(
        st.tuples(COUNTS, COUNTS, MOMENTS, MOMENTS, st.none() | st.floats(0, 1000), st.none() | st.floats(-10, 90000)),
        max_size=8,
    ),
)
def test_what_a_host_says_is_heeded_to_the_last_digit(learned, answers):
    found, plain, now = Bucket(600, 0.0, learned=learned), Bucket(600, 0.0, learned=learned), 0.0
    for limit, remaining, pause, took, seen, in_seconds in answers:
        now += pause
        amount = (remaining or 7) / 3
        assert found.take(amount, now - min(took, pause)) == plain.take(amount, now - min(took, pause))
        said = RateLimit(limit, remaining)
        found.observe(said, now, sent_at=now - took, seen=seen, in_seconds=in_seconds)
        heeded_plainly(plain, said, now, now - took, seen, in_seconds)
        for name in Bucket.__slots__:
            assert getattr(found, name) == getattr(plain, name), name
