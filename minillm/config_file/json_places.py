"""Where the keys of a JSON text stand: a scanner of its structure, which leaves values to the standard library."""

import json
import re

from .places import Lost, Places
from .problems import Path

__all__ = ["json_places"]

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\s]+")


def json_places(text: str) -> Places:
    """The places of all keys; of those up to the first fault where the text is no JSON.

    Raises:
        TooDeep: more than :data:`MAX_LEVELS` levels.
    """
    scanner = _Scanner(text)
    try:
        scanner.value(())
    except (Lost, ValueError):
        pass  # the parser is asked next
    return scanner.places


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places = Places(text)

    def value(self, path: Path) -> None:
        self._skip(_SPACE)
        sign = self.text[self.at : self.at + 1]
        if sign == "{":
            self._items(path, "}")
        elif sign == "[":
            self._items(path, "]")
        else:
            self._skip(_STRING if sign == '"' else _SCALAR)

    def _items(self, path: Path, closer: str) -> None:
        self.at += 1
        count = 0
        self._skip(_SPACE)
        if self._take(closer):
            return
        while True:
            self._skip(_SPACE)
            start = self.at
            if closer == "}":
                item: Path = (*path, self._name())
                self.places.add_once(item, start)
            else:
                item = (*path, count)
                self.places.add(item, start)
            self.value(item)
            count += 1
            self._skip(_SPACE)
            if self._take(closer):
                return
            if not self._take(","):
                raise Lost

    def _name(self) -> str:
        start = self.at
        self._skip(_STRING)
        name = str(json.loads(self.text[start : self.at]))
        self._skip(_SPACE)
        if not self._take(":"):
            raise Lost
        return name

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise Lost
        self.at = found.end()

    def _take(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += 1
        return True
