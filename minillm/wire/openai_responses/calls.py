"""Calls and their results, items of their own, both ways. Results name the call by ``call_id``, not by ``id``."""

from collections.abc import Mapping
from typing import Any

from ...types import Native, Part, TextPart, ToolCallPart, ToolResultPart
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_text
from ..residue import hints_of, own, residue, restore, with_hints
from ..tool_calls import NO_ARGUMENTS
from .content import decode_contents, encode_contents
from .dialect import MARK, WIRE

__all__ = ["CALLS", "RESULTS", "decode_call", "decode_result", "encode_call", "encode_result"]

CALLS = ("function_call", "custom_tool_call")
RESULTS = ("function_call_output", "custom_tool_call_output")

Raw = Mapping[str, Any]


def decode_call(raw: Raw, path: str) -> ToolCallPart:
    """A call out of its item."""
    custom = raw["type"] == "custom_tool_call"
    given = raw.get("input" if custom else "arguments")
    part = ToolCallPart(
        want_text(raw.get("call_id") or raw.get("id", raw.get("call_id")), f"{path}.call_id"),
        want_text(raw.get("name"), f"{path}.name"),
        given if isinstance(given, str) else "",
        "custom" if custom else "function",
        incomplete=raw.get("status") == "incomplete",
    )
    # Made a moment ago and seen by nobody: filled in place. Even an empty residue tells whose call it is.
    object.__setattr__(part, "native", Native(WIRE, residue(raw, _call_said(part))))
    return part


def encode_call(part: ToolCallPart, enc: Encoding, path: str) -> dict[str, Any]:
    """The item for a call."""
    data = own(part.native, WIRE)
    if part.signature is not None:
        enc.report.note(f"{path}.signature", "signature", "only its author can read it")
    if part.cache is not None:
        enc.report.note(f"{path}.cache", "cache mark", "calls carry none on this wire")
    said = _call_said(part)
    if data is None and part.incomplete:
        said["status"] = "incomplete"
    elif data is None and part.kind == "function" and not part.arguments:
        said["arguments"] = NO_ARGUMENTS
    return add_extra(restore(said, data), part.extra, path)


def _call_said(part: ToolCallPart) -> dict[str, Any]:
    if part.kind == "custom":
        return {"type": "custom_tool_call", "call_id": part.id, "name": part.name, "input": part.arguments}
    return {"type": "function_call", "call_id": part.id, "name": part.name, "arguments": part.arguments}


def decode_result(raw: Raw, path: str) -> ToolResultPart:
    """The result of a tool out of its item."""
    output = raw.get("output")
    content: str | tuple[Part, ...] = ""
    if output is not None:
        content = output if isinstance(output, str) else decode_contents(output, f"{path}.output")
    hints = {"custom": raw["type"] == "custom_tool_call_output"}
    call_id, name = want_text(raw.get("call_id"), f"{path}.call_id"), as_text(raw.get("name"))
    rest = residue(raw, _result_said(call_id, output if output is not None else "", hints))
    return ToolResultPart(call_id, name, content, native=Native(WIRE, with_hints(rest, **hints)))


def _result_said(call_id: str, output: Any, hints: Raw) -> dict[str, Any]:
    kind = "custom_tool_call_output" if hints.get("custom") else "function_call_output"
    return {"type": kind, "call_id": call_id, "output": output}


def encode_result(part: ToolResultPart, enc: Encoding, path: str, *, custom: bool) -> dict[str, Any]:
    """The item for a tool's result."""
    data = own(part.native, WIRE)
    hints: Raw = hints_of(data) if data is not None else {"custom": custom}
    content, places = part.content, [*range(len(part.content))]
    if part.is_error:
        enc.report.degraded(f"{path}.is_error", "error flag", "results carry none here; the text says it")
        content, places = _telling_the_error(content), [0, *places]
    output: Any = content if isinstance(content, str) else encode_contents(content, enc, f"{path}.content", places)
    if part.cache is not None:
        output = _marked(output, part, enc, path)
    return add_extra(restore(_result_said(part.call_id, output, hints), data), part.extra, path)


def _marked(output: Any, part: ToolResultPart, enc: Encoding, path: str) -> Any:
    """The item has no place for a mark; its last content has."""
    items = [{"type": "input_text", "text": output}] if isinstance(output, str) and output else output
    if not items:
        enc.report.note(f"{path}.cache", "cache mark", "an empty result carries none on this wire")
    elif MARK not in items[-1]:
        enc.mark(items[-1], part.cache, path, MARK)
    return items if items and MARK in items[-1] else output


def _telling_the_error(content: str | tuple[Part, ...]) -> str | tuple[Part, ...]:
    if isinstance(content, str):
        return content if content.lower().startswith("error") else f"Error: {content}"
    return (TextPart("Error:"), *content)
