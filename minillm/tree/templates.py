r"""Placeholders in messages and what fills them.

``{identifier}`` is a placeholder and nothing else is: ``{"a": {"b": 1}}``, ``{}``, ``{0}``, ``{ x }``
and ``{x!r}`` stay as they are. Doubled braces escape, and only where they wrap an identifier:
``{{name}}`` becomes ``{name}``, ``{{{name}}}`` the value in braces, as with ``str.format``; braces
that have no partner on the other side of the identifier are text (``{"a": {name}}`` fills ``name``).

Only text that somebody wrote here is a template: a model's recorded answer, a tool's result and what
is marked as literal (imported conversations are) may hold any braces and are sent as they were.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..types import Message, Part, Role, TextPart
from .bare_node import BareNode, Details, message_of, path_of
from .marks import marked

__all__ = ["fill", "formatted_messages", "has_brace", "kwargs_of", "missing_kwargs"]

# Possessive runs that start at no earlier brace: linear however many braces a text has.
_BRACED = re.compile(r"(?<!\{)(\{++)([^\W\d]\w*+)(\}++)")

Lookup = Callable[[str], Any]


def fill(text: str, lookup: Lookup) -> str:
    """The text with every placeholder that ``lookup`` knows filled in, and escapes undone.

    Args:
        lookup: the value of a name; raises KeyError for one it does not know. Values go through
            ``str()`` and are not scanned again.
    """
    if "{" not in text:
        return text

    def replaced(match: re.Match[str]) -> str:
        before, name, after = match.groups()
        pairs = min(len(before), len(after))
        inner = name
        if pairs % 2:
            try:
                inner = str(lookup(name))
            except KeyError:
                inner = f"{{{name}}}"
        # Two pairs are one escaped pair; what has no partner is text.
        return "{" * (len(before) - pairs + pairs // 2) + inner + "}" * (len(after) - pairs + pairs // 2)

    return _BRACED.sub(replaced, text)


def formatted_messages(
    node: BareNode, kwargs: Mapping[str, Any] | None = None, *, marks: bool = False
) -> list[Message]:
    """The messages from the root to this node with their placeholders filled.

    For each message the first that knows a name wins: ``kwargs``; the kwargs of its own node; those
    of the nodes above, nearest first; those of the nodes further down this path, nearest first.

    Args:
        kwargs: the request's own.
        marks: put each node's cache mark on its message.
    """
    path = path_of(node)
    messages: list[Message] = []
    values: _PathValues | None = None  # most paths have no brace in them
    for each in path:
        said, details = each._message, each._details
        message: Message = message_of(each) if type(said) is str else said
        content = message.content
        if ("{" in content if type(content) is str else has_brace(message)) and _is_template(each):
            values = values or _PathValues(path, kwargs)
            message = _filled(message, values.lookup_at(len(messages)))
        if marks and type(details) is Details and details.mark is not None:
            message = marked(message, details.mark)
        messages.append(message)
    return messages


def has_brace(message: Message) -> bool:
    """Whether there could be a placeholder in it."""
    content = message.content
    if type(content) is str:
        return "{" in content
    return any(isinstance(part, TextPart) and "{" in part.text for part in content)


def missing_kwargs(node: BareNode, kwargs: Mapping[str, Any] | None = None) -> list[str]:
    """The names on the path to this node that nothing fills, each once, in order of appearance."""
    path = path_of(node)
    values = _PathValues(path, kwargs)
    missing: dict[str, None] = {}
    for position, each in enumerate(path):
        if _is_template(each):
            lookup = values.lookup_at(position)
            for name in _names(message_of(each)):
                try:
                    lookup(name)
                except KeyError:
                    missing[name] = None
    return list(missing)


def kwargs_of(node: BareNode) -> Mapping[str, Any] | None:
    """The node's own kwargs, without making an empty dictionary."""
    details = node._details
    return details.format_kwargs if type(details) is Details else None


class _PathValues:
    """Who on a path says what, ready to be asked from any place on it."""

    def __init__(self, path: Sequence[BareNode], kwargs: Mapping[str, Any] | None) -> None:
        self._request = kwargs or {}
        self._path = path
        self._places: dict[str, list[int]] = {}  # name -> positions on the path that set it, ascending
        for position, node in enumerate(path):
            for name in kwargs_of(node) or ():
                self._places.setdefault(name, []).append(position)

    def lookup_at(self, position: int) -> Lookup:
        def lookup(name: str) -> Any:
            if name in self._request:
                return self._request[name]
            places = self._places[name]
            nearest = bisect_right(places, position)  # what stands before it is here or above
            kwargs = kwargs_of(self._path[places[nearest - 1 if nearest else 0]]) or {}
            return kwargs[name]

        return lookup


def _is_template(node: BareNode) -> bool:
    if node._role == Role.TOOL:
        return False
    details = node._details
    if type(details) is not Details:
        return True
    return not details.literal and details.response is None and details.record is None


def _filled(message: Message, lookup: Lookup) -> Message:
    content = message.content
    if isinstance(content, str):
        text = fill(content, lookup)
        return message if text is content or text == content else replace(message, content=text)
    parts = tuple(_filled_part(part, lookup) for part in content)
    changed = any(new is not old for new, old in zip(parts, content, strict=True))
    return replace(message, content=parts) if changed else message


def _filled_part(part: Part, lookup: Lookup) -> Part:
    if not isinstance(part, TextPart):
        return part
    text = fill(part.text, lookup)
    return part if text == part.text else replace(part, text=text)


def _names(message: Message) -> Iterable[str]:
    texts = (
        [message.content]
        if isinstance(message.content, str)
        else [part.text for part in message.content if isinstance(part, TextPart)]
    )
    for text in texts:
        for before, name, after in _BRACED.findall(text):
            if min(len(before), len(after)) % 2:
                yield name
