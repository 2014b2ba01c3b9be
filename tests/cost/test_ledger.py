"""The ledger: a callback that adds up, from any thread."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from minillm.cost import CostLedger
from minillm.types import CostInfo, CostResolution, Usage

DOLLAR = CostInfo(Decimal(1), Decimal(1), CostResolution.RESOLVED, "host", None, Usage(3, output_tokens=4))


def test_an_empty_ledger_owes_nothing():
    ledger = CostLedger()
    assert (len(ledger), ledger.total.usd, ledger.known_usd, ledger.usage, ledger.entries) == (0, 0, 0, None, ())


def test_bills_add_up():
    ledger = CostLedger()
    ledger(DOLLAR)
    ledger(DOLLAR)
    assert ledger.entries == (DOLLAR, DOLLAR)
    assert ledger.total.usd == 2
    assert (ledger.usage.input_tokens, ledger.usage.output_tokens) == (6, 8)
    assert repr(ledger) == "CostLedger(2 completions, $2)"


def test_one_unknown_bill_makes_the_sum_unknown_and_the_rest_stays_known():
    ledger = CostLedger()
    ledger(DOLLAR)
    ledger(CostInfo())
    assert ledger.total.usd is None
    assert ledger.known_usd == 1
    assert repr(ledger) == "CostLedger(2 completions, at least $1, unknown)"


def test_an_empty_ledger_is_not_false():
    """``ledger or other`` would drop it."""
    assert CostLedger()


def test_many_threads_may_book_at_once():
    ledger = CostLedger()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ledger(DOLLAR), range(400)))
    assert ledger.total.usd == 400
