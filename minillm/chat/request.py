"""From a node to the request that a call on it sends."""

from collections.abc import Sequence
from dataclasses import replace

from ..calling.settings import response_format
from ..errors import ConfigurationError, UnansweredToolCalls
from ..generator import GeneratorInfo
from ..stack import Model
from ..transforms.messages import merged
from ..tree import Node
from ..tree.marks import marked_at_end
from ..tree.templates import formatted_messages, missing_kwargs
from ..types import (
    UNSET,
    CacheBreakpoint,
    ChatRequest,
    CompletionParameters,
    Message,
    Role,
    ToolCallPart,
)
from ..types.making import new_request
from .parameters import Call
from .result_order import results_in_order

__all__ = ["build_request"]

_INSTRUCTIONS = (Role.SYSTEM, Role.DEVELOPER)


def build_request(node: Node, model: Model, call: Call) -> ChatRequest:
    """What ``complete`` on this node would send, before any policy and apart from any wire.

    Raises:
        UnansweredToolCalls: the path holds a tool call without a result.
        ConfigurationError: a placeholder is unfilled and ``missing="error"``.
    """
    parameters = call.sent or _sent(call)
    messages: Sequence[Message] = formatted_messages(node, call.format_kwargs, marks=True)
    if call.missing == "error":
        _check_placeholders(missing_kwargs(node, call.format_kwargs))
    if call.system_prompt is not None:
        start = 1 if messages and messages[0].role in _INSTRUCTIONS else 0
        messages = [Message(Role.SYSTEM, call.system_prompt), *messages[start:]]
    # A system message without text says nothing, and several hosts refuse it. Most stand at the root, and alone.
    if messages[0].content == "" and messages[0].role in _INSTRUCTIONS:
        messages = messages[1:]
    if not _only_words(messages):
        _check_tool_calls(messages)
        messages = results_in_order(messages)
        messages = [message for message in messages if message.role not in _INSTRUCTIONS or message.parts]
    if call.merge_contiguous:
        messages = merged(messages)
    if call.cache:
        messages = marked_at_end(messages, CacheBreakpoint(call.cache if isinstance(call.cache, str) else None))
    name = model.model if isinstance(model, GeneratorInfo) else None
    wants_usage = None if call.options.track_cost is False else True
    return new_request(name, tuple(messages), call.tools, call.tool_choice, parameters, False, wants_usage)


def _sent(call: Call) -> CompletionParameters:
    """What a call sends beside messages and tools: settled once, since a call's settings serve for many requests."""
    parameters = call.parameters
    if parameters.get("n") not in (None, 1):
        raise ConfigurationError("a reply is one node, so n must be 1 here; node.branch(gen, n=...) gives siblings")
    if call.options.output is not None and parameters.response_format is UNSET:
        parameters = replace(parameters, response_format=response_format(call.options.output))
    call.sent = parameters
    return parameters


def _only_words(messages: Sequence[Message]) -> bool:
    """Whether every message is a text and none is empty: then nothing of it has to be checked, sorted or left out."""
    for message in messages:  # noqa: SIM110  a generator would cost more than the looks
        if type(message.content) is not str or not message.content:
            return False
    return True


def _check_placeholders(missing: Sequence[str]) -> None:
    if missing:
        raise ConfigurationError(
            f"nothing fills {', '.join(missing)}: set them in format_kwargs, on a node or for this call"
        )


def _check_tool_calls(messages: Sequence[Message]) -> None:
    """Hosts refuse a call that no result follows; tell it before sending, with the calls' names."""
    open_calls: dict[str, ToolCallPart] = {}
    for message in messages:
        if isinstance(message.content, str):
            continue
        for part in message.tool_results:
            open_calls.pop(part.call_id, None)
        if message.role == Role.ASSISTANT:
            open_calls.update((part.id, part) for part in message.tool_calls)
    if open_calls:
        names = ", ".join(f"{part.name} ({part.id})" for part in open_calls.values())
        raise UnansweredToolCalls(
            f"no result for the tool call{'s' if len(open_calls) > 1 else ''} {names}: "
            "add them with add_tool_results() before completing",
            calls=tuple(open_calls.values()),
        )
