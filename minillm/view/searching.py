"""Which nodes say something, whatever part of them says it."""

from collections.abc import Iterable, Iterator

from ..tree import Node
from ..tree.bare_node import Details
from ..tree.render.part_text import message_text
from ..types import Message, ReasoningPart, ToolCallPart, ToolResultPart

__all__ = ["search", "searched_text"]

_LEAST_ID = 8  # letters: "bad" and "face" stand in many ids


def search(nodes: Iterable[Node], text: str) -> Iterator[Node]:
    """The nodes in which the text stands, upper and lower case alike.

    Words, thinking, tools and their results, labels, title and the model's name are looked at, and ids that begin so.
    """
    wanted, id = text.casefold(), text.strip()
    if id:
        for node in nodes:
            if wanted in searched_text(node).casefold() or _is_called(node, id):
                yield node


def _is_called(node: Node, id: str) -> bool:
    return node.id == id or (len(id) >= _LEAST_ID and node.id.startswith(id))


def searched_text(node: Node) -> str:
    """All that :func:`search` looks at but the id, the message first."""
    said = node._message
    words = said if isinstance(said, str) else "\n".join(_words(said))
    if isinstance(node._details, Details):
        words = "\n".join((words, *_beside(node._details)))
    return words


def _words(message: Message) -> Iterator[str]:
    yield message_text(message)
    for part in message.parts:
        if isinstance(part, ReasoningPart):
            yield part.text
        elif isinstance(part, ToolCallPart | ToolResultPart):
            yield part.name or ""
    if message.name:
        yield message.name
    if message.origin is not None:
        yield message.origin[1] or ""


def _beside(details: Details) -> Iterator[str]:
    if details.response is not None:
        yield details.response.model or ""
    elif details.record is not None and isinstance(details.record.get("model"), str):
        yield details.record["model"]
    metadata = details.metadata or {}
    labels, about = metadata.get("labels"), metadata.get("conversation")
    if isinstance(labels, list):
        yield from (each for each in labels if isinstance(each, str))
    if isinstance(about, dict) and isinstance(about.get("title"), str):
        yield about["title"]
