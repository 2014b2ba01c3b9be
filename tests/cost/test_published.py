"""List prices out of the package of the extra: rates, tiers, days, tiers of processing."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from minillm.cost.published import Published, published
from minillm.providers.catalog import PROVIDERS

MILLION = 1_000_000


class Rates(SimpleNamespace):
    """The package's rates: a key that is not there is None."""

    def __getattr__(self, name):
        return None


def tiered(base, *tiers):
    return SimpleNamespace(base=Decimal(base), tiers=[SimpleNamespace(start=n, price=Decimal(p)) for n, p in tiers])


class Snapshot:
    """One host with one model, as the package tells them."""

    def __init__(self, rates, provider="openai", variants=()):
        self.found = (
            SimpleNamespace(id=provider),
            SimpleNamespace(
                get_prices=lambda day, context=None: rates(day) if callable(rates) else rates,
                price_variants=[SimpleNamespace(when=when) for when in variants],
                context_window=128_000,
            ),
        )

    def find_provider_model(self, model, _provider, provider, _url):
        if model != "m" or provider != self.found[0].id:
            raise LookupError(model)
        return self.found


def table(rates, **settings):
    return Published(Snapshot(rates, **settings), "1.2")


def test_every_rate_has_its_place():
    price = table(
        Rates(
            input_mtok=Decimal(1),
            output_mtok=Decimal(2),
            cache_read_mtok=Decimal("0.1"),
            cache_write_mtok=Decimal(3),
            cache_write_1h_mtok=Decimal(4),
            input_audio_mtok=Decimal(30),
            requests_kcount=Decimal(5),
        )
    ).price("openai", "m", 0.0)
    assert (price.input, price.output, price.cache_read) == (1, 2, Decimal("0.1"))
    assert price.cache_write == {"": 3, "5m": 3, "1h": 4}
    assert (price.audio_input, price.audio_output, price.per_request) == (30, None, Decimal("0.005"))
    assert (price.table, price.date) == ("genai-prices 1.2", "1970-01-01")


def test_tiers_of_all_rates_meet():
    """Two rates that rise at different lengths make two tiers, each of them whole."""
    price = table(
        Rates(input_mtok=tiered(1, (200, 2), (500, 3)), output_mtok=tiered(8, (500, 9)), cache_read_mtok=Decimal(1))
    ).price("openai", "m")
    assert [(tier.above, tier.price.input, tier.price.output, tier.price.cache_read) for tier in price.tiers] == [
        (200, 2, 8, 1),
        (500, 3, 9, 1),
    ]
    assert (price.input, price.output) == (1, 8)


def test_one_rate_for_all_where_the_host_says_so():
    """Google's page names a rate for sound only where it differs; elsewhere it is not known."""
    rates = Rates(input_mtok=Decimal(1), output_mtok=Decimal(2))
    assert table(rates, provider="google").price("gemini", "m").audio_input == 1
    assert table(rates).price("openai", "m").audio_input is None


def test_the_day_of_the_call_counts():
    listed = table(lambda day: Rates(input_mtok=Decimal(day.year)))
    assert listed.price("openai", "m", datetime(2025, 5, 1, tzinfo=UTC).timestamp()).input == 2025


def test_another_tier_of_processing_is_told_apart_or_unknown():
    """The ordinary price would be wrong for a faster or slower tier."""
    listed = table(Rates(input_mtok=Decimal(1)), variants=[{"service_tier": "flex"}])
    assert listed.price("openai", "m", service_tier="flex") is not None
    assert listed.price("openai", "m", service_tier="priority") is None
    assert listed.price("openai", "m", service_tier="auto") is not None


@pytest.mark.parametrize(("host", "model"), [("openai", "other"), ("local", "m"), ("openai", ""), ("custom", "m")])
def test_what_is_not_listed_has_no_price(host, model):
    assert table(Rates(input_mtok=Decimal(1))).price(host, model) is None


def test_a_model_that_is_billed_by_pages_has_no_price():
    assert table(Rates(input_document_kpages=Decimal(1))).price("openai", "m") is None


def test_limits_are_told():
    assert (table(Rates()).limit("openai", "m"), table(Rates()).limit("openai", "x")) == (128_000, None)


@pytest.fixture
def real():
    listed = published()
    if listed is None:
        pytest.skip("the package genai-prices is not installed")
    return listed


def test_the_real_package_knows_the_usual_models(real):
    """A fact that no longer changes: the price of Claude Haiku 3.5 with both lengths of its cache."""
    price = real.price("anthropic", "claude-3-5-haiku-20241022", datetime(2025, 5, 1, tzinfo=UTC).timestamp())
    assert (price.input, price.output, price.cache_read) == (Decimal("0.8"), 4, Decimal("0.08"))
    assert price.cache_write == {"": 1, "5m": 1, "1h": Decimal("1.6")}
    assert real.name.startswith("genai-prices ")


def test_the_real_package_knows_the_hosts_that_are_mapped(real):
    """A renamed provider would leave its models without prices, silently."""
    from minillm.cost.published import _PROVIDERS

    known = {provider.id for provider in real._snapshot.providers}
    assert set(_PROVIDERS.values()) <= known
    assert {host for host in _PROVIDERS if not host.startswith("vertex_")} <= set(PROVIDERS)
