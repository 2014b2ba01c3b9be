"""Estimates of the recorded requests, by a calibration that never saw the one it judges."""

import statistics

import pytest

from minillm.cost.estimate import _LEAST
from tests.required import demand

from .recorded import PAGE, block, bounded, estimates, estimates_table, recorded, share_below


@pytest.fixture(scope="module")
def judged():
    demand("corpus", bool(recorded()), "there are no recorded exchanges; set MINILLM_WIRE_CORPUS")
    return estimates()


def test_the_upper_bound_holds_and_is_near(judged):
    """For 99 of 100 prompts, with a median of at most twice the true number."""
    seen = bounded(judged)
    assert len(seen) >= 150
    assert share_below(seen) >= 0.99
    assert statistics.median(each.room for each in seen) <= 2


def test_the_likely_number_is_near(judged):
    assert statistics.median(each.error for each in bounded(judged)) <= 0.25


def test_the_only_prompt_above_its_bound_is_one_that_no_count_explains(judged):
    """ "Hello!" to Claude 3.5 Haiku, counted as 107 tokens: its publisher's example says so, the model never would."""
    above = [each.case.name for each in bounded(judged) if each.room < 1]
    assert above == ["anthropic_messages/cache_creation"]


def test_the_lower_bound_holds(judged):
    """It holds where text comes in unseen, too: that can only add."""
    below = [each for each in judged if each.tokens.likely * _LEAST > each.case.counted]
    assert len(below) / len(judged) <= 0.03


def test_what_brings_in_text_unseen_is_judged_apart(judged):
    """Searches and stored conversations brought up to 400,000 tokens into prompts of a few words."""
    unseen = [each for each in judged if each.size.unseen]
    assert 25 <= len(unseen) <= 60
    assert max(each.case.counted / each.tokens.likely for each in unseen) > 50


def test_experience_does_no_harm(judged):
    before = statistics.median(each.error for each in bounded(estimates(experience=False)))
    after = statistics.median(each.error for each in bounded(judged))
    assert after <= before + 0.03


def test_the_page_shows_these_figures(judged):
    assert block(PAGE.read_text("utf-8"), "recorded estimates") == estimates_table()
