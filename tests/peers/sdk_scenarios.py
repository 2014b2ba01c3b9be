"""What the official SDKs are asked to say and what they are answered: values, apart from any wire."""

import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from minillm import errors
from minillm.types import (
    ChatResponse,
    Choice,
    Citation,
    CitationAdded,
    Finish,
    FinishReason,
    Message,
    MessageEnd,
    MessageStart,
    Part,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    Role,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
)

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
SEAL = base64.b64encode(b"proof that this was thought").decode()
ENVELOPE = base64.b64encode(b"thoughts under seal").decode()

CITY: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOLS = [
    {"name": "get_weather", "description": "The weather in a city", "parameters": CITY},
    {"name": "get_time", "description": "The time in a city", "parameters": CITY},
]
REPORT: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "number"}, "sunny": {"type": "boolean"}},
    "required": ["city", "degrees", "sunny"],
    "additionalProperties": False,
}

SYSTEM = "You are terse."
GO = {"user": "Go on, wörld 👋."}

#: What the SDK's user says; each reader spells it in the SDK's own words.
PLAIN: dict[str, Any] = {"system": SYSTEM, "turns": [GO], "max_tokens": 900}
CONVERSATION = {
    "system": SYSTEM,
    "turns": [{"user": "Hi."}, {"assistant": "Hello."}, {"image": {"text": "What is this?", "png": PICTURE}}],
}
WITH_TOOLS = {**PLAIN, "tools": TOOLS}
AFTER_TOOLS = {
    "system": SYSTEM,
    "tools": TOOLS,
    "turns": [
        {"user": "Weather and time in Lisbon?"},
        {
            "calls": [
                {"id": "call_w", "name": "get_weather", "arguments": '{"city":"Lisbon"}'},
                {"id": "call_t", "name": "get_time", "arguments": '{"city":"Lisbon"}'},
            ]
        },
        {
            "results": [
                {"id": "call_w", "name": "get_weather", "text": "21 degrees"},
                {"id": "call_t", "name": "get_time", "text": "noon"},
            ]
        },
    ],
}
STRUCTURED = {**PLAIN, "schema": REPORT}
THINKING = {**PLAIN, "effort": "low"}

USAGE = Usage(uncached_tokens=11, output_tokens=7)
WEATHER = ToolCallPart("call_lisbon", "get_weather", '{"city":"Lisbon"}')
CLOCK = ToolCallPart("call_porto", "get_time", '{"city":"Porto — \\"o norte\\""}')
CREATED = 1_790_000_000


def answer(*parts: Part, finish: FinishReason = FinishReason.STOP, usage: Usage | None = USAGE) -> ChatResponse:
    return ChatResponse("answer-1", "ours", (Choice(0, Message(Role.ASSISTANT, parts), finish),), usage, CREATED)


@dataclass(frozen=True)
class Scenario:
    """One exchange: what is said and what is answered."""

    ask: dict[str, Any]
    answer: ChatResponse


