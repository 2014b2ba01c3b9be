"""Parameters of a request, both ways."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ...json.narrow import STRICT
from ...types import UNSET, CompletionParameters, Native, ReasoningConfig, ResponseFormat
from ..encoding import Encoding
from ..fields import as_count, as_number, as_object, as_text
from ..residue import own
from .dialect import WIRE

__all__ = ["decode_parameters", "say_parameters"]

_LOGPROBS: Final = "message.output_text.logprobs"

# Neutral parameters and their names here.
_NAMES: Final = {
    "max_tokens": "max_output_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_logprobs": "top_logprobs",
    "parallel_tool_calls": "parallel_tool_calls",
    "store": "store",
    "metadata": "metadata",
    "service_tier": "service_tier",
    "cache_key": "prompt_cache_key",
    "end_user": "safety_identifier",
}
# Neutral parameters this wire has no word for, and the value that says nothing (wire-spec: mapping, section 2).
_UNSAYABLE: Final[dict[str, Any]] = {
    "top_k": None,
    "min_p": 0,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "repetition_penalty": 1,
    "stop": (),
    "seed": None,
    "n": 1,
    "logit_bias": {},
    "modalities": ("text",),
    "audio": None,
}
# These change speed and price, not the answer.
_OF_NO_CONSEQUENCE: Final = ("prediction",)
_TIERS: Final = ("auto", "default", "flex", "scale", "priority", "fast", "ultrafast")


def say_parameters(parameters: CompletionParameters, said: dict[str, Any], enc: Encoding) -> None:
    """Put the parameters into a body; what cannot be said is reported."""
    given = parameters.set_fields()
    if not given:
        return
    get = given.get
    for name, default in _UNSAYABLE.items():
        value = get(name)
        if value is not None and value != default:
            enc.report.lost(f"parameters.{name}", name, "Responses has no such parameter")
    for name in _OF_NO_CONSEQUENCE:
        if get(name) is not None:
            enc.report.note(f"parameters.{name}", name, "Responses has no such parameter")
    for name, field in _NAMES.items():
        value = get(name)
        if value is None:
            continue
        if name in enc.quirks.unsupported:
            enc.report.lost(f"parameters.{name}", name, "this host or model does not take it")
        elif name == "service_tier" and value not in _TIERS:
            enc.report.lost("parameters.service_tier", "service tier", f"this wire knows {', '.join(_TIERS)}")
        elif name != "parallel_tool_calls" or "tools" in said or value is False:
            said[field] = value
    if get("logprobs"):
        said["include"] = [_LOGPROBS]
    reasoning = _reasoning(get("reasoning"), enc)
    if reasoning:
        said["reasoning"] = reasoning
    text: dict[str, Any] = {}
    wanted = get("response_format")
    if wanted is not None:
        if wanted.strict and wanted.schema is not None and own(wanted.native, WIRE) is None:
            path = "parameters.response_format.schema"
            wanted = replace(wanted, schema=enc.narrowed(wanted.schema, STRICT, path))
        text["format"] = _format_said(wanted)
    if get("verbosity") is not None:
        text["verbosity"] = get("verbosity")
    if text:
        said["text"] = text


def _reasoning(config: ReasoningConfig | None, enc: Encoding) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if config is None:
        return said
    if config.effort is not None:
        said["effort"] = str(config.effort)
    if config.summary is not None and not config.exclude:
        said["summary"] = config.summary
    elif config.exclude is False:
        said["summary"] = "auto"
    if config.budget_tokens is not None:
        enc.report.lost("parameters.reasoning.budget_tokens", "thinking budget", "this wire takes an effort only")
    return said


def _format_said(wanted: ResponseFormat) -> dict[str, Any]:
    if wanted.kind == "text":
        return {"type": "text"}
    if wanted.kind == "json" or wanted.schema is None:
        return {"type": "json_object"}
    said: dict[str, Any] = {"type": "json_schema", "name": wanted.name or "answer", "schema": wanted.schema}
    if wanted.description is not None:
        said["description"] = wanted.description
    if wanted.strict is not None:
        said["strict"] = wanted.strict
    return said


def decode_parameters(raw: Mapping[str, Any]) -> CompletionParameters:
    """The parameters of a body; what is not as it must be stays in the residue."""
    fields: dict[str, Any] = {
        "max_tokens": as_count(raw.get("max_output_tokens")),
        "temperature": as_number(raw.get("temperature")),
        "top_p": as_number(raw.get("top_p")),
        "top_logprobs": as_count(raw.get("top_logprobs")),
        "parallel_tool_calls": _flag(raw.get("parallel_tool_calls")),
        "store": _flag(raw.get("store")),
        "metadata": as_object(raw.get("metadata")),
        "service_tier": raw["service_tier"] if raw.get("service_tier") in _TIERS else None,
        "cache_key": as_text(raw.get("prompt_cache_key")),
        "end_user": as_text(raw.get("safety_identifier")),
    }
    include = raw.get("include")
    if isinstance(include, list) and _LOGPROBS in include:
        fields["logprobs"] = True
    reasoning = as_object(raw.get("reasoning"))
    if reasoning is not None:
        fields["reasoning"] = ReasoningConfig(
            as_text(reasoning.get("effort")), summary=as_text(reasoning.get("summary"))
        )
    text = as_object(raw.get("text")) or {}
    fields["verbosity"] = as_text(text.get("verbosity"))
    fields["response_format"] = _decode_format(as_object(text.get("format")))
    return CompletionParameters(**{name: UNSET if value is None else value for name, value in fields.items()})


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _decode_format(said: Mapping[str, Any] | None) -> ResponseFormat | None:
    if said is None:
        return None
    if said.get("type") == "json_object":
        return ResponseFormat("json")
    if said.get("type") == "json_schema" and isinstance(said.get("schema"), Mapping):
        strict = _flag(said.get("strict"))
        name, description = as_text(said.get("name")), as_text(said.get("description"))
        # The residue is empty; it tells that the schema was this wire's own.
        return ResponseFormat("json_schema", said["schema"], name, description, strict, native=Native(WIRE, {}))
    return ResponseFormat("text") if said.get("type") == "text" else None
