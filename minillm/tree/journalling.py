"""A tree file that is written while the tree changes.

The file begins as a whole save of the tree and grows by a line for each node, change and move (see
``replay``), handed to the operating system before the call that made the change returns. What the
process has handed over survives its end by ``kill -9``; ``fsync=True`` makes it survive the machine's.

How changes are seen: moves, marks, records and bills tell open journals (see ``watching``). Metadata
and kwargs are plain dictionaries: a journal notes the node whose dictionary is handed out and
compares it when it hears of the tree the next time.
"""

import os
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from ..errors import EncodeError, TreeError
from ..json.serialization import dumps
from ..types import CostResolution
from .atomic_write import StrPath
from .bare_node import BareNode, Details, all_below, checked_node, root_of
from .file_lock import held, hold, let_go, lock
from .ids import id_text, node_id, peek_id
from .json_lines import cannot_save
from .lines import node_lines
from .replay import move_line, remove_line, splice_line
from .rows import details_to_row, node_to_row
from .tree_file import root_id_in, save_below
from .watching import watchers

__all__ = ["Journal", "journal"]


def journal(node: BareNode, path: StrPath, *, fsync: bool = False) -> "Journal":
    """Write the tree that ``node`` is in to a tree file, and every change of it while the block lasts.

    The file loads with ``from_tree_file()`` at any moment. One that is there must hold this tree: load
    it, and go on; it is written anew from memory, compact. Synchronous: a line costs a few microseconds.

    Args:
        node: any node of the tree.
        path: the file.
        fsync: bring every line to the disk before the change returns; some milliseconds each.

    Example:
        >>> root = ChatNode.from_tree_file(path) if path.exists() else ChatNode.root("You are terse.")
        >>> with journal(root, path):
        ...     await root.chat("Capital of France?", gen)
    """
    return Journal(root_of(checked_node(node)), path, fsync=fsync)