SCENARIOS: dict[str, Scenario] = {
    "plain": Scenario(PLAIN, answer(TextPart("Hello, wörld: 你好 👋\nand a second\u2028line."))),
    "conversation": Scenario(CONVERSATION, answer(TextPart("A very small picture."))),
    "one-tool": Scenario(WITH_TOOLS, answer(WEATHER, finish=FinishReason.TOOL_CALLS)),
    "parallel-tools": Scenario(WITH_TOOLS, answer(WEATHER, CLOCK, finish=FinishReason.TOOL_CALLS)),
    "text-and-tools": Scenario(
        WITH_TOOLS, answer(TextPart("I will look."), WEATHER, CLOCK, finish=FinishReason.TOOL_CALLS)
    ),
    "tool-without-arguments": Scenario(
        WITH_TOOLS, answer(ToolCallPart("call_bare", "get_time", ""), finish=FinishReason.TOOL_CALLS)
    ),
    "after-tools": Scenario(AFTER_TOOLS, answer(TextPart("21 degrees, noon."))),
    "thinking": Scenario(THINKING, answer(ReasoningPart("First this,\nthen that.", SEAL), TextPart("So: 4."))),
    "thinking-and-tools": Scenario(
        {**THINKING, "tools": TOOLS},
        answer(ReasoningPart("I must look.", SEAL), WEATHER, CLOCK, finish=FinishReason.TOOL_CALLS),
    ),
    "thinking-sealed": Scenario(THINKING, answer(ReasoningPart(sealed=ENVELOPE), TextPart("So: 4."))),
    "structured": Scenario(STRUCTURED, answer(TextPart('{"city":"Lisbon","degrees":21.5,"sunny":true}'))),
    "refusal": Scenario(PLAIN, answer(RefusalPart("I cannot help with that."), finish=FinishReason.REFUSAL)),
    "length": Scenario(PLAIN, answer(TextPart("This was cut by the lim"), finish=FinishReason.LENGTH)),
    "filtered": Scenario(PLAIN, answer(TextPart("This was hidd"), finish=FinishReason.CONTENT_FILTER)),
    "stop-sequence": Scenario(PLAIN, answer(TextPart("Up to here"), finish=FinishReason.STOP_SEQUENCE)),
    "empty": Scenario(PLAIN, answer(TextPart(""))),
    "sources": Scenario(
        PLAIN,
        answer(TextPart("So they say.", tuple(Citation(f"https://example.com/{n}", "t", None, 0, 2) for n in (1, 2)))),
    ),
    "usage-unknown": Scenario(PLAIN, answer(TextPart("Nobody counted."), usage=None)),
    "usage": Scenario(
        PLAIN,
        answer(
            TextPart("Counted."),
            usage=Usage(uncached_tokens=70, cache_read_tokens=30, output_tokens=40, reasoning_tokens=12),
        ),
    ),
}

#: Errors before any content, by status; ``retry_at`` becomes the header Retry-After.
ERRORS: dict[str, errors.APIError] = {
    "error-400": errors.BadRequestError("no such parameter", status=400),
    "error-context": errors.ContextLengthError("too long", status=400, code="context_length_exceeded"),
    "error-401": errors.AuthenticationError("no such key", status=401),
    "error-403": errors.AuthenticationError("not allowed", status=403),
    "error-404": errors.NotFoundError("no such model", status=404),
    "error-413": errors.BadRequestError("too large", status=413),
    "error-429": errors.RateLimitError("slow down", status=429, retry_at=time.time() + 3000),
    "error-quota": errors.QuotaError("no credit", status=429),
    "error-500": errors.ServerError("the model fell over", status=500),
    "error-503": errors.ServerError("busy", status=503),
    "error-529": errors.ServerError("overloaded", status=529),
}

#: Failures behind the first words, in streams only.
BREAKS: dict[str, Exception] = {
    "break-overloaded": errors.ServerError("overloaded in mid-stream", status=529),
    "break-server": errors.ServerError("the model fell over in mid-stream", status=500),
    "break-rate": errors.RateLimitError("too fast in mid-stream", status=429),
    "break-cut": errors.StreamInterrupted("the upstream line was cut"),
}


def events(response: ChatResponse, failure: Exception | None = None) -> Iterator[StreamEvent]:
    """An answer in pieces of three characters; with a failure it ends behind the first part."""
    yield MessageStart(response.id, response.model, response.created)
    for index, part in enumerate(response.message.parts):
        yield from _pieces(index, part)
        if failure is not None:
            yield StreamFailed(failure)
            return
        yield PartEnd(index)
    yield Finish(0, response.finish_reason, response.raw_finish_reason)
    if response.usage is not None:
        yield UsageUpdate(response.usage)
    yield MessageEnd()


def _pieces(index: int, part: Part) -> Iterator[StreamEvent]:
    if isinstance(part, TextPart):
        yield PartStart(index, TextPart(""))
        yield from (TextDelta(index, piece) for piece in _cut(part.text))
        yield from (CitationAdded(index, citation) for citation in part.citations)
    elif isinstance(part, RefusalPart):
        yield PartStart(index, RefusalPart(""))
        yield from (RefusalDelta(index, piece) for piece in _cut(part.text))
    elif isinstance(part, ToolCallPart):
        yield PartStart(index, ToolCallPart(part.id, part.name))
        yield from (ToolCallDelta(index, piece) for piece in _cut(part.arguments))
    elif isinstance(part, ReasoningPart):
        yield PartStart(index, ReasoningPart(sealed=part.sealed))
        yield from (ReasoningDelta(index, piece) for piece in _cut(part.text))
        if part.signature is not None:
            yield SignatureDelta(index, part.signature)


def _cut(text: str, size: int = 3) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]
