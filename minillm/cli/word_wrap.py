"""Lines broken between words, for a text that is still coming."""

import re

from rich.cells import cell_len

__all__ = ["WordWrap"]

# Chinese, Japanese and Korean text may break anywhere, and has no spaces to wait for.
_PIECES = re.compile(r"\n|[^\S\n]+|[\u2e80-\uffff]|[^\s\u2e80-\uffff]+")


class WordWrap:
    """Push pieces of a text in, take what can be shown out: a word comes out when the next one begins.

    Args:
        width: cells a line; a longer word stands on a line of its own and is left to the terminal.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._column = 0
        self._gap = ""
        self._word = ""

    def feed(self, text: str) -> str:
        """The words that are complete now, each line at most ``width`` wide."""
        out = []
        for piece in _PIECES.findall(text):
            if piece == "\n":
                out.append(self.finish() + "\n")
                self._column = 0
            elif piece.isspace():
                out.append(self._take_word())
                self._gap += piece
            elif piece >= "\u2e80":
                out.append(self._take_word())
                self._word = piece
            else:
                self._word += piece
        return "".join(out)

    def finish(self) -> str:
        """The last word."""
        word, self._gap = self._take_word(), ""
        return word

    def _take_word(self) -> str:
        gap, word = self._gap, self._word
        if not word:
            return ""
        self._gap = self._word = ""
        size = cell_len(word)
        if self._column and self._column + len(gap) + size > self._width:
            self._column = size
            return "\n" + word
        self._column += len(gap) + size
        return gap + word
