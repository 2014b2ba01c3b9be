"""A plain answer: one choice of one text, said as the vendor and most hosts say it, which most answers are.

What such an object holds beyond the neutral fields is told by the names of its keys, in one function without a step
aside. The full way in ``response`` is the truth, and reads all others.
"""

from typing import Any, Final

from ...types import ChatResponse, Role
from ...types.making import new_choice, new_message, new_native, new_response
from ..residue import HINTS
from .beside import BESIDE
from .dialect import REASONS, WIRE
from .usage import plain_usage

__all__ = ["decode_plain"]

_ASSISTANT: Final = Role.ASSISTANT
_LATEST: Final = 100_000_000_000  # a moment beyond that is in milliseconds
# What may stand beside a text where it is empty.
_TELLING: Final = BESIDE | {"annotations", "executed_tools"}


def decode_plain(raw: Any) -> ChatResponse | None:
    """What the full way makes of this answer; None where it is no plain one."""
    try:
        id, model, created, counts, choices = raw["id"], raw["model"], raw["created"], raw["usage"], raw["choices"]
        (choice,) = choices
        message, index, word = choice["message"], choice["index"], choice["finish_reason"]
        text = message["content"]
        kinds = type(raw) is type(choice) is type(message) is dict and type(choices) is list
    except (KeyError, TypeError, ValueError):
        return None
    if (
        not kinds
        or not (type(id) is type(model) is type(text) is type(word) is str and text)
        or not (type(index) is type(created) is int and index >= 0 and created <= _LATEST)
        or message.get("role") != "assistant"
        or raw.get("error")
        or choice.get("logprobs") is not None
        or HINTS in raw
        or HINTS in choice
        or HINTS in message
        or "name" in message
    ):
        return None
    reason, usage = REASONS.get(word), plain_usage(counts)
    if reason is None or usage is None:
        return None
    about = message.copy()
    del about["role"], about["content"]
    for key, value in about.items():
        if value and key in _TELLING:
            return None
    around = choice.copy()
    del around["message"], around["index"], around["finish_reason"]
    rest = raw.copy()
    del rest["id"], rest["model"], rest["created"], rest["usage"], rest["choices"]
    said = new_choice(
        index,
        new_message(_ASSISTANT, text, native=new_native(WIRE, about)),
        reason,
        word,
        native=new_native(WIRE, around),
    )
    return new_response(id, model, (said,), usage, created, native=new_native(WIRE, rest))
