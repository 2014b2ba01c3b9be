"""A plain answer: one text, said as the vendor says it, which most answers are.

What such an object holds beyond the neutral fields is told by the names of its keys, without saying it again to
compare: a third of the time. The full way in ``response`` is the truth, and reads all others.
"""

from operator import itemgetter
from typing import Any, Final

from ...types import ChatResponse, Role
from ...types.making import new_choice, new_message, new_native, new_response, new_text
from ..residue import beside
from .dialect import WIRE, decode_reason
from .usage import plain_usage

__all__ = ["decode_plain"]

_NAMES: Final = ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage")
_SAID: Final = frozenset(_NAMES)
_values: Final = itemgetter(*_NAMES)


def decode_plain(raw: Any) -> ChatResponse | None:
    """What the full way makes of this answer; None where it is no plain one."""
    try:
        id, kind, role, model, content, reason, sequence, counts = _values(raw)
        (block,) = content
        text = block["text"]
    except (KeyError, TypeError, ValueError):
        return None
    if (
        kind != "message"
        or role != "assistant"
        or sequence is not None
        or not (type(raw) is type(block) is dict and type(content) is list)
        or not (type(id) is type(model) is type(reason) is type(text) is str and reason and text)
        or not (len(block) == 2 and block.get("type") == "text")
        or raw.get("stop_details") is not None
    ):
        return None
    usage, rest = plain_usage(counts), beside(raw, _SAID)
    if usage is None or rest is None:
        return None
    choice = new_choice(0, new_message(Role.ASSISTANT, (new_text(text),)), decode_reason(reason), reason)
    return new_response(id, model, (choice,), usage, native=new_native(WIRE, rest))
