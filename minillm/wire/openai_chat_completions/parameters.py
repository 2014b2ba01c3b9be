"""Parameters, both ways: mostly the same names, a few that hosts spell in their own way."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from ...json.narrow import STRICT
from ...types import CompletionParameters, ReasoningConfig, ReasoningEffort, ResponseFormat
from ..encoding import Encoding
from ..fields import as_count, as_object, as_text, refuse
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import WIRE, native

__all__ = ["SPELLINGS", "decode_parameters", "encode_parameters"]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return type(value) is int or (type(value) is float and value.is_integer())


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_FLAG: Final = (lambda value: isinstance(value, bool), "true or false")
_NUMBER: Final = (_number, "a number")
_WHOLE: Final = (_whole, "a whole number")
_TEXT: Final = (lambda value: isinstance(value, str), "a text")
_OBJECT: Final = (lambda value: isinstance(value, dict), "an object")
_LIST: Final = (_texts, "a list of texts")
_STOP: Final = (lambda value: isinstance(value, str) or _texts(value), "a text or a list of texts")

# neutral name -> (the names on this wire, the first being the vendor's; what it must be)
_FIELDS: Final[dict[str, tuple[tuple[str, ...], tuple[Callable[[Any], bool], str]]]] = {
    "max_tokens": (("max_completion_tokens", "max_tokens"), _WHOLE),
    "temperature": (("temperature",), _NUMBER),
    "top_p": (("top_p",), _NUMBER),
    "top_k": (("top_k",), _WHOLE),
    "min_p": (("min_p",), _NUMBER),
    "frequency_penalty": (("frequency_penalty",), _NUMBER),
    "presence_penalty": (("presence_penalty",), _NUMBER),
    "repetition_penalty": (("repetition_penalty",), _NUMBER),
    "stop": (("stop",), _STOP),
    "seed": (("seed", "random_seed"), _WHOLE),
    "n": (("n",), _WHOLE),
    "logit_bias": (("logit_bias",), _OBJECT),
    "logprobs": (("logprobs",), _FLAG),
    "top_logprobs": (("top_logprobs",), _WHOLE),
    "verbosity": (("verbosity",), _TEXT),
    "parallel_tool_calls": (("parallel_tool_calls",), _FLAG),
    "modalities": (("modalities",), _LIST),
    "audio": (("audio",), _OBJECT),
    "prediction": (("prediction",), _OBJECT),
    "service_tier": (("service_tier",), _TEXT),
    "store": (("store",), _FLAG),
    "cache_key": (("prompt_cache_key",), _TEXT),
    "end_user": (("user", "safety_identifier"), _TEXT),
    "metadata": (("metadata",), _OBJECT),
}

#: The vendor's names of the parameters that are said as they are, by the neutral ones.
SPELLINGS: Final[dict[str, str]] = {name: spellings[0] for name, (spellings, _) in _FIELDS.items()}


def decode_parameters(rest: dict[str, Any], hints: dict[str, Any]) -> CompletionParameters:
    """The parameters of a request body; what was read is taken out of ``rest``, odd spellings go to ``hints``.

    Raises:
        DecodeError: a field is of a wrong kind.
    """
    found: dict[str, Any] = {}
    for name, (spellings, (fits, expected)) in _FIELDS.items():
        for spelling in spellings:
            if spelling not in rest or found.get(name) is not None:
                continue
            value = rest[spelling]
            if value is None:
                found[name] = None  # and stays in the residue: null is not the same as absent
                continue
            if not fits(value):
                refuse(value, spelling, expected)
            found[name] = value
            del rest[spelling]
            hints[f"{name} as"] = spelling
            if name == "stop" and isinstance(value, str):
                hints["stop text"] = True
    _decode_format(rest, found)
    _decode_reasoning(rest, found)
    return CompletionParameters(**found)


def _decode_format(rest: dict[str, Any], found: dict[str, Any]) -> None:
    raw = rest.get("response_format")
    if raw is None:
        if "response_format" in rest:
            found["response_format"] = None
        return
    raw = as_object(raw) or refuse(raw, "response_format", "an object")
    kind = raw.get("type")
    hints: dict[str, Any] = {}
    if kind == "json_schema":
        said = as_object(raw.get("json_schema")) or {}
        strict = said.get("strict")
        schema = as_object(said.get("schema"))
        fields: dict[str, Any] = {
            "kind": "json_schema",
            "schema": schema,
            "name": as_text(said.get("name")),
            "description": as_text(said.get("description")),
            "strict": strict if isinstance(strict, bool) else None,
        }
    elif kind == "json_object" and isinstance(raw.get("schema"), dict):  # llama.cpp, Together
        fields, hints = {"kind": "json_schema", "schema": raw["schema"]}, {"form": "json_object"}
    elif kind in ("text", "json_object"):
        fields = {"kind": "text" if kind == "text" else "json"}
    else:
        return  # a kind of some dialect: all residue
    said_format = _say_format(ResponseFormat(**fields), hints)
    left = with_hints(residue(raw, said_format), **hints)
    found["response_format"] = ResponseFormat(**fields, native=native(left))
    del rest["response_format"]


def _decode_reasoning(rest: dict[str, Any], found: dict[str, Any]) -> None:
    effort, said, thinking = (
        rest.get("reasoning_effort"),
        as_object(rest.get("reasoning")),
        as_object(rest.get("thinking")),
    )
    kind = None if thinking is None else thinking.get("type")
    fields: dict[str, Any] = {}
    if isinstance(effort, str) and effort:
        fields, form = {"effort": effort}, "thinking" if kind == "enabled" else "reasoning_effort"
    elif said is not None:
        exclude = said.get("exclude")
        fields = {
            "effort": as_text(said.get("effort")),
            "budget_tokens": as_count(said.get("max_tokens")),
            "summary": as_text(said.get("summary")),
            "exclude": exclude if isinstance(exclude, bool) else None,
        }
        form = "reasoning"
    elif kind == "disabled":
        fields, form = {"effort": ReasoningEffort.NONE}, "thinking"
    elif kind == "enabled":
        form = "thinking"
    else:
        if "reasoning_effort" in rest and effort is None:
            found["reasoning"] = None
        return
    if form == "thinking" and thinking is not None:
        fields["budget_tokens"] = as_count(thinking.get("budget_tokens"))
    taken = {key: rest[key] for key in ("reasoning_effort", "reasoning", "thinking") if key in rest}
    spoken = _REASONING[form](ReasoningConfig(**fields))
    left = residue({key: value for key, value in taken.items() if key in spoken}, spoken)
    for key in spoken:
        rest.pop(key, None)
    found["reasoning"] = ReasoningConfig(**fields, native=native(with_hints(left, form=form)))


def encode_parameters(parameters: CompletionParameters, enc: Encoding, hints: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request body for these parameters; what the host refuses is reported."""
    quirks = enc.quirks
    out: dict[str, Any] = {}
    for name, value in parameters.set_fields().items():
        if value is None or name == "extra":
            continue
        if name in quirks.unsupported:
            if not (name == "n" and value == 1):
                enc.report.lost(f"parameters.{name}", name, "this host refuses or ignores it")
        elif name == "response_format":
            out.update(_encode_format(value, enc))
        elif name == "reasoning":
            out.update(_encode_reasoning(value, enc))
        else:
            out[hints.get(f"{name} as") or _spelling(name, enc)] = _plain(name, value, hints)
    return out


