"""The list's prices against the sums that hosts told themselves."""

import pytest

from minillm.cost.published import published
from tests.required import demand

from .recorded import EXPLAINED, PAGE, billed, block, costs_table, recorded


@pytest.fixture(autouse=True)
def witnesses():
    demand("corpus", bool(recorded()), "there are no recorded exchanges; set MINILLM_WIRE_CORPUS")
    if published() is None:
        pytest.skip("the package genai-prices is not installed")


def test_every_sum_is_within_one_percent_or_explained():
    rows = billed()
    assert len(rows) >= 19
    off = {each.name for each, share in rows if share is None or abs(share - 1) > 0.01}
    assert off == set(EXPLAINED)


def test_some_of_them_by_hand():
    """xai_grok: 163 fresh at $0.20, 305 cached at $0.05 and 402 written at $0.50 a million are $0.00024885."""
    by_name = {each.name: (each, share) for each, share in billed()}
    each, share = by_name["openai_chat/xai_grok"]
    usage = each.usage
    assert (usage.uncached_tokens, usage.cache_read_tokens, usage.output_tokens) == (163, 305, 402)
    assert pytest.approx(float(usage.cost_usd)) == (163 * 0.20 + 305 * 0.05 + 402 * 0.50) / 1e6
    assert share == pytest.approx(1)


def test_the_page_shows_these_figures():
    prices = published()
    page = PAGE.read_text("utf-8")
    if prices.name not in page:
        pytest.skip(f"the page was written with another version than {prices.name}")
    assert block(page, "recorded costs") == costs_table()
