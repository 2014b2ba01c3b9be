"""What an SDK must read in an answer of ours, by the neutral values and the wire's own words; what it cannot."""

import json
from typing import Any

from minillm.types import ChatResponse, FinishReason, ReasoningPart, TextPart, Usage
from tests.peers.sdk_scenarios import SCENARIOS
from tests.peers.sdk_server import ANTHROPIC, CHAT, GEMINI, RESPONSES

_ = FinishReason
#: wire-spec, mapping, section 3.
WORDS: dict[str, dict[FinishReason, tuple[str, ...]]] = {
    CHAT: {
        _.STOP: ("stop",),
        _.STOP_SEQUENCE: ("stop",),
        _.LENGTH: ("length",),
        _.CONTEXT_FULL: ("length",),
        _.TOOL_CALLS: ("tool_calls",),
        _.CONTENT_FILTER: ("content_filter",),
        _.REFUSAL: ("stop", "content_filter"),
        _.PAUSED: ("stop",),
        _.CANCELLED: ("stop",),
        _.ERROR: ("error",),
        _.UNKNOWN: ("stop",),
    },
    RESPONSES: {
        _.STOP: ("completed",),
        _.STOP_SEQUENCE: ("completed",),
        _.LENGTH: ("incomplete:max_output_tokens",),
        _.CONTEXT_FULL: ("incomplete:max_output_tokens",),
        _.TOOL_CALLS: ("completed",),
        _.CONTENT_FILTER: ("incomplete:content_filter",),
        _.REFUSAL: ("completed", "incomplete:content_filter"),
        _.PAUSED: ("incomplete:steered",),
        _.CANCELLED: ("cancelled",),
        _.ERROR: ("failed",),
        _.UNKNOWN: ("completed",),
    },
    ANTHROPIC: {
        _.STOP: ("end_turn",),
        _.STOP_SEQUENCE: ("stop_sequence",),
        _.LENGTH: ("max_tokens",),
        _.CONTEXT_FULL: ("model_context_window_exceeded",),
        _.TOOL_CALLS: ("tool_use",),
        _.CONTENT_FILTER: ("refusal",),
        _.REFUSAL: ("refusal",),
        _.PAUSED: ("pause_turn",),
        _.CANCELLED: ("end_turn",),
        _.ERROR: ("end_turn",),
        _.UNKNOWN: ("end_turn",),
    },
    GEMINI: {
        _.STOP: ("STOP",),
        _.STOP_SEQUENCE: ("STOP",),
        _.LENGTH: ("MAX_TOKENS",),
        _.CONTEXT_FULL: ("MAX_TOKENS",),
        _.TOOL_CALLS: ("STOP",),
        _.CONTENT_FILTER: ("SAFETY",),
        _.REFUSAL: ("SAFETY",),
        _.PAUSED: ("STOP",),
        _.CANCELLED: ("OTHER",),
        _.ERROR: ("OTHER", "MALFORMED_FUNCTION_CALL"),
        _.UNKNOWN: ("OTHER",),
    },
}

#: The Python helpers refuse answers that were cut or filtered, by name: they have read us well.
REFUSED = {
    (CHAT, _.LENGTH): "LengthFinishReasonError",
    (CHAT, _.CONTENT_FILTER): "ContentFilterFinishReasonError",
    (CHAT, _.REFUSAL): "ContentFilterFinishReasonError",  # one without words
}
REFUSING = {("openai-py", "helper"), ("openai-py", "parse")}


def unreadable(sdk: str, wire: str, way: str) -> set[str]:
    """What this door cannot show, whatever a server does (docs/wire-formats.md, official SDKs)."""
    if wire == GEMINI:
        return {"refusal"}  # finishMessage is dropped on the Gemini API
    if (sdk, wire, way) == ("openai-js", CHAT, "helper"):
        return {"reasoning"}  # of a field that it does not know it keeps the last piece
    return set()


def arguments(text: str) -> Any:
    return json.loads(text or "{}")


def seals(wire: str, response: ChatResponse) -> list[str]:
    """Opaque reasoning: Chat has no place for it, Responses tells apart whose it is, Gemini signs only."""
    thoughts = [part for part in response.message.parts if isinstance(part, ReasoningPart)]
    if wire == ANTHROPIC:
        return [seal for part in thoughts if (seal := part.signature or part.sealed)]
    return [part.signature for part in thoughts if part.signature] if wire == GEMINI else []


def expected(wire: str, scenario: str) -> dict[str, Any]:
    """A reading of the scenario's answer."""
    response = SCENARIOS[scenario].answer
    assert response.finish_reason is not None
    return {
        "text": response.text,
        "refusal": response.refusal,
        "reasoning": response.reasoning,
        "seals": seals(wire, response),
        "sources": sources(wire, response),
        "calls": [
            {"id": call.id, "name": call.name, "arguments": arguments(call.arguments)} for call in response.tool_calls
        ],
        "finish": WORDS[wire][response.finish_reason][0],
        "usage": counts(wire, response.usage),
    }


def sources(wire: str, response: ChatResponse) -> list[str | None]:
    """Addresses have a form in OpenAI's wires only; elsewhere a source is a place in what was sent."""
    texts = [part for part in response.message.parts if isinstance(part, TextPart)]
    return [each.url for part in texts for each in part.citations] if wire in (CHAT, RESPONSES) else []


def counts(wire: str, usage: Usage | None) -> dict[str, Any] | None:
    """Nobody counted is said as that, but where clients break without counts."""
    if usage is None:
        return dict.fromkeys(("input", "output", "cached", "reasoning"), 0) if wire == ANTHROPIC else None
    return {
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cached": usage.cache_read_tokens or 0,
        "reasoning": usage.reasoning_tokens or 0,
    }


def heard(wire: str, scenario: str, reading: dict[str, Any]) -> dict[str, Any]:
    """What the events told on the way must be what stands in the end."""
    response = SCENARIOS[scenario].answer
    nothing = "{}" if wire in (CHAT, RESPONSES) else ""
    told = {
        "text": response.text,
        "refusal": response.refusal,
        "reasoning": response.reasoning,
        "arguments": "".join(call.arguments or nothing for call in response.tool_calls),
        "calls": [call.name for call in response.tool_calls],
        "blocks": sum(1 for part in response.message.parts if type(part).__name__ != "RefusalPart"),
        "stopped": True,
    }
    return {key: told[key] for key in reading["heard"] if key in told}


def plainly(reading: dict[str, Any]) -> dict[str, Any]:
    """A reading in the form of :func:`expected`: a count of none and one not told are the same here."""
    found = {key: value for key, value in reading.items() if key not in ("heard", "parsed")}
    if found.get("usage"):
        found["usage"] = {**found["usage"]}
        for name in ("cached", "reasoning"):
            found["usage"][name] = found["usage"][name] or 0
    return found