def _spelling(name: str, enc: Encoding) -> str:
    if name == "max_tokens":
        return enc.quirks.max_tokens_field
    return enc.quirks.seed_field if name == "seed" else SPELLINGS[name]


def _plain(name: str, value: Any, hints: Mapping[str, Any]) -> Any:
    if name == "stop":
        return value[0] if hints.get("stop text") and len(value) == 1 else list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple | list) else value


def _encode_format(wanted: ResponseFormat, enc: Encoding) -> dict[str, Any]:
    data = own(wanted.native, WIRE)
    kinds, kind = enc.quirks.response_formats, wanted.kind
    if kind not in kinds:
        if kind == "json_schema" and "json" in kinds:
            enc.report.degraded(
                "parameters.response_format",
                "JSON schema",
                "this host only knows JSON mode; say the schema in the prompt",
            )
            return {"response_format": {"type": "json_object"}}
        if kind != "text":
            enc.report.lost(
                "parameters.response_format", kind, "this host has no such mode; ask for JSON in the prompt"
            )
        return {}
    hints: Mapping[str, Any] = hints_of(data)
    if data is None and wanted.strict and wanted.schema is not None:
        path = "parameters.response_format.schema"
        wanted = replace(wanted, schema=enc.narrowed(wanted.schema, STRICT, path))
    if data is None and enc.quirks.schema_in_json_object:
        hints = {"form": "json_object"}
    return {"response_format": restore(_say_format(wanted, hints, fresh=data is None), data)}


