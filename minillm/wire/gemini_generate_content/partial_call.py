"""A call whose arguments come in pieces, each with a JSON path (Vertex, ``streamFunctionCallArguments``)."""

from collections.abc import Mapping
from typing import Any, Final

from ...json.serialization import dumps
from ...types import ToolCallPart
from ..fields import as_text

__all__ = ["PartialCall"]

_VALUES: Final = ("stringValue", "numberValue", "boolValue")
_LONGEST_LIST: Final = 10_000


class PartialCall:
    """One call while its arguments come.

    Args:
        index: of the part among the parts of its answer.
        part: the call as it opened.
    """

    __slots__ = ("_arguments", "index", "part")

    def __init__(self, index: int, part: ToolCallPart) -> None:
        self.index = index
        self.part = part
        self._arguments: dict[str, Any] = {}

    @property
    def arguments(self) -> str:
        """What has come of them, as JSON text; ``""`` where nothing has."""
        return dumps(self._arguments).decode() if self._arguments else ""

    def add(self, call: Mapping[str, Any]) -> bool:
        """Take a piece. True where it was the last one."""
        pieces = call.get("partialArgs")
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, Mapping):
                self._put(piece)
        if isinstance(call.get("args"), Mapping):
            self._arguments.update(call["args"])
        return call.get("willContinue") is not True

    def _put(self, piece: Mapping[str, Any]) -> None:
        """Set what one piece says at its path (``$.a.b[0]``); strings that go on are joined."""
        keys = _path(as_text(piece.get("jsonPath")) or "")
        value = next((piece[field] for field in _VALUES if field in piece), None)
        target: Any = self._arguments
        for place, key in enumerate(keys):
            old = _get(target, key)
            if place == len(keys) - 1:
                _set(target, key, old + value if isinstance(old, str) and isinstance(value, str) else value)
                return
            if not isinstance(old, dict | list):
                old = [] if isinstance(keys[place + 1], int) else {}
                _set(target, key, old)
            target = old


def _get(target: Any, key: str | int) -> Any:
    if isinstance(target, dict):
        return target.get(key)
    return target[key] if isinstance(target, list) and isinstance(key, int) and key < len(target) else None


def _set(target: Any, key: str | int, value: Any) -> None:
    """Set it where that makes sense; a path that contradicts an earlier one is passed over."""
    if isinstance(target, dict):
        target[str(key)] = value
    elif isinstance(target, list) and isinstance(key, int) and key < _LONGEST_LIST:
        target.extend([None] * (key + 1 - len(target)))
        target[key] = value


def _path(text: str) -> list[str | int]:
    """The steps of a JSON path: names behind a dot or in brackets, numbers in brackets."""
    keys: list[str | int] = []
    for step in text.removeprefix("$").replace("[", ".[").split("."):
        if step.startswith("[") and len(step) < 12 and step[1:-1].isdecimal():
            keys.append(int(step[1:-1]))
        elif step:
            keys.append(step.strip("[]'\""))
    return keys
