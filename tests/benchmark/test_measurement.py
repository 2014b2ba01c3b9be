"""What is derived from the times of a request, and its row in a file."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.benchmark import Measurement
from minillm.json import dumps, loads
from tests.benchmark.rows import failure, row


def test_latencies_count_from_when_it_was_due() -> None:
    """Due at 10, sent at 10.5, first token at 11, end at 13."""
    made = row()
    assert (made.first_token, made.end_to_end, made.since_sent, made.late) == (1.0, 3.0, 2.5, 0.5)


def test_the_time_between_tokens_is_that_after_the_first() -> None:
    assert row().inter_token == pytest.approx(2.0 / 20)


def test_thinking_that_was_not_streamed_took_no_time_between_tokens() -> None:
    """A host that thinks 1000 tokens before it speaks 21 does not speak fifty times as fast for it."""
    assert row(output_tokens=1021, hidden_tokens=1000).inter_token == pytest.approx(0.1)


def test_tokens_per_second_are_output_tokens_only() -> None:
    assert row(input_tokens=10**6).tokens_per_second == pytest.approx(21 / 3)


@pytest.mark.parametrize(
    "said",
    [
        {"output_tokens": None},
        {"first": None, "last": None},
        {"output_tokens": 1},
        {"output_tokens": 0},
        {"last": 11.0, "pieces": 1, "waits": []},
        {"last": 11.0, "pieces": 21, "waits": [0.0] * 20},
    ],
    ids=["not counted", "no token", "one token", "none told", "one piece", "all pieces at once"],
)
def test_what_cannot_be_known_is_not(said) -> None:
    assert row(**said).inter_token is None


def test_a_failure_is_no_answer() -> None:
    assert not failure().ok
    assert failure().first_token is None
    assert row().ok


def test_it_comes_back_from_its_row() -> None:
    for made in (row(), failure(), row(usd=None, known_usd=Decimal("0.1"), waits=[])):
        assert Measurement.from_json(loads(dumps(made.to_json()))) == made


@given(st.floats(0, 1e6), st.lists(st.floats(0, 1e4), max_size=5))
def test_times_are_kept_to_the_microsecond(due: float, waits: list[float]) -> None:
    made = row(due=due, waits=waits)
    back = Measurement.from_json(loads(dumps(made.to_json())))
    assert back.due == pytest.approx(due, abs=1e-6)
    assert back.waits == pytest.approx(waits, abs=1e-6)


def test_what_a_newer_version_adds_is_left_out() -> None:
    assert Measurement.from_json({**row().to_json(), "mood": "good"}) == row()


@pytest.mark.parametrize(
    "change",
    [{"target": None}, {"waits": 3}, {"due": "soon"}, {"usd": "much"}, {"waits": ["long"]}],
    ids=lambda change: next(iter(change)),
)
def test_a_row_of_another_form_is_refused(change) -> None:
    with pytest.raises(ValueError, match="no row of a request"):
        Measurement.from_json({**row().to_json(), **change})
