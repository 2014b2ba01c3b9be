"""A plain turn on its way out: one text of the user, or one text that a model has answered.

It is one item, said at once. The full way in ``input`` and ``items`` is the truth, and says all others.
"""

from operator import itemgetter
from typing import Any, Final

from ...types import Message, Role, TextPart
from ..encoding import Encoding
from ..plain_text import plain_text
from ..residue import HINTS
from .dialect import WIRE

__all__ = ["encode_plain"]

_USER: Final = Role.USER
_ASSISTANT: Final = Role.ASSISTANT

# What is remembered of a text that stood alone in its item of an answer.
_hinted: Final = itemgetter("type", "assistant", "item", "first", "answered")
# What an answer leaves on a text beside the hints.
_RESTS: Final[tuple[dict[str, Any], ...]] = ({"annotations": [], "logprobs": []}, {"annotations": []}, {})


def encode_plain(message: Message, enc: Encoding, stored: bool) -> dict[str, Any] | None:
    """The item that the full way makes of this message; None where it is no plain turn.

    Args:
        stored: the host keeps what it said, so that ids mean something to it.
    """
    role, content = message.role, message.content
    if role is _ASSISTANT:
        if len(content) == 1 and type(part := content[0]) is TextPart:
            native = part.native
            if native is not None and native.wire == WIRE:
                item = None if message.name is not None or message.extra is not None else _answered(part, native.data)
                if item is not None and not (stored and enc.comes_home(message)):
                    # Its id would mean nothing to the host: it is another one, or has kept nothing.
                    item.pop("id", None)
                    item.pop("status", None)
                return item
        text = plain_text(message, WIRE)
        return None if text is None else {"type": "message", "role": "assistant", "content": text}
    text = plain_text(message, WIRE) if role is _USER else None
    if text is None:
        return None
    return {"role": "user", "content": text if isinstance(content, str) else [{"type": "input_text", "text": text}]}


def _answered(part: TextPart, data: Any) -> dict[str, Any] | None:
    """The item that an answer of this wire had said the text in, where it said no more."""
    if type(data) is not dict:
        return None
    said = data.copy()
    try:
        hints = said.pop(HINTS)
        kind, ours, item, first, answered = _hinted(hints)
    except (KeyError, TypeError):
        return None
    if (
        not (ours is first is answered is True and kind == "output_text" and len(hints) == 5)
        or not (type(hints) is type(item) is dict and said in _RESTS)
        or part.citations
        or part.logprobs is not None
        or part.cache is not None
        or part.extra is not None
    ):
        return None
    said["type"] = "output_text"
    said["text"] = part.text
    around = item.copy()
    around["role"] = "assistant"
    around["content"] = [said]
    return around
