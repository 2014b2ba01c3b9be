"""Answers as JSON: any, and under a schema."""

from typing import Any

from ...errors import DecodeError
from ...json import loads, validate
from ...types import ChatResponse, FinishReason, ResponseFormat
from ..probe import probe
from ..subject import Subject
from ..verdict import Finding, degraded, failed, inconclusive, passed

__all__ = [
    "json_mode",
    "json_schema",
    "json_schema_stream",
    "of_schema",
]

GROUP = "output"
# Hosts want the word JSON in the prompt; a model that is not held to it answers this in plain words.
ASKED = "What colour is a clear sky at noon? Answer with one plain English sentence, or in JSON if you are made to."
# Names that no model comes to by itself: who has them was given the schema.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "zorb_hue": {"type": "string", "enum": ["blue", "green", "red"]},
        "zorb_count": {"type": "integer"},
    },
    "required": ["zorb_hue", "zorb_count"],
    "additionalProperties": False,
}
UNDER_SCHEMA = "What colour is a clear sky at noon, and how many suns are in it?"
_FORMATS = frozenset({"text", "json", "json_schema", "closed_json_schema"})


@probe(
    GROUP,
    "JSON mode with a question that is else answered in prose",
    "a bare JSON object, and none without the mode; text that is no JSON is a failure",
    requests=2,
    refused={"formats": {"json": False}},
    granted={"formats": {"json": True}},
)
async def json_mode(subject: Subject) -> Finding:
    response = await subject.ask(ASKED, response_format=ResponseFormat("json"), quirks={"response_formats": _FORMATS})
    value = _value(response)
    if value is None:
        return _no_json(response)
    free = await subject.ask(ASKED)
    if _value(free) is not None:
        return inconclusive("a JSON object, but also without the mode")
    return passed("a JSON object, and prose without the mode")


@probe(
    GROUP,
    "a JSON schema with names that the prompt does not hold",
    "an object of that schema; an object of another form is degraded, text that is no JSON a failure",
    refused={"formats": {"json_schema": False}, "capabilities.structured_output": False},
    granted={"formats": {"json_schema": True}, "capabilities.structured_output": True},
)
async def json_schema(subject: Subject) -> Finding:
    response = await subject.ask(UNDER_SCHEMA, response_format=_format(), quirks={"response_formats": _FORMATS})
    return of_schema(response)


@probe(
    GROUP,
    "the same in pieces",
    "an object of that schema, put together out of its pieces",
)
async def json_schema_stream(subject: Subject) -> Finding:
    seen = await subject.stream(UNDER_SCHEMA, response_format=_format(), quirks={"response_formats": _FORMATS})
    return of_schema(seen.response)


def of_schema(response: ChatResponse) -> Finding:
    """What is to be said of an answer under the schema."""
    value = _value(response)
    if value is None:
        return _no_json(response)
    try:
        validate(value, SCHEMA)
    except ValueError:
        return degraded("JSON, but not of the schema")
    return passed("an object of the schema, whose names the prompt does not hold")


def _no_json(response: ChatResponse) -> Finding:
    if response.finish_reason is FinishReason.LENGTH:
        return inconclusive("max_tokens ended the answer within it; give more (max_tokens in the configuration)")
    if response.refusal:
        return inconclusive("the model declined")
    return failed("taken, and the answer is no JSON", ignored=True)


def _format() -> ResponseFormat:
    return ResponseFormat("json_schema", schema=SCHEMA, name="sky", strict=True)


def _value(response: ChatResponse) -> dict[str, Any] | None:
    """The bare object that the answer is; a fenced block is no JSON mode."""
    try:
        value = loads(response.text)
    except DecodeError:
        return None
    return value if isinstance(value, dict) else None
