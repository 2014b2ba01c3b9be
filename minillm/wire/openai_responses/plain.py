"""A plain answer: messages of one text and reasoning, said as the vendor says them, which most answers are.

What such an object holds beyond the neutral fields is told by the names of its keys, without saying it again to
compare: a quarter of the time. The full way in ``response`` is the truth, and reads all others.
"""

from operator import itemgetter
from typing import Any, Final

from ...types import ChatResponse, FinishReason, Part, ReasoningPart, Role, TextPart
from ...types.making import new_choice, new_message, new_native, new_response, new_text
from ..residue import HINTS, beside
from .dialect import WIRE
from .items import decode_item
from .reasoning import encode_reasoning
from .usage import plain_usage

__all__ = ["decode_plain"]

_NAMES: Final = ("id", "object", "created_at", "status", "incomplete_details", "model", "output", "usage")
_SAID: Final = frozenset(_NAMES)
_values: Final = itemgetter(*_NAMES)

# Of a text: what may stand beside it, and is kept, where it is empty.
_EMPTY: Final = ("annotations", "logprobs")


def decode_plain(raw: Any) -> ChatResponse | None:
    """What the full way makes of this answer; None where it is no plain one."""
    try:
        id, kind, created, status, why, model, output, counts = _values(raw)
    except (KeyError, TypeError):
        return None
    if (
        kind != "response"
        or status != "completed"
        or why is not None
        or not (type(raw) is dict and type(output) is list)
        or not (type(id) is type(model) is str and type(created) is int)
    ):
        return None
    parts: list[Part] = []
    for item in output:
        part = _plain_text(item) or _reasoning(item)
        if part is None:
            return None
        parts.append(part)
    usage, rest = plain_usage(counts), beside(raw, _SAID)
    if usage is None or rest is None:
        return None
    choice = new_choice(0, new_message(Role.ASSISTANT, tuple(parts)), FinishReason.STOP, status)
    return new_response(id, model, (choice,), usage, created, native=new_native(WIRE, rest))


def _reasoning(item: Any) -> ReasoningPart | None:
    if type(item) is not dict or item.get("type") != "reasoning":
        return None
    (part,) = decode_item(item, "output")
    return part if isinstance(part, ReasoningPart) and encode_reasoning(part) == item else None


def _plain_text(item: Any) -> TextPart | None:
    """The only text of a message item; it remembers the item it stood in."""
    try:
        (block,) = item["content"]
        text = block["text"]
    except (KeyError, TypeError, ValueError):
        return None
    if (
        not (type(item) is type(block) is dict and type(item["content"]) is list and type(text) is str)
        or item.get("type") != "message"
        or item.get("role") != "assistant"
        or block.get("type") != "output_text"
    ):
        return None
    data: dict[str, Any] = {name: block[name] for name in _EMPTY if name in block}
    if len(block) != 2 + len(data) or any(value != [] for value in data.values()):
        return None
    around = {key: value for key, value in item.items() if key not in ("role", "content")}
    data[HINTS] = {"type": "output_text", "assistant": True, "item": around, "first": True, "answered": True}
    return new_text(text, native=new_native(WIRE, data))
