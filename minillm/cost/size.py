"""What a request holds that a host will count: its text, tools, schemas and media, by place.

Pure bookkeeping, apart from any host: :mod:`minillm.cost.families` says what each kind of thing costs where.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..types import (
    UNSET,
    ChatRequest,
    MediaPart,
    NativePart,
    NativeTool,
    Part,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)
from .media_size import MediaSize, media_size
from .tokens import NOTHING, Tokens, count_text

__all__ = ["RequestSize", "measure", "searches"]


@dataclass(frozen=True, slots=True)
class RequestSize:
    """A request in numbers.

    Args:
        text: of all messages, tool calls and results included.
        messages: how many there are.
        tools: names, descriptions and schemas of the tools.
        tool_count: how many tools there are.
        calls: how many tool calls and results the messages hold.
        schema: the JSON Schema of the answer.
        reasoning: earlier thinking that goes back, where it is readable or sealed.
        media: every picture, sound, film and document.
        unseen: what brings in text that nobody here can see, in words; with it there is no upper bound.
    """

    text: Tokens = NOTHING
    messages: int = 0
    tools: Tokens = NOTHING
    tool_count: int = 0
    calls: int = 0
    schema: Tokens = NOTHING
    reasoning: Tokens = NOTHING
    media: tuple[MediaSize, ...] = ()
    unseen: tuple[str, ...] = ()


# Keys of a body by which a host adds text of its own keeping, or goes and finds some.
_BEYOND = {
    "previous_response_id": "the turns behind previous_response_id",
    "conversation": "the turns of the conversation that the host keeps",
    "cachedContent": "the content that the host keeps in its cache",
    "cached_content": "the content that the host keeps in its cache",
    "prompt": "the prompt that the host keeps",
    "container": "what the container holds",
    "mcp_servers": "the tools of MCP servers",
    "web_search_options": "what a search finds",
    "search_parameters": "what a search finds",
    "plugins": "what plugins add",
}
# Schemas of the answer in the wires' own words.
_FORMATS = frozenset({"output_format", "output_config"})
# Models that search or call tools by themselves, unasked.
_SEARCHING = re.compile(r"compound|:online\b|search-preview|search-api|deep-research")
_BY_REFERENCE = frozenset({"audio", "video", "file"})


def measure(request: ChatRequest) -> RequestSize:
    """The size of a request as it would be sent."""
    walk = _Walk()
    for message in request.messages:
        if isinstance(message.content, str):
            walk.text += count_text(message.content)
        else:
            for part in message.content:
                walk.part(part)
        if message.name:
            walk.text += count_text(message.name)
    tools = NOTHING
    for tool in request.tools:
        if isinstance(tool, NativeTool):
            walk.unseen.append(f"what the host's own tool {_kind_of(tool)} adds")
        else:
            tools += _tool(tool)
    walk.unseen.extend(_beyond(request))
    return RequestSize(
        walk.text,
        len(request.messages),
        tools,
        sum(1 for tool in request.tools if isinstance(tool, ToolDefinition)),
        walk.calls,
        _schema(request),
        walk.reasoning,
        tuple(walk.media),
        tuple(dict.fromkeys(walk.unseen)),
    )


@lru_cache(maxsize=1024)
def searches(model: str) -> bool:
    """Whether the model finds text by itself, unasked, which is on the bill."""
    return _SEARCHING.search(model) is not None


class _Walk:
    """Sums up parts, and those inside them."""

    __slots__ = ("calls", "media", "reasoning", "text", "unseen")

    def __init__(self) -> None:
        self.text = self.reasoning = NOTHING
        self.calls = 0
        self.media: list[MediaSize] = []
        self.unseen: list[str] = []

    def part(self, part: Part) -> None:
        if isinstance(part, TextPart | RefusalPart):
            self.text += count_text(part.text)
        elif isinstance(part, ToolCallPart):
            self.text += count_text(part.name) + count_text(part.arguments)
            self.calls += 1
        elif isinstance(part, ToolResultPart):
            self.calls += 1
            if isinstance(part.content, str):
                self.text += count_text(part.content)
            else:
                for inner in part.content:
                    self.part(inner)
        elif isinstance(part, ReasoningPart):
            # Six bits a character of base64, about as many bits a token's worth of sealed text again.
            sealed = len(part.sealed or "") / 8
            self.reasoning += count_text(part.text) + Tokens(sealed, sealed * 2)
        elif isinstance(part, MediaPart):
            self._medium(part)
        elif isinstance(part, NativePart):
            self.text += count_text(_json(part.block))
            self.unseen.append(f"what a block of {part.wire} stands for")

    def _medium(self, part: MediaPart) -> None:
        size = media_size(part)
        self.media.append(size)
        if not size.seen and (size.kind in _BY_REFERENCE or part.file_id is not None):
            self.unseen.append(f"a{'n' if size.kind == 'audio' else ''} {size.kind} given by reference")
        elif size.kind == "video" and not size.seconds:
            self.unseen.append("a video of unknown length")
        elif size.kind == "file" and size.text is None and not size.pages:
            self.unseen.append("a document of unknown length")


def _tool(tool: ToolDefinition) -> Tokens:
    size = count_text(tool.name) + count_text(tool.description or "")
    for schema in (tool.parameters, tool.format):
        if schema:
            size += count_text(_json(schema))
    return size


def _schema(request: ChatRequest) -> Tokens:
    form: Any = request.parameters.response_format
    if form is not UNSET and isinstance(form, ResponseFormat) and form.schema:
        return count_text(_json(form.schema)) + count_text(form.description or "")
    return sum((count_text(_json(said[key])) for said in _said(request) for key in said if key in _FORMATS), NOTHING)


def _beyond(request: ChatRequest) -> Iterator[str]:
    if searches(request.model or ""):
        yield "what the model finds by itself"
    for said in _said(request):
        for key in said:
            if key in _BEYOND:
                yield _BEYOND[key]


def _said(request: ChatRequest) -> Iterator[Mapping[str, Any]]:
    """Keys of the body beside the neutral ones."""
    if request.native is not None and isinstance(request.native.data, Mapping):
        yield request.native.data
    yield from (said for said in (request.extra, request.parameters.get("extra")) if said)


def _kind_of(tool: NativeTool) -> str:
    block = tool.block
    if isinstance(block, Mapping):
        return str(block.get("type") or next(iter(block), "?"))
    return "?"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
