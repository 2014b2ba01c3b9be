"""Where each key and item of a document stands. The parsers of the standard library do not tell."""

from bisect import bisect_right

from .problems import Path

__all__ = ["MAX_LEVELS", "Lost", "Places", "TooDeep"]

#: The deepest key; the parsers below recurse, and take quadratic time over dotted keys.
MAX_LEVELS = 64


class Lost(Exception):
    """The text is not what the format says; its parser will tell."""


class TooDeep(Exception):
    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Places:
    """Offsets in one text, by key; and the keys that were given twice."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets: dict[Path, int] = {(): 0}
        self.twice: list[tuple[Path, int]] = []
        self._line_starts: list[int] | None = None

    def add(self, path: Path, offset: int) -> None:
        """Keep where a key stands, if it is its first time."""
        if len(path) > MAX_LEVELS:
            raise TooDeep(offset)
        self.offsets.setdefault(path, offset)

    def add_once(self, path: Path, offset: int) -> None:
        """Keep where a key stands that may stand but once."""
        if path in self.offsets:
            self.twice.append((path, offset))
        self.add(path, offset)

    def find(self, path: Path) -> int:
        """The offset of a key, or of the nearest thing around it."""
        while path not in self.offsets:
            path = path[:-1]
        return self.offsets[path]

    def find_words(self, path: Path, words: str) -> int:
        """Where words stand in the value of a key; where the key does if they are written otherwise (escapes)."""
        start = self.find(path)
        if not words:
            return start
        behind = (offset for other, offset in self.offsets.items() if offset > start and other[: len(path)] != path)
        at = self.text.find(words, start, min(behind, default=len(self.text)))
        return start if at < 0 else at

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Both counted from 1."""
        starts = self._line_starts
        if starts is None:
            starts = [0]
            at = self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._line_starts = starts
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1
