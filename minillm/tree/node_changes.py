"""What two nodes say differently, and two trees: values, not words yet (see ``render/diff_*``)."""

from bisect import bisect_left
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ..types import CostInfo, MediaPart, Message, NativePart, ToolCallPart, ToolResultPart
from .bare_node import BareNode, Details, all_below, children_of, message_of
from .matching import Twins, twins_for_reading
from .totals import attempts_of, cost_of

__all__ = ["AspectChange", "NodeChange", "changes_between"]

Kind = Literal["added", "removed", "moved", "changed"]


@dataclass(frozen=True, slots=True)
class AspectChange:
    """One thing about a node that is different.

    Args:
        name: ``"text"``, ``"reasoning"``, ``"arguments of get_weather"``, ``"cost"``, ...
        before, after: as lines to show; ``""`` where there was or is none.
    """

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class NodeChange:
    """One node that is different.

    Args:
        kind: ``"added"`` and ``"removed"`` stand for all that is under the node too. A moved node
            may say something else as well: ``aspects`` tells.
        before: the node in the first tree; None for an added one.
        after: the node in the second tree; None for a removed one.
        aspects: what is different about it.
        nodes: how many nodes were added or removed with it, itself counted.
    """

    kind: Kind
    before: Any
    after: Any
    aspects: tuple[AspectChange, ...] = ()
    nodes: int = 1


def changes_between(a: BareNode, b: BareNode) -> Iterator[NodeChange]:
    """First what ``b`` has, from its top down, then what it has no more."""
    twins = twins_for_reading(a, b)
    moved: set[Any] = set()
    for node in all_below(b):
        twin = twins.get(node)
        if twin is not None and type(node._children) is list:
            moved |= _out_of_order(node, twins)
        if twin is None:
            if node._parent in twins:
                yield NodeChange("added", None, node, nodes=_count_without(node, twins))
            continue
        aspects = tuple(_aspects_between(twin, node))
        if node is not b and (node in moved or twins.get(node._parent) is not twin._parent):
            yield NodeChange("moved", twin, node, aspects)
        elif aspects:
            yield NodeChange("changed", twin, node, aspects)
    kept = set(twins.values())
    for node in all_below(a):
        if node not in kept and node._parent in kept:
            yield NodeChange("removed", node, None, nodes=_count_without(node, kept))


def _out_of_order(parent: BareNode, twins: Twins) -> set[Any]:
    """Children that stood elsewhere among the others before: those beside the longest run still in order."""
    children = [child for child in children_of(parent) if child in twins]
    before = {child: place for place, child in enumerate(children_of(twins[parent]))}
    places = [(before[twins[child]], child) for child in children if twins[child] in before]
    if len(places) < 2:
        return set()
    ends: list[int] = []  # the lowest last place of a run of each length
    lengths = []
    for place, _ in places:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths.append(length)
    wanted, moved = len(ends) - 1, set()
    for length, (_, child) in zip(reversed(lengths), reversed(places), strict=True):
        if length == wanted:
            wanted -= 1
        else:
            moved.add(child)
    return moved


def _count_without(node: BareNode, matched: Container[Any]) -> int:
    """The nodes here and below, less those that only moved in or out."""
    return sum(1 for each in all_below(node) if each not in matched)


def _aspects_between(before: BareNode, after: BareNode) -> Iterator[AspectChange]:
    plain = type(before._details) is not Details and type(after._details) is not Details
    if plain and before._role == after._role and before._message == after._message:
        return
    said, says = _aspects(before), _aspects(after)
    shown = False
    for name in (*says, *(name for name in said if name not in says)):
        if said.get(name, "") != says.get(name, ""):
            shown = True
            yield AspectChange(name, said.get(name, ""), says.get(name, ""))
    if not shown and before._message is not after._message and message_of(before) != message_of(after):
        yield AspectChange("message", "", "differs in what is not shown (signatures, citations, marks of parts)")


def _aspects(node: BareNode) -> dict[str, str]:
    message = message_of(node)
    said = {"role": str(node._role), "name": message.name or ""}
    said |= _content(message)
    details = node._details
    if type(details) is Details:
        said["format_kwargs"] = _as_json(details.format_kwargs)
        said["literal"] = "yes" if details.literal else ""
        said["metadata"] = _as_json(details.metadata)
        said["started calls"] = ", ".join(str(each.position) for each in details.started or ())
        said["cache mark"] = "" if details.mark is None else details.mark.ttl or "default time"
        said["cost"] = _cost(node)
    return said


def _content(message: Message) -> dict[str, str]:
    if isinstance(message.content, str):
        return {"text": message.content}
    said = {"text": message.text, "reasoning": message.reasoning, "refusal": message.refusal}
    seen: dict[str, int] = {}
    for part in message.parts:
        named = _named(part)
        if named is not None:
            seen[named[0]] = seen.get(named[0], 0) + 1
            number = "" if seen[named[0]] == 1 else f" ({seen[named[0]]})"
            said[named[0] + number] = named[1]
    return said


def _named(part: Any) -> tuple[str, str] | None:
    """A part that is neither text nor reasoning: what to call it, and what it says."""
    if isinstance(part, ToolCallPart):
        return f"arguments of {part.name}", _arguments(part) + (" (cut off)" if part.incomplete else "")
    if isinstance(part, ToolResultPart):
        words = part.content if isinstance(part.content, str) else Message("tool", part.content).text
        return f"result of {part.name or part.call_id}", ("error: " if part.is_error else "") + words
    if isinstance(part, MediaPart):
        where = part.name or part.url or part.file_id or part.mime or ""
        return type(part).__name__.removesuffix("Part").lower(), f"{where} {_digest(part.data)}".strip()
    if isinstance(part, NativePart):
        return f"{part.wire} block", _as_json(part.block)
    return None


def _arguments(part: ToolCallPart) -> str:
    """One argument a line, in the order of their names: spacing and order are no difference."""
    try:
        return _as_json(part.parse_arguments())
    except (ValueError, RecursionError):
        return part.arguments


def _digest(data: str | None) -> str:
    if data is None:
        return ""
    from hashlib import sha256

    return f"{len(data)} characters, sha256 {sha256(data.encode()).hexdigest()[:12]}"


def _as_json(value: Any) -> str:
    if value is None or value in ({}, []):
        return ""
    import json

    try:
        return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, default=repr)
    except (TypeError, ValueError, RecursionError):
        return f"[{type(value).__name__} that is no JSON]"


def _cost(node: BareNode) -> str:
    return money(cost_of((node,))) if attempts_of(node) else ""


def money(cost: CostInfo) -> str:
    """``$0.0012``, or what is known of it and why not all."""
    if cost.usd is not None:
        return f"${cost.usd}"
    return f"{cost.resolution.value}, ${cost.known_usd} known" if cost.known_usd else cost.resolution.value
