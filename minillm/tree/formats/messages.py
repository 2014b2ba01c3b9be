"""Lists of OpenAI-style messages, in and out: OpenAI's and TRL's training files, and what programs dump.

    {"messages": [{"role", "content", ...}], "tools"?: [...]}        a line each (JSON lines) or in one array
    [{"role", "content", ...}, ...]                                  one bare list of messages

TRL's ``prompt`` with ``completion`` is read too. A conversation is a line from the root to a leaf, so a
tree is written as one line a leaf. See ``preferences`` for pairs.
https://platform.openai.com/docs/guides/supervised-fine-tuning, https://huggingface.co/docs/trl/dataset_formats
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, TypeVar

from ...report import Report, reporting
from ...types import Message, Role
from ..atomic_write import atomic_write
from ..bare_node import BareNode, Details, path_of
from ..json_lines import naming_file
from ..reading import object_at, refuse
from ..thread_file import Thread
from .chat_lines import decode_messages, encode_messages, leaves_of, said_at, tell_metadata
from .entries import chain
from .provenance import rest_of, tell_conversation
from .source import Found, StrPath, read_values

__all__ = ["parse_messages", "read_messages", "write_messages"]

N = TypeVar("N", bound=BareNode)

FORMAT = "messages"


def read_messages(path: StrPath, kind: type[N], *, report: Report | None = None) -> Iterator[Thread[N]]:
    """The conversations of a file, a chain each; one is in memory at a time.

    Args:
        path: a ``.jsonl`` or ``.json`` file.
        kind: the class of the nodes, such as ``ChatNode``.
        report: takes what could not be kept; None warns of it.

    Yields:
        Both ends of each conversation. ``tools`` and other keys of a line are in its root's
        ``metadata["conversation"]["rest"]``.

    Raises:
        ThreadFormatError: it is no such file; the message names the line and the message.
        OSError: it cannot be read.
    """
    told = reporting(report)
    with naming_file(path):
        for at, value in _conversations(read_values(path)):
            thread = parse_messages(value, kind, at=at, report=told)
            if thread is not None:
                yield thread


def _conversations(values: Iterable[Found]) -> Iterator[tuple[str, Any]]:
    """The items of an array are conversations, or the messages of one."""
    for _, found in groupby(values, key=lambda each: each.document):
        first = next(found)
        if first.item is None or not (isinstance(first.value, dict) and "role" in first.value):
            yield first.at, first.value
            yield from ((each.at, each.value) for each in found)
        else:
            yield f"document {first.document}", [first.value, *(each.value for each in found)]


def parse_messages(value: Any, kind: type[N], *, at: str = "", report: Report | None = None) -> Thread[N] | None:
    """One conversation: a list of messages, or an object that holds one; None where it is empty.

    Raises:
        ThreadFormatError: it is none.
    """
    told = reporting(report)
    rest: dict[str, Any] = {}
    if isinstance(value, list):
        messages = decode_messages(value, at, told)
    else:
        source = object_at(value, at)
        if "messages" in source:
            messages = decode_messages(source["messages"], f"{at}.messages", told)
            rest = rest_of(source, ("messages",))
        elif "prompt" in source:
            messages = (
                *one_side(source["prompt"], Role.USER, f"{at}.prompt", told),
                *one_side(source.get("completion") or [], Role.ASSISTANT, f"{at}.completion", told),
            )
            rest = rest_of(source, ("prompt", "completion"))
        else:
            refuse(at, 'holds neither "messages" nor "prompt": this is no list of OpenAI-style messages')
    if not messages:
        told.note(at, "a conversation", "it holds no message")
        return None
    thread = chain(kind, messages)
    tell_conversation(thread.root, FORMAT, id=rest.pop("id", None), title=rest.pop("title", None), rest=rest)
    return thread


def one_side(value: Any, role: Role, at: str, report: Report) -> tuple[Message, ...]:
    """TRL's two spellings of a prompt or an answer: plain text, or messages."""
    if isinstance(value, str):
        return (Message(role, value),)
    return decode_messages(value, at, report)


def write_messages(
    nodes: BareNode | Iterable[BareNode],
    path: StrPath,
    *,
    reasoning: str | None = None,
    report: Report | None = None,
) -> int:
    """Write conversations as JSON lines, ``{"messages": [...]}`` each; the file is replaced whole or not at all.

    Args:
        nodes: where conversations end; of a node with others below, every leaf there is one. So a root
            gives all of its tree, a leaf one conversation.
        path: the ``.jsonl`` file.
        reasoning: the field for the model's thinking, such as ``"reasoning_content"``; None leaves it out.
        report: takes what could not be kept; None warns of it.

    Returns:
        How many conversations were written.

    Raises:
        EncodeError: something is lost and the report is strict.
        OSError: it cannot be written.
    """
    from ...json.serialization import dumps

    told = reporting(report)
    count = 0
    with atomic_write(path) as file:
        for leaf in leaves_of(nodes):
            at = f"line {count + 1}"
            way = path_of(leaf)
            line = {**_line_rest(way[0]), "messages": encode_messages(said_at(leaf), at, told, reasoning)}
            tell_metadata(way, "", told, {"conversation": None})
            file.write(dumps(line) + b"\n")
            count += 1
    return count


def _line_rest(root: Any) -> dict[str, Any]:
    """``tools`` and the like, where the conversation came from such a file."""
    details = root._details
    facts = (details.metadata or {}).get("conversation") if type(details) is Details else None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT or not isinstance(facts.get("rest"), dict):
        return {}
    return dict(facts["rest"])
