"""The rows: every host is complete, secure and told apart."""

import re
from string import Formatter

import pytest

from minillm.errors import ConfigurationError
from minillm.providers import CUSTOM, LOCAL, PROVIDERS, get_provider
from minillm.types import CompletionParameters
from minillm.wire import WIRES

NAMED = [
    *("openai", "openrouter", "deepseek", "groq", "mistral", "xai", "together", "fireworks", "cerebras"),
    *("perplexity", "moonshot", "azure", "cloudflare", "ollama", "lm_studio", "vllm", "llama_cpp"),
]

ROWS = sorted(PROVIDERS.values(), key=lambda row: row.name)


def test_all_the_hosts_that_were_promised():
    assert set(NAMED) <= set(PROVIDERS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_complete(row):
    assert PROVIDERS[row.name] is row
    assert re.fullmatch(r"[a-z][a-z0-9_]*", row.name)
    assert row.label
    assert row.endpoints
    assert row.key_env or not row.key_required
    for name in (*row.key_env, *row.variables.values()):
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", name)


@pytest.mark.parametrize("row", [*ROWS, LOCAL, CUSTOM], ids=lambda row: row.name)
def test_every_endpoint_can_be_spoken_to(row):
    for endpoint in row.endpoints:
        assert endpoint.wire in WIRES
        assert not endpoint.base_url.endswith("/")
        placeholders = {name for _, name, _, _ in Formatter().parse(endpoint.base_url) if name}
        assert placeholders <= set(row.variables)
        assert endpoint.auth.header == endpoint.auth.header.lower()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_key_goes_over_https_or_stays_on_this_machine(row):
    for endpoint in row.endpoints:
        assert endpoint.base_url.startswith(("https://", "http://localhost:"))


@pytest.mark.parametrize("row", [*ROWS, LOCAL, CUSTOM], ids=lambda row: row.name)
def test_what_a_host_does_not_take_is_named_as_our_fields_are(row):
    known = set(CompletionParameters.__slots__) | {"tools", "tool_choice"}
    for endpoint in row.endpoints:
        assert endpoint.quirks.unsupported <= known
        assert endpoint.quirks.response_formats <= {"text", "json", "json_schema", "closed_json_schema"}
        if endpoint.quirks.tool_id_pattern:
            re.compile(endpoint.quirks.tool_id_pattern)


def test_no_two_hosts_share_an_environment_key():
    """A key belongs to one address."""
    names = [name for row in ROWS for name in row.key_env]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("spelling", ["lm_studio", "lm-studio", "LM_Studio", "llama.cpp"])
def test_names_are_found_as_people_spell_them(spelling):
    assert get_provider(spelling) in ROWS


def test_an_unknown_host_is_told_with_those_that_are_known():
    with pytest.raises(
        ConfigurationError, match=r"no provider is called 'opanai'; known are .*openai.*GeneratorInfo\.custom"
    ):
        get_provider("opanai")
