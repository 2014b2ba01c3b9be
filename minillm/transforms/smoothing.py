"""Text in even pieces, however unevenly it comes."""

import re
from functools import partial
from typing import Any, Final, Literal

from ..errors import ConfigurationError
from ..types import ReasoningPart, TextPart
from .chain import Transform
from .rewriting import Rewriting
from .scanner import Edit, Scanners

__all__ = ["smooth"]

_UNITS: Final = {
    "word": re.compile(r"\s*\S+\s+(?=\S)"),
    "line": re.compile(r"[^\n]*\n"),
}


def smooth(by: "Literal['word', 'line'] | re.Pattern[str]" = "word", *, longest: int = 256) -> Transform:
    """Text and reasoning come a word or a line at a time, whatever the host's pieces are.

    A piece ends where the next begins (a word with the white space behind it, a line with its line break), so that
    each is whole. The same characters come, in the same order. Nothing is paced in time: this is a pure function.
    Who wants a typewriter waits where it is shown, between one ``chunk`` and the next (``await asyncio.sleep(0.02)``).

    Args:
        by: ``"word"``, ``"line"``, or an expression that finds the first piece of a text, its white space included.
        longest: so many characters come as one piece where no end of one is in sight.

    Raises:
        ConfigurationError: ``by`` or ``longest`` is none of these.

    Example:
        >>> async with node.stream(gen, transforms=[smooth("line")]) as stream:
        ...     async for chunk in stream:
        ...         print(chunk.delta, end="")
    """
    pattern = by if isinstance(by, re.Pattern) else _UNITS.get(by)
    if pattern is None:
        raise ConfigurationError(f"smooth(by=...) must be 'word', 'line' or a compiled expression, not {by!r}")
    if longest < 1:
        raise ConfigurationError(f"smooth(longest=...) must be at least 1, not {longest!r}")
    return Transform(stream=partial(Rewriting, partial(_scanners, pattern, longest)))


def _scanners(pattern: "re.Pattern[str]", longest: int) -> Scanners:
    def make(_part: Any, _choice: int) -> _SmoothScanner:
        return _SmoothScanner(pattern, longest)

    return {TextPart: make, ReasoningPart: make}


class _SmoothScanner:
    patient = False

    def __init__(self, pattern: "re.Pattern[str]", longest: int) -> None:
        self._pattern = pattern
        self._longest = longest

    def is_plain(self, text: str) -> bool:
        return False

    def scan(self, text: str, at: int, *, final: bool, cut: bool) -> tuple[list[Edit], int]:
        edits: list[Edit] = []
        while at < len(text):
            # A piece is told by no more than the longest one and a character: how much more has come never matters.
            window = at + self._longest + 1
            found = self._pattern.match(text, at, window)
            if found is not None and at < found.end() < len(text):
                end = min(found.end(), window - 1)
            elif len(text) >= window:
                end = window - 1
            elif final:
                end = len(text)
            else:
                break
            edits.append(Edit(at, end, text[at:end], moves_only=True))
            at = end
        return edits, at
