"""Requests, both ways. Consecutive items of the model are one assistant message of ours."""

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
    ResponseFormat,
    Role,
    ToolChoice,
    ToolDefinition,
    ToolMode,
    ToolResultPart,
)
from ..codec import Quirks
from ..encoding import Encoding, add_extra
from ..fields import as_count, as_number, as_object, as_text, want_list, want_object, want_text
from ..residue import HINTS, hints_of, own, residue, restore, with_hints
from .content import decode_contents, encode_content
from .dialect import WIRE, native
from .items import decode_item, decode_result, encode_items, encode_result

__all__ = ["decode_request", "encode_request"]

_RESULTS: Final = ("function_call_output", "custom_tool_call_output")
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
_UNSAYABLE: Final = (
    "top_k",
    "min_p",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "stop",
    "seed",
    "n",
    "logit_bias",
    "modalities",
    "audio",
    "prediction",
)


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
    if request.model is not None:
        said["model"] = request.model
    messages, lead = request.messages, 0
    if messages and _is_instructions(messages[0]):
        said["instructions"] = messages[0].text
        lead = 1
    items = list(_input(messages, lead, enc))
    form = hints_of(own(request.native, WIRE)).get("input")
    if (
        form == "text"
        and len(items) == 1
        and set(items[0]) == {"role", "content"}
        and isinstance(items[0]["content"], str)
    ):
        said["input"] = items[0]["content"]
    elif items or form != "absent":
        said["input"] = items
    tools = [
        tool for i, item in enumerate(request.tools) if (tool := _encode_tool(item, enc, f"tools[{i}]")) is not None
    ]
    if tools:
        said["tools"] = tools
    choice = _encode_choice(request)
    if choice is not None:
        said["tool_choice"] = choice
    if request.stream:
        said["stream"] = True
    _say_parameters(request.parameters, said, enc)
    return said


def _is_instructions(message: Message) -> bool:
    data = own(message.native, WIRE)
    if data is not None:
        return bool(hints_of(data).get("instructions"))
    return message.role == Role.SYSTEM and isinstance(message.content, str) and message.name is None


def _input(messages: Sequence[Message], lead: int, enc: Encoding) -> Iterator[dict[str, Any]]:
    customs = {call.id for message in messages for call in message.tool_calls if call.kind == "custom"}
    for i in range(lead, len(messages)):
        message, path = messages[i], f"messages[{i}]"
        if message.name is not None:
            enc.report.lost(f"{path}.name", "name", "speakers have no names on this wire")
        if message.role == Role.ASSISTANT:
            parts = message.parts
            if not parts and isinstance(message.content, str) and message.content == "":
                continue
            yield from encode_items(parts, enc, f"{path}.content", answer=False, home=enc.comes_home(message))
            continue
        rest = []
        for j, part in enumerate(message.parts):
            if isinstance(part, ToolResultPart):
                yield encode_result(part, enc, f"{path}.content[{j}]", custom=part.call_id in customs)
            else:
                rest.append(part)
        if rest or not (message.tool_results or message.role == Role.TOOL):
            yield _encode_message(message, rest, enc, path)


def _encode_message(message: Message, parts: Sequence[Part], enc: Encoding, path: str) -> dict[str, Any]:
    data = own(message.native, WIRE)
    role = "user" if message.role == Role.TOOL else str(message.role)
    if isinstance(message.content, str):
        content: Any = message.content
    else:
        content = [
            said
            for i, part in enumerate(parts)
            if (said := encode_content(part, enc, f"{path}.content[{i}]", assistant=False)) is not None
        ]
    return restore({"role": role, "content": content}, data)


def _encode_tool(tool: ToolDefinition | NativeTool, enc: Encoding, path: str) -> dict[str, Any] | None:
    if isinstance(tool, NativeTool):
        if tool.wire == WIRE:
            return dict(tool.block)
        enc.report.lost(path, f"{tool.wire} tool", "only its own host runs it")
        return None
    if tool.cache is not None:
        enc.report.note(path, "cache mark", "tools carry none on this wire")
    data = own(tool.native, WIRE)
    said = _tool_said(tool)
    if data is None and tool.kind == "function":
        # Left out, the server tries strict and alters a permissive schema: say what the other wires mean.
        said.setdefault("strict", False)
        said.setdefault("parameters", {"type": "object", "properties": {}})
    return add_extra(restore(said, data), tool.extra, path)


