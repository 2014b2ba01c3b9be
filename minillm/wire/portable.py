"""Values made fit for another wire: what only its own host understands is taken out, and told.

Seals and signatures of reasoning mean nothing to another vendor, and a file's id nothing to another host.
In requests a block of reasoning stays behind whole (never its signature alone); in answers the readable
part may be shown, since a later request will leave it out again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from ..report import Report
from ..types import (
    CacheBreakpoint,
    ChatRequest,
    ChatResponse,
    Choice,
    FinishReason,
    MediaPart,
    Message,
    NativeTool,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)
from .places import Places

__all__ = ["portable_part", "portable_reason", "portable_request", "portable_response"]

# Google's own Chat Completions layer carries Gemini's signature of a call in ``extra_content``.
_SAME_SIGNATURES: Final = frozenset({"openai_chat_completions", "gemini_generate_content"})
CHAT, RESPONSES = "openai_chat_completions", "openai_responses"
GEMINI: Final = "gemini_generate_content"
_TTLS: Final[dict[str, tuple[str, ...]]] = {RESPONSES: ("30m", "12h"), "anthropic_messages": ("5m", "1h")}
_OBJECTS_ONLY: Final = ("anthropic_messages", "gemini_generate_content")
_NO_LOGPROBS: Final = _OBJECTS_ONLY


def portable_request(request: ChatRequest, source: str, target: str, report: Report) -> tuple[ChatRequest, Places]:
    """The request without reasoning and ids that only the source's host understands, and what was kept of it."""
    places, messages, numbers = Places(), list[Message](), list[int]()
    for i, message in enumerate(request.messages):
        path = f"messages[{i}]"
        kept = _message(message, source, target, report, path, places, asking=True)
        if kept.content or not message.content:
            messages.append(kept)
            numbers.append(i)
    places.keep("messages", numbers, len(request.messages))
    tools = tuple(_tool(tool, source, target, report, f"tools[{i}]") for i, tool in enumerate(request.tools))
    return replace(request, messages=tuple(messages), tools=tools), places


def _tool(
    tool: ToolDefinition | NativeTool, source: str, target: str, report: Report, path: str
) -> ToolDefinition | NativeTool:
    """The tool with its cache mark and its grammar as the target spells them."""
    if isinstance(tool, NativeTool):
        return tool
    changes: dict[str, Any] = {}
    cache = _cache(tool.cache, target, report, path)
    if cache is not tool.cache:
        changes["cache"] = cache
    grammar = tool.format
    if grammar is not None and grammar.get("type") == "grammar":
        inner = grammar.get("grammar")
        if source == RESPONSES and target == CHAT and inner is None:
            rest = {key: value for key, value in grammar.items() if key != "type"}
            changes["format"] = {"type": "grammar", "grammar": rest}
        elif source == CHAT and target == RESPONSES and isinstance(inner, dict):
            changes["format"] = {"type": "grammar", **inner}
    return replace(tool, **changes) if changes else tool


def _cache(mark: CacheBreakpoint | None, target: str, report: Report, path: str) -> CacheBreakpoint | None:
    """The mark with a time that the target knows, or its default."""
    known = _TTLS.get(target)
    if mark is None or known is None or mark.ttl is None or mark.ttl in known:
        return mark
    report.note(f"{path}.cache.ttl", "cache mark's TTL", f"this wire knows {' and '.join(known)}; its default is meant")
    return CacheBreakpoint()


def portable_response(response: ChatResponse, source: str, target: str, report: Report) -> tuple[ChatResponse, Places]:
    """The answer without seals that only the source's host can read, and what was kept of it."""
    places, choices = Places(), list[Choice]()
    for i, choice in enumerate(response.choices):
        path = f"choices[{i}]"
        message = _message(choice.message, source, target, report, f"{path}.message", places, asking=False)
        reason = portable_reason(choice.finish_reason, target, refused=bool(choice.message.refusal))
        # The word was the source's; each wire has its own for the reason.
        made = replace(choice, message=message, finish_reason=reason, raw_finish_reason=None)
        choices.append(_logprobs(made, target, report, path))
    return replace(response, choices=tuple(choices)), places


def portable_reason(reason: FinishReason | None, target: str, *, refused: bool) -> FinishReason | None:
    """The reason as the target can say it: where a refusal is told by its words, one without words is a filter's."""
    wordless = reason is FinishReason.REFUSAL and not refused and target not in _OBJECTS_ONLY
    return FinishReason.CONTENT_FILTER if wordless else reason


