"""The writer for values that orjson refuses: one loop with its own stack, so that depth costs no recursion."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from ..errors import EncodeError
from .place import place

__all__ = ["MAX_DEPTH", "encode", "is_too_deep", "refuse_non_finite"]

#: The deepest value read or written, in levels of arrays and objects: orjson's limit for reading.
MAX_DEPTH = 1024

Step = str | int
_TEXTS = (str, bytes, bytearray, memoryview)
Frame = tuple[Iterator[tuple[Step, Any]], str]


def encode(value: Any, *, indent: bool, leaf: Callable[[Any], bytes]) -> bytes:
    """A value as JSON bytes.

    Args:
        indent: by two spaces; else compact.
        leaf: writes a value that is neither a container nor of JSON's own kinds; raises TypeError.

    Raises:
        EncodeError: as :func:`minillm.json.dumps`.
    """
    writer = _Writer(indent, leaf)
    writer.write(value)
    return "".join(writer.pieces).encode()


class _Writer:
    __slots__ = ("_frames", "_indent", "_leaf", "_steps", "pieces")

    def __init__(self, indent: bool, leaf: Callable[[Any], bytes]) -> None:
        self.pieces: list[str] = []
        self._frames: list[Frame] = []
        self._steps: list[Step] = []
        self._indent = indent
        self._leaf = leaf

    def write(self, value: Any) -> None:
        self._value(value)
        while self._frames:
            items, closer = self._frames[-1]
            for step, item in items:
                self._separate(step, closer)
                self._steps[-1] = step
                self._value(item)
                if self._frames[-1][0] is not items:
                    break  # a container was opened: go on in it
            else:
                self._close(closer)

    def _separate(self, step: Step, closer: str) -> None:
        opened = self.pieces[-1] in ("{", "[")
        self.pieces.append(("" if opened else ",") + self._line(len(self._frames)))
        if closer == "}":
            self.pieces.append(_text(str(step)) + (": " if self._indent else ":"))

    def _close(self, closer: str) -> None:
        empty = self.pieces[-1] in ("{", "[")
        self._frames.pop()
        self._steps.pop()
        self.pieces.append(closer if empty else self._line(len(self._frames)) + closer)

    def _line(self, depth: int) -> str:
        return "\n" + "  " * depth if self._indent else ""

    def _value(self, value: Any) -> None:
        if isinstance(value, Mapping):
            self._open("{", self._members(value), "}")
        elif _is_array(value):
            self._open("[", enumerate(value), "]")
        else:
            self.pieces.append(self._scalar(value))

    def _open(self, opener: str, items: Iterator[tuple[Step, Any]], closer: str) -> None:
        if len(self._frames) >= MAX_DEPTH:
            raise EncodeError(f"nested deeper than {MAX_DEPTH} levels, or a value that holds itself", path=self._path())
        self.pieces.append(opener)
        self._frames.append((items, closer))
        self._steps.append("")

    def _members(self, value: Mapping[Any, Any]) -> Iterator[tuple[Step, Any]]:
        for key, item in value.items():
            if not isinstance(key, str):
                raise EncodeError(f"a key must be a string, not {type(key).__name__}", path=self._path(-1))
            yield str.__str__(key), item

    def _scalar(self, value: Any) -> str:
        if type(value) is str:
            return _text(value)
        if type(value) is int:
            return self._integer(value)
        if isinstance(value, float) and value - value != 0.0:
            raise EncodeError("JSON has no NaN and no infinity", path=self._path())
        try:
            return self._leaf(value).decode()
        except TypeError as error:
            raise EncodeError(f"JSON has no form for {type(value).__name__}", path=self._path()) from error

    def _integer(self, value: int) -> str:
        try:
            return str(value)
        except ValueError:  # Python's own guard against quadratic conversion
            raise EncodeError("an integer of more than 4300 digits", path=self._path()) from None

    def _path(self, end: int | None = None) -> str:
        return place(self._steps[:end])


def _is_array(value: Any) -> bool:
    kind = type(value)
    if kind is list or kind is tuple:
        return True
    return isinstance(value, Sequence) and not isinstance(value, _TEXTS)


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8 form, only an escape
        return encode_basestring_ascii(text)
    return encode_basestring(text)


def refuse_non_finite(value: Any) -> None:
    """Raise :class:`EncodeError` where plain containers hold a NaN or an infinity."""
    waiting = [value]
    for item in waiting:  # grows while it is read
        kind = type(item)
        if kind is dict:
            waiting.extend(item.values())
        elif kind is list or kind is tuple:
            waiting.extend(item)
        elif kind is float:
            if item - item != 0.0:
                break
        elif kind is not str and isinstance(item, (Mapping, Sequence)) and not isinstance(item, _TEXTS):
            waiting.extend(item.values() if isinstance(item, Mapping) else item)
    else:
        return
    encode(value, indent=False, leaf=_nothing)  # walks again, and knows the place


def is_too_deep(value: Any) -> bool:
    """Whether a value that was just read has more than :data:`MAX_DEPTH` levels of lists and dicts."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for container in level
            for inner in (container.values() if isinstance(container, dict) else container)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _nothing(_: Any) -> bytes:
    return b""
