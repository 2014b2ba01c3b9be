"""All that was measured."""

from minillm.benchmark import FORMULAE
from minillm.json import dumps
from tests.benchmark.rows import failure, results, row


def test_series_stand_in_the_order_they_were_begun() -> None:
    made = results(row(load="8 at once"), row(load="1 at once"), row(load="8 at once", number=1))
    assert [each.load for each in made.series] == ["8 at once", "1 at once"]


def test_those_that_went_ahead_count_nowhere() -> None:
    made = results(row(warm_up=True), failure(warm_up=True), row())
    assert (len(made.measured), made.failed) == (1, 0)
    assert made.series[0].requests == 1


def test_a_series_is_whole_when_enough_were_measured() -> None:
    made = results(row(), row(number=1), row(load="2 at once"))
    assert made.whole(2) == {("host:model", "short", "1 at once")}


def test_as_json_it_holds_plan_formulae_and_figures() -> None:
    made = results(row(), failure()).to_json()
    assert dumps(made)
    assert made["formulae"] == dict(FORMULAE)
    assert made["series"][0]["errors"] == {"RateLimitError 429": 1}
    assert made["series"][0]["usd"] == "0.002"
    assert made["plan"]["targets"] == [{"name": "host:model"}]


def test_its_repr_is_short() -> None:
    assert repr(results(row(), failure())) == "<Results: 2 requests, 1 failed, 1 series>"
