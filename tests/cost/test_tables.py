"""Whose price counts: the user's tables, the last given first, then the published list."""

import pytest

from minillm.cost import published, tables
from minillm.cost.tables import price_of, use_price_table, use_published_prices
from minillm.errors import ConfigurationError
from minillm.types import TokenPrice


class Table:
    """Knows one model; counts how often it is asked."""

    def __init__(self, name, model, **said):
        self.name, self.model, self.said, self.asked = name, model, said, 0

    def price(self, host, model, at=None, service_tier=None):
        self.asked += 1
        return TokenPrice(1, 2, table=self.name) if model == self.model else None


@pytest.fixture
def listed(monkeypatch):
    """A published list in place of the package's."""
    table = Table("list", "m")
    monkeypatch.setattr(published, "published", lambda: table)
    monkeypatch.setattr(tables, "_known", tables.Known())
    return table


def test_nobody_knows():
    assert price_of("openai", "m") is None


def test_published_prices_are_asked_last(listed):
    assert price_of("openai", "m").table == "list"
    use_price_table(Table("own", "m"))
    assert price_of("openai", "m").table == "own"
    use_price_table(Table("newer", "other"))
    assert (price_of("openai", "m").table, price_of("openai", "other").table) == ("own", "newer")
    use_price_table(None)
    assert price_of("openai", "m").table == "list"


def test_they_can_be_turned_off(listed):
    use_published_prices(False)
    assert price_of("openai", "m") is None
    use_published_prices()
    assert price_of("openai", "m") is not None


def test_another_address_is_another_host(listed):
    """A gateway under a vendor's name has prices of its own; a user's table may know them."""
    assert price_of("openai", "m", own_address=False) is None
    use_price_table({"openai": {"m": {"input": 7}}})
    assert price_of("openai", "m", own_address=False).input == 7


def test_an_answer_is_remembered_for_the_hour(listed):
    for second in (0.0, 10.0, 3599.0, 3600.0):
        price_of("openai", "m", second)
    assert listed.asked == 2


def test_what_is_remembered_is_bounded(listed):
    for n in range(3000):
        price_of("openai", f"m{n}")
    assert len(tables._known.found) <= 1024


def test_a_host_that_cannot_be_listed_does_not_load_the_list(monkeypatch):
    """Reading it takes a while, and a model of one's own has no price there."""

    def unwanted():
        raise AssertionError

    monkeypatch.setattr(published, "published", unwanted)
    monkeypatch.setattr(tables, "_known", tables.Known())
    assert price_of("local", "m") is None
    assert tables.context_of("ollama", "m") is None


def test_the_package_may_be_absent(monkeypatch):
    monkeypatch.setattr(published, "published", lambda: None)
    monkeypatch.setattr(tables, "_known", tables.Known())
    assert price_of("openai", "m") is None


def test_a_file_is_read_at_once(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text('[prices.openai."m"]\ninput = 3\n', "utf-8")
    assert use_price_table(path).name == "p.toml"
    assert price_of("openai", "m").input == 3


def test_what_is_no_table_is_refused():
    with pytest.raises(ConfigurationError, match="not int"):
        use_price_table(3)
