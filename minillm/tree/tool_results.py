"""Tool results as messages, in the order of the calls they answer."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import TreeError
from ..types import Content, Message, Role, ToolCallPart, ToolResultPart, as_content
from .bare_node import BareNode, message_of

__all__ = ["open_calls", "result_messages"]


def result_messages(node: BareNode, results: Iterable[ToolResultPart] | Mapping[str, Content]) -> list[Message]:
    """One message a result; each result learns its tool's name from its call.

    Raises:
        TreeError: no results, one that answers no call, or two that answer the same one.
    """
    waiting = open_calls(node)
    placed: list[tuple[int, ToolResultPart]] = []
    for result in _as_parts(results):
        position = next((i for i, call in waiting.items() if call.id == result.call_id), None)
        if position is None:
            raise TreeError(_unasked(result.call_id, waiting.values()))
        call = waiting.pop(position)
        placed.append((position, result if result.name is not None else replace(result, name=call.name)))
    if not placed:
        raise TreeError("there are no results to add")
    return [Message(Role.TOOL, (result,)) for _, result in sorted(placed, key=lambda pair: pair[0])]


def _as_parts(results: Iterable[ToolResultPart] | Mapping[str, Content]) -> Iterable[ToolResultPart]:
    if isinstance(results, Mapping):
        by_id: Any = results
        return [ToolResultPart(call_id, content=as_content(content)) for call_id, content in by_id.items()]
    parts = list(_each(results))
    for part in parts:
        if not isinstance(part, ToolResultPart):
            raise TypeError(f"a ToolResultPart is expected, not {type(part).__name__}")
    return parts


def _each(results: Any) -> Iterable[Any]:
    return results if isinstance(results, Iterable) else (results,)


def open_calls(node: Any) -> dict[int, ToolCallPart]:
    """By their positions the calls of the nearest assistant message, above results only, that have no result yet."""
    answered: list[str] = []
    while node is not None and node._role == Role.TOOL:
        answered += [result.call_id for result in message_of(node).tool_results]
        node = node._parent
    calls = dict(enumerate(message_of(node).tool_calls)) if node is not None else {}
    for call_id in reversed(answered):
        position = next((i for i, call in calls.items() if call.id == call_id), None)
        if position is not None:
            del calls[position]
    return calls


def _unasked(call_id: str, calls: Iterable[ToolCallPart]) -> str:
    waiting = ", ".join(f"{call.name} ({call.id})" for call in calls) or "none"
    return f"no tool call here waits for a result with the id {call_id!r}; waiting: {waiting}"
