"""Axes: what is on them is inside, and their numbers are round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.benchmark.scale import Scale


@given(st.lists(st.one_of(st.none(), st.just(0.0), st.floats(1e-7, 1e7)), max_size=30), st.booleans())
def test_any_numbers_make_an_axis(values: list[float | None], may_be_log: bool) -> None:
    scale = Scale.over(values, may_be_log=may_be_log)
    ticks = scale.ticks()
    assert 1 <= len(ticks) <= 12
    assert ticks == sorted(set(ticks))
    assert all(0 <= scale.at(value) <= 100 for value in (*ticks, *(each for each in values if each is not None)))
    known = [each for each in values if each is not None]
    if known:
        assert scale.high >= max(known) * 0.999999


def test_near_numbers_stand_on_an_even_axis_from_zero() -> None:
    scale = Scale.over([0.2, 0.9])
    assert (scale.log, scale.low, scale.high) == (False, 0, 1.0)
    assert scale.ticks() == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert scale.at(0.5) == pytest.approx(50)


def test_far_ones_on_a_logarithmic_one() -> None:
    scale = Scale.over([0.01, 10])
    assert scale.log
    assert scale.at(0.1) - scale.at(0.01) == pytest.approx(scale.at(1) - scale.at(0.1))
    assert {0.01, 0.1, 1, 10} <= set(scale.ticks())


def test_an_axis_may_be_told_to_be_even() -> None:
    assert not Scale.over([0.01, 10], may_be_log=False).log


def test_without_a_number_there_is_an_axis_all_the_same() -> None:
    assert Scale.over([None]).ticks()[0] == 0