class Journal:
    """An open journal; :func:`journal` makes one, ``with`` opens and closes it.

    A line that cannot be written is an error of the call that changed the tree; the change stands, and
    the next call, or the end of the block, writes the file anew.
    """

    def __init__(self, root: Any, path: StrPath, *, fsync: bool = False) -> None:
        self.path = os.path.realpath(path)
        self._root = root
        self._fsync = fsync
        self._file: Any = None
        self._known: set[Any] = set()  # the nodes that the file tells of
        self._handed_out: dict[Any, int | None] = {}  # nodes that may change unheard, and a hash of what was written
        self._latest: Any = None  # of these, the one to look at next
        self._behind = False  # the file may not say all that it should
        self._open = False

    def __enter__(self) -> Self:
        """Raises:
        TreeError: the file holds another tree, or another journal has it open.
        ThreadFormatError: it is no tree file.
        OSError: it cannot be written.
        """
        hold(self.path)
        self._open = True
        try:
            self._refuse_other_tree()
            self._start_over()
        except BaseException:
            self._shut()
            raise
        watchers.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._open:
            return
        watchers.remove(self)
        try:
            self.flush()
        finally:
            self._shut()

    def flush(self) -> None:
        """Look at all dictionaries that were handed out, write what has changed, and bring the file to the disk.

        Raises:
            TreeError: something on a node is no JSON; the journal is closed.
            OSError: the file cannot be written.
        """
        if not self._open:
            raise TreeError("this journal is closed")
        for node in tuple(self._handed_out):
            self._compare(node)
        if self._behind:
            self._start_over()
        os.fsync(self._file.fileno())

    # ------------------------------------------------------------------ what it is told

    def placed(self, node: Any) -> None:
        if node is self._root:
            return
        if node._parent not in self._known:
            self.removed(node)
        elif node in self._known:
            self._settle()
            self._append_row(node, move_line(_id(node), _id(node._parent)))
        else:
            self._settle()
            self._take_in(node)

    def removed(self, node: Any) -> None:
        if node not in self._known or node is self._root:
            return
        self._settle()
        self._forget(all_below(node))
        self._append_row(node, remove_line(_id(node)))

    def spliced(self, node: Any, children: Sequence[Any]) -> None:
        if node is self._root:
            for child in children:
                self.removed(child)
        elif node in self._known:
            self._settle()
            self._forget((node,))
            self._append_row(node, splice_line(_id(node)))

    def changed(self, node: Any) -> None:
        if node in self._known:
            self._settle()
            if type(node._details) is Details and _may_change_unheard(node._details):
                self._watch(node)
            self._append_changed(node)

    def touched(self, node: Any) -> None:
        if node in self._known:
            self._settle()
            self._watch(node)
            self._latest = node

    # ------------------------------------------------------------------ what it knows

    def _take_in(self, node: Any) -> None:
        nodes = (node,) if node._children is None else tuple(all_below(node))
        self._known.update(nodes)
        for each in nodes:
            if type(each._details) is Details and _may_change_unheard(each._details):
                self._watch(each)
        if len(nodes) == 1:  # as most are
            self._append_row(node, node_to_row(node, node_id(node), _id(node._parent)))
        else:
            self._append(b"\n".join([*lines, b""]) for lines in node_lines(nodes, parents=True))

    def _forget(self, nodes: Iterable[Any]) -> None:
        for node in nodes:
            self._known.discard(node)
            self._handed_out.pop(node, None)

    def _watch(self, node: Any) -> None:
        if node not in self._handed_out:
            self._handed_out[node] = _changeable(node)

    def _settle(self) -> None:
        """Look at the dictionary that was handed out last."""
        node, self._latest = self._latest, None
        if node is not None:
            self._compare(node)

    def _compare(self, node: Any) -> None:
        said = self._handed_out.get(node)
        if node in self._handed_out and (said is None or said != _changeable(node)):
            self._append_changed(node)

    # ------------------------------------------------------------------ what it writes

    def _append_changed(self, node: Any) -> None:
        if node in self._handed_out:
            self._handed_out[node] = _changeable(node)
        parent = None if node is self._root else _id(node._parent)
        self._append_row(node, node_to_row(node, node_id(node), parent))

    def _append_row(self, node: Any, row: dict[str, Any]) -> None:
        try:
            line = dumps(row)
        except EncodeError as error:
            self._behind = True
            cannot_save(node, error)
        self._append((line + b"\n",))

    def _append(self, chunks: Iterable[bytes]) -> None:
        """Hand lines to the operating system; whatever goes wrong, the next write starts over."""
        if self._behind:
            self._start_over()
            return
        self._behind = True
        for chunk in chunks:
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._file.write(rest) :]
        if self._fsync:
            os.fsync(self._file.fileno())
        self._behind = False

    def _start_over(self) -> None:
        """The whole tree in a new file, which takes the old one's place at once or not at all."""
        self._behind = True
        if os.name == "nt" and self._file is not None:
            self._file.close()  # Windows renames over no open file
        save_below(self._root, self.path)
        file = open(self.path, "ab", buffering=0)  # noqa: SIM115  it stays open
        try:
            lock(file, self.path)
        except BaseException:
            file.close()
            raise
        if self._file is not None:
            self._file.close()
        self._file = file
        self._known = set(all_below(self._root))
        details = [(node, node._details) for node in self._known if type(node._details) is Details]
        self._handed_out = {
            node: _changeable(node) for node, said in details if node in self._handed_out or _may_change_unheard(said)
        }
        self._behind = False

    def _refuse_other_tree(self) -> None:
        if not os.path.exists(self.path) or not os.path.getsize(self.path):
            return
        self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115
        lock(self._file, self.path)
        there = root_id_in(self.path)
        if there is None or there != peek_id(self._root):
            raise TreeError(
                f"{self.path} holds another tree: load it with from_tree_file() and go on from that one, "
                "or choose another file"
            )

    def _shut(self) -> None:
        self._open = False
        if self._file is not None:
            self._file.close()
            self._file = None
        let_go(self.path)


def _id(node: Any) -> str:
    return id_text(node_id(node))


def _changeable(node: Any) -> int | None:
    """What of a node may change, as a number to compare; None where it is no JSON."""
    details = node._details
    if type(details) is not Details:
        return 0
    try:
        return hash(dumps(details_to_row(details)))
    except EncodeError:
        return None


def _may_change_unheard(details: Details) -> bool:
    """Somebody may hold its dictionaries, or a bill in it is still being looked up."""
    if details.metadata is not None or details.format_kwargs is not None:
        return True
    attempts = (*(details.response.attempts if details.response is not None else ()), *(details.bill or ()))
    return any(each.cost is not None and each.cost.resolution is CostResolution.PENDING for each in attempts)


def _leave_to_parent() -> None:
    """In a forked child: what it does to its copy of the tree is not the file's business."""
    for watcher in watchers:
        if isinstance(watcher, Journal):
            watcher._shut()
    watchers.clear()
    held.clear()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_leave_to_parent)
