"""Parameters of a request, both ways."""

from collections.abc import Mapping
from typing import Any, Final

from ...json.narrow import CLOSED
from ...types import UNSET, CompletionParameters, Native, ResponseFormat
from ..encoding import Encoding
from ..fields import as_count, as_number, as_object, as_text
from ..residue import own
from .ceiling import default_max_tokens
from .dialect import WIRE
from .thinking import decode_thinking, say_thinking
from .tools import read_parallel

__all__ = ["decode_parameters", "say_parameters"]

_NAMES: Final = {"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "stop": "stop_sequences"}

# Neutral parameters this wire has no word for, and the value that says nothing (wire-spec: mapping, section 2).
_UNSAYABLE: Final[dict[str, Any]] = {
    "min_p": 0,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "repetition_penalty": 1,
    "seed": None,
    "n": 1,
    "logit_bias": {},
    "logprobs": False,
    "top_logprobs": None,
    "verbosity": None,
    "modalities": ("text",),
    "audio": None,
    "store": False,  # this vendor stores nothing
    "metadata": {},
}
# These change speed and price, not the answer.
_OF_NO_CONSEQUENCE: Final = ("prediction", "cache_key")

_TIERS: Final = ("auto", "standard_only")


def say_parameters(parameters: CompletionParameters, said: dict[str, Any], enc: Encoding) -> None:
    """Put the parameters into a body; what cannot be said is reported."""
    given = parameters.set_fields()
    if not given:
        said["max_tokens"] = default_max_tokens(said.get("model") or "", None)
        return
    get = given.get
    for name, default in _UNSAYABLE.items():
        value = get(name)
        if value is not None and value != default:
            enc.report.lost(f"parameters.{name}", name, "Anthropic Messages has no such parameter")
    for name in _OF_NO_CONSEQUENCE:
        if get(name) is not None:
            enc.report.note(f"parameters.{name}", name, "Anthropic Messages has no such parameter")
    for name, field in _NAMES.items():
        value = get(name)
        if value is None:
            continue
        if name in enc.quirks.unsupported:
            enc.report.lost(f"parameters.{name}", name, "this host or model does not take it")
        else:
            said[field] = list(value) if name == "stop" else value
    most = get("max_tokens")
    budget = say_thinking(get("reasoning"), said.get("model") or "", most, said, enc)
    _say_format(get("response_format"), said, enc)
    tier = get("service_tier")
    if tier in _TIERS:
        said["service_tier"] = tier
    elif tier is not None:
        enc.report.lost("parameters.service_tier", "service tier", f"this wire knows {' and '.join(_TIERS)}")
    user = get("end_user")
    if user is not None:
        said["metadata"] = {"user_id": user}
    said["max_tokens"] = most if most is not None else default_max_tokens(said.get("model") or "", budget)


def _say_format(wanted: ResponseFormat | None, said: dict[str, Any], enc: Encoding) -> None:
    if wanted is None or wanted.kind == "text":
        return
    path = "parameters.response_format"
    if wanted.kind == "json" or wanted.schema is None:
        enc.report.lost(path, "JSON mode", "this wire takes a schema or nothing; ask for it in words")
        return
    schema = wanted.schema
    if own(wanted.native, WIRE) is None:
        schema = enc.narrowed(schema, CLOSED, f"{path}.schema")
    said.setdefault("output_config", {})["format"] = {"type": "json_schema", "schema": schema}
    if wanted.name is not None:
        enc.report.note(f"{path}.name", "name of the schema", "schemas have none on this wire")
    if wanted.description is not None:
        enc.report.lost(f"{path}.description", "description of the schema", "put it into the schema itself")
    if wanted.strict is False:
        enc.report.degraded(f"{path}.strict", "leave to deviate from the schema", "this wire always enforces it")


def decode_parameters(raw: Mapping[str, Any]) -> CompletionParameters:
    """The parameters of a body; what is not as it must be stays in the residue."""
    fields: dict[str, Any] = {
        "max_tokens": as_count(raw.get("max_tokens")),
        "temperature": as_number(raw.get("temperature")),
        "top_p": as_number(raw.get("top_p")),
        "top_k": as_count(raw.get("top_k")),
        "reasoning": decode_thinking(raw),
        "response_format": _decode_format(raw),
        "parallel_tool_calls": read_parallel(raw),
        "end_user": as_text((as_object(raw.get("metadata")) or {}).get("user_id")),
    }
    stop = raw.get("stop_sequences")
    if isinstance(stop, list) and all(isinstance(item, str) for item in stop):
        fields["stop"] = tuple(stop)
    if raw.get("service_tier") in _TIERS:
        fields["service_tier"] = raw["service_tier"]
    return CompletionParameters(**{name: UNSET if value is None else value for name, value in fields.items()})


def _decode_format(raw: Mapping[str, Any]) -> ResponseFormat | None:
    said = as_object((as_object(raw.get("output_config")) or {}).get("format"))
    schema = as_object(said.get("schema")) if said is not None and said.get("type") == "json_schema" else None
    # The residue is empty; it tells that the schema was this wire's own.
    return None if schema is None else ResponseFormat("json_schema", schema, native=Native(WIRE, {}))
