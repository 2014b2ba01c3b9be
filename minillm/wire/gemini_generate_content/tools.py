"""Tools and how freely they may be called, both ways. Functions stand together in one entry of a list whose
other entries are tools that the host runs itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from ...json.narrow import OPENAPI
from ...types import ChatRequest, NativeTool, ToolChoice, ToolDefinition, ToolMode
from ..encoding import Encoding, add_extra
from ..fields import as_object, as_text, as_word, want_list, want_object, want_text
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import WIRE, native
from .schema import CAPITALS, json_schema_of, openapi_of, spelling_of

__all__ = ["decode_choice", "decode_tools", "encode_choice", "encode_tools"]

Entry: TypeAlias = tuple[int | None, bool]  # how many functions (None: no list of them), and whether there is more

_MODES: Final = {"AUTO": ToolMode.AUTO, "VALIDATED": ToolMode.AUTO, "ANY": ToolMode.REQUIRED, "NONE": ToolMode.NONE}
_SAID: Final = {ToolMode.AUTO: "AUTO", ToolMode.NONE: "NONE", ToolMode.REQUIRED: "ANY"}

#: What a function looks like that takes free text elsewhere.
FREE_TEXT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
}


def encode_tools(request: ChatRequest, enc: Encoding) -> list[dict[str, Any]]:
    """The tools as the source had grouped them, where it did; else all functions in one entry."""
    functions: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for i, tool in enumerate(request.tools):
        if isinstance(tool, ToolDefinition):
            functions.append(_encode_tool(tool, enc, f"tools[{i}]"))
        elif tool.wire == WIRE:
            others.append(dict(tool.block))
        else:
            enc.report.lost(f"tools[{i}]", f"{tool.wire} tool", "only its own host runs it")
    layout = hints_of(own(request.native, WIRE)).get("tools")
    if layout and sum(n or 0 for n, _ in layout) == len(functions) and sum(has for _, has in layout) == len(others):
        return _laid_out(layout, functions, others)
    return ([{"functionDeclarations": functions}] if functions else []) + others


def _laid_out(
    layout: Sequence[Entry], functions: list[dict[str, Any]], others: list[dict[str, Any]]
) -> list[dict[str, Any]]:
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
        tool = replace(tool, parameters=FREE_TEXT)
    if tool.strict:
        enc.report.degraded(f"{path}.strict", "strict", "this wire asks for it with the mode VALIDATED")
    if tool.cache is not None:
        enc.report.note(f"{path}.cache", "cache mark", "this host caches by itself, or by a resource of its own")
    data = own(tool.native, WIRE)
    openapi = hints_of(data).get("openapi")
    if data is None and enc.quirks.schemas == "openapi" and tool.parameters is not None:
        openapi = CAPITALS
        tool = replace(tool, parameters=enc.narrowed(tool.parameters, OPENAPI, f"{path}.parameters"))
    return add_extra(restore(_tool_said(tool, openapi), data), tool.extra, path)


def _tool_said(tool: ToolDefinition, openapi: Any) -> dict[str, Any]:
    """The declaration; ``openapi`` says that its schema came in the vendor's own form, and how that was spelled."""
    said: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        said["description"] = tool.description
    if tool.parameters is not None and openapi:
        said["parameters"] = openapi_of(tool.parameters, capitals=openapi == CAPITALS)
    elif tool.parameters is not None:
        # The field for all of JSON Schema: nothing to narrow (https://ai.google.dev/api/caching#FunctionDeclaration).
        said["parametersJsonSchema"] = tool.parameters
    return said


def decode_tools(raw: Any) -> tuple[tuple[ToolDefinition | NativeTool, ...], list[Entry]]:
    """The ``tools`` field, and how its entries were grouped."""
    tools: list[ToolDefinition | NativeTool] = []
    layout: list[Entry] = []
    for i, entry in enumerate(want_list(raw or [], "tools")):
        said = want_object(entry, f"tools[{i}]")
        declared = said.get("functionDeclarations")
        rest = {key: value for key, value in said.items() if key != "functionDeclarations"}
        functions = [] if declared is None else want_list(declared, f"tools[{i}].functionDeclarations")
        tools += [_decode_tool(item, f"tools[{i}].functionDeclarations[{j}]") for j, item in enumerate(functions)]
        if rest:
            tools.append(NativeTool(WIRE, rest))
        layout.append((None if declared is None else len(functions), bool(rest)))
    return tuple(tools), layout


def _decode_tool(raw: Any, path: str) -> ToolDefinition:
    said = want_object(raw, path)
    openapi, schema = None, as_object(said.get("parametersJsonSchema"))
    if "parameters" in said:
        raw_schema = as_object(said["parameters"])
        schema = None if raw_schema is None else json_schema_of(raw_schema)
        openapi = None if raw_schema is None else spelling_of(raw_schema)
    tool = ToolDefinition(want_text(said.get("name"), f"{path}.name"), as_text(said.get("description")), schema)
    rest = residue(said, _tool_said(tool, openapi))
    object.__setattr__(tool, "native", native(with_hints(rest, openapi=openapi)))  # fresh, seen by nobody
    return tool


def encode_choice(choice: ToolChoice | None) -> dict[str, Any] | None:
    """``toolConfig``; names of functions are only heeded with ANY and VALIDATED."""
    if choice is None:
        return None
    mode = _SAID[choice.mode]
    if choice.names and choice.mode is ToolMode.AUTO:
        mode = "VALIDATED"
    calling: dict[str, Any] = {"mode": mode}
    if choice.names and choice.mode is not ToolMode.NONE:
        calling["allowedFunctionNames"] = list(choice.names)
    return {"functionCallingConfig": calling}


def decode_choice(raw: Any) -> ToolChoice | None:
    """How freely functions may be called; an unknown mode stays in the residue."""
    calling: Mapping[str, Any] | None = as_object((as_object(raw) or {}).get("functionCallingConfig"))
    mode = None if calling is None else _MODES.get(as_word(calling.get("mode", "AUTO")).upper())
    if calling is None or mode is None:
        return None
    names = calling.get("allowedFunctionNames")
    listed = tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()
    return ToolChoice(mode, listed)
