"""What was said, in the form of OpenTelemetry's conventions for generative AI: messages of parts, as JSON text.

Their JSON Schemas: https://github.com/open-telemetry/semantic-conventions-genai/tree/main/docs/gen-ai. Seals and
signatures are left out, and so are the bytes of media: a span is no place for a film.
"""

import json
from collections.abc import Iterable
from typing import Any

from ..types import (
    ChatRequest,
    ChatResponse,
    FinishReason,
    MediaPart,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)

__all__ = ["asked", "dumps", "part_of", "said"]

_FIRST = (Role.SYSTEM, Role.DEVELOPER)
_FINISHES = {
    FinishReason.STOP_SEQUENCE: "stop",
    FinishReason.TOOL_CALLS: "tool_call",
    FinishReason.REFUSAL: "content_filter",
    FinishReason.CONTEXT_FULL: "length",
}


def asked(request: ChatRequest) -> dict[str, str]:
    """A request as span attributes: instructions, messages, tools."""
    leading = 0
    while leading < len(request.messages) and request.messages[leading].role in _FIRST:
        leading += 1
    attributes = {"gen_ai.input.messages": dumps([_message(message) for message in request.messages[leading:]])}
    if leading:
        parts = [part_of(part) for message in request.messages[:leading] for part in message.parts]
        attributes["gen_ai.system_instructions"] = dumps(parts)
    if request.tools:
        attributes["gen_ai.tool.definitions"] = dumps([_tool(tool) for tool in request.tools])
    return attributes


def said(response: ChatResponse) -> str:
    """The choices of an answer."""
    messages = []
    for choice in response.choices:
        reason = choice.finish_reason
        finish = "error" if reason is None else _FINISHES.get(reason, str(reason))
        messages.append({**_message(choice.message), "finish_reason": finish})
    return dumps(messages)


def _message(message: Message) -> dict[str, Any]:
    made: dict[str, Any] = {"role": str(message.role), "parts": [part_of(part) for part in message.parts]}
    if message.name:
        made["name"] = message.name
    return made


def part_of(part: Part) -> dict[str, Any]:
    """One part."""
    if isinstance(part, TextPart):
        return {"type": "text", "content": part.text}
    if isinstance(part, ReasoningPart):
        return {"type": "reasoning", "content": part.text}
    if isinstance(part, RefusalPart):
        return {"type": "refusal", "content": part.text}
    if isinstance(part, ToolCallPart):
        return {"type": "tool_call", "id": part.id, "name": part.name, "arguments": _arguments(part)}
    if isinstance(part, ToolResultPart):
        return {"type": "tool_call_response", "id": part.call_id, "response": _response(part)}
    if isinstance(part, MediaPart):
        return _media(part)
    return {"type": "native", "wire": part.wire, "block": part.block}


def _arguments(call: ToolCallPart) -> Any:
    """As JSON where they are; else the text."""
    try:
        return json.loads(call.arguments or "{}")
    except ValueError:
        return call.arguments


def _response(result: ToolResultPart) -> Any:
    content = result.content
    return content if isinstance(content, str) else [part_of(part) for part in content]


def _media(part: MediaPart) -> dict[str, Any]:
    common = {"mime_type": part.mime, "modality": part.kind}
    if part.file_id is not None:
        return {"type": "file", **common, "file_id": part.file_id}
    if part.url is not None:
        return {"type": "uri", **common, "uri": part.url}
    return {"type": "blob", **common, "content": "", "omitted_bytes": len(part.data or "") * 3 // 4}


def _tool(tool: Any) -> dict[str, Any]:
    if isinstance(tool, ToolDefinition):
        return {"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.parameters}
    block = tool.block
    kind = block.get("type") if isinstance(block, dict) else None
    return {"type": kind if isinstance(kind, str) else tool.wire, "name": _name(block) or tool.wire}


def _name(block: Any) -> str | None:
    names: Iterable[Any] = block if isinstance(block, dict) else ()
    name = block.get("name") if isinstance(block, dict) else None
    return name if isinstance(name, str) else next((key for key in names if isinstance(key, str)), None)


def dumps(value: Any) -> str:
    """As JSON; what has no form in it as its text."""
    return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"))
