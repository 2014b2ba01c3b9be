"""Tool definitions and the choice between them, both ways."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...json.narrow import STRICT
from ...types import CacheBreakpoint, NativeTool, ToolChoice, ToolDefinition, ToolMode
from ..encoding import Encoding, add_extra
from ..fields import as_object, as_text, want_list, want_object, want_text
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import WIRE, native

__all__ = ["decode_choice", "decode_tools", "encode_choice", "encode_tools"]

_MARKS: Final = ("prompt_cache_breakpoint", "cache_control")
_MODES: Final = {
    "auto": ToolMode.AUTO,
    "none": ToolMode.NONE,
    "required": ToolMode.REQUIRED,
    "any": ToolMode.REQUIRED,  # Mistral
}

Tool = ToolDefinition | NativeTool


def decode_tools(rest: dict[str, Any]) -> tuple[Tool, ...]:
    """The tools of a request body, taken out of ``rest``; the deprecated ``functions`` too.

    Raises:
        DecodeError: one of them is of a known kind but malformed.
    """
    tools: list[Tool] = []
    if rest.get("tools"):
        listed = want_list(rest.pop("tools"), "tools")
        tools.extend(_decode_tool(want_object(raw, f"tools[{at}]"), f"tools[{at}]") for at, raw in enumerate(listed))
    if rest.get("functions"):
        listed = want_list(rest.pop("functions"), "functions")
        tools.extend(
            _decode_function(want_object(raw, f"functions[{at}]"), f"functions[{at}]") for at, raw in enumerate(listed)
        )
    return tuple(tools)


def _decode_tool(raw: Mapping[str, Any], path: str) -> Tool:
    kind = raw.get("type")
    body = as_object(raw.get(kind)) if kind in ("function", "custom") else None
    if body is None:
        return NativeTool(WIRE, dict(raw))  # a tool the host runs itself
    name = want_text(body.get("name"), f"{path}.{kind}.name")
    mark = next((key for key in _MARKS if isinstance(raw.get(key), dict)), None)
    cache = None if mark is None else CacheBreakpoint(as_text(raw[mark].get("ttl")))
    strict = body.get("strict")
    tool = ToolDefinition(
        name,
        as_text(body.get("description")),
        as_object(body.get("parameters")) if kind == "function" else None,
        strict if isinstance(strict, bool) and kind == "function" else None,
        kind,  # type: ignore[arg-type]
        as_object(body.get("format")) if kind == "custom" else None,
        cache,
    )
    rest = with_hints(residue(raw, _say_tool(tool, mark)), mark=mark)
    if rest or tool.strict:  # even an empty residue tells that a strict schema was this wire's own
        object.__setattr__(tool, "native", native(rest))  # made a moment ago, seen by nobody
    return tool


def _decode_function(raw: Mapping[str, Any], path: str) -> ToolDefinition:
    name = want_text(raw.get("name"), f"{path}.name")
    tool = ToolDefinition(name, as_text(raw.get("description")), as_object(raw.get("parameters")))
    rest = with_hints(residue(raw, _say_body(tool)), form="functions")
    object.__setattr__(tool, "native", native(rest))
    return tool


def encode_tools(tools: Sequence[Tool], enc: Encoding) -> dict[str, Any]:
    """``tools``, and ``functions`` for those that came so; empty where there are none."""
    out: dict[str, Any] = {}
    for at, tool in enumerate(tools):
        path = f"tools[{at}]"
        if "tools" in enc.quirks.unsupported:
            enc.report.lost(path, "tool", "this host takes none")
        elif isinstance(tool, NativeTool):
            if tool.wire == WIRE and isinstance(tool.block, dict):
                out.setdefault("tools", []).append(dict(tool.block))
            else:
                enc.report.lost(path, f"{tool.wire} tool", "only its own host can run it")
        else:
            field, said = _encode_tool(tool, enc, path)
            out.setdefault(field, []).append(said)
    return out


def _encode_tool(tool: ToolDefinition, enc: Encoding, path: str) -> tuple[str, dict[str, Any]]:
    data = own(tool.native, WIRE)
    hints = hints_of(data)
    if hints.get("form") == "functions":
        return "functions", restore(_say_body(tool), data)
    mark = hints.get("mark")
    if data is None and tool.strict and tool.parameters is not None:
        tool = replace(tool, parameters=enc.narrowed(tool.parameters, STRICT, f"{path}.parameters"))
    said = restore(_say_tool(tool, mark), data)
    if mark is None and tool.cache is not None and enc.quirks.cache_marks == "prompt_cache_breakpoint":
        enc.report.note(f"{path}.cache", "cache mark", "this vendor marks contents of messages only")
    elif mark is None:
        enc.mark(said, tool.cache, path)
    elif tool.cache is not None:
        enc.marks.add(path, said, mark, given=True)
    return "tools", add_extra(said, tool.extra, path)


def _say_tool(tool: ToolDefinition, mark: str | None) -> dict[str, Any]:
    said: dict[str, Any] = {"type": tool.kind, tool.kind: _say_body(tool)}
    if mark is not None and tool.cache is not None:
        said[mark] = {"type": "ephemeral"} if mark == "cache_control" else {"mode": "explicit"}
        if tool.cache.ttl is not None:
            said[mark]["ttl"] = tool.cache.ttl
    return said


def _say_body(tool: ToolDefinition) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": tool.name, "description": tool.description}
    if tool.kind == "custom":
        fields["format"] = None if tool.format is None else dict(tool.format)
    else:
        fields["parameters"] = None if tool.parameters is None else dict(tool.parameters)
        fields["strict"] = tool.strict
    return {key: value for key, value in fields.items() if value is not None}


def decode_choice(rest: dict[str, Any]) -> ToolChoice | None:
    """The tool choice of a request body, taken out of ``rest``; an unknown form stays there."""
    for field, legacy in (("tool_choice", False), ("function_call", True)):
        raw = rest.get(field)
        choice = _decode_choice(raw, legacy=legacy)
        if choice is not None:
            del rest[field]
            return choice
    return None


def _decode_choice(raw: Any, *, legacy: bool) -> ToolChoice | None:
    form = "function_call" if legacy else None
    if isinstance(raw, str) and raw in _MODES:
        word = raw if raw == "any" else None
        data = with_hints({}, form=form, word=word)
        return ToolChoice(_MODES[raw], native=native(data) if data else None)
    if not isinstance(raw, dict):
        return None
    if legacy:
        name = as_text(raw.get("name"))
        return (
            None if name is None else ToolChoice(ToolMode.REQUIRED, (name,), native=native(with_hints({}, form=form)))
        )
    kind = raw.get("type")
    said = as_object(raw.get(kind)) if isinstance(kind, str) else None
    if said is None:
        return None
    if kind in ("function", "custom"):
        name = as_text(said.get("name"))
        return None if name is None or len(raw) > 2 else ToolChoice(ToolMode.REQUIRED, (name,), native=_kind(kind))
    if kind == "allowed_tools" and said.get("mode") in ("auto", "required"):
        names = [_name_of(item) for item in said["tools"]] if isinstance(said.get("tools"), list) else []
        if names and None not in names:
            rest = with_hints(residue(raw, _say_some(_MODES[said["mode"]], said["tools"])), form="allowed_tools")
            data = with_hints(rest, kinds={_name_of(item): item["type"] for item in said["tools"]})
            return ToolChoice(_MODES[said["mode"]], tuple(name for name in names if name), native=native(data))
    return None


def _kind(kind: str) -> Any:
    return native(with_hints({}, kind=kind))


def _name_of(item: Any) -> str | None:
    """The name in ``{type, <type>: {name}}`` that holds nothing else."""
    if not isinstance(item, dict) or len(item) != 2 or not isinstance(item.get("type"), str):
        return None
    body = item.get(item["type"])
    return as_text(body.get("name")) if isinstance(body, dict) and len(body) == 1 else None


def encode_choice(choice: ToolChoice | None, tools: Sequence[Tool], enc: Encoding) -> dict[str, Any]:
    """``tool_choice``, or ``function_call`` where it came so; empty where nothing was chosen."""
    if choice is None:
        return {}
    if "tool_choice" in enc.quirks.unsupported:
        if choice.mode is not ToolMode.AUTO or choice.names:
            enc.report.lost("tool_choice", "tool choice", "this host does not read it")
        return {}
    data = own(choice.native, WIRE)
    hints = hints_of(data)
    if not choice.names:
        word = hints.get("word")
        mode = word if word is not None and _MODES.get(word) is choice.mode else choice.mode.value
        return {hints.get("form") or "tool_choice": mode}
    if hints.get("form") == "function_call":
        return {"function_call": {"name": choice.names[0]}}
    kinds = {tool.name: tool.kind for tool in tools if isinstance(tool, ToolDefinition)}
    kinds.update(hints.get("kinds", {}))
    if choice.mode is ToolMode.NONE:
        return {"tool_choice": "none"}
    if len(choice.names) == 1 and choice.mode is ToolMode.REQUIRED and hints.get("form") != "allowed_tools":
        name = choice.names[0]
        kind = hints.get("kind") or kinds.get(name, "function")
        return {"tool_choice": {"type": kind, kind: {"name": name}}}
    listed = [{"type": kind, kind: {"name": name}} for name in choice.names for kind in (kinds.get(name, "function"),)]
    return {"tool_choice": restore(_say_some(choice.mode, listed), data)}


def _say_some(mode: ToolMode, tools: Any) -> dict[str, Any]:
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode.value, "tools": tools}}
