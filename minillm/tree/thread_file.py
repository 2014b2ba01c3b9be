"""Thread files: one conversation, root to leaf, in the format that other readers of threads share.

    {"minillm": {"format": "thread", "version": "1.0"}, "prompts": [
    {"message": {"role": "system", "content": "You are {bot}."}, "format_kwargs": {"bot": "Rob"}, "minillm": {...}},
    ...
    ]}

Reading takes every older generation too: entries with ``message`` and no ``minillm``, flat entries
with ``role`` and ``content``, and ``required_kwargs`` beside them. Nothing that a file names is opened.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypeVar

from ..errors import ThreadFormatError, TreeError
from ..types import Message
from .atomic_write import StrPath, atomic_write
from .bare_node import BareNode, Details, blank, details_of, path_of
from .file_header import check_header, header
from .flat_entry import apply_required_kwargs, read_flat_entry
from .garbage import collector_held_off
from .ids import peek_id
from .json_lines import naming_file, read_json, write_all
from .kept import left_over, overlaid
from .limits import FileLimits, refuse_too_deep, refuse_too_large, refuse_too_many
from .lines import node_lines
from .moves import link
from .reading import items, object_at, refuse
from .rows import read_plain_row, read_row

__all__ = ["Thread", "load_thread", "parse_thread", "save_thread", "thread_of_messages", "thread_to_json"]

N = TypeVar("N", bound=BareNode)


class Thread(NamedTuple, Generic[N]):
    """Both ends of a loaded conversation; they are one node where it has one message."""

    root: N
    leaf: N


def thread_of_messages(kind: type[Any], messages: Iterable[Message]) -> Thread[Any]:
    """A chain of new nodes.

    Raises:
        TreeError: there are no messages.
        TypeError: something among them is no Message.
    """
    nodes = []
    for message in messages:
        if not isinstance(message, Message):
            raise TypeError(f"item {len(nodes)} is {type(message).__name__}, not a Message")
        nodes.append(blank(kind, message.role, message))
    if not nodes:
        raise TreeError("a thread has at least one message")
    return _chained(nodes)


def _chained(nodes: list[Any]) -> Thread[Any]:
    for parent, child in pairwise(nodes):
        link(parent, child)
    return Thread(nodes[0], nodes[-1])


def save_thread(leaf: BareNode, path: StrPath) -> None:
    with atomic_write(path) as file:
        write_all(file, _chunks(leaf))


def thread_to_json(leaf: BareNode) -> str:
    return b"".join(_chunks(leaf)).decode()


def _chunks(leaf: BareNode) -> Iterator[bytes]:
    from ..json.serialization import dumps

    path = path_of(leaf)
    details = path[0]._details
    top = {"minillm": header("thread")}
    kept = details.kept if type(details) is Details else None
    if kept is not None and kept.get("file"):
        top = overlaid(top, kept["file"])
    separator = dumps(top)[:-1] + b',"prompts":[\n'
    for lines in node_lines(path, parents=False):
        yield separator + b",\n".join(lines)
        separator = b",\n"
    yield b"\n]}\n"


def load_thread(kind: type[Any], path: StrPath, limits: FileLimits) -> Thread[Any]:
    with naming_file(path):
        with open(path, "rb") as file:
            data = file.read(-1 if limits.bytes is None else limits.bytes + 1)
        return parse_thread(kind, data, limits)


def parse_thread(kind: type[Any], text: str | bytes, limits: FileLimits) -> Thread[Any]:
    """The chain of nodes that a thread's JSON text tells of, whatever its generation."""
    if not isinstance(text, str | bytes):
        raise TypeError(f"JSON text is expected, not {type(text).__name__}")
    if limits.bytes is not None and len(text) > limits.bytes:
        refuse_too_large("", limits)
    with collector_held_off():
        # First without a look for integers over 64 bit: plain entries have no numbers at all.
        document = _read_document(text, exact=False)
        _refuse_too_many(document, limits)
        nodes = _plain_nodes(kind, document)
        if nodes is not None:
            _refuse_equal_ids(nodes)
            return _chained(nodes)
        return _parse_any(kind, object_at(_read_document(text), ""))


def _refuse_too_many(document: Any, limits: FileLimits) -> None:
    """Before any node is made. A thread is as deep as it is long."""
    entries = document.get("prompts") if type(document) is dict else None
    if type(entries) is not list:
        return
    if limits.nodes is not None and len(entries) > limits.nodes:
        refuse_too_many("prompts", limits)
    if limits.depth is not None and len(entries) > limits.depth + 1:
        refuse_too_deep("prompts", limits)


def _plain_nodes(kind: type[Any], document: Any) -> list[Any] | None:
    """The nodes of a file of today in which every message is a role and a text; None for any other."""
    if type(document) is not dict or document.keys() != {"minillm", "prompts"}:
        return None
    entries = document["prompts"]
    if document["minillm"] != header("thread") or type(entries) is not list:
        return None
    rows = [read_plain_row(entry, kind) for entry in entries]
    return [row[0] for row in rows if row is not None] if rows and None not in rows else None


def _parse_any(kind: type[Any], document: dict[str, Any]) -> Thread[Any]:
    if "minillm" in document:
        check_header(document["minillm"], "thread", "minillm")
    if "prompts" not in document:
        refuse("prompts", 'is missing: a thread file is {"prompts": [{"message": {"role", "content"}}, ...]}')
    entries = items(document["prompts"], "prompts")
    if not entries:
        refuse("prompts", "is empty: a thread has at least one message")
    nodes = [_read_entry(entry, f"prompts[{i}]", kind) for i, entry in enumerate(entries)]
    _refuse_equal_ids(nodes)
    thread = _chained(nodes)
    apply_required_kwargs(thread.root, document.get("required_kwargs"))
    kept = left_over(document, {"minillm": header("thread"), "prompts": None, "required_kwargs": None})
    if kept:
        details = details_of(thread.root)
        details.kept = {**(details.kept or {}), "file": kept}
    return thread


def _read_document(text: str | bytes, *, exact: bool = True) -> Any:
    try:
        return read_json(text, None, exact=exact)
    except ThreadFormatError:
        start = text[:200] if isinstance(text, str) else text[:200].decode("utf-8", "replace")
        if '"format":"tree"' in start.replace(" ", ""):
            raise ThreadFormatError("this is a tree file: read it with from_tree_file()", place="line 1") from None
        raise


def _read_entry(entry: Any, at: str, kind: type[Any]) -> Any:
    if isinstance(entry, dict) and "message" not in entry and "role" in entry:
        return read_flat_entry(entry, at, kind)
    return read_row(entry, at, kind)[0]


def _refuse_equal_ids(nodes: list[Any]) -> None:
    seen = set()
    for i, node in enumerate(nodes):
        found = peek_id(node)
        if found is not None:
            if found in seen:
                refuse(f"prompts[{i}].minillm.id", "is the id of an earlier entry: ids are unique in a thread")
            seen.add(found)
