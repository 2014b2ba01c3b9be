"""The beginnings of a prompt, told apart by a hash of everything that a host would see in them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any, NamedTuple

from ..json.serialization import dumps
from ..tree.part_json import full_form
from ..types import CacheBreakpoint, ChatRequest, MediaPart, Message, Part, TextPart, ToolResultPart

__all__ = ["Prefix", "prefixes_of"]


class Prefix(NamedTuple):
    """A beginning of a prompt.

    Args:
        digest: equal for equal beginnings, wherever their marks are.
        path: the tool or part that it ends with, as losses name it.
        messages: how many messages it reaches into; 0: it ends with a tool.
        size: its length in bytes, or None where it holds media, whose tokens are not a matter of length.
        mark: the mark at its end.
    """

    digest: bytes
    path: str
    messages: int
    size: int | None
    mark: CacheBreakpoint | None


def prefixes_of(request: ChatRequest, *, every: bool = False) -> Iterator[Prefix]:
    """Those that end with a mark, in the order in which hosts read a prompt.

    Args:
        every: each tool and each part of a message ends one.
    """
    hash_, size, media = blake2b(digest_size=16), 0, False
    for number, tool in enumerate(request.tools):
        mark = getattr(tool, "cache", None)
        plain = tool if mark is None else replace(tool, cache=None)  # type: ignore[arg-type]
        said = repr(plain).encode("utf-8", "surrogatepass")
        hash_.update(b"tool%d:" % len(said) + said)
        size += len(said)
        if every or mark is not None:
            yield Prefix(hash_.digest(), f"tools[{number}]", 0, size, mark)
    for number, message in enumerate(request.messages):
        hash_.update(_head(message))
        for place, part in enumerate(_parts(message)):
            said, mark = _said(part)
            media = media or (type(part) is not TextPart and _has_media(part))
            hash_.update(said)
            size += len(said)
            if every or mark is not None:
                path = f"messages[{number}].content[{place}]"
                yield Prefix(hash_.digest(), path, number + 1, None if media else size, mark)


def _head(message: Message) -> bytes:
    if message.name is None and not message.extra:
        return b"%d:" % len(message.role) + message.role.encode("utf-8", "surrogatepass")
    return repr((str(message.role), message.name, message.extra)).encode("utf-8", "surrogatepass")


def _parts(message: Message) -> tuple[Part, ...]:
    content = message.content
    return (TextPart(content),) if isinstance(content, str) else content


def _said(part: Part) -> tuple[bytes, CacheBreakpoint | None]:
    """What tells the part apart, and its mark."""
    if type(part) is TextPart and not (part.citations or part.logprobs or part.signature or part.extra or part.native):
        text = part.text.encode("utf-8", "surrogatepass")  # most parts are this, and it is ten times as fast
        return b"text%d:" % len(text) + text, part.cache
    form = dumps(_unmarked(full_form(part)))
    return b"part%d:" % len(form) + form, _last_mark(part)


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
