"""How much is left, by what it took so far."""

from decimal import Decimal

import pytest

from minillm import MockModel
from minillm.benchmark import Closed, Open, Plan, Prompt, Target
from minillm.benchmark.outlook import Outlook
from minillm.benchmark.run import series_of
from tests.benchmark.rows import failure, row


def outlook(*loads, **said) -> Outlook:
    targets = [Target("host:model", MockModel()), Target("other", MockModel())]
    plan = Plan(
        **{"targets": targets[:1], "prompts": [Prompt.of("short", "Hi.")], "loads": loads, "requests": 10, **said}
    )
    return Outlook(plan, series_of(plan))


def test_before_anything_nothing_is_known() -> None:
    made = outlook(Closed(1))
    assert (made.seconds_left, made.usd_left, made.total) == (None, None, 11)


def test_a_closed_loop_takes_what_one_takes_shared_by_all() -> None:
    """2.5 s each: seven of ten left one by one; by four at once, the rounds they need."""
    made = outlook(Closed(1), warm_up=0)
    for number in range(3):
        made.add(row(number=number))
    assert made.seconds_left == pytest.approx(7 * 2.5)
    assert made.usd_left == pytest.approx(Decimal("0.014"))
    four = outlook(Closed(4), warm_up=0)
    four.add(row(load="4 at once"))
    assert four.seconds_left == pytest.approx(2.5 * 9 / 4)


def test_an_open_loop_takes_as_long_as_its_schedule() -> None:
    made = outlook(Open(0.5), warm_up=0)
    made.add(row(load="0.5 a second"))
    assert made.seconds_left == pytest.approx(9 / 0.5 + 2.5)


def test_a_series_that_was_not_begun_is_guessed_by_the_others() -> None:
    made = outlook(Closed(1), Closed(2), warm_up=0, pause=5)
    for number in range(10):
        made.add(row(number=number))
    assert made.seconds_left == pytest.approx(10 * 2.5 / 2 + 5)


def test_money_is_at_least_what_is_known() -> None:
    made = outlook(Closed(1), warm_up=0)
    made.add(row())
    made.add(row(usd=None, known_usd=Decimal(0), priced="unknown"))
    made.add(failure())
    assert (made.spent, made.spent_is_known) == (Decimal("0.002"), False)
    assert (made.done, made.failed) == (3, 1)


def test_at_the_end_nothing_is_left() -> None:
    made = outlook(Closed(1), warm_up=0)
    for number in range(10):
        made.add(row(number=number))
    assert (made.seconds_left, made.usd_left) == (0, 0)
