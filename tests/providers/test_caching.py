"""What hosts document of their prompt caches."""

import pytest

from minillm.providers import CUSTOM, LOCAL, PROVIDERS
from minillm.providers.caching import _ROWS, cache_facts

CHAT, RESPONSES, MESSAGES = "openai_chat_completions", "openai_responses", "anthropic_messages"


@pytest.mark.parametrize(
    ("model", "minimum"),
    [
        ("claude-opus-5", 512),
        ("claude-opus-5-20260724", 512),
        ("claude-fable-5.1", 512),
        ("claude-sonnet-5-5", 512),
        ("claude-haiku-5.5", 512),
        ("claude-sonnet-5", 1024),
        ("claude-opus-4-8", 1024),
        ("claude-sonnet-4-6", 1024),
        ("claude-sonnet-4-20250514", 1024),
        ("claude-opus-4.6", 4096),
        ("claude-haiku-4-5-20251001", 4096),
        ("claude-3-5-haiku-20241022", 2048),
        ("claude-3-7-sonnet-latest", 1024),
        ("claude-something-new", 512),
    ],
)
def test_claudes_shortest_prompt(model, minimum):
    """By model, at the vendor and through OpenRouter; only the vendor takes no answer at all."""
    direct = cache_facts("anthropic", MESSAGES, model)
    through = cache_facts("openrouter", CHAT, f"anthropic/{model}")
    assert (direct.minimum, direct.by, direct.least_output) == (minimum, "marked", 0)
    assert (through.minimum, through.by, through.least_output) == (minimum, "marked", 1)


@pytest.mark.parametrize(
    ("wire", "model", "by", "prewarm"),
    [
        (RESPONSES, "gpt-5.6-sol", "marked", True),
        (CHAT, "gpt-5.6-sol", "marked", False),
        (RESPONSES, "gpt-5.4", "automatic", False),
        (CHAT, "gpt-4o", "automatic", False),
    ],
)
def test_openai(wire, model, by, prewarm):
    """Marks from GPT-5.6 on; a switch for warming on Responses only."""
    facts = cache_facts("openai", wire, model)
    assert (facts.by, facts.prewarm, facts.minimum) == (by, prewarm, 1024)


def test_gemini():
    """It caches by itself above a minimum that depends on the model."""
    assert cache_facts("gemini", "gemini_generate_content", "gemini-2.5-flash").minimum == 2048
    assert cache_facts("gemini", "gemini_generate_content", "gemini-3.8-flash").minimum == 4096


def test_a_host_of_which_nothing_is_known():
    """Where the wire is Anthropic's, marks are taken to count."""
    assert cache_facts("custom", CHAT, "m").by is None
    assert cache_facts("custom", MESSAGES, "m").by == "marked"


def test_every_row_is_a_host():
    """A row that names none would never be found."""
    named = {*PROVIDERS, LOCAL.name, CUSTOM.name, "vertex_gemini", "vertex_anthropic", "claude_subscription"}
    assert {row[0] for row in _ROWS} <= named
