"""Requests, both ways. The model and the wish to stream stand in the path, not in the body."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
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
    ToolCallPart,
    ToolChoice,
    ToolDefinition,
    ToolMode,
    ToolResultPart,
)
from ..codec import Quirks
from ..encoding import Encoding, add_extra
from ..fields import as_count, as_number, as_object, as_text, want_list, want_object, want_text
from ..residue import HINTS, hints_of, own, residue, restore, with_hints
from .dialect import FOREIGN_CALL, WIRE, native
from .parts import Calls, decode_parts, encode_part

__all__ = ["decode_request", "encode_request"]

_INSTRUCTIONS: Final = (Role.SYSTEM, Role.DEVELOPER)
_ROLES: Final = {"user": Role.USER, "model": Role.ASSISTANT, "function": Role.TOOL}
_MODES: Final = {"AUTO": ToolMode.AUTO, "VALIDATED": ToolMode.AUTO, "ANY": ToolMode.REQUIRED, "NONE": ToolMode.NONE}
_DECLARATIONS: Final = ("functionDeclarations", "function_declarations")
_TIERS: Final = ("flex", "standard", "priority")

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
_UNSAYABLE: Final = (
    "min_p",
    "repetition_penalty",
    "logit_bias",
    "verbosity",
    "parallel_tool_calls",
    "audio",
    "prediction",
    "cache_key",
    "end_user",
    "metadata",
)
_LEVELS: Final = {
    ReasoningEffort.NONE: "MINIMAL",
    ReasoningEffort.MINIMAL: "MINIMAL",
    ReasoningEffort.LOW: "LOW",
    ReasoningEffort.MEDIUM: "MEDIUM",
    ReasoningEffort.HIGH: "HIGH",
    ReasoningEffort.XHIGH: "XHIGH",
    ReasoningEffort.MAX: "XHIGH",
}


def encode_request(
    request: ChatRequest, quirks: Quirks, origin: Origin | None, report: Report | None
) -> dict[str, Any]:
    """The JSON body of a request.

    Raises:
        EncodeError: it cannot be said, or the report is strict and something is lost.
    """
    enc = Encoding(WIRE, quirks, report, asking=True, origin=origin)
    out = restore(_said(request, enc), own(request.native, WIRE))
    return add_extra(add_extra(out, request.extra, "extra"), request.parameters.get("extra"), "parameters.extra")


def _said(request: ChatRequest, enc: Encoding) -> dict[str, Any]:
    said: dict[str, Any] = {}
    lead = 1 if request.messages and request.messages[0].role in _INSTRUCTIONS else 0
    while lead and lead < len(request.messages) and request.messages[lead].role in _INSTRUCTIONS:
        lead += 1
    if lead:
        said["systemInstruction"] = _instruction(request.messages[:lead], enc)
    said["contents"] = list(_contents(request.messages, lead, enc))
    tools = _offered(request, enc)
    if tools:
        said["tools"] = tools
    choice = request.tool_choice
    if choice is not None:
        calling: dict[str, Any] = {"mode": {"auto": "AUTO", "none": "NONE", "required": "ANY"}[choice.mode]}
        if choice.names:
            if choice.mode is ToolMode.AUTO:
                calling["mode"] = "VALIDATED"  # names are only heeded with ANY and VALIDATED
            calling["allowedFunctionNames"] = list(choice.names)
        said["toolConfig"] = {"functionCallingConfig": calling}
    _say_parameters(request.parameters, said, enc)
    return said


def _instruction(messages: Sequence[Message], enc: Encoding) -> dict[str, Any]:
    parts = [
        encoded
        for i, message in enumerate(messages)
        for j, part in enumerate(message.parts)
        if (encoded := encode_part(part, enc, f"messages[{i}].content[{j}]")) is not None
    ]
    data = own(messages[0].native, WIRE)
    return restore({"parts": _listed(parts, data)}, data)


def _listed(parts: list[dict[str, Any]], data: Mapping[str, Any] | None) -> Any:
    return parts[0] if len(parts) == 1 and hints_of(data).get("single") else parts


def _contents(messages: Sequence[Message], lead: int, enc: Encoding) -> Iterator[dict[str, Any]]:
    """The conversation as contents; neighbouring tool messages are the results of one turn, which
    this vendor wants together."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    results: list[dict[str, Any]] = []
    for i in range(lead, len(messages)):
        message, path = messages[i], f"messages[{i}]"
        if message.name is not None:
            enc.report.lost(f"{path}.name", "name", "speakers have no names on this wire")
        data = own(message.native, WIRE)
        parts = _parts(message, names, enc, path)
        if message.role == Role.TOOL and data is None:
            results.extend(parts)
            continue
        if results:
            yield {"role": "user", "parts": results}
            results = []
        if message.role in _INSTRUCTIONS:
            enc.report.degraded(path, "instructions in mid-conversation", "they go as the user's words")
        role = "model" if message.role == Role.ASSISTANT else "function" if message.role == Role.TOOL else "user"
        if parts or data is not None or not message.content:
            yield restore({"role": role, "parts": _listed(parts, data)}, data)
    if results:
        yield {"role": "user", "parts": results}