def _logprobs(choice: Choice, target: str, report: Report, path: str) -> Choice:
    """Probabilities of a whole answer, where the target keeps them with the text."""
    if not choice.logprobs or target == "openai_chat_completions":
        return choice
    texts = [i for i, part in enumerate(choice.message.parts) if isinstance(part, TextPart)]
    if target in _NO_LOGPROBS or len(texts) != 1:
        report.lost(f"{path}.logprobs", "logprobs", f"{target} has no place for them")
        return replace(choice, logprobs=None)
    parts: list[Part] = list(choice.message.parts)
    parts[texts[0]] = replace(parts[texts[0]], logprobs=choice.logprobs)  # type: ignore[arg-type]
    return replace(choice, message=replace(choice.message, content=tuple(parts)), logprobs=None)


def _message(
    message: Message, source: str, target: str, report: Report, path: str, places: Places, *, asking: bool
) -> Message:
    if isinstance(message.content, str) or (asking and message.origin is not None):
        return message  # an answer that a host of ours gave: the encoder knows whether it goes back there
    content = _parts(message.content, source, target, report, f"{path}.content", places, asking=asking)
    return message if content == message.content else replace(message, content=content)


def _parts(
    parts: Sequence[Part], source: str, target: str, report: Report, path: str, places: Places, *, asking: bool
) -> tuple[Part, ...]:
    kept: dict[int, Part] = {}
    for i, part in enumerate(parts):
        portable = portable_part(part, source, target, report, f"{path}[{i}]", places, asking=asking)
        if portable is not None:
            kept[i] = portable
    places.keep(path, tuple(kept), len(parts))
    return tuple(kept.values())


def portable_part(
    part: Part, source: str, target: str, report: Report, path: str, places: Places, *, asking: bool
) -> Part | None:
    """The part without what only the source's host understands; None where nothing is left of it."""
    if isinstance(part, ReasoningPart):
        return _reasoning(part, report, path, asking=asking)
    mark: CacheBreakpoint | None = getattr(part, "cache", None)
    if mark is not None and (known := _cache(mark, target, report, path)) is not mark:
        part = replace(part, cache=known)  # type: ignore[arg-type]
    if isinstance(part, ToolResultPart) and not isinstance(part.content, str):
        content = _parts(part.content, source, target, report, f"{path}.content", places, asking=asking)
        return replace(part, content=content)
    if isinstance(part, MediaPart) and part.file_id is not None:
        report.lost(f"{path}.file_id", "file id", "another host does not know the file; send its bytes")
        part = replace(part, file_id=None)
        if part.data is None and part.url is None and not part.transcript:
            return None
    if isinstance(part, MediaPart) and source == GEMINI and _is_stored(part.url):
        report.lost(f"{path}.url", "stored file", "only Google's hosts open it; send its bytes")
        part = replace(part, url=None)
        if part.data is None:
            return None
    if isinstance(part, TextPart) and part.logprobs and target in _NO_LOGPROBS:
        report.lost(f"{path}.logprobs", "logprobs", f"{target} has no place for them")
        part = replace(part, logprobs=None)
    if isinstance(part, ToolCallPart) and {source, target} == _SAME_SIGNATURES:
        return part
    if isinstance(part, TextPart | ToolCallPart | MediaPart) and part.signature is not None:
        report.note(f"{path}.signature", "signature", "only its author can read it: it is left out")
        part = replace(part, signature=None)
        if isinstance(part, TextPart) and not part.text:
            return None  # it held nothing else
    return part


def _is_stored(url: str | None) -> bool:
    """Whether the address is a file's id: of Google's file service or storage, which open with the caller's key."""
    return url is not None and url.startswith(("gs://", "https://generativelanguage.googleapis.com/"))


def _reasoning(part: ReasoningPart, report: Report, path: str, *, asking: bool) -> ReasoningPart | None:
    sealed = part.signature is not None or part.sealed is not None
    if asking or not part.text:
        if sealed or part.text:
            report.note(path, "reasoning", "only its author can read it: the whole block is left out")
        return None
    if not sealed:
        return part
    report.note(f"{path}.signature", "seal of the reasoning", "only its author can read it; its text is shown")
    return replace(part, signature=None, sealed=None)