def _tool_said(tool: ToolDefinition) -> dict[str, Any]:
    said: dict[str, Any] = {"type": tool.kind, "name": tool.name}
    if tool.description is not None:
        said["description"] = tool.description
    if tool.kind == "custom":
        if tool.format is not None:
            said["format"] = tool.format
        return said
    if tool.parameters is not None:
        said["parameters"] = tool.parameters
    if tool.strict is not None:
        said["strict"] = tool.strict
    return said


def _encode_choice(request: ChatRequest) -> Any:
    choice = request.tool_choice
    if choice is None:
        return None
    data = own(choice.native, WIRE)
    if data is not None and "choice" in data:
        return data["choice"]
    if not choice.names:
        return str(choice.mode)
    kinds = {tool.name: tool.kind for tool in request.tools if isinstance(tool, ToolDefinition)}
    named = [{"type": kinds.get(name, "function"), "name": name} for name in choice.names]
    if len(named) == 1 and choice.mode is ToolMode.REQUIRED:
        return named[0]
    mode = "required" if choice.mode is ToolMode.REQUIRED else "auto"
    return {"type": "allowed_tools", "mode": mode, "tools": named}


def _say_parameters(parameters: CompletionParameters, said: dict[str, Any], enc: Encoding) -> None:
    get = parameters.get
    for name in _UNSAYABLE:
        value = get(name)
        if value is not None and not (name == "n" and value == 1):
            enc.report.lost(f"parameters.{name}", name, "Responses has no such parameter")
    for name, field in _NAMES.items():
        value = get(name)
        if value is None:
            continue
        if name in enc.quirks.unsupported:
            enc.report.lost(f"parameters.{name}", name, "this host or model does not take it")
        elif name != "parallel_tool_calls" or "tools" in said or value is False:
            said[field] = value
    if get("logprobs"):
        said["include"] = [_LOGPROBS]
    config = get("reasoning")
    if config is not None:
        reasoning: dict[str, Any] = {}
        if config.effort is not None:
            reasoning["effort"] = str(config.effort)
        if config.summary is not None and not config.exclude:
            reasoning["summary"] = config.summary
        if config.budget_tokens is not None:
            enc.report.lost("parameters.reasoning.budget_tokens", "thinking budget", "this wire takes an effort only")
        if reasoning:
            said["reasoning"] = reasoning
    text: dict[str, Any] = {}
    wanted = get("response_format")
    if wanted is not None:
        text["format"] = _format_said(wanted)
    if get("verbosity") is not None:
        text["verbosity"] = get("verbosity")
    if text:
        said["text"] = text


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


def decode_request(body: Mapping[str, Any], model: str | None, stream: bool | None) -> ChatRequest:
    """A request out of its JSON body.

    Raises:
        DecodeError: the body is no request of this wire.
    """
    raw = want_object(body, "")
    messages: list[Message] = []
    instructions = raw.get("instructions")
    if isinstance(instructions, str):
        messages.append(Message(Role.SYSTEM, instructions, native=native({HINTS: {"instructions": True}})))
    given = raw.get("input")
    form = "text" if isinstance(given, str) else "absent" if "input" not in raw else None
    if isinstance(given, str):
        messages.append(Message(Role.USER, given))
    elif given is not None:
        messages += _decode_input(want_list(given, "input"))
    request = ChatRequest(
        as_text(raw.get("model")) or model,
        tuple(messages),
        tuple(_decode_tool(tool, f"tools[{i}]") for i, tool in enumerate(want_list(raw.get("tools") or [], "tools"))),
        _decode_choice(raw.get("tool_choice")),
        _decode_parameters(raw),
        raw.get("stream") is True if stream is None else stream,
        native=native({HINTS: {"input": form}}) if form else None,
    )
    said = _said(request, Encoding(WIRE, Quirks(), Report.ignore(), asking=True))
    object.__setattr__(request, "native", native(with_hints(residue(raw, said), input=form)))  # fresh, seen by nobody
    return request


