"""Requests, both ways."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ...report import Report
from ...types import (
    UNSET,
    ChatRequest,
    CompletionParameters,
    Message,
    NativeTool,
    Origin,
    Part,
    ReasoningConfig,
    ReasoningEffort,
    ReasoningPart,
    ResponseFormat,
    Role,
    ToolChoice,
    ToolDefinition,
    ToolMode,
)
from ..codec import Quirks
from ..encoding import Encoding, add_extra
from ..fields import as_count, as_number, as_object, as_text, refuse, want_list, want_object, want_text
from ..residue import own, residue, restore
from .blocks import decode_blocks, encode_blocks
from .dialect import WIRE, cache_control, native, read_cache_control

__all__ = ["decode_request", "encode_request"]

_INSTRUCTIONS: Final = (Role.SYSTEM, Role.DEVELOPER)
_DEFAULT_MAX_TOKENS: Final = 4096

# Neutral parameters this wire has no word for; see wire-spec/mapping.
_UNSAYABLE: Final = (
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "seed",
    "n",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "verbosity",
    "modalities",
    "audio",
    "prediction",
    "store",
    "cache_key",
    "metadata",
)

_EFFORTS: Final[dict[str, str]] = {
    ReasoningEffort.MINIMAL: "low",
    ReasoningEffort.LOW: "low",
    ReasoningEffort.MEDIUM: "medium",
    ReasoningEffort.HIGH: "high",
    ReasoningEffort.XHIGH: "xhigh",
    ReasoningEffort.MAX: "max",
}

_TIERS: Final = ("auto", "standard_only")


def encode_request(
    request: ChatRequest, quirks: Quirks, origin: Origin | None, report: Report | None
) -> dict[str, Any]:
    """The JSON body of a request.

    Raises:
        EncodeError: it cannot be said, or the report is strict and something is lost.
    """
    enc = Encoding(WIRE, quirks, report, asking=True, origin=origin)
    out = restore(_said(request, enc), own(request.native, WIRE))
    enc.limit_marks()
    parameters = request.parameters
    extra = parameters.get("extra")
    return add_extra(add_extra(out, request.extra, "extra"), extra, "parameters.extra")


def _said(request: ChatRequest, enc: Encoding) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if request.model is not None:
        said["model"] = request.model
    tools = _offered(request, enc)
    if tools:
        said["tools"] = tools  # marks count in this order: tools, system, messages
    lead = _leading(request.messages)
    if lead:
        said["system"] = _encode_system(request.messages[:lead], enc)
    said["messages"] = [
        {"role": role, "content": content} | extra for role, content, extra in _turns(request.messages, lead, enc)
    ]
    choice = _encode_choice(request, enc)
    if choice is not None:
        said["tool_choice"] = choice
    if request.stream:
        said["stream"] = True
    _say_parameters(request.parameters, said, enc)
    return said


def _leading(messages: Sequence[Message]) -> int:
    """How many instructions stand before the conversation; later ones stay where they are."""
    count = 0
    for message in messages:
        if message.role not in _INSTRUCTIONS:
            break
        count += 1
    return count


def _encode_system(messages: Sequence[Message], enc: Encoding) -> str | list[dict[str, Any]]:
    if len(messages) == 1 and isinstance(messages[0].content, str):
        return messages[0].content
    blocks: list[dict[str, Any]] = []
    for i, message in enumerate(messages):
        blocks.extend(encode_blocks(message.parts, enc, f"messages[{i}].content"))
    return blocks


def _turns(
    messages: Sequence[Message], lead: int, enc: Encoding
) -> Iterator[tuple[str, str | list[dict[str, Any]], dict[str, Any]]]:
    """The conversation as turns; neighbouring tool messages are the results of one turn."""
    results: list[dict[str, Any]] = []
    for i in range(lead, len(messages)):
        message, path = messages[i], f"messages[{i}]"
        if message.name is not None:
            enc.report.lost(f"{path}.name", "name", "speakers have no names on this wire")
        if message.role == Role.TOOL:
            results.extend(encode_blocks(message.parts, enc, f"{path}.content"))
            continue
        if results:
            yield "user", results, {}
            results = []
        role = "system" if message.role in _INSTRUCTIONS else str(message.role)
        data = own(message.native, WIRE) or {}
        rest = {key: value for key, value in data.items() if key != "~"}
        if isinstance(message.content, str):
            if message.content or role != "assistant":
                yield role, message.content, rest
        else:
            content = encode_blocks(_sendable(message, enc, path), enc, f"{path}.content")
            if content or not message.content:
                yield role, content, rest
    if results:
        yield "user", results, {}


def _sendable(message: Message, enc: Encoding, path: str) -> tuple[Part, ...]:
    """The parts without reasoning that this host could not read: whole blocks, never the seal alone.
    Results of tools come first, as the vendor demands."""
    parts: list[Part] = []
    for i, part in enumerate(message.parts):
        if isinstance(part, ReasoningPart) and message.role == Role.ASSISTANT and not _comes_home(message, part, enc):
            enc.report.note(f"{path}.content[{i}]", "reasoning", "only its author can read it: it is left out")
            continue
        parts.append(part)
    if message.role == Role.USER:
        parts.sort(key=lambda part: 0 if type(part).__name__ == "ToolResultPart" else 1)
    return tuple(parts)


def _comes_home(message: Message, part: ReasoningPart, enc: Encoding) -> bool:
    if part.native is not None and part.native.wire != WIRE:
        return False
    return enc.comes_home(message) and (part.signature is not None or part.sealed is not None)


def _offered(request: ChatRequest, enc: Encoding) -> list[dict[str, Any]]:
    """The tools; where only some may be called, only those, since this wire cannot name a subset."""
    names = request.tool_choice.names if request.tool_choice is not None else ()
    subset = names if len(names) > 1 else ()
    if subset:
        enc.report.degraded("tool_choice", "subset of tools", "only the allowed tools are offered")
    offered = []
    for i, tool in enumerate(request.tools):
        if isinstance(tool, NativeTool):
            if tool.wire == WIRE:
                offered.append(dict(tool.block))
            else:
                enc.report.lost(f"tools[{i}]", f"{tool.wire} tool", "only its own host runs it")
        elif not subset or tool.name in subset:
            offered.append(_encode_tool(tool, enc, f"tools[{i}]"))
    return offered


def _encode_tool(tool: ToolDefinition, enc: Encoding, path: str) -> dict[str, Any]:
    data = own(tool.native, WIRE)
    schema: Any = tool.parameters
    if tool.kind == "custom":
        enc.report.degraded(path, "free-text tool", "it takes its text as the field 'input'")
        schema = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    out = restore(_tool_said(tool, schema), data)
    if tool.cache is not None:
        enc.marks.append((path, out, "cache_control"))
    return add_extra(out, tool.extra, path)


def _tool_said(tool: ToolDefinition, schema: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        said["description"] = tool.description
    said["input_schema"] = {"type": "object", "properties": {}} if schema is None else schema
    if tool.strict is not None:
        said["strict"] = tool.strict
    if tool.cache is not None:
        said["cache_control"] = cache_control(tool.cache)
    return said


def _encode_choice(request: ChatRequest, enc: Encoding) -> dict[str, Any] | None:
    choice, parallel = request.tool_choice, request.parameters.get("parallel_tool_calls")
    said: dict[str, Any] | None = None
    if choice is not None:
        if len(choice.names) == 1 and choice.mode is ToolMode.REQUIRED:
            said = {"type": "tool", "name": choice.names[0]}
        else:
            said = {"type": {"auto": "auto", "none": "none", "required": "any"}[choice.mode]}
    if parallel is not None and request.tools:
        said = said or {"type": "auto"}
        if said["type"] != "none":
            said["disable_parallel_tool_use"] = not parallel
    return said


def _say_parameters(parameters: CompletionParameters, said: dict[str, Any], enc: Encoding) -> None:
    get, unsupported = parameters.get, enc.quirks.unsupported
    for name in _UNSAYABLE:
        value = get(name)
        if value is not None and not (name == "n" and value == 1):
            enc.report.lost(f"parameters.{name}", name, "Anthropic Messages has no such parameter")
    for name, field in (
        ("temperature", "temperature"),
        ("top_p", "top_p"),
        ("top_k", "top_k"),
        ("stop", "stop_sequences"),
    ):
        value = get(name)
        if value is None:
            continue
        if name in unsupported:
            enc.report.lost(f"parameters.{name}", name, "this host or model does not take it")
        else:
            said[field] = list(value) if name == "stop" else value
    budget = _say_reasoning(get("reasoning"), said, enc)
    _say_format(get("response_format"), said, enc)
    tier = get("service_tier")
    if tier in _TIERS:
        said["service_tier"] = tier
    elif tier is not None:
        enc.report.lost("parameters.service_tier", "service tier", f"this wire knows {' and '.join(_TIERS)}")
    user = get("end_user")
    if user is not None:
        said["metadata"] = {"user_id": user}
    # The one field this wire demands. Thinking counts towards it, so a budget comes on top.
    most = get("max_tokens")
    said["max_tokens"] = most if most is not None else _DEFAULT_MAX_TOKENS + (budget or 0)


def _say_reasoning(config: ReasoningConfig | None, said: dict[str, Any], enc: Encoding) -> int | None:
    if config is None:
        return None
    if config.effort == ReasoningEffort.NONE:
        said["thinking"] = {"type": "disabled"}
        return None
    thinking: dict[str, Any] | None = None
    if config.budget_tokens is not None:
        thinking = {"type": "enabled", "budget_tokens": config.budget_tokens}
    elif config.effort is not None or config.summary is not None or config.exclude is not None:
        thinking = {"type": "adaptive"}
    if config.effort is not None:
        word = _EFFORTS.get(config.effort, str(config.effort))
        said.setdefault("output_config", {})["effort"] = word
        if config.effort == ReasoningEffort.MINIMAL:
            enc.report.degraded("parameters.reasoning.effort", "effort minimal", "the least this wire knows is low")
    if thinking is not None:
        if config.exclude:
            thinking["display"] = "omitted"
        elif config.summary is not None:
            thinking["display"] = "summarized"
        said["thinking"] = thinking
    return config.budget_tokens


def _say_format(wanted: ResponseFormat | None, said: dict[str, Any], enc: Encoding) -> None:
    if wanted is None or wanted.kind == "text":
        return
    if wanted.kind == "json" or wanted.schema is None:
        enc.report.lost("parameters.response_format", "JSON mode", "this wire takes a schema or nothing")
        return
    said.setdefault("output_config", {})["format"] = {"type": "json_schema", "schema": wanted.schema}
    if wanted.description is not None:
        enc.report.lost("parameters.response_format.description", "description", "the schema's own is sent")


def decode_request(body: Mapping[str, Any], model: str | None, stream: bool | None) -> ChatRequest:
    """A request out of its JSON body.

    Raises:
        DecodeError: the body is no request of this wire.
    """
    raw = want_object(body, "")
    messages: list[Message] = []
    if "system" in raw:
        messages.append(Message(Role.SYSTEM, _decode_content(raw["system"], "system")))
    for i, item in enumerate(want_list(raw.get("messages"), "messages")):
        messages.append(_decode_message(item, f"messages[{i}]"))
    request = ChatRequest(
        as_text(raw.get("model")) or model,
        tuple(messages),
        tuple(_decode_tool(tool, f"tools[{i}]") for i, tool in enumerate(want_list(raw.get("tools") or [], "tools"))),
        _decode_choice(raw.get("tool_choice")),
        _decode_parameters(raw),
        raw.get("stream") is True if stream is None else stream,
    )
    said = _said(request, Encoding(WIRE, Quirks(), Report.ignore(), asking=True))
    object.__setattr__(request, "native", native(residue(raw, said)))  # fresh, seen by nobody
    return request


def _decode_content(raw: Any, path: str) -> str | tuple[Part, ...]:
    return raw if isinstance(raw, str) else decode_blocks(raw, path)


def _decode_message(raw: Any, path: str) -> Message:
    said = want_object(raw, path)
    role = want_text(said.get("role"), f"{path}.role")
    rest = {key: value for key, value in said.items() if key not in ("role", "content")}
    return Message(role, _decode_content(said.get("content"), f"{path}.content"), native=native(rest))


def _decode_tool(raw: Any, path: str) -> ToolDefinition | NativeTool:
    said = want_object(raw, path)
    if said.get("type", "custom") not in ("custom", None) or "input_schema" not in said:
        return NativeTool(WIRE, dict(said))
    schema = want_object(said["input_schema"], f"{path}.input_schema")
    strict = said.get("strict")
    tool = ToolDefinition(
        want_text(said.get("name"), f"{path}.name"),
        as_text(said.get("description")),
        schema,
        strict if isinstance(strict, bool) else None,
        cache=read_cache_control(said.get("cache_control")),
    )
    object.__setattr__(tool, "native", native(residue(said, _tool_said(tool, schema))))
    return tool


def _decode_choice(raw: Any) -> ToolChoice | None:
    if raw is None:
        return None
    said = want_object(raw, "tool_choice")
    kind = said.get("type")
    if kind == "tool":
        return ToolChoice.tool(want_text(said.get("name"), "tool_choice.name"))
    mode = {"auto": ToolMode.AUTO, "any": ToolMode.REQUIRED, "none": ToolMode.NONE}.get(str(kind))
    if mode is None:
        refuse(kind, "tool_choice.type", "auto, any, tool or none")
    return ToolChoice(mode)


def _decode_parameters(raw: Mapping[str, Any]) -> CompletionParameters:
    fields: dict[str, Any] = {
        "max_tokens": as_count(raw.get("max_tokens")),
        "temperature": as_number(raw.get("temperature")),
        "top_p": as_number(raw.get("top_p")),
        "top_k": as_count(raw.get("top_k")),
        "reasoning": _decode_reasoning(raw),
        "response_format": _decode_format(raw),
    }
    stop = raw.get("stop_sequences")
    if isinstance(stop, list) and all(isinstance(item, str) for item in stop):
        fields["stop"] = tuple(stop)
    if raw.get("service_tier") in _TIERS:
        fields["service_tier"] = raw["service_tier"]
    fields["end_user"] = as_text((as_object(raw.get("metadata")) or {}).get("user_id"))
    off = (as_object(raw.get("tool_choice")) or {}).get("disable_parallel_tool_use")
    if isinstance(off, bool):
        fields["parallel_tool_calls"] = not off
    return CompletionParameters(**{name: UNSET if value is None else value for name, value in fields.items()})


def _decode_reasoning(raw: Mapping[str, Any]) -> ReasoningConfig | None:
    thinking, config = as_object(raw.get("thinking")), as_object(raw.get("output_config")) or {}
    effort = as_text(config.get("effort"))
    if thinking is None:
        return None if effort is None else ReasoningConfig(effort=effort)
    if thinking.get("type") == "disabled":
        return ReasoningConfig(effort=ReasoningEffort.NONE)
    display = thinking.get("display")
    return ReasoningConfig(
        effort=effort,
        budget_tokens=as_count(thinking.get("budget_tokens")),
        summary="auto" if display == "summarized" else None,
        exclude=True if display == "omitted" else None,
    )


def _decode_format(raw: Mapping[str, Any]) -> ResponseFormat | None:
    said = as_object((as_object(raw.get("output_config")) or {}).get("format"))
    if said is None or said.get("type") != "json_schema":
        return None
    schema = as_object(said.get("schema"))
    return None if schema is None else ResponseFormat("json_schema", schema)
