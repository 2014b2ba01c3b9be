"""Results in the order of the calls they answer, whichever ended first.

On the tree each stands where it came in. Hosts that tell results apart by their order (Gemini, where calls have no ids:
https://ai.google.dev/gemini-api/docs/function-calling#parallel_function_calling) must not mix them up, and a prompt
that is the same each time is what caches live on.
"""

from collections.abc import Sequence

from ..types import Message, Role

__all__ = ["results_in_order"]


def results_in_order(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages, with the results behind each turn in the order of its calls; the same object where they are."""
    ordered: list[Message] | None = None
    for at, message in enumerate(messages):
        if message.role != Role.TOOL or at == 0 or messages[at - 1].role == Role.TOOL:
            continue
        calls = messages[at - 1].tool_calls
        end = at + 1
        while end < len(messages) and messages[end].role == Role.TOOL:
            end += 1
        if len(calls) < 2 or end == at + 1:
            continue
        places = {call.id: place for place, call in reversed(list(enumerate(calls)))}
        behind = sorted(messages[at:end], key=lambda each: _place(each, places))
        if behind != list(messages[at:end]):
            ordered = [*messages] if ordered is None else ordered
            ordered[at:end] = behind
    return messages if ordered is None else ordered


def _place(message: Message, places: dict[str, int]) -> int:
    results = message.tool_results
    return places.get(results[0].call_id, len(places)) if results else len(places)
