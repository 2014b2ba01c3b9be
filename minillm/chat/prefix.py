"""The beginnings of a prompt, told apart by a hash of everything that a host would see in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from ..json.serialization import dumps
from ..tree.part_json import full_form
from ..types import CacheBreakpoint, ChatRequest, MediaPart, Message, Part, TextPart, ToolResultPart

__all__ = ["Prefix", "prefixes_of"]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A beginning of a prompt.

    Args:
        digest: equal for equal beginnings, wherever their marks are.
        path: the tool or part that it ends with, as losses name it.
        messages: how many messages it reaches into; 0: it ends with a tool.
        size: its length in bytes of JSON, or None where it holds media, whose tokens are not a matter of length.
        mark: the mark at its end.
    """

    digest: bytes
    path: str
    messages: int
    size: int | None
    mark: CacheBreakpoint | None


def prefixes_of(request: ChatRequest) -> Iterator[Prefix]:
    """Each tool and each part of a message ends one, in the order in which hosts read a prompt."""
    hash_, size, media = blake2b(digest_size=16), 0, False

    def ended(said: bytes, path: str, messages: int, mark: CacheBreakpoint | None) -> Prefix:
        nonlocal size
        hash_.update(len(said).to_bytes(8, "little"))
        hash_.update(said)
        size += len(said)
        return Prefix(hash_.digest(), path, messages, None if media else size, mark)

    for number, tool in enumerate(request.tools):
        mark = getattr(tool, "cache", None)
        plain = tool if mark is None else replace(tool, cache=None)  # type: ignore[arg-type]
        yield ended(repr(plain).encode(), f"tools[{number}]", 0, mark)
    for number, message in enumerate(request.messages):
        hash_.update(dumps(["message", str(message.role), message.name, repr(message.extra)]))
        for place, part in enumerate(_parts(message)):
            media = media or _has_media(part)
            path = f"messages[{number}].content[{place}]"
            yield ended(dumps(_unmarked(full_form(part))), path, number + 1, _last_mark(part))


def _parts(message: Message) -> tuple[Part, ...]:
    content = message.content
    return (TextPart(content),) if isinstance(content, str) else content


def _last_mark(part: Part) -> CacheBreakpoint | None:
    """The part's own mark, or the last one inside a tool's result."""
    mark: CacheBreakpoint | None = getattr(part, "cache", None)
    if mark is None and isinstance(part, ToolResultPart) and not isinstance(part.content, str):
        inner = (_last_mark(each) for each in reversed(part.content))
        return next((each for each in inner if each is not None), None)
    return mark


def _has_media(part: Part) -> bool:
    if isinstance(part, ToolResultPart) and not isinstance(part.content, str):
        return any(_has_media(each) for each in part.content)
    return isinstance(part, MediaPart)


def _unmarked(form: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in form.items() if key != "cache"}
    content = plain.get("content")
    if isinstance(content, list):
        plain["content"] = [_unmarked(each) for each in content]
    return plain
