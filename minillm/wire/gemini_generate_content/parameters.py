"""Parameters of a request, both ways."""

from collections.abc import Mapping
from typing import Any, Final

from ...json.narrow import OPENAPI
from ...types import UNSET, CompletionParameters, Native, ReasoningConfig, ReasoningEffort, ResponseFormat
from ..encoding import Encoding
from ..fields import as_count, as_number, as_object
from ..residue import HINTS, hints_of, own
from .dialect import WIRE, native
from .schema import CAPITALS, json_schema_of, openapi_of, spelling_of

__all__ = ["decode_parameters", "say_parameters"]

# Neutral parameters and their names in generationConfig.
_CONFIG: Final = {
    "max_tokens": "maxOutputTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
    "seed": "seed",
    "n": "candidateCount",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
}
_NUMBERS: Final = ("temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty")

# Neutral parameters this wire has no word for, and the value that says nothing (wire-spec: mapping, section 2).
_UNSAYABLE: Final[dict[str, Any]] = {
    "min_p": 0,
    "repetition_penalty": 1,
    "logit_bias": {},
    "verbosity": None,
    "parallel_tool_calls": True,
    "audio": None,
    "metadata": {},
    "end_user": None,
}
# These change speed and price, not the answer.
_OF_NO_CONSEQUENCE: Final = ("prediction", "cache_key")

_TIERS: Final = ("flex", "standard", "priority")
_LEVELS: Final[dict[str, str]] = {
    ReasoningEffort.NONE: "MINIMAL",
    ReasoningEffort.MINIMAL: "MINIMAL",
    ReasoningEffort.LOW: "LOW",
    ReasoningEffort.MEDIUM: "MEDIUM",
    ReasoningEffort.HIGH: "HIGH",
    ReasoningEffort.XHIGH: "XHIGH",
    ReasoningEffort.MAX: "XHIGH",
}
# Models before 3 know no levels, only budgets; these are the vendor's own for its OpenAI layer
# (https://ai.google.dev/gemini-api/docs/openai#thinking).
_BUDGETS: Final[dict[str, int]] = {
    ReasoningEffort.NONE: 0,
    ReasoningEffort.MINIMAL: 1024,
    ReasoningEffort.LOW: 1024,
    ReasoningEffort.MEDIUM: 8192,
    ReasoningEffort.HIGH: 24576,
    ReasoningEffort.XHIGH: 24576,
    ReasoningEffort.MAX: 24576,
}
_LEAST_OF_PRO: Final = 128  # gemini-2.5-pro cannot be kept from thinking


def say_parameters(parameters: CompletionParameters, model: str | None, said: dict[str, Any], enc: Encoding) -> None:
    """Put the parameters into a body; what cannot be said is reported."""
    given = parameters.set_fields()
    if not given:
        return
    get, config = given.get, dict[str, Any]()
    for name, default in _UNSAYABLE.items():
        value = get(name)
        if value is not None and value != default:
            enc.report.lost(f"parameters.{name}", name, "Gemini GenerateContent has no such parameter")
    for name in _OF_NO_CONSEQUENCE:
        if get(name) is not None:
            enc.report.note(f"parameters.{name}", name, "Gemini GenerateContent has no such parameter")
    for name, field in _CONFIG.items():
        value = get(name)
        if value is None:
            continue
        if name in enc.quirks.unsupported:
            enc.report.lost(f"parameters.{name}", name, "this host or model does not take it")
        else:
            config[field] = value
    stop, modalities = get("stop"), get("modalities")
    if stop is not None:
        config["stopSequences"] = list(stop)
    if modalities is not None:
        config["responseModalities"] = [word.upper() for word in modalities]
    _say_format(get("response_format"), config, enc)
    thinking = _thinking(get("reasoning"), model or "", enc)
    if thinking:
        config["thinkingConfig"] = thinking
    if config:
        said["generationConfig"] = config
    tier = get("service_tier")
    if tier in _TIERS:
        said["serviceTier"] = tier
    elif tier is not None:
        enc.report.lost("parameters.service_tier", "service tier", f"this wire knows {', '.join(_TIERS)}")
    if get("store") is not None:
        said["store"] = get("store")