def _say_format(wanted: ResponseFormat, hints: Mapping[str, Any], *, fresh: bool = False) -> dict[str, Any]:
    if wanted.kind == "text":
        return {"type": "text"}
    if wanted.kind == "json":
        return {"type": "json_object"}
    schema = None if wanted.schema is None else dict(wanted.schema)
    if hints.get("form") == "json_object":
        return {"type": "json_object", "schema": schema}
    name = wanted.name or ("answer" if fresh else None)  # the vendor demands one
    fields = {"name": name, "description": wanted.description, "schema": schema, "strict": wanted.strict}
    return {"type": "json_schema", "json_schema": {key: value for key, value in fields.items() if value is not None}}


def _encode_reasoning(wanted: ReasoningConfig, enc: Encoding) -> dict[str, Any]:
    data = own(wanted.native, WIRE)
    form = hints_of(data).get("form") or enc.quirks.reasoning_request
    if form == "none":
        enc.report.lost("parameters.reasoning", "reasoning", "this host has no such field")
        return {}
    if wanted.budget_tokens is not None and form == "reasoning_effort":
        enc.report.lost("parameters.reasoning.budget_tokens", "thinking budget", "this host takes an effort, no budget")
    if form != "reasoning":
        for field in ("summary", "exclude"):
            if getattr(wanted, field) is not None:
                enc.report.note(f"parameters.reasoning.{field}", field, "this host decides itself what it shows")
    return restore(_REASONING[form](wanted), data)


def _effort(wanted: ReasoningConfig) -> str | None:
    return None if wanted.effort is None else str(wanted.effort)


def _say_effort(wanted: ReasoningConfig) -> dict[str, Any]:
    effort = _effort(wanted)
    return {} if effort is None else {"reasoning_effort": effort}


def _say_object(wanted: ReasoningConfig) -> dict[str, Any]:
    fields = {
        "effort": _effort(wanted),
        "max_tokens": wanted.budget_tokens,
        "summary": wanted.summary,
        "exclude": wanted.exclude,
    }
    return {"reasoning": {key: value for key, value in fields.items() if value is not None}}


def _say_thinking(wanted: ReasoningConfig) -> dict[str, Any]:
    effort = _effort(wanted)
    if effort == "none":
        return {"thinking": {"type": "disabled"}}
    thinking: dict[str, Any] = {"type": "enabled"}
    if wanted.budget_tokens is not None:
        thinking["budget_tokens"] = wanted.budget_tokens
    return {"thinking": thinking} if effort is None else {"thinking": thinking, "reasoning_effort": effort}


_REASONING: Final[dict[str, Callable[[ReasoningConfig], dict[str, Any]]]] = {
    "reasoning_effort": _say_effort,
    "reasoning": _say_object,
    "thinking": _say_thinking,
}
