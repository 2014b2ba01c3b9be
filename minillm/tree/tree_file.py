"""Tree files: JSON lines, a header and then a node a line, parents before their children.

    {"minillm": {"format": "tree", "version": "1.0", "nodes": 2}}
    {"message": {"role": "system", "content": "..."}, "minillm": {"id": "..."}}
    {"message": {"role": "user", "content": "..."}, "minillm": {"id": "...", "parent": "..."}}

A line is an entry of a thread file that also names its parent. Nothing nests, so no depth is too
deep, and both ways go line by line: a file of any size passes without standing in memory as text.
What follows the nodes that the header counts was appended by a journal, see ``replay``.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import chain, islice
from typing import Any, BinaryIO

from ..errors import DecodeError, ThreadFormatError
from .atomic_write import StrPath, atomic_write
from .bare_node import BareNode, Details, Id, all_below, details_of, root_of
from .file_header import check_header, header
from .garbage import collector_held_off
from .ids import id_value, peek_id
from .json_lines import naming_file, read_json, text_bytes, write_all
from .kept import left_over, overlaid
from .limits import FileLimits, check_depth, limited_lines, refuse_too_many
from .lines import node_lines
from .moves import link
from .reading import integer, object_at, refuse, required
from .replay import Replay
from .rows import read_plain_row, read_row
from .traversal import count

__all__ = ["load_tree", "parse_tree", "root_id_in", "save_below", "save_tree", "tree_to_json"]

Lines = Iterator[tuple[int, bytes]]


def save_tree(node: BareNode, path: StrPath) -> None:
    save_below(root_of(node), path)


def save_below(top: BareNode, path: StrPath) -> None:
    """Save a node and what is under it as a tree of its own."""
    with atomic_write(path) as file:
        write_all(file, _chunks(top))


def tree_to_json(node: BareNode) -> str:
    return b"".join(_chunks(root_of(node))).decode()


def _chunks(top: BareNode) -> Iterator[bytes]:
    from ..json.serialization import dumps

    details = top._details
    kept = details.kept if type(details) is Details else None
    first = {"minillm": {**header("tree"), "nodes": count(top)}}
    if kept is not None and kept.get("file"):
        first = overlaid(first, kept["file"])
    yield dumps(first) + b"\n"
    below = islice(all_below(top), 1, None)
    for lines in chain(node_lines((top,), parents=False), node_lines(below, parents=True)):
        lines.append(b"")
        yield b"\n".join(lines)


def load_tree(kind: type[Any], path: StrPath, limits: FileLimits) -> Any:
    with naming_file(path), open(path, "rb") as file:
        return _read(kind, file, limits)


def parse_tree(kind: type[Any], text: str | bytes, limits: FileLimits) -> Any:
    return _read(kind, BytesIO(text_bytes(text)), limits)


def root_id_in(path: StrPath) -> Id | None:
    """The root's id in a tree file; None where the file is empty or its root has none.

    Raises:
        ThreadFormatError: it is no tree file.
    """
    with naming_file(path), open(path, "rb") as file:
        lines = limited_lines(file.readline, FileLimits())
        first = next(lines, None)
        if first is None:
            return None
        _read_header(*first)
        root, _ = _read_nodes(BareNode, islice(lines, 1), {}, FileLimits())
        return None if root is None else peek_id(root)


def _read(kind: type[Any], file: BinaryIO, limits: FileLimits) -> Any:
    """The root of the tree that the lines tell of."""
    lines = limited_lines(file.readline, limits)
    top = _read_header(*next(lines, (1, b"")))
    counted = top["minillm"].get("nodes")
    if counted is not None and integer(counted, "line 1: minillm.nodes") < 0:
        refuse("line 1: minillm.nodes", "must not be negative")
    nodes: dict[Id, Any] = {}
    with collector_held_off():
        root, found = _read_nodes(kind, lines if counted is None else islice(lines, counted), nodes, limits)
        if root is None:
            refuse("line 2", "is missing: a tree has at least one node")
        if counted is not None:
            if counted != found:
                refuse(
                    "line 1", f"the header tells of {counted} nodes, the file holds {found}: it is cut or was changed"
                )
            found = Replay(root, nodes, found, limits).all(lines)
    check_depth(root, found, limits)
    kept = left_over(top, {"minillm": {**header("tree"), "nodes": found}})
    if kept:
        details = details_of(root)
        details.kept = {**(details.kept or {}), "file": kept}
    return root


def _read_header(number: int, line: bytes) -> dict[str, Any]:
    at = f"line {number}"
    top = object_at(read_json(line, at), at)
    if "prompts" in top:
        refuse(at, "this is a thread file: read it with from_thread_file()")
    check_header(required(top, "minillm", at), "tree", f"{at}: minillm")
    return top


def _read_nodes(
    kind: type[Any], lines: Iterable[tuple[int, bytes]], nodes: dict[Id, Any], limits: FileLimits
) -> tuple[Any, int]:
    """The root and how many nodes were read; ``nodes`` is filled with those that have ids."""
    from ..json.serialization import loads

    root: Any = None
    found = 0
    most = limits.nodes
    parent: Any = None
    parent_text: str | None = None
    for number, line in lines:
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
        if found == most:
            _refuse_more(lines, limits)
    return root, found


def _refuse_more(lines: Iterable[tuple[int, bytes]], limits: FileLimits) -> None:
    for number, _ in lines:
        refuse_too_many(f"line {number}", limits)


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
