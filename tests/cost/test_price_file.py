"""A user's own table of prices: exact decimals, the best fitting name, errors that name file and key."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.cost.price_file import PriceFile
from minillm.errors import ConfigurationError
from minillm.types import PriceTier, TokenPrice

CONTRACT = """
name = "our contract"
date = 2026-11-01

[prices.openai."gpt-5.4"]
input = 0.1
output = "12"
cache_write = 2.5
audio_input = 30
tiers = [{ above = 272_000, input = 4, cache_write = { 1h = 8 } }]

[prices.openai."gpt-5*"]
input = 2

[prices."*"."gpt-5.4*"]
input = 3

[prices."*"."*"]
input = 4
"""


@pytest.fixture
def contract(tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text(CONTRACT, "utf-8")
    return PriceFile.read(path)


def test_an_entry_is_a_price_that_names_its_table(contract):
    assert contract.price("openai", "gpt-5.4") == TokenPrice(
        input=Decimal("0.1"),
        output=12,
        cache_write={"": "2.5", "5m": "2.5"},
        audio_input=30,
        tiers=(PriceTier(272_000, TokenPrice(4, cache_write={"1h": 8})),),
        table="our contract",
        date="2026-11-01",
    )
    assert repr(contract) == "PriceFile('our contract', 4 prices, of 2026-11-01)"


@pytest.mark.parametrize(
    ("host", "model", "rate"),
    [
        ("OpenAI", "GPT-5.4", "0.1"),
        ("openai", "gpt-5.4-mini", 2),
        ("groq", "gpt-5.4-mini", 3),
        ("groq", "llama", 4),
    ],
)
def test_the_name_that_fits_best_counts(contract, host, model, rate):
    """As written before patterns, this host before any, long before short; case does not matter."""
    assert contract.price(host, model).input == Decimal(rate)


def test_json_says_the_same(tmp_path):
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"prices": {"groq": {"llama": {"input": 0.1, "output": 0.3}}}}), "utf-8")
    table = PriceFile.read(path)
    assert table.price("groq", "llama") == TokenPrice("0.1", "0.3", table="prices.json")
    assert table.price("groq", "gemma") is None
    assert table.price("xai", "llama") is None


def test_a_mapping_and_prices_by_hand_do_too():
    table = PriceFile({"groq": {"llama": TokenPrice(1, 2)}}, date="2026-01-01")
    assert table.price("groq", "llama") == TokenPrice(1, 2, table="own prices", date="2026-01-01")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('[prices.openai."gpt"]\ninptu = 1', r'prices\.openai\."gpt"\.inptu: no such rate; there are audio_'),
        ('[prices.openai."gpt"]\ninput = true', r'prices\.openai\."gpt"\.input: must be a number'),
        ('[prices.openai."gpt"]\ninput = -1', r'prices\.openai\."gpt": TokenPrice\.input must be .* not negative'),
        ('[prices.openai."gpt"]\ninput = [1]', r"must be a number of USD"),
        ('[prices.openai."gpt"]\ncache_write = { 5m = "dear" }', r"TokenPrice\.cache_write must be a number"),
        ('[prices.openai."gpt"]\ntiers = 3', r'prices\.openai\."gpt"\.tiers: must be a list'),
        ('[prices.openai."gpt"]\ntiers = [{ input = 3 }]', r"tiers\[0\]\.above: must be a number of prompt tokens"),
        ('[prices.openai."gpt"]\ntiers = [{ above = -3 }]', r"PriceTier\.above"),
        ('[prices.openai."gpt"]\ntiers = [{ above = 3, tiers = [] }]', r"tiers\[0\]\.tiers: no such rate"),
        ("[prices]\nopenai = 3", r"prices\.openai: must be a table, not int"),
        ("[prices.openai]\ngpt = 3", r'prices\.openai\."gpt": must be a table, not int'),
        ("[price.openai]", r"price: no such key; it takes name, date and prices"),
        ("name = 'x'", r"prices: is missing"),
        ("name = 3\n[prices]", r"name: must be a text"),
        ("date = 'May'\n[prices]", r"date: must be a day such as"),
        ("[prices\n", r"line 1, column 8"),
    ],
)
def test_a_fault_is_told_with_file_and_key(tmp_path, content, complaint):
    path = tmp_path / "prices.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=complaint) as told:
        PriceFile.read(path)
    assert str(told.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("p.json", "[1]", "must hold an object"),
        ("p.json", '{"prices": ', "line 1 column"),
        ("p.json", "[" * 100_000, "recursion"),
        ("p.yaml", "a: 1", r"ends in \.toml or \.json"),
        ("p.toml", b"\xff\xfe", "utf-8"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationError, match=complaint):
        PriceFile.read(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigurationError, match=r"none\.toml: cannot be read: No such file"):
        PriceFile.read(tmp_path / "none.toml")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**6) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["input", "output", "cache_write", "tiers", "above", "5m", "gpt", "audio_input"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["openai", "*", "x"]), values, max_size=3))
def test_any_mapping_is_a_table_or_refused(content):
    """Nothing but our own error comes out, and what is taken has sound prices."""
    try:
        table = PriceFile(content)
    except ConfigurationError as error:
        assert str(error).startswith("own prices: prices.")  # noqa: PT017
        return
    price = table.price("openai", "gpt")
    assert price is None or (price.table == "own prices" and (price.input is None or price.input >= 0))
