"""Tools and how freely they may be called, both ways."""

from collections.abc import Mapping
from typing import Any, Final

from ...json.narrow import CLOSED
from ...types import ChatRequest, Native, NativeTool, ToolChoice, ToolDefinition, ToolMode
from ..cache_marks import mark_said
from ..encoding import Encoding, add_extra
from ..fields import as_object, as_text, as_word, want_list, want_object, want_text
from ..residue import own, residue, restore, with_hints
from .dialect import MARK, WIRE, cache_control, count_mark, kept_whole, native, read_cache_control

__all__ = ["decode_choice", "decode_tools", "encode_choice", "encode_tools", "read_parallel"]

_MODES: Final = {"auto": ToolMode.AUTO, "any": ToolMode.REQUIRED, "none": ToolMode.NONE}
_SAID: Final = {ToolMode.AUTO: "auto", ToolMode.REQUIRED: "any", ToolMode.NONE: "none"}

#: What a tool looks like that takes free text elsewhere.
FREE_TEXT: Final = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}


def encode_tools(request: ChatRequest, enc: Encoding) -> list[dict[str, Any]]:
    """The tools; where only some may be called, only those, since this wire cannot name a subset."""
    subset = _subset(request.tool_choice)
    if subset:
        enc.report.degraded("tool_choice", "subset of tools", "only the allowed tools are offered")
    offered = []
    for i, tool in enumerate(request.tools):
        if subset and _name_of(tool) not in subset:
            continue
        if isinstance(tool, ToolDefinition):
            offered.append(_encode_tool(tool, enc, f"tools[{i}]"))
        elif tool.wire == WIRE:
            offered.append(kept_whole(tool.block, enc, f"tools[{i}]"))
        else:
            enc.report.lost(f"tools[{i}]", f"{tool.wire} tool", "only its own host runs it")
    return offered


def _name_of(tool: ToolDefinition | NativeTool) -> Any:
    return tool.name if isinstance(tool, ToolDefinition) else (as_object(tool.block) or {}).get("name")


def _subset(choice: ToolChoice | None) -> tuple[str, ...]:
    if choice is None or choice.mode is ToolMode.NONE or _is_one(choice):
        return ()
    return choice.names


def _is_one(choice: ToolChoice) -> bool:
    return choice.mode is ToolMode.REQUIRED and len(choice.names) == 1


def _encode_tool(tool: ToolDefinition, enc: Encoding, path: str) -> dict[str, Any]:
    data = own(tool.native, WIRE)
    schema: Any = tool.parameters
    if tool.kind == "custom":
        enc.report.degraded(path, "free-text tool", "it takes its text as the field 'input'")
        schema = FREE_TEXT
    elif schema is not None and tool.strict and data is None:
        schema = enc.narrowed(schema, CLOSED, f"{path}.parameters")  # without strict any JSON Schema will do
    said = _tool_said(tool, schema)
    if tool.cache is not None and data is None:
        said[MARK] = mark_said(tool.cache, MARK, enc.report, path)
    out = restore(said, data)
    count_mark(said, out, data, enc, path)
    return add_extra(out, tool.extra, path)


def _tool_said(tool: ToolDefinition, schema: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        said["description"] = tool.description
    said["input_schema"] = {"type": "object", "properties": {}} if schema is None else schema
    if tool.strict is not None:
        said["strict"] = tool.strict
    if tool.cache is not None:
        said[MARK] = cache_control(tool.cache)
    return said


def decode_tools(raw: Any) -> tuple[ToolDefinition | NativeTool, ...]:
    """The ``tools`` field; those that the vendor defines itself are kept whole."""
    return tuple(_decode_tool(tool, f"tools[{i}]") for i, tool in enumerate(want_list(raw or [], "tools")))


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
    rest = with_hints(residue(said, _tool_said(tool, schema)), marked=tool.cache is not None)
    # Even an empty residue tells that a strict schema was this wire's own. Fresh, and seen by nobody.
    object.__setattr__(tool, "native", Native(WIRE, rest) if tool.strict else native(rest))
    return tool


def encode_choice(request: ChatRequest, *, offered: bool) -> dict[str, Any] | None:
    """The ``tool_choice`` field, in which this wire also says whether calls may be parallel."""
    choice, parallel = request.tool_choice, request.parameters.get("parallel_tool_calls")
    said: dict[str, Any] | None = None
    if choice is not None:
        said = {"type": "tool", "name": choice.names[0]} if _is_one(choice) else {"type": _SAID[choice.mode]}
    if parallel is not None and offered:
        said = said or {"type": "auto"}
        if said["type"] != "none":
            said["disable_parallel_tool_use"] = not parallel
    return said


def decode_choice(raw: Any) -> ToolChoice | None:
    """How freely tools may be called; an unknown kind is read as the model's own choice, and comes back as it was."""
    if raw is None:
        return None
    said = want_object(raw, "tool_choice")
    if said.get("type") == "tool":
        return ToolChoice.tool(want_text(said.get("name"), "tool_choice.name"))
    return ToolChoice(_MODES.get(as_word(said.get("type")), ToolMode.AUTO))


def read_parallel(raw: Mapping[str, Any]) -> bool | None:
    """Whether calls may be parallel, where the body says it."""
    off = (as_object(raw.get("tool_choice")) or {}).get("disable_parallel_tool_use")
    return not off if isinstance(off, bool) else None
