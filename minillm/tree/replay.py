"""What was appended to a tree file after its header was written: new nodes, changes and moves, in order.

    {"message": {...}, "minillm": {"id": X, "parent": P}}      new: the last child of P
    {"message": {...}, "minillm": {"id": X, "parent": P}}      X is there already: what it says now
    {"minillm": {"id": X, "do": "move", "parent": P}}          with all under it, to the end of P's children
    {"minillm": {"id": X, "do": "remove"}}                     with all under it
    {"minillm": {"id": X, "do": "splice_out"}}                 alone; its children stand in its place

One operation is one line, so a program that was killed leaves a whole tree and, at most, a piece of
one line; that piece is left out, and a warning says so.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import DecodeError, LossWarning, ThreadFormatError
from ..json.serialization import loads
from .bare_node import Id, all_below, path_of
from .ids import id_value, peek_id
from .limits import FileLimits, refuse_too_many
from .moves import link, splice_out, unlink
from .reading import object_at, refuse, required, text
from .rows import read_row

__all__ = ["Replay", "move_line", "remove_line", "splice_line"]


def move_line(id: str, parent: str) -> dict[str, Any]:
    return {"minillm": {"id": id, "do": "move", "parent": parent}}


def remove_line(id: str) -> dict[str, Any]:
    return {"minillm": {"id": id, "do": "remove"}}


def splice_line(id: str) -> dict[str, Any]:
    return {"minillm": {"id": id, "do": "splice_out"}}


class Replay:
    """A tree that follows appended lines.

    Args:
        root: of the tree so far.
        nodes: its nodes by id.
        found: how many they are, those without an id counted too.
    """

    def __init__(self, root: Any, nodes: dict[Id, Any], found: int, limits: FileLimits) -> None:
        self._root = root
        self._nodes = nodes
        self._found = found
        self._limits = limits
        self._moves: Mapping[str, Callable[[Any, dict[str, Any]], None]] = {
            "move": self._move,
            "remove": self._remove,
            "splice_out": self._splice_out,
        }

    def all(self, lines: Iterable[tuple[int, bytes]]) -> int:
        """Follow every line; how many nodes there are then.

        Raises:
            ThreadFormatError: a line is none of the above, or names a node that is not there.
        """
        for number, line in lines:
            try:
                self._follow(object_at(loads(line), ""))
            except DecodeError as error:
                if line.endswith(b"\n"):
                    raise ThreadFormatError(str(error), place=f"line {number}") from None
                warnings.warn(
                    f"line {number}, the last, is cut, as a program leaves it that was killed while writing; "
                    "it is left out",
                    LossWarning,
                    stacklevel=2,
                )
            except ThreadFormatError as error:
                error.place = f"line {number}: {error.place}" if error.place else f"line {number}"
                raise
        return self._found

    def _follow(self, row: dict[str, Any]) -> None:
        if "message" in row:
            self._place(row)
            return
        ours = object_at(required(row, "minillm", ""), "minillm")
        do = text(required(ours, "do", "minillm"), "minillm.do", self._moves)
        self._moves[do](self._node(ours, "id"), ours)

    def _node(self, ours: dict[str, Any], key: str) -> Any:
        node = self._nodes.get(id_value(text(required(ours, key, "minillm"), f"minillm.{key}")))
        if node is None:
            refuse(f"minillm.{key}", "is not the id of a node that is in the tree by then")
        return node

    def _place(self, row: dict[str, Any]) -> None:
        node, named = read_row(row, "", type(self._root))
        own = peek_id(node)
        there = None if own is None else self._nodes.get(own)
        if there is not None:
            self._change(there, node, named)
            return
        if named is None:
            refuse("minillm.parent", "is missing: only the first node, the root, has no parent")
        if self._found == self._limits.nodes:
            refuse_too_many("", self._limits)
        link(self._node(row["minillm"], "parent"), node)
        if own is not None:
            self._nodes[own] = node
        self._found += 1

    def _change(self, node: Any, said: Any, named: str | None) -> None:
        parent = node._parent
        if (None if parent is None else peek_id(parent)) != (None if named is None else id_value(named)):
            refuse("minillm.parent", 'is not the parent this node has: a move is {"minillm": {"id", "do", "parent"}}')
        node._role, node._message, node._details = said._role, said._message, said._details

    def _move(self, node: Any, ours: dict[str, Any]) -> None:
        parent = self._node(ours, "parent")
        if node in path_of(parent):
            refuse("minillm.parent", "is this node itself or stands under it")
        unlink(node)
        link(parent, node)

    def _remove(self, node: Any, ours: dict[str, Any]) -> None:
        self._refuse_root(node)
        unlink(node)
        for each in all_below(node):
            self._nodes.pop(peek_id(each), None)  # type: ignore[arg-type]
            self._found -= 1

    def _splice_out(self, node: Any, ours: dict[str, Any]) -> None:
        self._refuse_root(node)
        splice_out(node)
        self._nodes.pop(peek_id(node), None)  # type: ignore[arg-type]
        self._found -= 1

    def _refuse_root(self, node: Any) -> None:
        if node is self._root:
            refuse("minillm.id", "is the root's: it cannot be taken out of its own file")