def _decode_input(items: Sequence[Any]) -> list[Message]:
    messages: list[Message] = []
    turn: list[Part] = []
    for i, item in enumerate(items):
        path = f"input[{i}]"
        said = want_object(item, path)
        kind, role = said.get("type", "message"), said.get("role")
        if kind in _RESULTS or (kind == "message" and role != "assistant"):
            if turn:
                messages.append(Message(Role.ASSISTANT, tuple(turn)))
                turn = []
            if kind in _RESULTS:
                messages.append(Message(Role.TOOL, (decode_result(said, path),)))
            else:
                messages.append(_decode_message(said, path))
        else:
            turn.extend(decode_item(said, path))
    if turn:
        messages.append(Message(Role.ASSISTANT, tuple(turn)))
    return messages


def _decode_message(raw: Mapping[str, Any], path: str) -> Message:
    role = want_text(raw.get("role"), f"{path}.role")
    content = raw.get("content")
    rest = {key: value for key, value in raw.items() if key not in ("role", "content")}
    parts = content if isinstance(content, str) else decode_contents(content, f"{path}.content")
    if role != Role.USER and not rest:
        rest = {HINTS: {"item": True}}  # an item of its own, not the instructions
    return Message(role, parts, native=native(rest))


def _decode_tool(raw: Any, path: str) -> ToolDefinition | NativeTool:
    said = want_object(raw, path)
    kind = said.get("type")
    if kind not in ("function", "custom"):
        return NativeTool(WIRE, dict(said))
    strict = said.get("strict")
    tool = ToolDefinition(
        want_text(said.get("name"), f"{path}.name"),
        as_text(said.get("description")),
        as_object(said.get("parameters")),
        strict if isinstance(strict, bool) else None,
        "custom" if kind == "custom" else "function",
        as_object(said.get("format")),
    )
    rest = residue(said, _tool_said(tool))
    # An empty residue tells that nothing has to be added for this wire.
    object.__setattr__(tool, "native", native(rest or {HINTS: {}}))
    return tool


def _decode_choice(raw: Any) -> ToolChoice | None:
    if raw is None:
        return None
    if isinstance(raw, str):
        known = raw in ToolMode._value2member_map_
        return ToolChoice(ToolMode(raw)) if known else ToolChoice(native=native({"choice": raw}))
    said = want_object(raw, "tool_choice")
    if said.get("type") in ("function", "custom") and isinstance(said.get("name"), str):
        return ToolChoice(ToolMode.REQUIRED, (said["name"],), native=native({"choice": dict(said)}))
    if said.get("type") == "allowed_tools":
        names = tuple(
            t["name"] for t in said.get("tools") or () if isinstance(t, Mapping) and isinstance(t.get("name"), str)
        )
        mode = ToolMode.REQUIRED if said.get("mode") == "required" else ToolMode.AUTO
        return ToolChoice(mode, names, native=native({"choice": dict(said)}))
    return ToolChoice(ToolMode.REQUIRED, native=native({"choice": dict(said)}))  # a tool that the host runs


def _decode_parameters(raw: Mapping[str, Any]) -> CompletionParameters:
    fields: dict[str, Any] = {
        "max_tokens": as_count(raw.get("max_output_tokens")),
        "temperature": as_number(raw.get("temperature")),
        "top_p": as_number(raw.get("top_p")),
        "top_logprobs": as_count(raw.get("top_logprobs")),
        "parallel_tool_calls": raw["parallel_tool_calls"] if isinstance(raw.get("parallel_tool_calls"), bool) else None,
        "store": raw["store"] if isinstance(raw.get("store"), bool) else None,
        "metadata": as_object(raw.get("metadata")),
        "service_tier": as_text(raw.get("service_tier")),
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


def _decode_format(said: Mapping[str, Any] | None) -> ResponseFormat | None:
    if said is None:
        return None
    if said.get("type") == "json_object":
        return ResponseFormat("json")
    if said.get("type") == "json_schema" and isinstance(said.get("schema"), Mapping):
        strict = said.get("strict")
        return ResponseFormat(
            "json_schema",
            said["schema"],
            as_text(said.get("name")),
            as_text(said.get("description")),
            strict if isinstance(strict, bool) else None,
        )
    return ResponseFormat("text") if said.get("type") == "text" else None
