"""From a flat list of messages with ids and parents to trees: what most foreign formats need.

Entries without a message leave a gap: what hung under them hangs under the nearest one above.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ...types import Message, Role
from ..bare_node import blank, children_of, details_of
from ..garbage import collector_held_off
from ..ids import id_value
from ..moves import link
from ..reading import refuse
from ..rows import only_text
from ..templates import has_brace
from ..thread_file import Thread

__all__ = ["Entry", "chain", "each_tree", "give_id", "grow", "one_tree", "ordered", "planted"]


@dataclass(slots=True)
class Entry:
    """One message of a file, or several in a row that the file holds as one.

    Args:
        id: the file's own; becomes the (first) node's.
        parent: the id of the entry above, None for a root.
        messages: what is said; none leaves a gap.
        metadata: of the (first) node.
        at: the place in the file, for errors.
    """

    id: str | None
    parent: str | None
    messages: Sequence[Message]
    metadata: dict[str, Any] = field(default_factory=dict)
    at: str = ""


def ordered(entries: Sequence[Entry], children: Mapping[str, Sequence[str]], within: str) -> list[Entry]:
    """The entries in the order in which their parents list them, each after its parent.

    Args:
        children: each id's own list; what it leaves out comes last, in the file's order.

    Raises:
        ThreadFormatError: an id stands twice, a parent is not there or its list says otherwise, or
            the parents go round in a circle.
    """
    known = _by_id(entries)
    below: dict[str | None, list[Entry]] = {}
    for entry in entries:
        if entry.parent is not None and entry.parent not in known:
            refuse(entry.at, "the message above it is not in the file")
        below.setdefault(entry.parent, []).append(entry)
    for parent, listed in children.items():
        for child in listed:
            if child in known and known[child].parent != parent:
                refuse(known[child].at, "two messages claim it as their own: parent and children disagree")
        if parent in below:
            rank = {child: place for place, child in enumerate(listed)}
            below[parent].sort(key=lambda entry: rank.get(entry.id or "", len(rank)))
    found: list[Entry] = []
    waiting = below.get(None, [])[::-1]
    while waiting:
        entry = waiting.pop()
        found.append(entry)
        waiting.extend(reversed(below.get(entry.id, ()) if entry.id is not None else ()))
    if len(found) < len(entries):
        reached = {id(entry) for entry in found}
        lost = next(entry for entry in entries if id(entry) not in reached)
        refuse(lost.at or within, "its parents go round in a circle and never reach a root")
    return found


def _by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    known: dict[str, Entry] = {}
    for entry in entries:
        if entry.id is not None and known.setdefault(entry.id, entry) is not entry:
            refuse(entry.at, "its id is an earlier message's")
    return known


def grow(kind: type[Any], entries: Sequence[Entry], current: Any = None) -> tuple[list[Any], Any]:
    """The roots of the trees that the entries tell of, parents first, and the node to go on from.

    Args:
        kind: the caller's node class.
        current: the id of the entry where the conversation stands, as the file says it.

    Returns:
        The roots, and the node of ``current``, or the last leaf of the last root.
    """
    roots: list[Any] = []
    ends: dict[str, Any] = {}  # an entry's last node, or for a gap the node above it
    last = None
    with collector_held_off():
        for entry in entries:
            above = ends.get(entry.parent) if entry.parent is not None else None
            last = _plant(kind._plain, entry, above, roots)
            if entry.id is not None:
                ends[entry.id] = last
    leaf = ends.get(current) if isinstance(current, str) else None
    return roots, leaf if leaf is not None else (_last(roots[-1]) if roots else None)


def _plant(kind: type[Any], entry: Entry, above: Any, roots: list[Any]) -> Any:
    """The entry's nodes, put where they belong; the last of them."""
    for place, message in enumerate(entry.messages):
        node = planted(kind, message, entry.metadata.get("model"))
        if place == 0:
            if entry.id:
                give_id(node, entry.id)
            if entry.metadata:
                details_of(node).metadata = entry.metadata
        if above is None:
            roots.append(node)
        else:
            link(above, node)
        above = node
    return above


def planted(kind: type[Any], message: Message, model: Any = None) -> Any:
    """A lone node that is sent as it was said: an answer has a record, if only of its model, the rest is literal."""
    text = only_text(message)
    node = blank(kind, message.role, message if text is None else text)
    if message.role == Role.ASSISTANT:
        details_of(node).record = {"model": model} if isinstance(model, str) else {}
    elif message.role != Role.TOOL and has_brace(message):
        details_of(node).literal = True
    return node


def give_id(node: Any, id: str) -> None:
    """The file's own id becomes the node's."""
    if node._details is None:
        node._details = id_value(id)
    else:
        details_of(node).id = id_value(id)


def chain(kind: type[Any], messages: Iterable[Message], model: Any = None) -> Thread[Any]:
    """One node under the other; there is at least one message."""
    nodes = [planted(kind._plain, message, model) for message in messages]
    for parent, child in pairwise(nodes):
        link(parent, child)
    return Thread(nodes[0], nodes[-1])


def _last(node: Any) -> Any:
    while children := children_of(node):
        node = children[-1]
    return node


def one_tree(kind: type[Any], roots: Sequence[Any], leaf: Any) -> Thread[Any] | None:
    """The roots as one tree: several stand under an empty system message, which sends nothing."""
    if not roots:
        return None
    if len(roots) == 1:
        return Thread(roots[0], leaf)
    top = blank(kind._plain, Role.SYSTEM, "")
    for root in roots:
        link(top, root)
    return Thread(top, leaf)


def each_tree(roots: Sequence[Any], leaf: Any) -> Iterator[Thread[Any]]:
    """A thread a root; the leaf of the last one is where the conversation stands."""
    for root in roots[:-1]:
        yield Thread(root, _last(root))
    if roots:
        yield Thread(roots[-1], leaf)
