"""Tree files: JSON lines, a header and then a node a line, parents before their children.

    {"minillm": {"format": "tree", "version": "1.0", "nodes": 2}}
    {"message": {"role": "system", "content": "..."}, "minillm": {"id": "..."}}
    {"message": {"role": "user", "content": "..."}, "minillm": {"id": "...", "parent": "..."}}

A line is an entry of a thread file that also names its parent. Nothing nests, so no depth is too
deep, and both ways go line by line: a file of any size passes without standing in memory as text.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from ..errors import DecodeError, ThreadFormatError
from .atomic_write import StrPath, atomic_write
from .bare_node import BareNode, Details, Id, all_below, details_of, root_of
from .file_header import check_header, header
from .garbage import collector_held_off
from .ids import id_value, peek_id
from .json_lines import naming_file, read_json, text_bytes, write_all
from .kept import left_over, overlaid
from .lines import node_lines
from .moves import link
from .reading import integer, object_at, refuse, required
from .rows import read_plain_row, read_row
from .traversal import count

__all__ = ["load_tree", "parse_tree", "save_tree", "tree_to_json"]


def save_tree(node: BareNode, path: StrPath) -> None:
    with atomic_write(path) as file:
        write_all(file, _chunks(root_of(node)))


def tree_to_json(node: BareNode) -> str:
    return "".join(chunk.decode() for chunk in _chunks(root_of(node)))


def _chunks(root: BareNode) -> Iterator[bytes]:
    from ..json.serialization import dumps

    details = root._details
    kept = details.kept if type(details) is Details else None
    top = {"minillm": {**header("tree"), "nodes": count(root)}}
    if kept is not None and kept.get("file"):
        top = overlaid(top, kept["file"])
    yield dumps(top) + b"\n"
    for lines in node_lines(all_below(root), parents=True):
        lines.append(b"")
        yield b"\n".join(lines)


def load_tree(kind: type[Any], path: StrPath) -> Any:
    with naming_file(path), open(path, "rb") as file:
        return _read(kind, file)


def parse_tree(kind: type[Any], text: str | bytes) -> Any:
    return _read(kind, BytesIO(text_bytes(text)))


def _read(kind: type[Any], lines: Iterable[bytes]) -> Any:
    """The root of the tree that the lines tell of."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if not line.isspace())
    number, first = next(numbered, (1, b""))
    top = _read_header(first, number)
    with collector_held_off():
        root, found = _read_nodes(kind, numbered)
    if root is None:
        refuse("line 2", "is missing: a tree has at least one node")
    expected = integer(top["minillm"].get("nodes", found), "line 1: minillm.nodes")
    if expected != found:
        refuse("line 1", f"the header tells of {expected} nodes, the file holds {found}: it is cut or was changed")
    kept = left_over(top, {"minillm": {**header("tree"), "nodes": found}})
    if kept:
        details = details_of(root)
        details.kept = {**(details.kept or {}), "file": kept}
    return root


def _read_header(line: bytes, number: int) -> dict[str, Any]:
    at = f"line {number}"
    top = object_at(read_json(line, at), at)
    if "prompts" in top:
        refuse(at, "this is a thread file: read it with from_thread_file()")
    check_header(required(top, "minillm", at), "tree", f"{at}: minillm")
    return top


def _read_nodes(kind: type[Any], numbered: Iterable[tuple[int, bytes]]) -> tuple[Any, int]:
    from ..json.serialization import loads

    root: Any = None
    nodes: dict[Id, Any] = {}
    found = 0
    parent: Any = None
    parent_text: str | None = None
    for number, line in numbered:
        try:
            # Without a look for integers over 64 bit: a plain row has no numbers, any other is read again.
            node, named = read_plain_row(loads(line, exact=False), kind) or read_row(loads(line), "", kind)
            if named != parent_text or root is None:  # most lines have the parent of the line before
                parent, parent_text = _parent_of(named, root, nodes), named
            elif named is None:
                _parent_of(None, root, nodes)
            own = peek_id(node)
            if own is not None and nodes.setdefault(own, node) is not node:
                refuse("minillm.id", "is the id of an earlier line: ids are unique in a tree")
        except ThreadFormatError as error:
            error.place = f"line {number}: {error.place}" if error.place else f"line {number}"
            raise
        except DecodeError as error:
            raise ThreadFormatError(str(error), place=f"line {number}") from None
        if root is None:
            root = node
        else:
            link(parent, node)
        found += 1
    return root, found


def _parent_of(named: str | None, root: Any, nodes: dict[Id, Any]) -> Any:
    if root is None:
        if named is not None:
            refuse("minillm.parent", "the first node is the root: it has no parent")
        return None
    if named is None:
        refuse("minillm.parent", "is missing: only the first node, the root, has no parent")
    parent = nodes.get(id_value(named))
    if parent is None:
        refuse("minillm.parent", "is not the id of an earlier line: parents stand before their children")
    return parent
