"""Purses: what is set aside, spent and given back, to the last cent, from many threads at once."""

import asyncio
import contextvars
import copy
import pickle
import sys
import threading
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import Budget, BudgetExceeded, ConfigurationError
from minillm.cost.budget import Amount, Needed, Reservation, open_budgets, reserve, reserve_roughly

DOLLAR = Needed(Decimal(1), 100)


class Held(Reservation):
    """One that calls ``on_stop`` and knows how much it is exactly."""

    def __init__(self, on_stop=None, exact=None):
        super().__init__()
        self.stop = on_stop or super().stop
        self.exactly = lambda: exact


def test_what_is_reserved_is_not_left_for_others():
    purse = Budget(usd=2.5)
    reserve([purse], DOLLAR)
    reserve([purse], DOLLAR)
    assert (purse.reserved, purse.running, purse.remaining.usd) == (Amount(Decimal(2), 200, 2), 2, Decimal("0.5"))
    with pytest.raises(BudgetExceeded) as caught:
        reserve([purse], DOLLAR)
    assert purse.reserved.usd == 2
    error = caught.value
    assert (error.unit, error.limit, error.spent, error.reserved, error.needed) == ("usd", Decimal("2.5"), 0, 2, 1)
    assert not error.retryable


def test_the_error_says_which_purse_and_what_of_it_is_gone():
    purse = Budget("10", name="nightly")
    reserve([purse], Needed(Decimal(9), 5)).settle(Decimal("8.5"), 5)
    reserve([purse], DOLLAR)
    with pytest.raises(BudgetExceeded) as caught:
        reserve([purse], DOLLAR)
    assert str(caught.value) == (
        "the budget 'nightly' of $10 does not allow this request, which may take $1: $8.5 spent, $1 set aside for 1 "
        "under way; a lower max_tokens sets less aside"
    )


def test_the_rest_is_given_back():
    purse = Budget(usd=1)
    reserve([purse], DOLLAR).settle(Decimal("0.1"), 10)
    assert (purse.spent, purse.reserved, purse.remaining.usd) == (
        Amount(Decimal("0.1"), 10, 1),
        Amount(),
        Decimal("0.9"),
    )


def test_more_than_was_foreseen_is_booked_in_full():
    purse = Budget(usd=1)
    reserve([purse], DOLLAR).settle(Decimal(3), 300)
    assert purse.remaining.usd == -2


def test_an_unknown_cost_keeps_what_was_set_aside():
    """It may have been billed all the same; what is known of it is no longer uncertain."""
    purse = Budget(usd=3)
    reserve([purse], DOLLAR).settle(None, None)
    reserve([purse], DOLLAR).settle(None, 20, known_usd=Decimal("0.25"))
    assert purse.spent == Amount(Decimal("0.25"), 20, 2)
    assert purse.uncertain == Amount(Decimal("1.75"), 100)
    assert purse.remaining.usd == 1


def test_only_the_first_settlement_counts():
    purse = Budget(usd=3)
    reservation = reserve([purse], DOLLAR)
    reservation.settle(Decimal(1), 1)
    reservation.settle(Decimal(1), 1)
    assert purse.spent == Amount(Decimal(1), 1, 1)


def test_what_was_not_sent_costs_nothing():
    purse = Budget(calls=1)
    reserve([purse], DOLLAR).settle(Decimal(0), 0, sent=0)
    assert purse.remaining.calls == 1


@pytest.mark.parametrize(
    ("limits", "times"), [({"tokens": 250}, 2), ({"calls": 3}, 3), ({"usd": 5, "calls": 1}, 1), ({"usd": 0}, 0)]
)
def test_every_limit_holds(limits, times):
    purse = Budget(**limits)
    for _ in range(times):
        reserve([purse], DOLLAR)
    with pytest.raises(BudgetExceeded):
        reserve([purse], DOLLAR)


def test_what_is_free_needs_no_money():
    purse = Budget(usd=0)
    reserve([purse], Needed(Decimal(0), 5)).settle(Decimal(0), 5)
    assert purse.remaining.usd == 0


def test_several_purses_are_charged_or_none():
    wide, narrow = Budget(usd=10), Budget(usd=1)
    reserve([wide, narrow], DOLLAR)
    with pytest.raises(BudgetExceeded):
        reserve([wide, narrow], DOLLAR)
    assert (wide.reserved.usd, narrow.reserved.usd) == (1, 1)


def test_what_nobody_can_bound_is_refused():
    purse = Budget(usd=1, name="p")
    with pytest.raises(ConfigurationError, match=r"'p' limits usd.*no price of m.*unpriced='allow'"):
        reserve([purse], Needed(None, 5, "no price of m is known"))
    assert purse.running == 0


