"""Two copies of one tree, grown apart, as one."""

from typing import Any, Literal, TypeVar

from ..errors import ConfigurationError, TreeError
from .bare_node import BareNode, Details, all_below, checked_node, details_of
from .copies import clone, copy_details, copy_node
from .ids import assign_ids, peek_id
from .matching import Twins, twins_by_content, twins_by_id
from .moves import link
from .record import attempts_to_json

__all__ = ["add_details", "union"]

N = TypeVar("N", bound=BareNode)


def union(a: N, b: BareNode, *, by: Literal["id", "content"] = "id") -> N:
    """A new tree with every node that stands under ``a`` or ``b``; both stay as they are.

    Nodes that are in both stand where ``a`` has them, those that only ``b`` has after them, all with
    their ids, so that the copies can be joined again later. Where both say something, ``a`` is
    believed; metadata, kwargs, marks, recorded answers and bills of failed calls that only ``b``
    has are added.

    Args:
        a, b: the tops of two copies.
        by: ``"id"``: copies that came from one file, or pickle. ``"content"``: ids do not matter; nodes
            are the same where all messages from the top down to them are. Answers of two calls
            are never the same.

    Raises:
        TreeError: the tops are not the same node.
    """
    find = {"id": twins_by_id, "content": twins_by_content}.get(by)
    if find is None:
        raise ConfigurationError(f'by must be "id" or "content", not {by!r}')
    for each in (a, b):
        assign_ids(list(all_below(checked_node(each))))
    twins = find(a, b)
    if twins.get(b) is not a:
        other = ', or by="content" where only the ids differ' if by == "id" else ""
        raise TreeError(f"the tops are not the same, so there is nothing to join at: use merge(){other}")
    copies: dict[int, Any] = {}
    top: N = clone(a, copies, keep_ids=True)
    _add(b, twins, copies)
    return top


def _add(b: BareNode, twins: Twins, copies: dict[int, Any]) -> None:
    """What only ``b`` has, parents first."""
    used = {peek_id(node) for node in copies.values()}
    places: dict[Any, Any] = {}
    for node in all_below(b):
        twin = twins.get(node)
        if twin is not None:
            place = copies[id(twin)]
            add_details(place, node)
        else:
            own = peek_id(node)
            place = copy_node(node, keep_id=own not in used)
            used.add(own)
            link(places[node._parent], place)
        places[node] = place


def add_details(place: BareNode, node: BareNode) -> None:
    """What only the copy's details say, to those of its twin."""
    if type(node._details) is not Details:
        return
    ours, theirs = details_of(place), copy_details(node._details)
    for name in ("metadata", "format_kwargs", "kept"):
        said = getattr(theirs, name)
        if said:
            setattr(ours, name, {**said, **(getattr(ours, name) or {})})
    if ours.mark is None:
        ours.mark = theirs.mark
    if ours.literal is None:
        ours.literal = theirs.literal
    if theirs.started:  # begun in either copy is begun
        known_starts = ours.started or ()
        ours.started = (*known_starts, *(each for each in theirs.started if each not in known_starts))
    if ours.response is None and ours.record is None:
        ours.response, ours.record = theirs.response, theirs.record
    if theirs.bill:
        known = attempts_to_json(ours.bill or [])
        added = [each for each in theirs.bill if attempts_to_json([each])[0] not in known]
        ours.bill = [*(ours.bill or ()), *added] or None
