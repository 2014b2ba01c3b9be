"""The bill of one call is told once, and what goes wrong in telling it is nobody's end."""

import asyncio
import logging

import pytest

from minillm import CostInfo, CostLedger, GeneratorInfo, MockModel, TransportError
from minillm.calling.billing import settled, tell_bill
from minillm.types import Attempt, Outcome

GEN = GeneratorInfo.custom("m", base_url="http://127.0.0.1:1/v1")


def attempt(cost=None, outcome=Outcome.ACCEPTED):
    return Attempt("h", "m", "w", 0.0, outcome=outcome, cost=cost)


def test_what_is_in_flight_when_a_call_ends_was_cancelled():
    """The longest list counts: an error knows of its own route alone."""
    first, second = attempt(outcome=Outcome.FAILED), attempt(outcome=Outcome.PENDING)
    error = TransportError("gone", attempts=(first,))
    assert settled(error, (), [first, second]) == [first, second]
    assert second.outcome is Outcome.CANCELLED
    assert settled(error, (), []) == (first,)
    assert settled(None, (first,), []) == (first,)


async def test_it_is_told_to_functions_coroutines_and_ledgers():
    """A generator that sent nothing cost nothing; of another model nobody knows."""
    told, ledger = [], CostLedger()

    async def later(cost):
        told.append(cost)

    await tell_bill(told.append, GEN, ())
    await tell_bill(later, MockModel(["x"]), ())
    await tell_bill(ledger, GEN, [attempt(CostInfo.total(()))])
    await tell_bill(None, GEN, ())
    assert [cost.usd for cost in told] == [0, None]
    assert ledger.total.usd == 0


async def test_a_callback_that_fails_is_logged(caplog):
    """And nothing is raised."""

    def fail(cost):
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR, "minillm"):
        await tell_bill(fail, GEN, ())
    assert "the cost callback failed" in caplog.text

    async def cancelled(cost):
        raise asyncio.CancelledError

    caplog.clear()
    with caplog.at_level(logging.ERROR, "minillm"):
        await tell_bill(cancelled, GEN, ())  # from within: nobody cancelled the call
    assert "the cost callback failed" in caplog.text


async def test_a_cancelled_call_still_tells_its_bill():
    """Behind the caller's back."""
    begun, go, told = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(cost):
        begun.set()
        await go.wait()
        told.set()

    task = asyncio.ensure_future(tell_bill(slow, GEN, ()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    await told.wait()
