"""The cheapest request that makes a host read a prompt into its cache, made from the request that is to come."""

from dataclasses import replace
from typing import Any

from ..errors import EncodeError
from ..generator import GeneratorInfo
from ..policies.instruction import instructed
from ..providers.caching import CacheFacts
from ..report import Report
from ..stack import Model
from ..tree.marks import has_marks, marked_at_end
from ..types import (
    UNSET,
    CacheBreakpoint,
    ChatRequest,
    Message,
    ReasoningConfig,
    ReasoningEffort,
    Role,
    ToolMode,
)
from ..wire import get_codec
from .completion import Completion
from .prefix import Prefix, prefixes_of
from .warmth import facts_of

__all__ = ["cheapest", "cut_behind", "marked_for", "too_short", "unsayable", "what_is_marked"]


def marked_for(request: ChatRequest, ttl: str | None) -> ChatRequest:
    """The request with a mark at its end where it has none, and with ``ttl`` on marks that name no lifetime."""
    if not has_marks(request.messages) and not any(getattr(tool, "cache", None) for tool in request.tools):
        return replace(request, messages=tuple(marked_at_end(request.messages, CacheBreakpoint(ttl))))
    if ttl is None:
        return request
    mark = CacheBreakpoint(ttl)
    tools: tuple[Any, ...] = tuple(_lasting(tool, mark) for tool in request.tools)
    return replace(request, tools=tools, messages=tuple(_lasting(each, mark) for each in request.messages))


def _lasting(value: Any, mark: CacheBreakpoint) -> Any:
    """A tool, message or part whose marks name a lifetime."""
    content = getattr(value, "content", None)
    if isinstance(content, tuple):
        value = replace(value, content=tuple(_lasting(part, mark) for part in content))
    cache = getattr(value, "cache", None)
    return replace(value, cache=mark) if cache is not None and cache.ttl is None else value


def what_is_marked(request: ChatRequest) -> Prefix | None:
    """What is to be in the cache: all up to the last mark."""
    marked = list(prefixes_of(request))
    return marked[-1] if marked else None


def too_short(target: Prefix, facts: CacheFacts) -> bool:
    """Whether it is surely shorter than what the host caches: two bytes a token is less than any text has."""
    return target.size is not None and target.size < 2 * facts.minimum


def unsayable(model: Model, request: ChatRequest, target: Prefix) -> str:
    """Why the host cannot be told of the mark that ``target`` ends with; empty where it can, or where it caches what is
    not marked."""
    if not isinstance(model, GeneratorInfo) or facts_of(model, request).by != "marked":
        return ""
    codec, report = get_codec(model.endpoint.wire, quirks=model.endpoint.quirks), Report()
    try:
        codec.encode_request(request, origin=(model.provider.name, model.model), report=report)
    except EncodeError:
        return ""  # the call itself says so
    of_target = (loss for loss in report.losses if loss.what == "cache mark" and loss.path.startswith(target.path))
    return next((loss.reason for loss in of_target if loss.path.endswith(".cache")), "")


_STANDS_IN = Message(Role.USER, ".")


def cut_behind(request: ChatRequest, target: Prefix) -> ChatRequest:
    """The request without what stands behind the last mark and would be read for nothing.

    It must still be one that a model can answer: no call without its results, and what somebody says at its end.
    """
    messages, end = request.messages, target.messages
    while 0 < end < len(messages) and messages[end].tool_results:
        end += 1
    kept = messages[:end]
    if not kept or kept[-1].role not in (Role.USER, Role.TOOL):
        kept = (*kept, _STANDS_IN)
    return replace(request, messages=kept)


def cheapest(request: ChatRequest, facts: CacheFacts, completion: Completion[Any]) -> ChatRequest:
    """The request that makes the host read the prompt and write as little as it can be asked for.

    What changes how the prompt is read (thinking, the answer's form, the choice of tools) stays, or the calls to come
    would not find it.
    """
    parameters, options = request.parameters, completion.call.options
    if options.output is not None:
        from ..json.answer import answer_schema

        quirks = getattr(getattr(completion.asked, "endpoint", None), "quirks", None)
        formats = None if quirks is None else quirks.response_formats
        parameters = instructed(request, answer_schema(options.output), formats)[0].parameters
    changes: dict[str, Any] = dict.fromkeys(_NOT_NEEDED, UNSET)
    if facts.prewarm:
        extra = dict(parameters.get("extra") or {})
        switches = extra.get("prompt_cache_options")
        changes["extra"] = {**extra, "prompt_cache_options": {**(switches or {}), "prewarm": True}}
    else:
        changes["max_tokens"] = _least_output(request, facts)
    return replace(request, parameters=replace(parameters, **changes))


_NOT_NEEDED = ("max_tokens", "n", "stop", "logprobs", "top_logprobs", "prediction")


def _least_output(request: ChatRequest, facts: CacheFacts) -> int:
    reasoning: Any = request.parameters.get("reasoning")
    budget = reasoning.budget_tokens if isinstance(reasoning, ReasoningConfig) else None
    if budget is not None:
        return int(budget) + 1  # thinking counts, and the ceiling must be above it
    return max(facts.least_output, 1) if _must_answer(request) else facts.least_output


def _must_answer(request: ChatRequest) -> bool:
    """Whether the request cannot be one without any answer: Anthropic refuses that together with thinking, a
    schema, or a forced tool (https://platform.claude.com/docs/en/build-with-claude/prompt-caching, pre-warming)."""
    reasoning, wanted, choice = (
        request.parameters.get("reasoning"),
        request.parameters.get("response_format"),
        request.tool_choice,
    )
    thinks = isinstance(reasoning, ReasoningConfig) and reasoning.effort != ReasoningEffort.NONE
    forced = choice is not None and choice.mode is ToolMode.REQUIRED
    return thinks or forced or (wanted is not None and wanted.kind != "text")
