"""Frames of a stream that differ in one text alone.

Most hosts say with every chunk the same id, model and moment around a few letters. Such a frame needs no parser for
what it repeats: where the bytes before and behind the text are those of a frame that was read in full, only the text
is read. The same bytes around one JSON string mean the same object but for that string, so nothing is guessed.
"""

from collections.abc import Callable
from typing import Any, Final

from ..json.serialization import dumps

__all__ = ["Recurring"]

# How often a decoder looks for what recurs.
_TRIES: Final = 4

_PROBE: Final = "\1"
_PROBE_SAID: Final = b'"\\u0001"'


class Recurring:
    """What stands around the text in the frames of one stream, as far as it is known.

    A decoder reads a frame by it where something is known (``before``), the frame ``startswith(before)`` and
    ``endswith(behind)``, and what stands between parses as a string. It gives frames to learn from while there are
    ``tries`` left: in some streams nothing recurs.

    Args:
        path: where the text stands in a frame.
        parse: the reader of frames; it may refuse one with a ValueError.
    """

    __slots__ = ("_parse", "_path", "before", "behind", "choice", "part", "tries")

    def __init__(self, path: tuple[str | int, ...], parse: Callable[[bytes], Any]) -> None:
        self._path = path
        self._parse = parse
        self.tries = _TRIES
        self.before = self.behind = b""
        self.part = self.choice = 0  # what the text belongs to

    def forget(self) -> None:
        """Nothing is known any more: a frame of another kind has come, after which the same one may mean another."""
        self.before = self.behind = b""

    def learn(self, raw: bytes, part: int, choice: int = 0) -> None:
        """Have the next frames compared with this one, which was read in full and brought a text of this part."""
        self.tries -= 1
        self.part, self.choice = part, choice
        self.before, self.behind = _around(raw, self._path, self._parse) or (b"", b"")


def _around(raw: bytes, path: tuple[str | int, ...], parse: Callable[[bytes], Any]) -> tuple[bytes, bytes] | None:
    """The bytes before and behind the text that stands at ``path`` in a frame; None where they cannot be told."""
    frame = parse(raw)
    *way, last = path
    text = _at(frame, way)[last]
    before, found, behind = raw.rpartition(dumps(text))
    if not found or not behind:
        return None
    # Was it that text, and not another of the same letters? With another text there, the rest must be as it was.
    try:
        probe = parse(before + _PROBE_SAID + behind)
        holder = _at(probe, way)
        if holder[last] != _PROBE:
            return None
        holder[last] = text
        same = probe == frame
    except (ValueError, LookupError, TypeError, RecursionError):  # the last: values too deep to be compared
        return None
    return (before, behind) if same else None


def _at(value: Any, way: list[str | int]) -> Any:
    for step in way:
        value = value[step]
    return value