def _parts(message: Message, names: Mapping[str, str], enc: Encoding, path: str) -> list[dict[str, Any]]:
    foreign = not enc.comes_home(message)
    out: list[dict[str, Any]] = []
    first_call = True
    for i, given in enumerate(message.parts):
        at, part = f"{path}.content[{i}]", _named(given, names)
        away = foreign or (getattr(part, "native", None) is not None and own(part.native, WIRE) is None)  # type: ignore[union-attr]
        if isinstance(part, ReasoningPart) and (away or own(part.native, WIRE) is None):
            enc.report.note(at, "reasoning", "only its author can read it: it is left out")
            continue
        encoded = encode_part(part, enc, at, signed=not away)
        if encoded is None:
            continue
        if isinstance(part, ToolCallPart):
            if away and first_call and message.origin is not None:
                encoded["thoughtSignature"] = FOREIGN_CALL
            first_call = False
        out.append(encoded)
    return out


def _named(part: Part, names: Mapping[str, str]) -> Part:
    """A result with its tool's name, which this wire demands, out of the call it answers."""
    if isinstance(part, ToolResultPart) and part.name is None and part.call_id in names:
        return replace(part, name=names[part.call_id])
    return part


def _offered(request: ChatRequest, enc: Encoding) -> list[dict[str, Any]]:
    """The tools as the source had grouped them, where it did; else all functions in one entry."""
    functions = [
        _encode_tool(tool, enc, f"tools[{i}]")
        for i, tool in enumerate(request.tools)
        if isinstance(tool, ToolDefinition)
    ]
    others = []
    for i, tool in enumerate(request.tools):
        if isinstance(tool, NativeTool):
            if tool.wire == WIRE:
                others.append(dict(tool.block))
            else:
                enc.report.lost(f"tools[{i}]", f"{tool.wire} tool", "only its own host runs it")
    layout = hints_of(own(request.native, WIRE)).get("tools")
    if layout and sum(n or 0 for n, _ in layout) == len(functions) and sum(has for _, has in layout) == len(others):
        return _laid_out(layout, functions, others)
    return ([{"functionDeclarations": functions}] if functions else []) + others


