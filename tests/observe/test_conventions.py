"""Names and kinds of attributes, as the conventions say them."""

from decimal import Decimal

import pytest

from minillm import CostInfo, Usage
from minillm.observe import RequestEnded, RequestStarted
from minillm.observe.conventions import answered, of_attempt, operation_of, provider_of, settings, tokens
from minillm.types import Attempt

# https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md
KNOWN = {
    "anthropic": "anthropic",
    "azure": "azure.ai.openai",
    "claude_subscription": "anthropic",
    "deepseek": "deepseek",
    "gemini": "gcp.gemini",
    "groq": "groq",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "openai": "openai",
    "perplexity": "perplexity",
    "vertex_anthropic": "gcp.vertex_ai",
    "vertex_gemini": "gcp.vertex_ai",
    "xai": "x_ai",
}


@pytest.mark.parametrize("host", KNOWN)
def test_well_known_hosts_have_their_well_known_names(host):
    assert provider_of(host) == KNOWN[host]


def test_others_go_by_their_own():
    assert provider_of("openrouter") == "openrouter"
    assert operation_of("") == operation_of("openai_responses") == "chat"
    assert operation_of("gemini_generate_content") == "generate_content"


def test_settings_have_the_kinds_of_the_conventions():
    said = {
        "temperature": 1,
        "top_k": 40,
        "max_tokens": 5,
        "seed": 7,
        "n": 2,
        "response_format": "json_schema",
        "reasoning_effort": "low",
        "service_tier": "flex",
    }
    event = RequestStarted(id=1, host="h", model="m", streaming=True, settings=said)
    made = settings(event)
    assert made == {
        "gen_ai.request.temperature": 1.0,
        "gen_ai.request.top_k": 40.0,
        "gen_ai.request.max_tokens": 5,
        "gen_ai.request.seed": 7,
        "gen_ai.request.choice.count": 2,
        "gen_ai.output.type": "json",
        "gen_ai.request.reasoning.level": "low",
        "gen_ai.request.stream": True,
    }
    assert type(made["gen_ai.request.temperature"]) is type(made["gen_ai.request.top_k"]) is float
    assert settings(RequestStarted(id=1, host="h", model="m", settings={"n": 1})) == {}


def test_what_was_not_reported_is_left_out_and_never_0():
    assert tokens(None) == tokens(Usage()) == {}
    assert tokens(Usage(uncached_tokens=0)) == {"gen_ai.usage.input_tokens": 0}
    usage = Usage(1, 2, {"5m": 3, "1h": 4}, output_tokens=9, reasoning_tokens=8, audio_input_tokens=1)
    assert tokens(usage) == {
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.cache_read.input_tokens": 2,
        "gen_ai.usage.cache_write.input_tokens": 7,
        "gen_ai.usage.output_tokens": 9,
        "gen_ai.usage.reasoning.output_tokens": 8,
        "gen_ai.usage.audio.input_tokens": 1,
    }


def test_an_unknown_cost_is_left_out():
    assert answered(RequestEnded(id=1, duration=1.0)) == {"minillm.attempts": 0}
    bill = CostInfo(Decimal("0.5"), Decimal("0.5"))
    assert answered(RequestEnded(id=1, duration=1.0, cost=bill))["minillm.cost.usd"] == 0.5


def test_an_attempt():
    attempt = Attempt("h", "m", "w", 0.0, duration=0.5, status=500, request_id="r")
    assert of_attempt(attempt) == {"minillm.duration": 0.5, "minillm.request_id": "r", "http.response.status_code": 500}