def test_what_this_purse_does_not_limit_need_not_be_known():
    reserve([Budget(tokens=10)], Needed(None, 5))
    reserve([Budget(usd=10)], Needed(Decimal(5), None))


def test_it_may_be_allowed_while_anything_is_left():
    purse = Budget(usd=1, unpriced="allow")
    reserve([purse], Needed(None, None)).settle(Decimal(2), 5)
    with pytest.raises(BudgetExceeded):
        reserve([purse], Needed(None, None))


def test_those_that_run_are_stopped_when_the_purse_is_empty():
    told = []
    purse, other = Budget(usd=3, name="p"), Budget(usd=3)
    first = reserve([purse], DOLLAR, Held(lambda: told.append("first")))
    second = reserve([other, purse], DOLLAR, Held(lambda: told.append("second")))
    elsewhere = reserve([other], DOLLAR, Held(lambda: told.append("elsewhere")))
    third = reserve([purse], DOLLAR, Held(lambda: told.append("third")))
    third.settle(Decimal("2.9"), 1)
    assert told == []
    first.settle(Decimal("0.2"), 1)
    assert told == ["second"]
    assert second.emptied.budget == "p"
    assert elsewhere.emptied is None


def test_a_purse_that_was_foreseen_to_the_end_stops_nobody():
    told = []
    purse = Budget(usd=2)
    first, _ = reserve([purse], DOLLAR, Held(told.append)), reserve([purse], DOLLAR, Held(lambda: told.append(1)))
    first.settle(Decimal(1), 1)
    assert told == []


# ---------------------------------------------------------------- blocks


def test_blocks_nest_and_end():
    with Budget(usd=1) as outer:
        with Budget(usd=1) as inner:
            assert open_budgets() == (outer, inner)
        assert open_budgets() == (outer,)
    assert open_budgets() == ()


async def test_tasks_inherit_the_purses_of_their_block():
    async def seen():
        await asyncio.sleep(0)
        return open_budgets()

    with Budget(usd=1) as purse:
        task = asyncio.ensure_future(seen())
    assert await task == (purse,)
    assert await seen() == ()


def test_a_block_may_be_left_in_another_context():
    """Notebooks run each cell in a copy."""
    purse = Budget(usd=1)
    contextvars.copy_context().run(purse.__enter__)
    purse.__exit__(None, None, None)
    assert open_budgets() == ()


def test_a_purse_may_be_opened_again():
    purse = Budget(calls=2)
    for _ in range(2):
        with purse, purse:
            reserve(dict.fromkeys(open_budgets()), DOLLAR).settle(Decimal(0), 0)
    assert purse.remaining.calls == 0


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_purse_is_not_copied(copied):
    """It would be spent twice."""
    with pytest.raises(TypeError, match="spent twice"):
        copied(Budget(usd=1))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"usd": -1},
        {"usd": "much"},
        {"usd": float("nan")},
        {"usd": float("inf")},
        {"usd": True},
        {"tokens": 1.5},
        {"calls": -1},
        {"calls": True},
        {"usd": 1, "unpriced": "maybe"},
    ],
    ids=str,
)
def test_what_is_no_limit_is_told(wrong):
    with pytest.raises(ConfigurationError, match=r"Budget|unpriced"):
        Budget(**wrong)


@pytest.mark.parametrize(("usd", "exact"), [(0.1, "0.1"), ("$0.30", "0.30"), (Decimal("1e-7"), "1e-7"), (2, "2")])
def test_money_is_exact(usd, exact):
    assert Budget(usd=usd).usd == Decimal(exact)


def test_its_repr_says_what_is_left_of_what():
    purse = Budget(usd="1.50", calls=3, name="n")
    reserve([purse], DOLLAR)
    assert repr(purse) == "Budget(n: $1 of $1.5, 1 calls of 3 calls used, 1 running)"


# ---------------------------------------------------------------- rough bounds


QUARTER = Needed(Decimal("0.25"), 25)


def roughly(purse, rough=DOLLAR, exact=QUARTER, stop=None):
    made = Held(stop, exact)
    return made if reserve_roughly((purse,), rough, made) else None


def test_a_rough_bound_is_good_enough_where_plenty_is_left():
    """Plenty is 64 times all that is set aside: what it holds too much can keep nobody else from being sent."""
    purse = Budget(usd=128, calls=1000)
    first, second = roughly(purse), roughly(purse)
    assert purse.reserved == Amount(Decimal(2), DOLLAR.tokens * 2, 2)
    assert roughly(purse) is None  # 64 times 3 are more than 128
    first.settle(Decimal("0.1"), 10)
    assert roughly(purse) is None  # for 0.1 are spent
    second.settle(Decimal("0.1"), 10)
    assert (purse.spent.usd, purse.reserved, purse.running) == (Decimal("0.2"), Amount(), 0)
    assert roughly(purse) is not None


