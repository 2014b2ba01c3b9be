"""Tool calls that come in fragments, and the ids that hold them together.

Fragments belong together by ``index``; but servers leave it out, send 0 for every call, or reuse it, so
a new id always opens a new call (wire-spec: openai-chat trap 4, dialects checklist 3 and 4).
"""

import hashlib
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import EncodeError
from ..types import Message, ToolCallPart

__all__ = ["NO_ARGUMENTS", "CallFragments", "IdMap", "OpenCall", "calls_in", "invented_id", "usable_id"]

#: The arguments of a call without any, where they are JSON as text: the vendor's own clients parse what stands
#: there, and an empty text is no JSON.
NO_ARGUMENTS = "{}"

_ALPHABET = string.digits + string.ascii_letters


def invented_id(*facts: object) -> str:
    """An id for a call whose host sent none: the same for the same facts (answer, choice, ordinal, name)."""
    return "call_" + hashlib.sha256("\0".join(map(str, facts)).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def usable_id(value: Any) -> str:
    """The id a host sent, or ``""``: it may be absent, null, empty, or Mistral's default ``"null"``."""
    return value if isinstance(value, str) and value != "null" else ""


def calls_in(messages: Sequence[Message]) -> list[ToolCallPart]:
    """All calls of a conversation, in one pass: a long one has few, and asking each message costs more than that."""
    return [
        part
        for message in messages
        if not isinstance(message.content, str)
        for part in message.content
        if isinstance(part, ToolCallPart)
    ]


@dataclass(slots=True)
class OpenCall:
    """A call while its fragments come. ``part`` is its index among the parts of the message."""

    id: str
    name: str
    kind: str
    ordinal: int
    sent_id: str = ""
    part: int = -1
    has_arguments: bool = False


class CallFragments:
    """Finds the call that a fragment belongs to.

    Args:
        name_id: makes an id from ``(ordinal, name)`` where a host sends none.
    """

    __slots__ = ("_at", "_by_id", "_last", "_name_id", "count")

    def __init__(self, name_id: Callable[[int, str], str]) -> None:
        self._name_id = name_id
        self._at: dict[int, OpenCall] = {}
        self._by_id: dict[str, OpenCall] = {}
        self._last: OpenCall | None = None
        self.count = 0

    def place(self, index: object, id: str, name: str, kind: str) -> tuple[OpenCall, bool]:
        """The call of a fragment, and whether it has just opened."""
        key = index if type(index) is int else None
        call = self._find(key, id, name)
        if call is not None:
            self._last = call
            if id and not call.sent_id:
                call.sent_id = id  # it came late; the invented one is known already and stays
                self._by_id[id] = call
            return call, False
        call = OpenCall(id or self._name_id(self.count, name), name, kind, self.count, id)
        self.count += 1
        self._last = call
        if key is not None:
            self._at[key] = call
        if id:
            self._by_id[id] = call
        return call, True

    def more(self, index: object) -> OpenCall | None:
        """The call that a fragment of nothing but an index and arguments continues, if it is open."""
        call = self._at.get(index) if type(index) is int else None
        if call is not None:
            self._last = call
            call.has_arguments = True
        return call

    def _find(self, key: int | None, id: str, name: str) -> OpenCall | None:
        if id:
            known = self._by_id.get(id)
            if known is not None:
                return known
            here = self._at.get(key) if key is not None else None
            return here if here is not None and not here.sent_id and not _another(here, key, name) else None
        here = self._at.get(key) if key is not None else self._last
        return None if here is None or _another(here, key, name) else here


def _another(call: OpenCall, key: int | None, name: str) -> bool:
    """Whether a fragment without an id of its own, but with this name, is another call than ``call``.

    Some servers repeat the name on every fragment of an index, so there the same name is no sign;
    servers that leave the index out send whole calls, so there any name is.
    """
    return bool(name) and call.has_arguments and (key is None or name != call.name)


class IdMap:
    """Ids rewritten for hosts that take only ids of one form: the same every time, without any memory."""

    __slots__ = ("_kept", "_pattern", "_rewritten")

    def __init__(self, pattern: str | None) -> None:
        self._pattern = None if pattern is None else re.compile(pattern)
        self._kept: set[str] = set()
        self._rewritten: dict[str, str] = {}

    @property
    def rewritten(self) -> int:
        """How many ids did not fit."""
        return len(self._rewritten)

    def keep(self, id: str) -> None:
        """Leave this id as it is: the host gave it itself."""
        pattern = self._pattern
        if pattern is not None and not pattern.fullmatch(id):
            self._kept.add(id)

    def __call__(self, id: str) -> str:
        """The id as this host takes it.

        Raises:
            EncodeError: none of the forms known here fits the host's pattern.
        """
        pattern = self._pattern
        if pattern is None or id in self._kept or pattern.fullmatch(id):
            return id
        known = self._rewritten.get(id)
        if known is None:
            known = self._rewritten[id] = self._fitting(id, pattern)
        return known

    @staticmethod
    def _fitting(id: str, pattern: re.Pattern[str]) -> str:
        digest = hashlib.sha256(id.encode("utf-8", "surrogatepass")).digest()
        number = int.from_bytes(digest, "big")
        letters = "".join(_ALPHABET[number // 62**place % 62] for place in range(40))
        for candidate in (letters[:9], letters[:24], "call_" + letters[:24], letters):
            if pattern.fullmatch(candidate):
                return candidate
        raise EncodeError(f"no tool call id can be made that fits {pattern.pattern!r}", path="messages")
