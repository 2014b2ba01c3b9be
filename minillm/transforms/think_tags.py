"""Thinking that a model writes between tags in its text, as reasoning."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from ..errors import ConfigurationError
from ..types import ReasoningPart, TextPart
from .chain import Transform
from .rewriting import Rewriting
from .scanner import Edit, Scanners

__all__ = ["think_tags"]

_BLANK: Final = re.compile(r"\s*")


def think_tags(*tags: str | tuple[str, str], opened: bool = False, leading: bool = False) -> Transform:
    """``<think>...</think>`` in the text of an answer becomes reasoning; the line breaks at the tags go with them.

    Args:
        tags: names (``"think"``) or pairs (``("[THINK]", "[/THINK]")``); none: ``think``.
        opened: the answer begins inside, because the model's template opened the tag in the prompt (DeepSeek-R1, QwQ):
            all is reasoning up to the first closing tag. A model that does not think then says only reasoning.
        leading: only what stands at the beginning of a text is thinking; a tag further down is text, as in an answer
            that speaks of such tags.

    A tag that is not closed holds to the end: an answer that was cut while thinking has no text yet.

    Raises:
        ConfigurationError: a tag is empty.

    Example:
        >>> reply = await node.complete(gen, transforms=[think_tags()])
        >>> reply.response.reasoning, reply.text
    """
    pairs = tuple((f"<{tag}>", f"</{tag}>") if isinstance(tag, str) else tag for tag in tags or ("think",))
    for pair in pairs:
        if not all(pair) or "<>" in pair:
            raise ConfigurationError("a think tag must be a name, or a pair of an opening and a closing text")
    make = partial(_scanners, _Tags(pairs), opened, leading)
    return Transform(stream=partial(Rewriting, make, splits=True))


class _Tags:
    """The tags as expressions, and what may become one."""

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        self.pairs = pairs
        self.closings = dict(pairs)
        opening = "|".join(re.escape(opening) for opening in sorted(self.closings, key=len, reverse=True))
        self.opening = re.compile(rf"({opening})\n*")
        self.first = pairs[0][0]
        self.marks = {opening[0] for opening in self.closings}

    def closing(self, opening: str) -> "re.Pattern[str]":
        return re.compile(rf"\n*{re.escape(self.closings[opening])}\n*")


def _scanners(tags: _Tags, opened: bool, leading: bool) -> Scanners:
    begun: set[int] = set()

    def make(part: Any, choice: int) -> "_ThinkScanner":
        first = choice not in begun
        begun.add(choice)
        return _ThinkScanner(tags, opened=opened and first, leading=leading)

    make_: Callable[[Any, int], _ThinkScanner] = make
    return {TextPart: make_}


class _ThinkScanner:
    patient = False

    def __init__(self, tags: _Tags, *, opened: bool, leading: bool) -> None:
        self._tags = tags
        self._leading = leading
        self._blank = True  # nothing but white space, or thinking, has come
        self._opened = opened  # the tag of the prompt may be said once more
        self._inside: str | None = None

    def is_plain(self, text: str) -> bool:
        if self._blank or self._opened or self._inside is not None:
            return False
        return self._leading or not any(mark in text for mark in self._tags.marks)

    def scan(self, text: str, at: int, *, final: bool, cut: bool) -> tuple[list[Edit], int]:
        edits: list[Edit] = []
        while True:
            step = self._close if self._inside is not None else self._open
            found = step(text, at, final)
            if isinstance(found, int):
                return edits, found
            edits.append(found)
            at = found.end

    def _open(self, text: str, at: int, final: bool) -> Edit | int:
        """The next opening tag; or up to where there is none."""
        here = _BLANK.match(text, at).end() if self._blank else at  # type: ignore[union-attr]
        if self._opened:
            return self._open_unsaid(text, at, here, final)
        if self._blank and here == len(text) and not final:
            return at
        if self._leading and not self._blank:
            return len(text)
        found = self._tags.opening.search(text, at)
        if found is not None and self._leading and found.start() != here:
            found = None
        if found is not None:
            if found.end() == len(text) and not final:
                return at if found.start() == here else found.start()
            start = at if found.start() == here else found.start()
            self._blank = self._blank and start == at
            self._inside = found[1]
            return Edit(start, found.end(), into=ReasoningPart)
        decided = len(text) if final else _may_begin(text, at, self._tags.closings)
        if self._leading and decided > here:
            decided = len(text)
        if self._blank and decided <= here and not final:
            return at
        self._blank = self._blank and decided <= here
        return decided

    def _open_unsaid(self, text: str, at: int, here: int, final: bool) -> Edit | int:
        """The prompt has opened the tag; some models say it all the same."""
        found = self._tags.opening.match(text, here)
        if not final:
            if here == len(text) or (found is not None and found.end() == len(text)):
                return at
            if found is None and any(tag.startswith(text[here:]) for tag in self._tags.closings):
                return at
        elif here == len(text) and found is None:
            return len(text)
        self._opened = False
        self._inside = self._tags.first if found is None else found[1]
        return Edit(at, here if found is None else found.end(), into=ReasoningPart)

    def _close(self, text: str, at: int, final: bool) -> Edit | int:
        assert self._inside is not None
        found = self._tags.closing(self._inside).search(text, at)
        if found is not None and (final or found.end() < len(text)):
            self._inside = None
            return Edit(found.start(), found.end(), into=TextPart)
        if final:
            return len(text)
        if found is not None:
            return found.start()
        return _may_close(text, at, self._tags.closings[self._inside])


def _may_begin(text: str, at: int, tags: Any) -> int:
    """Where at the end of the text a tag may have begun, else the end."""
    longest = max(map(len, tags))
    for start in range(max(at, len(text) - longest + 1), len(text)):
        if any(tag.startswith(text[start:]) for tag in tags):
            return start
    return len(text)


def _may_close(text: str, at: int, tag: str) -> int:
    """The same for a closing tag, with the line breaks before it."""
    start = _may_begin(text, at, (tag,))
    while start > at and text[start - 1] == "\n":
        start -= 1
    return start
