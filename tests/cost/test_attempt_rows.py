"""Exchanges as flat rows."""

from decimal import Decimal

from minillm.cost.attempt_rows import attempt_row, attempt_rows
from minillm.types import Attempt, CostInfo, CostResolution, TokenPrice, Usage

BARE = Attempt("h", "m", "w", 0.0)


def test_what_is_not_known_is_none_and_never_nothing():
    """A row without a bill says that it is unknown."""
    row = attempt_row(BARE)
    assert (row["usd"], row["resolution"], row["outcome"]) == (None, "unknown", "pending")
    assert all(row[name] is None for name in row if name.endswith("_tokens"))


def test_all_that_is_known_is_told_without_rounding():
    """Money is text; writes to a cache are by lifetime."""
    price = TokenPrice(2, table="published 2026-11-01")
    usage = Usage(3, 4, {"5m": 5}, output_tokens=6)
    cost = CostInfo(Decimal("0.0000000010"), Decimal("0.0000000010"), CostResolution.RESOLVED, "table", price, usage)
    row = attempt_row(Attempt("h", "m", "w", 0.0, usage=usage, cost=cost))
    assert (row["usd"], row["price_table"], row["cache_write_tokens"]) == ("0.0000000010", price.table, {"5m": 5})


def test_every_row_has_the_same_columns():
    """So that a table can be made of them."""
    rows = attempt_rows([BARE, Attempt("h", "m", "w", 1.0, usage=Usage(1), cost=CostInfo())])
    assert rows[0].keys() == rows[1].keys()
