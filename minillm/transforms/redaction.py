"""Secrets taken out of what is sent and of what is answered."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from ..errors import ConfigurationError
from ..types import (
    ChatRequest,
    Message,
    NativeEvent,
    NativePart,
    PartEnd,
    PartStart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from .chain import Transform
from .rewriting import Rewriting
from .scanner import Edit, Scanners

__all__ = ["redact"]

_LONGEST: Final = 128


def redact(
    *secrets: "str | re.Pattern[str]",
    mark: str = "[redacted]",
    longest: int = _LONGEST,
    request: bool = True,
    answer: bool = True,
) -> Transform:
    """Texts that must not leave, or must not be shown, are replaced by a mark.

    In requests: texts, refusals, tool results, the arguments of earlier calls, and readable reasoning (which then loses
    its signature: it vouches for words that are gone). In answers the same, streamed or whole, however the pieces are
    cut. Not read: pictures and files, tool definitions, and sealed reasoning. Answers come without the frames of their
    wire, which hold the words as they were.

    Args:
        secrets: texts, found exactly; or compiled expressions. Of texts only what may be the beginning of one waits in
            a stream. Expressions have no beginning that could be told: with them a stream comes ``longest``
            characters late.
        mark: stands instead. In the arguments of calls it stands inside JSON strings: let it need no escape.
        longest: the longest match of an expression that is looked for, in characters; of a longer one the rest stays.
        request, answer: where to look.

    Raises:
        ConfigurationError: there is nothing to look for, something is neither text (a variable that is not set is
            None) nor expression, or an expression finds the empty text.

    Example:
        >>> hide = redact(os.environ["DB_PASSWORD"], re.compile(r"[\\w.]+@[\\w.]+"))
        >>> reply = await node.complete(gen, transforms=[hide])
    """
    for secret in secrets:  # such as a variable that is not set: what was to be hidden would be shown
        if not isinstance(getattr(secret, "pattern", secret), str):
            raise ConfigurationError(f"redact() wants texts or compiled expressions of text, not {_kind(secret)}")
    texts = tuple(secret for secret in secrets if isinstance(secret, str))
    patterns = tuple(secret for secret in secrets if isinstance(secret, re.Pattern))
    if not secrets or not all(texts) or any(pattern.match("") for pattern in patterns):
        raise ConfigurationError("redact() wants the texts to take out, or expressions that never find the empty text")
    if longest < 1:
        raise ConfigurationError(f"redact(longest=...) must be at least 1, not {longest!r}")
    finder = _Finder(texts, patterns, longest, mark)
    return Transform(
        request=_Redacted(finder) if request else None,
        stream=partial(Rewriting, partial(_scanners, finder), hides=True, others=finder.event) if answer else None,
    )


def _kind(secret: object) -> str:
    return "one of bytes" if isinstance(secret, re.Pattern) else type(secret).__name__


@dataclass(frozen=True)
class _Finder:
    """Where the secrets are. Its repr shows none of them."""

    texts: tuple[str, ...]
    patterns: tuple["re.Pattern[str]", ...]
    longest: int
    mark: str

    def __repr__(self) -> str:
        return f"<{len(self.texts) + len(self.patterns)} secrets>"

    def find(self, text: str, at: int, *, final: bool) -> tuple[list[tuple[int, int]], int]:
        """The matches from ``at`` on, leftmost first, and up to where more text changes nothing."""
        decided = len(text) if final else self._decided(text, at)
        found: list[tuple[int, int]] = []
        while True:
            match = self._next(text, at)
            if match is None or match[0] >= decided:
                return found, max(at, decided)
            found.append(match)
            at = match[1]

    def _next(self, text: str, at: int) -> tuple[int, int] | None:
        matches = [
            (start, -len(secret), start + len(secret))
            for secret in self.texts
            if (start := text.find(secret, at)) >= 0  # of several here the longest
        ]
        for pattern in self.patterns:
            match = self._match(pattern, text, at)
            if match is not None:
                matches.append((match.start(), 0, match.end()))
        if not matches:
            return None
        start, _, end = min(matches)
        return start, end

    def _match(self, pattern: "re.Pattern[str]", text: str, at: int) -> "re.Match[str] | None":
        """The first match that is not too long, or as much of one as finds something."""
        while (match := pattern.search(text, at)) is not None:
            if match.end() - match.start() > self.longest:
                at = match.start()
                match = pattern.match(text, at, at + self.longest)
            if match is not None and match.end() > match.start():
                return match
            at += 1
        return None

    def _decided(self, text: str, at: int) -> int:
        """Up to here no secret can begin that is not all there."""
        decided = len(text)
        if self.patterns:
            decided = max(at, len(text) - self.longest)
        for secret in self.texts:
            for start in range(max(at, len(text) - len(secret) + 1), decided):
                if secret.startswith(text[start:]):
                    decided = start
                    break
        return decided

    def text(self, text: str) -> str:
        """A whole text without the secrets."""
        found, _ = self.find(text, 0, final=True)
        for start, end in reversed(found):
            text = text[:start] + self.mark + text[end:]
        return text

    def value(self, value: Any) -> Any:
        """JSON without them; the very same where there are none."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            made = {key: self.value(item) for key, item in value.items()}
            return value if all(made[key] is value[key] for key in made) else made
        if isinstance(value, list):
            items = [self.value(item) for item in value]
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        return value

    def event(self, event: Any) -> Any:
        """An event that is about no text."""
        if type(event) is NativeEvent:
            data = self.value(event.data)
            return event if data is event.data else replace(event, data=data)
        if type(event) in (PartStart, PartEnd) and type(event.part) is NativePart:
            part = self.part(event.part)
            return event if part is event.part else replace(event, part=part)
        return event

    def part(self, part: Any) -> Any:
        kind = type(part)
        if kind is NativePart:
            block = self.value(part.block)
            return part if block is part.block else replace(part, block=block)
        if kind is ToolResultPart:
            content: Any = part.content
            content = self.text(content) if isinstance(content, str) else self.parts(content)
            return part if content == part.content else replace(part, content=content, native=None)
        field = _FIELDS.get(kind)
        if field is None:
            return part
        said = getattr(part, field)
        text = self.text(said)
        if text == said:
            return part
        changes: dict[str, Any] = {field: text, "native": None}
        changes |= {name: None for name in ("signature", "logprobs") if getattr(part, name, None)}
        return replace(part, **changes)

    def parts(self, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        made = tuple(map(self.part, parts))
        return parts if all(new is old for new, old in zip(made, parts, strict=True)) else made


_FIELDS: Final[dict[type[Any], str]] = {
    TextPart: "text",
    RefusalPart: "text",
    ReasoningPart: "text",
    ToolCallPart: "arguments",
}


@dataclass(frozen=True)
class _Redacted:
    """The change of requests; equal to another of the same secrets."""

    finder: _Finder

    def __call__(self, request: ChatRequest) -> ChatRequest:
        messages = tuple(map(self._message, request.messages))
        if all(new is old for new, old in zip(messages, request.messages, strict=True)):
            return request
        return replace(request, messages=messages)

    def _message(self, message: Message) -> Message:
        content: Any = message.content
        made = self.finder.text(content) if isinstance(content, str) else self.finder.parts(content)
        # A message's own leftovers of a wire may say its words once more.
        return message if made is content or made == content else replace(message, content=made, native=None)


def _scanners(finder: _Finder) -> Scanners:
    def make(_part: Any, _choice: int) -> _RedactScanner:
        return _RedactScanner(finder)

    kinds: Iterable[type[Any]] = _FIELDS
    one: Callable[[Any, int], _RedactScanner] = make
    return dict.fromkeys(kinds, one)


class _RedactScanner:
    patient = True  # what is let go cannot be taken back

    def __init__(self, finder: _Finder) -> None:
        self._finder = finder

    def is_plain(self, text: str) -> bool:
        finder = self._finder
        return not finder.patterns and not any(secret[0] in text for secret in finder.texts)

    def scan(self, text: str, at: int, *, final: bool, cut: bool) -> tuple[list[Edit], int]:
        found, decided = self._finder.find(text, at, final=final)
        return [Edit(start, end, self._finder.mark) for start, end in found], decided