def _laid_out(layout: Any, functions: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    entries, at, other = [], 0, iter(others)
    for count, has in layout:
        entry: dict[str, Any] = {}
        if count is not None:
            entry["functionDeclarations"] = functions[at : at + count]
            at += count
        if has:
            entry.update(next(other))
        entries.append(entry)
    return entries


def _encode_tool(tool: ToolDefinition, enc: Encoding, path: str) -> dict[str, Any]:
    if tool.kind == "custom":
        enc.report.degraded(path, "free-text tool", "it takes its text as the field 'input'")
        tool = replace(
            tool,
            parameters={"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]},
        )
    if tool.strict:
        enc.report.degraded(f"{path}.strict", "strict", "this wire asks for it with the mode VALIDATED")
    if tool.cache is not None:
        enc.report.note(path, "cache mark", "this host caches by itself, or by a resource of its own")
    data = own(tool.native, WIRE)
    return add_extra(restore(_tool_said(tool, hints_of(data).get("schema")), data), tool.extra, path)


def _tool_said(tool: ToolDefinition, field: str | None) -> dict[str, Any]:
    said: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        said["description"] = tool.description
    if tool.parameters is not None:
        said[field or "parametersJsonSchema"] = tool.parameters
    return said


def _say_parameters(parameters: CompletionParameters, said: dict[str, Any], enc: Encoding) -> None:
    get, config = parameters.get, dict[str, Any]()
    for name in _UNSAYABLE:
        value = get(name)
        if value is not None and not (name == "parallel_tool_calls" and value is True):
            enc.report.lost(f"parameters.{name}", name, "Gemini GenerateContent has no such parameter")
    for name, field in _CONFIG.items():
        value = get(name)
        if value is None:
            continue
        if name in enc.quirks.unsupported:
            enc.report.lost(f"parameters.{name}", name, "this host or model does not take it")
        else:
            config[field] = value
    stop = get("stop")
    if stop is not None:
        config["stopSequences"] = list(stop)
    modalities = get("modalities")
    if modalities is not None:
        config["responseModalities"] = [word.upper() for word in modalities]
    _say_format(get("response_format"), config, enc)
    thinking = _thinking(get("reasoning"), enc)
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
    if wanted.kind == "json_schema" and wanted.schema is not None:
        field = "responseSchema" if hints_of(own(wanted.native, WIRE)).get("openapi") else "responseJsonSchema"
        config[field] = wanted.schema


def _thinking(config: ReasoningConfig | None, enc: Encoding) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if config is None:
        return said
    if config.budget_tokens is not None:
        said["thinkingBudget"] = config.budget_tokens  # never beside a level: the host refuses both
    elif config.effort is not None:
        said["thinkingLevel"] = _LEVELS.get(config.effort, str(config.effort))  # type: ignore[call-overload]
        if config.effort in (ReasoningEffort.NONE, ReasoningEffort.MAX):
            enc.report.degraded("parameters.reasoning.effort", f"effort {config.effort}", "the nearest level is sent")
    if config.exclude is not None or config.summary is not None:
        said["includeThoughts"] = not config.exclude
    return said


def decode_request(body: Mapping[str, Any], model: str | None, stream: bool | None) -> ChatRequest:
    """A request out of its JSON body. Both spellings are read, camelCase and snake_case at the top level.

    Raises:
        DecodeError: the body is no request of this wire.
    """
    raw = want_object(body, "")
    calls = Calls("request")
    messages: list[Message] = []
    instruction = raw.get("systemInstruction", raw.get("system_instruction"))
    if instruction is not None:
        said = {"parts": [{"text": instruction}]} if isinstance(instruction, str) else instruction
        messages.append(_decode_content(said, "systemInstruction", calls, Role.SYSTEM))
    contents = raw.get("contents")
    if isinstance(contents, str):
        contents = [{"role": "user", "parts": [{"text": contents}]}]
    elif isinstance(contents, Mapping):
        contents = [contents]
    for i, item in enumerate(want_list(contents, "contents")):
        messages.append(_decode_content(item, f"contents[{i}]", calls, None))
    tools, layout = _decode_tools(raw.get("tools") or [])
    request = ChatRequest(
        model or as_text(raw.get("model")),
        tuple(messages),
        tools,
        _decode_choice(raw.get("toolConfig", raw.get("tool_config"))),
        _decode_parameters(raw),
        bool(stream),
        native=native({HINTS: {"tools": layout}}) if layout else None,
    )
    said = _said(request, Encoding(WIRE, Quirks(), Report.ignore(), asking=True))
    rest = with_hints(residue(raw, said), tools=layout or None)
    object.__setattr__(request, "native", native(rest))  # fresh, seen by nobody
    return request


def _decode_content(raw: Any, path: str, calls: Calls, role: Role | None) -> Message:
    said = want_object(raw, path)
    # A list of one may be written as its one item (the protocol's JSON form of repeated fields).
    single = isinstance(said.get("parts"), Mapping)
    listed = [said["parts"]] if single else said.get("parts") or []
    parts = decode_parts(listed, f"{path}.parts", calls)
    who: Role | str = role or _ROLES.get(str(said.get("role", "user")), Role.USER)
    ours = {"parts": said.get("parts")} if role is not None else {"role": said.get("role"), "parts": said.get("parts")}
    if role is None and "role" not in said:
        ours["role"] = "user"
    rest = residue(said, ours)
    if "parts" not in said:
        rest = with_hints(rest, absent={**hints_of(rest).get("absent", {}), "parts": []})
    if single:
        rest = with_hints(rest, single=True)
    # An empty residue tells that the content stood by itself, so results are not gathered again.
    data = rest or ({HINTS: {}} if who == Role.TOOL else None)
    return Message(who, parts, native=native(data))


def _decode_tools(raw: Any) -> tuple[tuple[ToolDefinition | NativeTool, ...], list[tuple[int | None, bool]]]:
    tools: list[ToolDefinition | NativeTool] = []
    layout: list[tuple[int | None, bool]] = []
    for i, entry in enumerate(want_list(raw, "tools")):
        said = want_object(entry, f"tools[{i}]")
        declared = said.get("functionDeclarations", said.get("function_declarations"))
        rest = {
            key: value for key, value in said.items() if key not in ("functionDeclarations", "function_declarations")
        }
        functions = [] if declared is None else want_list(declared, f"tools[{i}].functionDeclarations")
        tools += [_decode_tool(item, f"tools[{i}].functionDeclarations[{j}]") for j, item in enumerate(functions)]
        if rest:
            tools.append(NativeTool(WIRE, rest))
        layout.append((None if declared is None else len(functions), bool(rest)))
    return tuple(tools), layout


def _decode_tool(raw: Any, path: str) -> ToolDefinition:
    said = want_object(raw, path)
    field = "parameters" if "parameters" in said else "parametersJsonSchema"
    tool = ToolDefinition(
        want_text(said.get("name"), f"{path}.name"), as_text(said.get("description")), as_object(said.get(field))
    )
    rest = residue(said, _tool_said(tool, field))
    object.__setattr__(tool, "native", native(with_hints(rest, schema=field if field == "parameters" else None)))
    return tool


def _decode_choice(raw: Any) -> ToolChoice | None:
    calling = as_object((as_object(raw) or {}).get("functionCallingConfig"))
    if calling is None:
        return None
    mode = _MODES.get(str(calling.get("mode", "AUTO")).upper())
    if mode is None:
        return None
    names = calling.get("allowedFunctionNames")
    listed = tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()
    return ToolChoice(mode, listed)


def _decode_parameters(raw: Mapping[str, Any]) -> CompletionParameters:
    config = as_object(raw.get("generationConfig", raw.get("generation_config"))) or {}
    fields: dict[str, Any] = {}
    for name, field in _CONFIG.items():
        value = config.get(field)
        if name == "logprobs":
            fields[name] = value if isinstance(value, bool) else None
        elif name in ("temperature", "top_p", "frequency_penalty", "presence_penalty") or name == "top_k":
            fields[name] = as_number(value)
        else:
            fields[name] = as_count(value)
    stop = config.get("stopSequences")
    if isinstance(stop, list) and all(isinstance(item, str) for item in stop):
        fields["stop"] = tuple(stop)
    modalities = config.get("responseModalities")
    if isinstance(modalities, list) and all(isinstance(item, str) for item in modalities):
        fields["modalities"] = tuple(item.lower() for item in modalities)
    fields["response_format"] = _decode_format(config)
    fields["reasoning"] = _decode_thinking(as_object(config.get("thinkingConfig")))
    if raw.get("serviceTier") in _TIERS:
        fields["service_tier"] = raw["serviceTier"]
    if isinstance(raw.get("store"), bool):
        fields["store"] = raw["store"]
    return CompletionParameters(**{name: UNSET if value is None else value for name, value in fields.items()})


def _decode_format(config: Mapping[str, Any]) -> ResponseFormat | None:
    mime = config.get("responseMimeType")
    for field in ("responseJsonSchema", "responseSchema"):
        schema = as_object(config.get(field))
        if schema is not None and mime in ("application/json", None):
            hint = native({HINTS: {"openapi": True}}) if field == "responseSchema" else None
            return ResponseFormat("json_schema", schema, native=hint)
    if mime == "application/json":
        return ResponseFormat("json")
    return ResponseFormat("text") if mime == "text/plain" else None


def _decode_thinking(said: Mapping[str, Any] | None) -> ReasoningConfig | None:
    if said is None:
        return None
    level = said.get("thinkingLevel")
    shown = said.get("includeThoughts")
    budget = said.get("thinkingBudget")
    return ReasoningConfig(
        effort=level.lower() if isinstance(level, str) else None,
        budget_tokens=budget if isinstance(budget, int) and not isinstance(budget, bool) else None,
        summary="auto" if shown is True else None,
        exclude=True if shown is False else None,
    )
