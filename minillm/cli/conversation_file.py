"""A saved conversation, whichever of the two kinds it is: a thread or a whole tree."""

from pathlib import Path

from ..chat import ChatNode
from ..errors import DecodeError
from ..json import loads

__all__ = ["load_conversation", "save_conversation"]

_TREE_SUFFIX = ".jsonl"
_HEADER_BYTES = 1 << 16


def save_conversation(node: ChatNode, name: str) -> str:
    """Save the whole tree to a ``.jsonl`` file, to any other name the thread that ends at ``node``.

    Returns:
        What was saved, for people.

    Raises:
        OSError: the file cannot be written.
    """
    path = Path(name).expanduser()
    if path.suffix == _TREE_SUFFIX:
        root = node.get_root()
        root.save_tree(path)
        return f"the whole tree ({_plural(root.node_count(), 'node')}) is in {path}"
    node.save_thread(path)
    return f"this thread ({_plural(len(node.path()), 'message')}) is in {path}; a name in .jsonl saves the whole tree"


def load_conversation(name: str) -> ChatNode:
    """The node to go on from: a thread's end, or the last leaf of a tree. The file's content tells which it is.

    Raises:
        OSError: the file cannot be read.
        ThreadFormatError: it holds neither a thread nor a tree.
    """
    path = Path(name).expanduser()
    if not _holds_tree(path):
        return ChatNode.from_thread_file(path).leaf
    node = ChatNode.from_tree_file(path)
    while node.children:
        node = node.children[-1]
    return node


def _holds_tree(path: Path) -> bool:
    with path.open("rb") as file:
        line = file.readline(_HEADER_BYTES)
    try:
        header = loads(line.removeprefix(b"\xef\xbb\xbf"))
    except DecodeError:
        # A thread's first line is seldom whole; of the rest, a broken tree is complained about as one.
        return path.suffix == _TREE_SUFFIX and b"prompts" not in line
    about = header.get("minillm") if isinstance(header, dict) else None
    return isinstance(about, dict) and about.get("format") == "tree"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
