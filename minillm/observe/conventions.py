"""Events as attributes, by the names of OpenTelemetry's conventions for generative AI. Nothing is imported for that.

https://github.com/open-telemetry/semantic-conventions-genai (status: development), as of October 2026: when names move,
they change here. Attributes that begin with ``minillm.`` are our own.
"""

from typing import Any

from ..types import Attempt, Usage
from . import events

__all__ = ["Attributes", "answered", "of_attempt", "operation_of", "provider_of", "settings", "tokens"]

Attributes = dict[str, Any]

# What the conventions call the hosts of our catalogue; the others go by their own names.
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "claude_subscription": "anthropic",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "vertex_anthropic": "gcp.vertex_ai",
    "vertex_gemini": "gcp.vertex_ai",
    "vertex": "gcp.vertex_ai",
    "xai": "x_ai",
}
_OPERATIONS = {"gemini_generate_content": "generate_content"}

_SETTINGS = {
    "max_tokens": "gen_ai.request.max_tokens",
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
    "reasoning_effort": "gen_ai.request.reasoning.level",
}
# Doubles by the conventions, whatever was written: a backend that indexes by type must not see both.
_DOUBLES = frozenset({"temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty"})
_OUTPUTS = {"json": "json", "json_object": "json", "json_schema": "json", "text": "text"}


def provider_of(host: str) -> str:
    """What the conventions call a host."""
    return _PROVIDERS.get(host, host)


def operation_of(wire: str) -> str:
    """What they call a request on a wire."""
    return _OPERATIONS.get(wire, "chat")


def settings(event: events.RequestStarted) -> Attributes:
    """What was set, by the conventions' names and kinds."""
    attributes: Attributes = {}
    for name, value in event.settings.items():
        if name in _DOUBLES:
            attributes[_SETTINGS[name]] = float(value)
        elif name in _SETTINGS:
            attributes[_SETTINGS[name]] = value
    count = event.settings.get("n")
    if count is not None and count != 1:
        attributes["gen_ai.request.choice.count"] = count
    kind = _OUTPUTS.get(event.settings.get("response_format", ""))
    if kind is not None:
        attributes["gen_ai.output.type"] = kind
    if event.streaming:
        attributes["gen_ai.request.stream"] = True
    return attributes


def answered(event: events.RequestEnded | events.RequestFailed) -> Attributes:
    """What both a good and a bad end know."""
    attributes: Attributes = {"minillm.attempts": len(event.attempts)}
    if event.response_id:
        attributes["gen_ai.response.id"] = event.response_id
    if event.response_model:
        attributes["gen_ai.response.model"] = event.response_model
    if event.first_content_after is not None:
        attributes["gen_ai.response.time_to_first_chunk"] = event.first_content_after
    if event.cost.usd is not None:
        attributes["minillm.cost.usd"] = float(event.cost.usd)
    number = event.attempts[-1].request_id if event.attempts else None
    if number is not None:
        attributes["minillm.request_id"] = number
    return attributes


def tokens(usage: Usage | None) -> Attributes:
    """Tokens; those read from a cache or written to it are among the input, as the conventions want it."""
    if usage is None:
        return {}
    written = usage.cache_write_tokens
    counts = {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_write.input_tokens": None if written is None else sum(written.values()),
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
        "gen_ai.usage.audio.input_tokens": usage.audio_input_tokens,
        "gen_ai.usage.audio.output_tokens": usage.audio_output_tokens,
        "gen_ai.usage.image.input_tokens": usage.image_input_tokens,
        "gen_ai.usage.image.output_tokens": usage.image_output_tokens,
    }
    return {name: count for name, count in counts.items() if count is not None}


def of_attempt(attempt: Attempt) -> Attributes:
    """An exchange, as an event of its request's span."""
    return {
        "minillm.duration": attempt.duration,
        "minillm.request_id": attempt.request_id,
        "http.response.status_code": attempt.status,
    }
