"""Which nodes say something, whatever part of them says it."""

from collections.abc import Iterable, Iterator

from ..tree import Node
from ..tree.bare_node import Details
from ..tree.render.part_text import message_text
from ..types import Message, ReasoningPart, ToolCallPart, ToolResultPart

__all__ = ["search", "searched_text"]


def search(nodes: Iterable[Node], text: str) -> Iterator[Node]:
    """The nodes in which the text stands, upper and lower case alike.

    Words, thinking, tools and their results, labels, title, the model's name and the id are looked at.
    """
    wanted = text.casefold()
    if wanted.strip():
        for node in nodes:
            if wanted in searched_text(node).casefold():
                yield node


def searched_text(node: Node) -> str:
    """All that :func:`search` looks at, the message first."""
    said = node._message
    words = said if isinstance(said, str) else "\n".join(_words(said))
    if isinstance(node._details, Details):
        words = "\n".join((words, *_beside(node._details)))
    return f"{words}\n{node.id}"


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
