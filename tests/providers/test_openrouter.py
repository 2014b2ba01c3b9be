"""OpenRouter's own settings: what is sent, what is refused here, and the names of its models."""

import copy
import pickle

import pytest

from minillm import ConfigurationError, GeneratorInfo
from minillm.providers import ProviderSettings, get_provider
from minillm.providers.openrouter import VARIANTS, attributed, split_variant

EVERYTHING = {
    "order": ["anthropic", "openai"],
    "only": ["azure"],
    "ignore": ["deepinfra"],
    "allow_fallbacks": False,
    "require_parameters": True,
    "data_collection": "deny",
    "zdr": True,
    "enforce_distillable_text": False,
    "quantizations": ["fp8", "bf16"],
    "sort": {"by": "latency", "partition": "none"},
    "max_price": {"prompt": 1, "completion": "2"},
    "preferred_min_throughput": {"p90": 50},
    "preferred_max_latency": 3,
    "options": {"azure": {"x": 1}},
}


def test_all_that_is_given_is_the_object_that_is_sent():
    """False is said, None is not."""
    assert ProviderSettings(**EVERYTHING) == EVERYTHING
    assert ProviderSettings() == {}
    assert ProviderSettings(allow_fallbacks=False, zdr=None) == {"allow_fallbacks": False}


def test_copies_are_settings_still():
    """What is left out at other hosts is known by its type."""
    settings = ProviderSettings(**EVERYTHING)
    for made in (copy.copy(settings), copy.deepcopy(settings), pickle.loads(pickle.dumps(settings))):
        assert made == settings
        assert type(made) is ProviderSettings


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"order": "groq"}, r"order is a list of names: \['groq'\]"),
        ({"only": "groq"}, "only is a list"),
        ({"data_collection": "no"}, "'allow' or 'deny'"),
        ({"sort": "cheap"}, "sort must be one of"),
        ({"sort": {"by": "cheap"}}, "sort must be one of"),
        ({"max_price": {"promt": 1}}, "not promt"),
    ],
)
def test_what_cannot_be_meant_is_refused_here(said, told):
    """A router that ignores a misspelt ceiling spends without one."""
    with pytest.raises(ConfigurationError, match=told):
        ProviderSettings(**said)


def test_the_program_that_asks_stands_on_the_row_and_the_row_stays_as_it_was():
    """Other generators are not attributed to it."""
    row = attributed("Thesis", "https://thesis.test")
    assert {each.headers["X-Title"] for each in row.endpoints} == {"Thesis"}
    assert attributed(None, None) is get_provider("openrouter")
    assert "X-Title" not in get_provider("openrouter").endpoints[0].headers
    assert GeneratorInfo.openrouter("v/m", app_name="Thesis").provider.name == "openrouter"


@pytest.mark.parametrize("name", ["a\r\nx: y", " ", "Änderung"])
def test_a_name_that_is_no_header_is_refused(name):
    """A line break would be a header of its own."""
    with pytest.raises(ConfigurationError, match="app_name must be printable ASCII"):
        GeneratorInfo.openrouter("v/m", app_name=name)


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_stand_behind_the_name(variant):
    """They are part of the model's name on the wire."""
    assert split_variant(f"vendor/model:{variant}") == ("vendor/model", variant)
    assert GeneratorInfo.from_name(f"openrouter:vendor/model:{variant}").model == f"vendor/model:{variant}"


@pytest.mark.parametrize("model", ["vendor/model", "llama3.2:1b", ":free", ""])
def test_what_is_no_variant_stays_in_the_name(model):
    """Ollama's tags stand there too."""
    assert split_variant(model) == (model, "")
