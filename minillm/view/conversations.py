"""Whatever can be looked at, as trees: nodes in memory, and files of every format that a loader takes."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import DecodeError, ThreadFormatError
from ..json import loads
from ..report import Report
from ..tree import Node, last_leaf
from ..tree.formats import detect, read

__all__ = ["Conversations", "Source", "conversations_of", "open_conversations"]

StrPath = str | os.PathLike[str]
Source = Node | StrPath

_HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Conversations:
    """Trees side by side: one, where it is a file of ours, or as many as an export holds.

    Args:
        name: the file's name, ``""`` for nodes in memory.
        roots: the trees; at least one.
        here: the node to begin at: where a thread ends, where a talk was left.
        lost: how many things of a foreign file could not be kept.
    """

    name: str
    roots: tuple[Node, ...]
    here: Node
    lost: int = 0

    def nodes(self) -> Iterator[Node]:
        """All of them, each before its children, the trees one after the other."""
        for root in self.roots:
            yield from root.iter_depth_first()


def conversations_of(source: Any) -> Conversations:
    """A node's whole tree, with that node in hand (for a root its newest conversation); or what a file holds.

    Unlisted nodes are not in it, as they are in no file.

    Raises:
        TypeError: it is neither a node nor a path.
        ThreadFormatError: the file is of no known format, or not what its format must be.
        OSError: it cannot be read.
    """
    if isinstance(source, Node):
        return Conversations("", (source.get_root(),), last_leaf(source) if source.is_root else _listed(source))
    if isinstance(source, str | os.PathLike):
        return open_conversations(source)
    raise TypeError(f"a node or a path is expected, not {type(source).__name__}")


def _listed(node: Node) -> Node:
    """The node, or the last one above it that walks from the root find: unlisted nodes are in no tree's file either."""
    found = node
    while (parent := node.parent) is not None:
        if not any(child is node for child in parent.children):
            found = parent
        node = parent
    return found


def open_conversations(path: StrPath) -> Conversations:
    """The trees in a file: a thread, a tree, a journal, or any format that ``minillm.tree.formats`` reads.

    Nothing that the file names is opened.

    Raises:
        ThreadFormatError: it is of no known format, or not what its format must be.
        OSError: it cannot be read.
    """
    name = os.path.basename(os.fspath(path))
    kind = _own_kind(path)
    if kind == "tree":
        root = Node.from_tree_file(path)
        return Conversations(name, (root,), last_leaf(root))
    if kind == "thread":
        root, leaf = Node.from_thread_file(path)
        return Conversations(name, (root,), leaf)
    report = Report()
    threads = list(read(path, Node, format=detect(path), report=report))
    if not threads:
        raise ThreadFormatError("holds no conversation", path=os.fspath(path))
    lost = sum(loss.count for loss in report.losses)
    return Conversations(name, tuple(thread.root for thread in threads), threads[0].leaf, lost)


def _own_kind(path: StrPath) -> str | None:
    """``"tree"`` or ``"thread"`` for files of ours, broken ones included, so that they are complained about as such."""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    try:
        first = loads(line)
    except DecodeError:
        # Threads are seldom one line; older ones have no header at all.
        return "thread" if b'"prompts"' in head else "tree" if line.startswith(b'{"minillm"') else None
    if not isinstance(first, dict):
        return None
    about = first.get("minillm")
    if isinstance(about, dict) and about.get("format") == "tree":
        return "tree"
    return "thread" if "prompts" in first else None
