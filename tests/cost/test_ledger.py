"""The ledger: a callback that adds up, from any thread."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from minillm.cost import CostLedger
from minillm.types import Attempt, CostInfo, CostResolution, Outcome, Usage

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


def _attempt(model="m-1", **more):
    known = {"outcome": Outcome.ACCEPTED, "status": 200, "cost": DOLLAR, "usage": DOLLAR.usage}
    return Attempt("openrouter", model, "openai_chat_completions", 1_700_000_000.25, **{**known, **more})


def test_exchanges_are_kept_one_by_one_and_summed_by_completion():
    """A completion that was asked three times is one entry of three exchanges."""
    ledger = CostLedger()
    ledger.book([_attempt(), _attempt(outcome=Outcome.REJECTED), _attempt(outcome=Outcome.CANCELLED)])
    ledger(DOLLAR)
    assert (len(ledger), len(ledger.attempts), ledger.total.usd) == (2, 3, 4)
    assert [entry.usd for entry in ledger.entries] == [3, 1]


def test_a_sum_that_a_host_tells_later_is_right_as_soon_as_it_is_known():
    """The ledger keeps exchanges, not what was known of them once."""
    ledger = CostLedger()
    attempt = _attempt(cost=CostInfo(resolution=CostResolution.PENDING))
    ledger.book([attempt])
    assert (ledger.total.usd, ledger.total.resolution) == (None, CostResolution.PENDING)
    attempt.cost = DOLLAR
    assert ledger.total.usd == 1


def test_sums_by_anything_about_an_exchange():
    """An exchange without a bill is unknown, never free."""
    ledger = CostLedger()
    ledger.book([_attempt(), _attempt("m-2"), _attempt(), _attempt("m-3", cost=None)])
    sums = ledger.by(lambda attempt: attempt.model)
    assert {model: cost.usd for model, cost in sums.items()} == {"m-1": 2, "m-2": 1, "m-3": None}


def test_the_export_has_a_line_an_exchange(tmp_path):
    """All that is known of its money, and no text."""
    ledger = CostLedger()
    ledger.book([_attempt(request_id="gen-1"), _attempt(cost=None, usage=None, outcome=Outcome.FAILED, error="X")])
    path = tmp_path / "bill.jsonl"
    assert ledger.save_jsonl(path) == 2
    first, second = (json.loads(line) for line in path.read_text().splitlines())
    assert (first["time"], first["outcome"], first["usd"], first["source"]) == (
        "2023-11-14T22:13:20.250+00:00",
        "accepted",
        "1",
        "host",
    )
    assert (first["uncached_tokens"], first["output_tokens"], first["request_id"]) == (3, 4, "gen-1")
    assert (second["usd"], second["known_usd"], second["resolution"], second["error"]) == (None, "0", "unknown", "X")
    assert [*tmp_path.iterdir()] == [path]


def test_an_export_that_fails_leaves_nothing_behind(tmp_path):
    """The old file stays, and no half of a new one beside it."""
    folder = tmp_path / "bill.jsonl"
    folder.mkdir()
    ledger = CostLedger()
    ledger.book([_attempt()])
    with pytest.raises(OSError, match=r"bill\.jsonl"):
        ledger.save_jsonl(folder)
    assert [*tmp_path.iterdir()] == [folder]
