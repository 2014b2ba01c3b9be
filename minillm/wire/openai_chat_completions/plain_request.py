"""A plain request: turns of text and settings of one value each, which most requests are.

Nothing of it can be lost, and nothing has to be put back, so it is said by name, in one function without a step aside.
The full way in ``request`` is the truth, and says all others.
"""

from typing import Any, Final

from ...types import ChatRequest, Role
from ..codec import Quirks
from ..residue import HINTS
from .dialect import WIRE
from .parameters import SPELLINGS

__all__ = ["encode_plain"]

# By the host's word for instructions. Tools' turns and roles of nobody's are for the full way.
_KEPT: Final[dict[str, str]] = {role: role.value for role in Role if role is not Role.TOOL}
_WORDS: Final[dict[str, dict[str, str]]] = {
    "keep": _KEPT,
    **{word: {**_KEPT, "system": word, "developer": word} for word in ("system", "developer")},
}
_PLAIN_KINDS: Final = frozenset({int, float, str, bool})


def encode_plain(request: ChatRequest, quirks: Quirks) -> dict[str, Any] | None:
    """What the full way makes of this request; None where it is no plain one."""
    if request.tools or request.native is not None or request.tool_choice is not None or request.extra:
        return None
    out: dict[str, Any] = {} if request.model is None else {"model": request.model}
    turns: list[dict[str, Any]] = []
    out["messages"] = turns
    words, word = _WORDS[quirks.system_role], None
    for message in request.messages:
        content, native, word = message.content, message.native, words.get(message.role)
        if (
            type(content) is not str
            or word is None
            or message.name is not None
            or message.extra is not None
            # What an answer left is no field of a request; what a request left (it has hints) is put back.
            or (native is not None and native.wire == WIRE and (type(native.data) is not dict or HINTS in native.data))
        ):
            return None
        turns.append({"role": word, "content": content})
    if word == "assistant" and quirks.prefill is not None:
        return None  # a started answer, to be marked as such
    for name, value in request.parameters.set_fields().items():
        if value is None:
            continue
        spelling = SPELLINGS.get(name)
        if spelling is None or type(value) not in _PLAIN_KINDS or name in quirks.unsupported:
            return None
        if name == "max_tokens":
            spelling = quirks.max_tokens_field
        elif name == "seed":
            spelling = quirks.seed_field
        out[spelling] = value
    if request.stream:
        out["stream"] = True
    if request.include_usage:
        if request.stream and quirks.stream_usage:
            out["stream_options"] = {"include_usage": True}
        if quirks.usage_include:
            out["usage"] = {"include": True}
    return out
