"""A plain answer: one candidate of one text, said as the vendor says it, which many answers are.

What such an object holds beyond the neutral fields is told by the names of its keys, without saying it again to
compare: a quarter of the time. The full way in ``response`` is the truth, and reads all others.
"""

from operator import itemgetter
from typing import Any, Final

from ...types import ChatResponse, Choice, Role
from ...types.making import new_choice, new_message, new_native, new_response, new_text
from ..residue import HINTS, beside
from .dialect import FOREIGN_CALL, WIRE, decode_reason
from .usage import plain_usage

__all__ = ["decode_plain"]

_NAMES: Final = ("candidates", "usageMetadata", "modelVersion", "responseId")
_SAID: Final = frozenset(_NAMES)
_values: Final = itemgetter(*_NAMES)

_SAID_OF_CANDIDATE: Final = frozenset({"content", "finishReason", "index"})
# Sources, probabilities, words of a refusal: what of them the neutral fields say is for the full way.
_TELLING: Final = frozenset({"groundingMetadata", "citationMetadata", "logprobsResult", "finishMessage"})


def decode_plain(raw: Any) -> ChatResponse | None:
    """What the full way makes of this answer; None where it is no plain one."""
    try:
        (candidates, counts, model, id) = _values(raw)
        (candidate,) = candidates
    except (KeyError, TypeError, ValueError):
        return None
    if (
        not (type(raw) is dict and type(candidates) is list)
        or not (type(model) is type(id) is str and model and id)
        or "error" in raw
    ):
        return None
    choice = _plain_choice(candidate)
    usage, rest = plain_usage(counts), beside(raw, _SAID)
    if choice is None or usage is None or rest is None:
        return None
    return new_response(id, model, (choice,), usage, native=new_native(WIRE, rest))


def _plain_choice(raw: Any) -> Choice | None:
    try:
        content, reason, index = raw["content"], raw["finishReason"], raw.get("index", 0)
        (part,) = content["parts"]
        text = part["text"]
    except (KeyError, TypeError, ValueError):
        return None
    if (
        not (type(raw) is type(content) is type(part) is dict and type(content["parts"]) is list)
        or not (type(text) is str and text)
        or not (len(content) == 2 and content.get("role") == "model")
        or not (type(reason) is str and reason and type(index) is int and index >= 0)
        or not _TELLING.isdisjoint(raw)
    ):
        return None
    rest = beside(raw, _SAID_OF_CANDIDATE)
    if rest is None:
        return None
    if "index" not in raw:
        rest[HINTS] = {"absent": {"index": 0}}
    if len(part) == 1:
        said = new_text(text)
    else:
        signature = part.get("thoughtSignature")
        if len(part) != 2 or type(signature) is not str or not signature or signature == FOREIGN_CALL:
            return None
        said = new_text(text, signature=signature, native=new_native(WIRE, {}))
    message = new_message(Role.ASSISTANT, (said,))
    return new_choice(index, message, decode_reason(reason, calls=False), reason, native=new_native(WIRE, rest))
