"""Tools and how freely they may be called, both ways. Functions are flat here, unlike in Chat Completions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...json.narrow import STRICT
from ...types import ChatRequest, NativeTool, ToolChoice, ToolDefinition, ToolMode
from ..encoding import Encoding, add_extra
from ..fields import as_object, as_text, want_list, want_object, want_text
from ..residue import HINTS, own, residue, restore
from .dialect import WIRE, native

__all__ = ["decode_choice", "decode_tools", "encode_choice", "encode_tools"]


def encode_tools(request: ChatRequest, enc: Encoding) -> list[dict[str, Any]]:
    """The tools; those of other hosts are left out (and reported)."""
    encoded = (_encode_tool(tool, enc, f"tools[{i}]") for i, tool in enumerate(request.tools))
    return [said for said in encoded if said is not None]


def _encode_tool(tool: ToolDefinition | NativeTool, enc: Encoding, path: str) -> dict[str, Any] | None:
    if isinstance(tool, NativeTool):
        if tool.wire == WIRE:
            return dict(tool.block)
        enc.report.lost(path, f"{tool.wire} tool", "only its own host runs it")
        return None
    if tool.cache is not None:
        enc.report.note(f"{path}.cache", "cache mark", "tools carry none on this wire")
    data = own(tool.native, WIRE)
    if data is None and tool.strict and tool.parameters is not None:
        tool = replace(tool, parameters=enc.narrowed(tool.parameters, STRICT, f"{path}.parameters"))
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


def decode_tools(raw: Any) -> tuple[ToolDefinition | NativeTool, ...]:
    """The ``tools`` field; those that the host runs itself are kept whole."""
    return tuple(_decode_tool(tool, f"tools[{i}]") for i, tool in enumerate(want_list(raw or [], "tools")))


def _decode_tool(raw: Any, path: str) -> ToolDefinition | NativeTool:
    said = want_object(raw, path)
    kind = said.get("type")
    if kind not in ("function", "custom"):
        return NativeTool(WIRE, dict(said))
    strict = said.get("strict")
    tool = ToolDefinition(
        want_text(said.get("name"), f"{path}.name"),
        as_text(said.get("description")),
        as_object(said.get("parameters")) if kind == "function" else None,
        strict if isinstance(strict, bool) and kind == "function" else None,
        "custom" if kind == "custom" else "function",
        as_object(said.get("format")) if kind == "custom" else None,
    )
    rest = residue(said, _tool_said(tool))
    # Even an empty residue tells that nothing has to be added for this wire. Fresh, and seen by nobody.
    object.__setattr__(tool, "native", native(rest or {HINTS: {}}))
    return tool


def encode_choice(request: ChatRequest) -> Any:
    """The ``tool_choice`` field: a word, one tool, or those that are allowed."""
    choice = request.tool_choice
    if choice is None:
        return None
    data = own(choice.native, WIRE)
    if data is not None and "choice" in data and decode_choice(data["choice"]) == choice:
        return data["choice"]
    if not choice.names:
        return str(choice.mode)
    kinds = {tool.name: tool.kind for tool in request.tools if isinstance(tool, ToolDefinition)}
    named = [{"type": kinds.get(name, "function"), "name": name} for name in choice.names]
    if len(named) == 1 and choice.mode is ToolMode.REQUIRED:
        return named[0]
    if choice.mode is ToolMode.NONE:
        return str(choice.mode)
    return {"type": "allowed_tools", "mode": str(choice.mode), "tools": named}


def decode_choice(raw: Any) -> ToolChoice | None:
    """How freely tools may be called; what the neutral fields cannot say comes back as it was."""
    if raw is None:
        return None
    if isinstance(raw, str):
        known = raw in ToolMode._value2member_map_
        return ToolChoice(ToolMode(raw)) if known else ToolChoice(native=native({"choice": raw}))
    said = want_object(raw, "tool_choice")
    kept = native({"choice": dict(said)})
    if said.get("type") in ("function", "custom") and isinstance(said.get("name"), str):
        return ToolChoice(ToolMode.REQUIRED, (said["name"],), native=kept)
    if said.get("type") == "allowed_tools":
        mode = ToolMode.REQUIRED if said.get("mode") == "required" else ToolMode.AUTO
        return ToolChoice(mode, _names(said.get("tools")), native=kept)
    return ToolChoice(ToolMode.REQUIRED, native=kept)  # a tool that the host runs


def _names(raw: Any) -> tuple[str, ...]:
    listed = raw if isinstance(raw, list) else ()
    return tuple(tool["name"] for tool in listed if isinstance(tool, Mapping) and isinstance(tool.get("name"), str))
