"""Nodes as columns: what the page is given, as compact as JSON is.

Columns are in depth-first order, so that what is under a node stands right behind it. ``more`` has an
object for those nodes alone that are more than a role and a text.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ..errors import ThreadFormatError
from ..json import dumps
from ..tree import Node
from ..tree.bare_node import Details
from ..types import Attempt, Message, Outcome, total_cost
from .parts import Pictures, part_rows

__all__ = ["columns"]

_SPECIAL = frozenset({"score", "labels", "conversation"})


def columns(nodes: Iterable[Node], here: Node) -> tuple[dict[str, Any], list[Attempt]]:
    """The columns, and every exchange behind the nodes.

    Args:
        nodes: each behind its parent, or without one.
        here: the node that is shown first.
    """
    places: dict[int, int] = {}
    roles: dict[str, int] = {}
    parents, spoke, ids, texts = [], [], [], []
    more: dict[str, Any] = {}
    booked: list[Attempt] = []
    pictures = Pictures()
    selected = 0
    for place, node in enumerate(nodes):
        places[id(node)] = place
        if node is here:
            selected = place
        parents.append(-1 if node.parent is None else places[id(node.parent)])
        spoke.append(roles.setdefault(str(node._role), len(roles)))
        ids.append(node.id)
        said = node._message
        entry = _entry(node, pictures, booked)
        if isinstance(said, str):
            texts.append(said)
        elif isinstance(said.content, str):
            texts.append(said.content)
        else:
            texts.append("")
            entry["parts"] = part_rows(said.content, pictures)
        if entry:
            more[str(place)] = entry
    made = {"roles": list(roles), "parent": parents, "role": spoke, "id": ids, "text": texts}
    return {**made, "more": more, "selected": selected}, booked


def _entry(node: Node, pictures: Pictures, booked: list[Attempt]) -> dict[str, Any]:
    message, details = node._message, node._details
    entry: dict[str, Any] = {}
    if isinstance(message, Message):
        if message.name:
            entry["name"] = message.name
        if message.origin is not None:
            entry["host"], entry["model"] = message.origin
    if isinstance(details, Details):
        if details.metadata:
            _metadata(details.metadata, entry)
        if details.format_kwargs:
            entry["kwargs"] = {name: str(value) for name, value in details.format_kwargs.items()}
        if details.response is not None or details.record is not None or details.bill:
            _call(node, entry, booked)
    return entry


def _metadata(metadata: Mapping[str, Any], entry: dict[str, Any]) -> None:
    score, labels, about = (metadata.get(name) for name in ("score", "labels", "conversation"))
    if isinstance(score, int | float) and not isinstance(score, bool):
        entry["score"] = score
    if isinstance(labels, list):
        entry["labels"] = [each for each in labels if isinstance(each, str)]
    if isinstance(about, dict) and isinstance(about.get("title"), str):
        entry["title"] = about["title"]
    rest = {name: value for name, value in metadata.items() if name not in _SPECIAL}
    if rest:
        # As text: a browser would round long numbers.
        entry["meta"] = dumps(rest, indent=True).decode("utf-8", "replace")


def _call(node: Node, entry: dict[str, Any], booked: list[Attempt]) -> None:
    """What the record of a call tells; one that cannot be read is told as such, and hides nothing else."""
    try:
        response = node.response
    except ThreadFormatError as error:
        entry["fault"] = str(error)
        return
    if response is not None:
        entry["model"] = response.model or entry.get("model", "")
        if response.finish_reason is not None:
            entry["finish"] = str(response.finish_reason)
        usage = response.usage
        if usage is not None:
            entry["tokens"] = [usage.input_tokens, usage.output_tokens, usage.reasoning_tokens]
        if response.losses:
            entry["losses"] = [f"{loss.path}: {loss.what} ({loss.reason})" for loss in response.losses]
    # As attempts_of() has it, without reading the record a second time.
    attempts = (*(() if response is None else response.attempts), *node.bill)
    if attempts:
        booked.extend(attempts)
        _bill(attempts, entry)


def _bill(attempts: tuple[Attempt, ...], entry: dict[str, Any]) -> None:
    total = total_cost(attempts)
    entry["host"] = attempts[-1].host
    entry.setdefault("model", attempts[-1].model)
    entry["usd"] = None if total.usd is None else _plain(total.usd)
    if total.usd is None:
        entry["why"] = total.resolution.value
        if total.known_usd:
            entry["known"] = _plain(total.known_usd)
    times = [attempt.duration for attempt in attempts if attempt.duration is not None]
    if times:
        entry["seconds"] = round(sum(times), 3)
    failed = [attempt.error or attempt.outcome.value for attempt in attempts if attempt.outcome in _UNHAPPY]
    if failed:
        entry["failed"] = failed
    if len(attempts) > 1:
        entry["calls"] = len(attempts)


_UNHAPPY = frozenset({Outcome.FAILED, Outcome.REJECTED, Outcome.CANCELLED})


def _plain(usd: Decimal) -> str:
    return f"{usd.normalize():f}"
