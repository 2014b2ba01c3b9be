"""Where the keys of a TOML text stand: a scanner of its structure, which leaves values to tomllib.

https://toml.io/en/v1.0.0: keys are bare, quoted or dotted; ``[table]`` and ``[[array of tables]]`` headers; values nest
in arrays and inline tables. The scanner trusts the text: where it is no TOML it gives up, and tomllib says why.
"""

import re

from .places import MAX_LEVELS, Lost, Places, TooDeep
from .problems import Path

__all__ = ["toml_places"]

_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LITERAL = re.compile(r"'([^'\n]*)'")
_BASIC = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_LONG_LITERAL = re.compile(r"'''.*?'''(?!'[^'])'{0,2}", re.DOTALL)
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\n\r]+")
_ESCAPE = re.compile(r'\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[btnfr"\\])')
_PLAIN_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def toml_places(text: str) -> Places:
    """The places of all keys; of those up to the first fault where the text is no TOML.

    Raises:
        TooDeep: more than :data:`MAX_LEVELS` levels.
    """
    scanner = _Scanner(text)
    try:
        scanner.scan()
    except Lost:
        pass  # tomllib is asked next
    return scanner.places


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places = Places(text)
        self._lengths: dict[Path, int] = {}  # of arrays of tables
        self._tables: set[Path] = set()

    def scan(self) -> None:
        table: Path = ()
        while self._skip(_SPACE) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise Lost
        self.at = found.end()
        return self.at

    def _take(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise Lost

    def _header(self) -> Path:
        start = self.at
        array = self._take("[[")
        if not array:
            self.at += 1
        self._skip(_BLANK)
        keys = self._keys()
        self._need("]]" if array else "]")
        path = (*self._around([key for key, _ in keys[:-1]]), keys[-1][0])
        for depth in range(1, len(path)):
            self.places.add(path[:depth], start)
        if array:
            self.places.add(path, start)
            count = self._lengths.get(path, 0)
            self._lengths[path] = count + 1
            path = (*path, count)
            self.places.add(path, start)
        else:
            path = self._latest(path)
            if path in self._tables:
                self.places.twice.append((path, start))
            self._tables.add(path)
            self.places.add(path, start)
        return path

    def _around(self, names: list[str]) -> Path:
        """The names of a header as a path: through an array of tables they mean its latest one."""
        path: Path = ()
        for name in names:
            path = self._latest((*path, name))
        return path

    def _latest(self, path: Path) -> Path:
        count = self._lengths.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: Path) -> None:
        keys = self._keys()
        self._need("=")
        path = table
        for key, offset in keys[:-1]:
            path = (*path, key)
            self.places.add(path, offset)
        key, offset = keys[-1]
        path = (*path, key)
        self.places.add_once(path, offset)
        self._skip(_BLANK)
        self._value(path)

    def _keys(self) -> list[tuple[str, int]]:
        keys: list[tuple[str, int]] = []
        while True:
            self._skip(_BLANK)
            start = self.at
            if len(keys) == MAX_LEVELS:
                raise TooDeep(start)
            keys.append((self._key(), start))
            self._skip(_BLANK)
            if not self._take("."):
                return keys

    def _key(self) -> str:
        for pattern in (_BARE, _LITERAL, _BASIC):
            found = pattern.match(self.text, self.at)
            if found is not None:
                self.at = found.end()
                if pattern is _BARE:
                    return found[0]
                return found[1] if pattern is _LITERAL else _unescaped(found[1])
        raise Lost

    def _value(self, path: Path) -> None:
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            self._inline_table(path)
        elif self.text.startswith('"""', self.at):
            self._skip(_LONG_BASIC)
        elif self.text.startswith("'''", self.at):
            self._skip(_LONG_LITERAL)
        elif self.text.startswith('"', self.at):
            self._skip(_BASIC)
        elif self.text.startswith("'", self.at):
            self._skip(_LITERAL)
        else:
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        count = 0
        while True:
            self._skip(_SPACE)
            if self._take("]"):
                return
            item = (*path, count)
            self.places.add(item, self.at)
            self._value(item)
            count += 1
            self._skip(_SPACE)
            if not self._take(","):
                self._need("]")
                return

    def _inline_table(self, path: Path) -> None:
        while True:
            self._skip(_SPACE)  # no newline may stand here before TOML 1.1; tomllib knows
            if self._take("}"):
                return
            self._pair(path)
            self._skip(_SPACE)
            if not self._take(","):
                self._need("}")
                return


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] not in "uU":
            return _PLAIN_ESCAPES[code]
        number = int(code[1:], 16)
        return chr(number) if number < 0x110000 else ""

    return _ESCAPE.sub(plain, text)
