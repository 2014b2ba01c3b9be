"""A host that answers whatever it is asked, on any of the four wires, so that the pages' programs run as they stand.

It calls the first tool it is offered, gives the smallest JSON that fits a schema, says JSON
where the question has the word in it, and "Paris." to anything else.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from minillm import MockTransport
from minillm.chat_model import replay
from minillm.report import Report
from minillm.transport import HTTPRequest, MockResponse
from minillm.types import (
    ChatRequest,
    ChatResponse,
    Choice,
    FinishReason,
    Message,
    Part,
    TextPart,
    ToolCallPart,
    Usage,
)
from minillm.wire import get_codec
from minillm.wire.sse import encode_event

# The path of a request, and the wire that is spoken there.
WIRES = {
    r"/chat/completions$": "openai_chat_completions",
    r"/responses$": "openai_responses",
    r"/messages$|:(streamR|r)awPredict$": "anthropic_messages",
    r":(streamG|g)enerateContent(\?|$)": "gemini_generate_content",
}
COUNTS = {
    r"/count_tokens$": "input_tokens",
    r"/input_tokens$": "input_tokens",
    r":countTokens$": "totalTokens",
}


def obliging() -> MockTransport:
    """A transport to such a host, under every name."""
    return MockTransport(answer)


def answer(request: HTTPRequest) -> MockResponse:
    for pattern, field in COUNTS.items():
        if re.search(pattern, request.url):
            return MockResponse.json({field: 42})
    for pattern, wire in WIRES.items():
        if re.search(pattern, request.url):
            return _answered(request, wire)
    return MockResponse.json({"error": {"message": f"no page of this host: {request.url}"}}, status=404)


def _answered(request: HTTPRequest, wire: str) -> MockResponse:
    codec = get_codec(wire)
    body = json.loads(request.body or b"{}")
    streamed = bool(body.get("stream")) or "stream" in request.url.rpartition("/")[2]
    asked = codec.decode_request(body, report=Report())
    call = _call(asked)
    part: Part = call or TextPart(_text(asked))
    response = ChatResponse(
        id="answer-1",
        model=asked.model or "model",
        choices=(
            Choice(
                message=Message("assistant", (part,)),
                finish_reason=FinishReason.TOOL_CALLS if call else FinishReason.STOP,
            ),
        ),
        usage=Usage(uncached_tokens=20, output_tokens=5),
    )
    if not streamed:
        return MockResponse.json(codec.encode_response(response, report=Report()))
    encoder = codec.stream_encoder(report=Report())
    frames = [frame for event in replay(response) for frame in encoder.feed(event)] + encoder.finish()
    return MockResponse.sse(b"".join(map(encode_event, frames)))


def _call(asked: ChatRequest) -> ToolCallPart | None:
    """The first tool, where tools are offered and none has answered yet."""
    if not asked.tools or asked.messages[-1].tool_results or asked.messages[-1].role == "tool":
        return None
    tool: Any = asked.tools[0]
    return ToolCallPart(id="call_1", name=tool.name, arguments=json.dumps(fitting(tool.parameters or {})))


def _text(asked: ChatRequest) -> str:
    wanted = asked.parameters.response_format
    schema = getattr(wanted, "schema", None)
    if isinstance(schema, Mapping):
        return json.dumps(fitting(schema))
    return '{"city": "Paris"}' if "json" in asked.messages[-1].text.lower() else "Paris."


def fitting(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """The smallest value that fits a JSON schema of the kind that types of Python give."""
    root = schema if root is None else root
    if "$ref" in schema:
        target: Any = root
        for key in schema["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        return fitting(target, root)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return fitting(schema[key][0], root)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        return {name: fitting(each, root) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [fitting(schema.get("items", {}), root)] * max(1, schema.get("minItems", 1))
    return {"string": "Paris", "integer": schema.get("minimum", 33), "number": 33.5, "boolean": True}.get(kind)
