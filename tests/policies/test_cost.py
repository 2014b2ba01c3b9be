"""The cost policy: every attempt is on the bill, and only what is known is known."""

from dataclasses import replace
from decimal import Decimal

import pytest

from minillm import ConnectError, MockModel, RateLimitError, ServerError, TokenPrice
from minillm.cost import use_price_table
from minillm.policies.cost import Cost
from minillm.types import CostResolution, MessageEnd, Outcome, StreamFailed, TextDelta, Usage, UsageUpdate

from .models import REQUEST, failed, response, streamed, whole

PRICE = TokenPrice(2, 8)
MILLION = Usage(1_000_000, output_tokens=1_000_000)


@pytest.mark.parametrize("ask", [whole, streamed])
async def test_an_answer_is_priced(ask):
    answer = await ask(Cost(MockModel([response(usage=MILLION)]), PRICE))
    assert answer.attempts[0].cost.usd == 10


@pytest.mark.parametrize("ask", [whole, streamed])
async def test_a_model_that_tells_of_no_attempt_is_on_the_bill_all_the_same(ask):
    answer = await ask(Cost(MockModel([response(usage=MILLION, attempts=())]), PRICE))
    (attempt,) = answer.attempts
    assert (attempt.outcome, attempt.cost.usd) == (Outcome.ACCEPTED, 10)


async def test_a_models_own_value_is_not_filled_in():
    """A cache gives the same response again: what one call cost is no property of it."""
    cached = response(usage=MILLION, attempts=())
    model = Cost(MockModel(lambda _: cached), PRICE)
    assert [len((await model.complete(REQUEST)).attempts) for _ in range(3)] == [1, 1, 1]
    assert cached.attempts == ()


async def test_a_price_is_not_put_on_twice():
    priced = response(usage=MILLION)
    priced.attempts[0].cost = known = (await whole(Cost(MockModel([response(usage=MILLION)]), PRICE))).attempts[0].cost
    assert (await whole(Cost(MockModel([priced]), TokenPrice(1, 1)))).attempts[0].cost is known


@pytest.mark.parametrize("ask", [whole, streamed])
async def test_attempts_that_failed_are_priced_too(ask):
    with pytest.raises(ServerError) as caught:
        await ask(Cost(MockModel([failed(ServerError, usage=MILLION)]), PRICE))
    assert caught.value.attempts[0].cost.usd == 10


@pytest.mark.parametrize(
    ("error", "usd"),
    [
        (failed(RateLimitError, 429), 0),
        (failed(RateLimitError, 400), 0),
        (failed(ConnectError, None), 0),
        (failed(ServerError, 408), None),
        (failed(ServerError, 499), None),
        (failed(ServerError, 500), None),
        (failed(ServerError, 200), None),
        (failed(ServerError, None), None),
    ],
)
async def test_a_refused_request_is_known_to_cost_nothing_and_a_broken_one_is_not(error, usd):
    """Behind a 5xx or a cut line tokens may have been made."""
    with pytest.raises(type(error)):
        await Cost(MockModel([error]), PRICE).complete(REQUEST)
    cost = error.attempts[0].cost
    assert cost.usd == usd
    assert cost.resolution is (CostResolution.UNKNOWN if usd is None else CostResolution.RESOLVED)


async def test_a_stream_that_breaks_is_booked_with_the_usage_so_far():
    events = [TextDelta(0, "a"), UsageUpdate(MILLION), StreamFailed(ServerError("down"))]
    with pytest.raises(ServerError) as caught:
        await streamed(Cost(MockModel([events]), PRICE))
    (attempt,) = caught.value.attempts
    assert (attempt.outcome, attempt.error, attempt.cost.usd) == (Outcome.FAILED, "ServerError", 10)


async def test_a_stream_left_early_is_cancelled_and_unknown():
    async with Cost(MockModel([[TextDelta(0, "a"), TextDelta(0, "b"), MessageEnd()]]), PRICE).stream(REQUEST) as stream:
        await anext(stream)
    assert (stream.attempt.outcome, stream.attempt.cost.usd) == (Outcome.CANCELLED, None)


async def test_a_price_for_this_call_beats_the_hosts_own_sum():
    usage = Usage(1_000_000, output_tokens=0, cost_usd=Decimal(7))
    for wins, usd in ((True, 2), (False, 7)):
        answer = await whole(Cost(MockModel([response(usage=usage)]), PRICE, price_wins=wins))
        assert answer.attempts[0].cost.usd == usd


@pytest.mark.parametrize("ask", [whole, streamed])
async def test_where_no_price_was_given_the_tables_are_asked(ask):
    """For the model asked, else for the one that says it answered: a deployment's name is in no table."""
    use_price_table({"azure": {"gpt-9": {"input": 1, "output": 2}}})
    answer = await ask(Cost(MockModel([replace(response(usage=MILLION), model="gpt-9")]), None, host="azure"))
    (attempt,) = answer.attempts
    assert (attempt.cost.usd, attempt.cost.source, attempt.cost.price.table) == (3, "table", "own prices")
    answer = await ask(Cost(MockModel([replace(response(usage=MILLION), model="gpt-9")]), PRICE, host="azure"))
    assert (answer.attempts[0].cost.usd, answer.attempts[0].cost.source) == (10, "user")


async def test_a_model_that_is_in_no_table_stays_unpriced():
    answer = await whole(Cost(MockModel([response(usage=MILLION)]), None, host="azure"))
    assert (answer.attempts[0].cost.usd, answer.attempts[0].cost.resolution) == (None, CostResolution.UNPRICED)


async def test_no_table_is_asked_where_the_host_told_the_sum():
    class Table:
        name = "never"

        def price(self, *_):
            raise AssertionError

    use_price_table(Table())
    answer = await whole(
        Cost(MockModel([response(usage=Usage(1, output_tokens=1, cost_usd=Decimal(7)))]), None, host="x")
    )
    assert (answer.attempts[0].cost.usd, answer.attempts[0].cost.source) == (7, "host")


@pytest.mark.parametrize("ask", [whole, streamed])
async def test_who_learns_from_bills_is_told_of_accepted_answers(ask, monkeypatch):
    """Of those of hosts, with their counts; of a failed one nothing can be learnt."""
    from minillm.cost import experience

    monkeypatch.setattr(experience, "_ears", experience._Ears())
    told = []
    experience.taught(lambda *reply: told.append(reply))
    await ask(Cost(MockModel([response(usage=MILLION)]), PRICE, host="azure"))
    await ask(Cost(MockModel([response(usage=MILLION)]), PRICE))
    with pytest.raises(ServerError):
        await ask(Cost(MockModel([failed(ServerError, usage=MILLION)]), PRICE, host="azure"))
    ((host, model, request, usage),) = told
    assert (host, model, request.messages, usage) == ("azure", "m", REQUEST.messages, MILLION)


async def test_a_streamed_answer_of_a_model_that_tells_of_no_attempt_bears_its_name():
    """As a whole one does: the bill says who answered."""
    model = MockModel([replace(response(usage=Usage(uncached_tokens=1, output_tokens=1)), model="signed", attempts=())])
    async with Cost(model, None).stream(REQUEST) as stream:
        answer = await stream.collect()
    assert [attempt.model for attempt in answer.attempts] == ["signed"]
