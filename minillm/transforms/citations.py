"""Sources that a model links in its text, as footnotes."""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ..types import Citation, TextPart
from .chain import Transform
from .rewriting import Rewriting
from .scanner import Edit, Scanners

__all__ = ["footnotes"]

# "([label](address))": what models write that cite in the text. Brackets in the address pair up, once.
_LINK: Final = re.compile(
    r"""
    \(\[(?P<label>[^\[\]\n]*+)\]\((?P<url>https?://(?:[^\s()]++|\([^\s()]*+\))++)\)\)
    |\[(?P<number>[1-9]\d?)\](?![(:])
    """,
    re.VERBOSE,
)
_NUMBER: Final = re.compile(r"\[[1-9]?\d?\]?")
_LONGEST: Final = 2048  # of an address with its label: what is longer is no source


def footnotes(*, numbers: bool = False, definitions: bool = False) -> Transform:
    """``([label](https://...))`` in an answer becomes ``[^1]``, and the source a citation of that text.

    One address has one number in all of an answer, in the order they first come. Plain links,
    ``[label](https://...)``, are part of the sentence and stay.

    Args:
        numbers: ``[1]`` becomes ``[^1]`` as well, for hosts that number their own list of sources (Perplexity); the
            footnotes of links then go on counting as if there were none, so that such a host should link nothing. A
            number before a round bracket or a colon is left alone; an index in code (``a[1]``) cannot be told from a
            source.
        definitions: at the end of a text its footnotes are written out in Markdown, ``[^1]: https://...``.

    Example:
        >>> reply = await node.complete(gen, transforms=[footnotes()])
        >>> reply.text, [source.url for part in reply.message.parts for source in part.citations]
    """
    return Transform(stream=partial(Rewriting, partial(_scanners, numbers, definitions)))


@dataclass
class _Notes:
    """The sources of one answer."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, url: str) -> tuple[int, bool]:
        """Its number, and whether it is new."""
        new = url not in self.numbers
        return self.numbers.setdefault(url, len(self.numbers) + 1), new


def _scanners(numbers: bool, definitions: bool) -> Scanners:
    notes: dict[int, _Notes] = {}

    def make(_part: Any, choice: int) -> _LinkScanner:
        return _LinkScanner(notes.setdefault(choice, _Notes()), numbers, definitions)

    return {TextPart: make}


class _LinkScanner:
    def __init__(self, notes: _Notes, numbers: bool, definitions: bool) -> None:
        self._notes = notes
        self._numbers = numbers
        self._definitions = definitions
        self._used: dict[int, str] = {}
        #: What is written at the end of a text must stand at its end.
        self.patient = definitions

    def is_plain(self, text: str) -> bool:
        return "(" not in text and not (self._numbers and "[" in text)

    def scan(self, text: str, at: int, *, final: bool, cut: bool) -> tuple[list[Edit], int]:
        edits: list[Edit] = []
        limit = len(text) if final else self._undecided(text, at)
        for found in _LINK.finditer(text, at):
            if found.start() >= limit:
                break
            if found["url"] is None:
                if self._numbers:
                    edits.append(Edit(*found.span(), f"[^{found['number']}]"))
            elif found.end() - found.start() <= _LONGEST:
                edits.append(self._link(found))
        decided = max(limit, edits[-1].end if edits else at)
        if final and self._definitions and self._used and not cut:
            edits.append(Edit(decided, decided, self._written_out(text)))
        return edits, decided

    def _link(self, found: "re.Match[str]") -> Edit:
        url = found["url"]
        number, new = self._notes.number(url)
        if new:
            self._used[number] = url
        source = Citation(url, found["label"] or None) if new else None
        return Edit(*found.span(), f"[^{number}]", citation=source)

    def _written_out(self, text: str) -> str:
        lines = "\n".join(f"[^{number}]: {url}" for number, url in self._used.items())
        self._used = {}
        return f"{'' if text.endswith(chr(10)) else chr(10)}\n{lines}"

    def _undecided(self, text: str, at: int) -> int:
        """Where a source may have begun that is not all there yet; no open bracket waits for ever."""
        start = at
        while (start := _next(text, start, self._numbers)) < len(text):
            if len(text) - start <= _LONGEST and self._may_go_on(text, start):
                return start
            start += 1
        return len(text)

    def _may_go_on(self, text: str, start: int) -> bool:
        return _NUMBER.fullmatch(text, start) is not None if text[start] == "[" else _may_be_link(text[start + 1 :])


def _next(text: str, start: int, numbers: bool) -> int:
    places = [place for place in (text.find("(", start), text.find("[", start) if numbers else -1) if place >= 0]
    return min(places, default=len(text))


def _may_be_link(text: str) -> bool:
    """Whether what follows a bracket is the beginning of a link, or of anything else."""
    if not text:
        return True
    label, closed, behind = text[1:].partition("]")
    if text[0] != "[" or "\n" in label or "[" in label:
        return False
    if not closed or not behind:
        return True
    address = behind[1:]
    if behind[0] != "(" or _WHITE.search(address):
        return False
    if any(scheme.startswith(address) for scheme in _SCHEMES):
        return True
    if not address.startswith(_SCHEMES):
        return False
    depth = 0
    for place, mark in enumerate(address):
        depth += (mark == "(") - (mark == ")")
        if depth < 0:
            return place == len(address) - 1  # the outer bracket is still to come
        if depth > 1:
            return False
    return True


_WHITE: Final = re.compile(r"\s")
_SCHEMES: Final = ("https://", "http://")
