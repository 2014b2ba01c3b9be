"""Conversations as lists of OpenAI-style messages: what training files and many programs hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...errors import DecodeError
from ...report import Report
from ...types import ChatRequest, Message, Role
from ...wire import get_codec
from ...wire.codec import Quirks
from ..bare_node import BareNode, Details, each_node
from ..reading import items, object_at, refuse
from ..templates import formatted_messages
from ..traversal import leaves

__all__ = ["decode_messages", "encode_messages", "leaves_of", "said_at", "tell_metadata"]

WIRE = "openai_chat_completions"


def decode_messages(value: Any, at: str, report: Report) -> tuple[Message, ...]:
    """Messages out of a list of ``{"role", "content", ...}``.

    Raises:
        ThreadFormatError: it is no such list.
    """
    listed = [object_at(each, f"{at}[{place}]") for place, each in enumerate(items(value, at))]
    try:
        return get_codec(WIRE).decode_request({"messages": listed}, report=report).messages
    except DecodeError as error:
        refuse(at, error.message)


def encode_messages(
    messages: Sequence[Message], at: str, report: Report, reasoning: str | None
) -> list[dict[str, Any]]:
    """The list for messages; system messages without text, which say nothing, are left out.

    Args:
        reasoning: the field that holds the thinking; None leaves it out, told.

    Raises:
        EncodeError: something cannot be said, and the report is strict.
    """
    quirks = None if reasoning is None else Quirks(reasoning_replay=reasoning, replay_reasoning="always")
    inner = Report()
    said = tuple(each for each in messages if each.parts or each.role not in (Role.SYSTEM, Role.DEVELOPER))
    body = get_codec(WIRE, quirks).encode_request(ChatRequest(None, said), report=inner)
    for loss in inner.losses:
        report.add(f"{at}.{loss.path}", loss.what, loss.reason, loss.severity)
    return body["messages"]  # type: ignore[no-any-return]


def leaves_of(nodes: BareNode | Iterable[BareNode]) -> Iterator[BareNode]:
    """The ends of all conversations under the nodes: of a leaf itself, of a root every one."""
    for node in each_node(nodes):
        yield from leaves(node)


def said_at(node: BareNode) -> list[Message]:
    """The conversation from the root to this node, placeholders filled."""
    return formatted_messages(node)


def tell_metadata(nodes: Iterable[BareNode], at: str, report: Report, carried: Mapping[str, Any] | None = None) -> None:
    """Note metadata that a file of messages has no place for."""
    for node in nodes:
        details = node._details
        if type(details) is Details and set(details.metadata or ()) - set(carried or ()):
            report.note(at, "metadata", "a list of messages has no place for it; a tree file keeps it")
            return
