"""From a file and a command line to generators; what is wrong names line and key, and what would go unread is told."""

from dataclasses import fields
from decimal import Decimal

import pytest

from minillm.config_file import ConfigFileError, Document
from minillm.errors import ConfigurationError
from minillm.trials.provider_table import ProviderTable
from minillm.trials.targets import Wanted, chosen_targets, local_target, targets_of_table

MINE = ProviderTable(base_url="http://127.0.0.1:8000/v1", models=("a", "b"))
OFF = ProviderTable(host="openai", models=("gpt-5.4",), enabled=False)
TABLES = {"mine": MINE, "off": OFF}


NOTHING = Wanted()


def chosen(wanted: Wanted = NOTHING, tables=TABLES, listed=None) -> list[str]:
    return [name for name, *_ in chosen_targets(Document({}), "run", tables, listed, wanted)]


def test_the_file_chooses_those_that_are_enabled_or_named() -> None:
    assert chosen() == ["mine:a", "mine:b"]
    assert chosen(listed=("off", "mine")) == ["off:gpt-5.4", "mine:a", "mine:b"]
    assert chosen(Wanted(providers=["off"])) == ["off:gpt-5.4"]
    assert chosen(Wanted(models=["c"])) == ["mine:c"]
    assert chosen(tables={}) == ["local"]


def test_each_comes_with_its_table() -> None:
    (_, generator, table), _ = chosen_targets(Document({}), "run", {"mine": MINE}, None, Wanted())
    assert table is MINE
    assert generator.base_url == "http://127.0.0.1:8000/v1"
    assert [table for *_, table in chosen_targets(Document({}), "run", {}, None, Wanted())] == [None]


def test_a_server_or_a_generator_stands_in_for_the_file() -> None:
    wanted = Wanted(base_url="http://127.0.0.1:1/v1", models=["x"], wire="anthropic_messages", key_env="MINE_KEY")
    ((name, generator, table),) = chosen_targets(Document({}), "run", TABLES, None, wanted)
    assert (name, table, generator.endpoint.wire, generator.api_key_env) == (
        "x",
        None,
        "anthropic_messages",
        "MINE_KEY",
    )
    assert chosen(Wanted(generators=["openai:gpt-5.4"], wire="openai_responses")) == ["openai:gpt-5.4"]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(base_url="http://127.0.0.1:1/v1"), "--base-url needs --model"),
        (Wanted(base_url="http://h/v1", models=["m"], providers=["mine"]), "--base-url stands beside --provider"),
        (Wanted(base_url="http://h/v1", models=["m"], generators=["a:b"]), "--base-url stands beside --generator"),
        (Wanted(generators=["openai:m"], models=["x"]), "--generator stands beside --model"),
        (Wanted(generators=["openai:m"], providers=["x"]), "--generator stands beside --provider"),
        (Wanted(key_env="K"), "--key-env names the key of --base-url"),
        (Wanted(wire="openai_responses"), "--wire goes with"),
        (Wanted(providers=["nope"]), "the file has mine, off"),
    ],
)
def test_what_would_go_unread_is_told(wanted: Wanted, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        chosen(wanted)


def test_a_model_of_nobody_is_told() -> None:
    with pytest.raises(ConfigurationError, match="--model needs somebody"):
        chosen(Wanted(models=["m"]), tables={})


def test_nobody_to_ask_names_its_place() -> None:
    text = '[run]\nproviders = []\n[providers.off]\nmodels = ["m"]\nenabled = false\n'
    document = Document.parse(text, name="file.toml")
    with pytest.raises(ConfigFileError, match=r"file\.toml:2:1: run\.providers: is empty.*the file has off"):
        chosen_targets(document, "run", {"off": OFF}, (), Wanted())
    with pytest.raises(ConfigFileError, match=r"providers: none is enabled; choose one by its name: off"):
        chosen_targets(document, "run", {"off": OFF}, None, Wanted())


def test_prices_of_a_table_and_of_this_machine() -> None:
    table = ProviderTable(
        base_url="http://h/v1", models=("m",), input_price=Decimal(1), output_price=Decimal(2), cached_price=Decimal(0)
    )
    ((_, generator),) = targets_of_table(Document({}), "mine", table)
    assert generator.price is not None
    assert (generator.price.input, generator.price.output, generator.price.cache_read) == (1, 2, 0)
    _, here = local_target()
    assert here.price is not None
    assert here.price.output == 0


def test_every_key_of_a_table_is_read() -> None:
    """A key that is added here has to reach a generator, or whom is asked."""
    known = [
        "host",
        "models",
        "base_url",
        "wire",
        "api_key_env",
        "headers",
        "enabled",
        "input_price",
        "output_price",
        "cached_price",
    ]
    assert [field.name for field in fields(ProviderTable)] == known
