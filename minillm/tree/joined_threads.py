"""Several thread files as one tree."""

from collections.abc import Iterable
from itertools import pairwise
from os import PathLike
from typing import Any, Generic, NamedTuple, TypeVar

from ..errors import TreeError
from ..types import Role
from .alike import Alike
from .atomic_write import StrPath
from .bare_node import BareNode, Details, Id, blank, path_of
from .ids import peek_id
from .limits import FileLimits
from .moves import link, unlink
from .thread_file import Thread, load_thread
from .unions import add_details

__all__ = ["JoinedThreads", "load_threads"]

N = TypeVar("N", bound=BareNode)


class JoinedThreads(NamedTuple, Generic[N]):
    """The root of all, and where each thread ends, in the order of the files."""

    root: N
    leaves: tuple[N, ...]


def load_threads(kind: type[Any], paths: Iterable[StrPath], end_to_end: bool, limits: FileLimits) -> JoinedThreads[Any]:
    if isinstance(paths, str | bytes | PathLike):
        raise TypeError("several paths are expected, not one; from_thread_file() reads one")
    threads = [load_thread(kind, path, limits) for path in paths]
    if not threads:
        raise TreeError("there are no thread files to load")
    used: set[Id] = set()
    if end_to_end:
        return _end_to_end(threads, used)
    tops: list[Any] = []
    below: dict[Any, Alike] = {None: Alike()}  # what stands under each node so far; under None the tops
    leaves = tuple(_join(thread, tops, below, used) for thread in threads)
    if len(tops) == 1:
        return JoinedThreads(tops[0], leaves)
    root = blank(kind, Role.SYSTEM, "")
    for top in tops:
        link(root, top)
    return JoinedThreads(root, leaves)


def _end_to_end(threads: list[Thread[Any]], used: set[Id]) -> JoinedThreads[Any]:
    end: Any = None
    for thread in threads:
        _claim_ids(path_of(thread.leaf), used)
        if end is not None:
            link(end, thread.root)
        end = thread.leaf
    return JoinedThreads(threads[0].root, tuple(thread.leaf for thread in threads))


def _join(thread: Thread[Any], tops: list[Any], below: dict[Any, Alike], used: set[Id]) -> Any:
    """Go down as far as the messages are there already and hang the rest under the last; the leaf."""
    place: Any = None
    path = path_of(thread.leaf)
    for position, node in enumerate(path):
        twin = below[place].find(node)
        if twin is None:
            new = path[position:]
            _claim_ids(new, used)
            unlink(node)
            if place is None:
                tops.append(node)
            else:
                link(place, node)
            below[place].add(new[0])
            for parent, child in pairwise(new):
                below[parent] = Alike((child,))
            below[thread.leaf] = Alike()
            return thread.leaf
        add_details(twin, node)
        place = twin
    return place


def _claim_ids(nodes: Iterable[BareNode], used: set[Id]) -> None:
    """An id that stands in the tree already, of an edited copy, gives way to a new one."""
    for node in nodes:
        found = peek_id(node)
        if found in used:
            if type(node._details) is Details:
                node._details.id = None
            else:
                node._details = None
        elif found is not None:
            used.add(found)