def test_one_purse_with_little_in_it_is_enough_for_nothing_to_be_set_aside():
    wide, narrow = Budget(usd=1000), Budget(calls=10)
    assert not reserve_roughly((wide, narrow), DOLLAR, Reservation())
    assert (wide.reserved, wide.running, narrow.running) == (Amount(), 0, 0)


def test_what_is_not_bounded_needs_a_purse_that_does_not_limit_it():
    assert roughly(Budget(usd=10**6, unpriced="allow"), Needed(None, 5)) is None
    assert roughly(Budget(tokens=10**6, unpriced="allow"), Needed(Decimal(1), None)) is None
    assert roughly(Budget(tokens=10**6), Needed(None, 5)) is not None


def test_of_a_request_of_which_nobody_told_no_more_is_kept_than_of_one_bounded_exactly():
    purse = Budget(usd=1000)
    roughly(purse).settle(None, None)
    assert purse.uncertain[:2] == (Decimal("0.25"), 25)
    roughly(purse).settle(None, 10, known_usd=Decimal("0.05"))
    assert purse.uncertain[:2] == (Decimal("0.45"), 25)
    roughly(purse, exact=Needed(None, None)).settle(None, None)
    assert purse.uncertain[:2] == (Decimal("1.45"), 25 + DOLLAR.tokens)
    assert (purse.reserved, purse.running) == (Amount(), 0)


def test_one_that_was_bounded_roughly_is_stopped_like_any_other():
    purse, told = Budget(usd=200), []
    waiting, dear = roughly(purse, stop=lambda: told.append("stopped")), roughly(purse)
    dear.settle(Decimal(500), 5)
    assert told == ["stopped"]
    assert waiting.emptied.budget == ""


# ---------------------------------------------------------------- laws

CENTS = st.integers(0, 300).map(lambda n: Decimal(n) / 100)
STEPS = st.lists(
    st.tuples(st.sets(st.integers(0, 2), min_size=1), CENTS, st.one_of(st.none(), CENTS), st.integers(0, 5)),
    max_size=40,
)


@given(st.lists(CENTS, min_size=3, max_size=3), STEPS)
def test_every_cent_is_accounted_for(limits, steps):
    """Whatever is reserved and settled in whatever order: sums are exact, and no limit is passed but by what was
    billed beyond what was foreseen."""
    purses = [Budget(usd=limit) for limit in limits]
    running, billed, beyond, unknown = [], [Decimal(0)] * 3, [Decimal(0)] * 3, [Decimal(0)] * 3

    def settle(which, needed, actual, reservation):
        reservation.settle(actual, 0)
        for i in which:
            billed[i] += actual or 0
            beyond[i] += max(Decimal(0), (actual or 0) - needed)
            unknown[i] += needed if actual is None else 0

    for which, needed, actual, later in steps:
        try:
            running.append((which, needed, actual, reserve([purses[i] for i in which], Needed(needed, 0))))
        except BudgetExceeded:
            pass
        if running and later < 4:
            settle(*running.pop(later % len(running)))
        for i, purse in enumerate(purses):
            aside = sum((needed for which, needed, _, _ in running if i in which), Decimal(0))
            assert (purse.spent.usd, purse.uncertain.usd, purse.reserved.usd) == (billed[i], unknown[i], aside)
            assert billed[i] + unknown[i] + aside <= limits[i] + beyond[i]
    for one in running:
        settle(*one)
    assert all(purse.reserved == Amount() and purse.running == 0 for purse in purses)


def test_many_threads_share_a_purse():
    """No limit is passed, and nothing is lost between two of them."""
    purse, sent = Budget(usd=100), []

    def spend():
        for _ in range(500):
            try:
                reservation = reserve([purse], DOLLAR)
            except BudgetExceeded:
                continue
            sent.append(1)
            reservation.settle(Decimal("0.5"), 1)

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert purse.spent.usd == Decimal("0.5") * len(sent)
    assert purse.reserved == Amount()
    assert Decimal(99) < purse.spent.usd <= 100


def test_a_purse_tells_what_is_spent_in_the_midst_of_a_booking():
    """As a handler of a signal asks for it, which may run between any two steps of the main thread."""
    purse, told = Budget(usd=100), []

    def handler(_frame, _event, _argument):
        told.append((purse.spent, purse.uncertain, purse.reserved, purse.remaining))

    def spend():
        sys.setprofile(handler)
        try:
            reserve([purse], DOLLAR).settle(None, 1)
        finally:
            sys.setprofile(None)

    thread = threading.Thread(target=spend, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    assert told