def _say_format(wanted: ResponseFormat | None, config: dict[str, Any], enc: Encoding) -> None:
    if wanted is None:
        return
    config["responseMimeType"] = "text/plain" if wanted.kind == "text" else "application/json"
    if wanted.kind != "json_schema" or wanted.schema is None:
        return
    openapi = hints_of(own(wanted.native, WIRE)).get("openapi")
    if openapi:
        config["responseSchema"] = openapi_of(wanted.schema, capitals=openapi == CAPITALS)
    elif enc.quirks.schemas == "openapi":
        schema = enc.narrowed(wanted.schema, OPENAPI, "parameters.response_format.schema")
        config["responseSchema"] = openapi_of(schema, capitals=True)
    else:  # the field for all of JSON Schema: nothing to narrow (https://ai.google.dev/api/generate-content)
        config["responseJsonSchema"] = wanted.schema
    path = "parameters.response_format"
    if wanted.name is not None:
        enc.report.note(f"{path}.name", "name of the schema", "schemas have none on this wire")
    if wanted.description is not None:
        enc.report.lost(f"{path}.description", "description of the schema", "put it into the schema itself")
    if wanted.strict is False:
        enc.report.degraded(f"{path}.strict", "leave to deviate from the schema", "this wire always enforces it")


def _thinking(config: ReasoningConfig | None, model: str, enc: Encoding) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if config is None:
        return said
    if config.budget_tokens is not None:
        said["thinkingBudget"] = config.budget_tokens  # never beside a level: the host refuses both
    elif config.effort is not None:
        levels = "gemini-2" not in model or own(config.native, WIRE) is not None
        said.update(_level(config.effort, enc) if levels else _budget(config.effort, model, enc))
    if config.exclude is not None or config.summary is not None:
        said["includeThoughts"] = not config.exclude
    return said


def _level(effort: str, enc: Encoding) -> dict[str, Any]:
    if effort in (ReasoningEffort.NONE, ReasoningEffort.MAX):
        enc.report.degraded("parameters.reasoning.effort", f"effort {effort}", "the nearest level is sent")
    return {"thinkingLevel": _LEVELS.get(effort, str(effort))}


def _budget(effort: str, model: str, enc: Encoding) -> dict[str, Any]:
    budget = _BUDGETS.get(effort)
    if budget is None:
        enc.report.lost("parameters.reasoning.effort", f"effort {effort}", "this model takes a budget in tokens")
        return {}
    if not budget and "-pro" in model:
        enc.report.degraded("parameters.reasoning.effort", f"effort {effort}", "this model thinks at least a little")
        return {"thinkingBudget": _LEAST_OF_PRO}
    reason = "this model takes a budget in tokens; the vendor's own for this effort is sent"
    enc.report.note("parameters.reasoning.effort", f"effort {effort}", reason)
    return {"thinkingBudget": budget}


def decode_parameters(raw: Mapping[str, Any]) -> CompletionParameters:
    """The parameters of a body; what is not as it must be stays in the residue."""
    config = as_object(raw.get("generationConfig")) or {}
    fields: dict[str, Any] = {name: _value(name, config.get(field)) for name, field in _CONFIG.items()}
    stop, modalities = config.get("stopSequences"), config.get("responseModalities")
    if isinstance(stop, list) and all(isinstance(item, str) for item in stop):
        fields["stop"] = tuple(stop)
    if isinstance(modalities, list) and all(isinstance(item, str) for item in modalities):
        fields["modalities"] = tuple(item.lower() for item in modalities)
    fields["response_format"] = _decode_format(config)
    fields["reasoning"] = _decode_thinking(as_object(config.get("thinkingConfig")))
    if raw.get("serviceTier") in _TIERS:
        fields["service_tier"] = raw["serviceTier"]
    if isinstance(raw.get("store"), bool):
        fields["store"] = raw["store"]
    return CompletionParameters(**{name: UNSET if value is None else value for name, value in fields.items()})


def _value(name: str, value: Any) -> Any:
    if name == "logprobs":
        return value if isinstance(value, bool) else None
    return as_number(value) if name in _NUMBERS else as_count(value)


def _decode_format(config: Mapping[str, Any]) -> ResponseFormat | None:
    mime = config.get("responseMimeType")
    for field in ("responseJsonSchema", "responseSchema"):
        schema = as_object(config.get(field))
        if schema is not None and mime in ("application/json", None):
            if field == "responseJsonSchema":
                return ResponseFormat("json_schema", schema)
            hints = native({HINTS: {"openapi": spelling_of(schema)}})
            return ResponseFormat("json_schema", json_schema_of(schema), native=hints)
    if mime == "application/json":
        return ResponseFormat("json")
    return ResponseFormat("text") if mime == "text/plain" else None


def _decode_thinking(said: Mapping[str, Any] | None) -> ReasoningConfig | None:
    if said is None:
        return None
    level, shown, budget = said.get("thinkingLevel"), said.get("includeThoughts"), said.get("thinkingBudget")
    return ReasoningConfig(
        effort=level.lower() if isinstance(level, str) else None,
        budget_tokens=budget if isinstance(budget, int) and not isinstance(budget, bool) else None,
        summary="auto" if shown is True else None,
        exclude=True if shown is False else None,
        native=Native(WIRE, {}),  # nothing is left over; it tells that a level was this wire's own
    )
