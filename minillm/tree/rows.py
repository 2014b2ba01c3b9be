"""A node as one entry of a thread file or one line of a tree file, and back.

    {"message": {...}, "format_kwargs": {...}, "minillm": {"id": ..., "parent": ..., ...}}

``message`` and ``format_kwargs`` are what other readers of thread files know; everything else stands
under ``minillm``: ``id``, ``parent`` (in tree files), ``parts``, ``role``, ``origin``, ``extra`` and
``native`` of the message (see ``message_json``), ``format_kwargs`` whose values are no text,
``literal``, ``metadata``, ``cache``, ``started`` (see ``call_marks``), ``record`` and ``bill`` (see ``record``).

Whatever an entry says that we would not write ourselves is *kept* with the node and laid over what
we write later, so that a newer version's keys survive an older one's save.
"""

from collections.abc import Mapping
from typing import Any

from ..types import Message, Role
from .bare_node import BareNode, Details, Id, blank
from .call_marks import read_started, started_to_json
from .ids import id_text, id_value
from .kept import left_over, overlaid
from .message_json import ROLES, message_to_json, read_message
from .part_json import cache_to_json, read_cache
from .reading import boolean, object_at, refuse, text
from .record import attempts_to_json, read_attempts, response_to_json

__all__ = ["details_to_row", "node_to_row", "only_text", "read_plain_row", "read_row"]

_ROLE_TEXTS: Mapping[str, str] = {role: role.value for role in Role if role is not Role.DEVELOPER}


def node_to_row(node: BareNode, id: Id | None, parent: str | None = None) -> dict[str, Any]:
    """The entry of a node.

    Args:
        id: what to call it; None leaves the id out.
        parent: the parent's id, for a tree file.
    """
    content, details = node._message, node._details
    ours: dict[str, Any] = {}
    if id is not None:
        ours["id"] = id_text(id)
    if parent is not None:
        ours["parent"] = parent
    if type(content) is str and node._role in _ROLE_TEXTS:
        row: dict[str, Any] = {"message": {"role": _ROLE_TEXTS[node._role], "content": content}}
    else:
        message, rest = message_to_json(content if isinstance(content, Message) else Message(node._role, content))
        row = {"message": message}
        ours.update(rest)
    if type(details) is Details:
        _write_details(details, row, ours)
    if ours:
        row["minillm"] = ours
    if type(details) is Details and details.kept is not None and "entry" in details.kept:
        return overlaid(row, details.kept["entry"])  # type: ignore[no-any-return]
    return row


def details_to_row(details: Details) -> dict[str, Any]:
    """The part of an entry that may change while the node lives: all but the message."""
    row: dict[str, Any] = {"message": {}, "minillm": {}}
    _write_details(details, row, row["minillm"])
    return row


def _write_details(details: Details, row: dict[str, Any], ours: dict[str, Any]) -> None:
    kwargs = details.format_kwargs
    if kwargs:
        row["format_kwargs"] = {name: str(value) for name, value in kwargs.items()}
        values = {name: value for name, value in kwargs.items() if _is_json_scalar(value)}
        if values:
            ours["format_kwargs"] = values
    if details.mark is not None:
        row["message"]["cache_breakpoint"] = True
        cache = cache_to_json(details.mark)
        if cache:
            ours["cache"] = cache
    if details.literal:
        ours["literal"] = True
    if details.metadata:
        ours["metadata"] = details.metadata
    if details.started:
        ours["started"] = started_to_json(details.started)
    if details.response is not None:
        ours["record"] = response_to_json(details.response)
    elif details.record is not None:
        ours["record"] = details.record
    if details.bill:
        ours["bill"] = attempts_to_json(details.bill)


def _is_json_scalar(value: Any) -> bool:
    if type(value) is float:
        return value - value == 0.0  # JSON has no NaN and no infinity
    return value is None or type(value) in (bool, int)


def read_plain_row(row: Any, kind: type[Any]) -> tuple[Any, str | None] | None:
    """As :func:`read_row` for a known role, a text and an id, as most are; None for anything else."""
    try:
        message, ours = row["message"], row["minillm"]
        role, content, id = ROLES.get(message["role"]), message["content"], ours["id"]
    except (KeyError, TypeError):
        return None
    if role is None or type(content) is not str or type(id) is not str or len(row) != 2 or len(message) != 2:
        return None
    parent = None
    if len(ours) > 1:
        parent = ours.get("parent")
        if len(ours) > 2 or type(parent) is not str:
            return None
    node = object.__new__(kind)
    node._role = role
    node._message = content
    node._parent = node._children = None
    node._details = id_value(id)
    return node, parent


def read_row(row: Any, at: str, kind: type[Any]) -> tuple[Any, str | None]:
    """The node of an entry, and its parent's id where it names one.

    Raises:
        ThreadFormatError: something in it is not what it must be.
    """
    quick = read_plain_row(row, kind)
    return quick if quick is not None else _read_any_row(object_at(row, at), at, kind)


def _read_any_row(row: dict[str, Any], at: str, kind: type[Any]) -> tuple[Any, str | None]:
    ours_at = f"{at}.minillm" if at else "minillm"
    message_at = f"{at}.message" if at else "message"
    ours = object_at(row.get("minillm", {}), ours_at)
    if "message" not in row:
        refuse(at, 'needs "message" (or, in the older form, "role" and "content")')
    message = read_message(row["message"], ours, message_at, ours_at)
    text_alone = only_text(message)
    node = blank(kind, message.role, message if text_alone is None else text_alone)
    id = ours.get("id")
    details = Details(None if id is None else id_value(text(id, f"{ours_at}.id")))
    node._details = details
    _read_kwargs(row, ours, details, at)
    _read_mark(row["message"], ours, details, message_at, ours_at)
    if "literal" in ours:
        details.literal = boolean(ours["literal"], f"{ours_at}.literal") or None
    if "metadata" in ours:
        details.metadata = object_at(ours["metadata"], f"{ours_at}.metadata")
    if "started" in ours:
        details.started = read_started(ours["started"], message, f"{ours_at}.started") or None
    if "record" in ours:
        details.record = object_at(ours["record"], f"{ours_at}.record")
    if "bill" in ours:
        details.bill = read_attempts(ours["bill"], f"{ours_at}.bill")
    parent = ours.get("parent")
    if parent is not None:
        text(parent, f"{ours_at}.parent")
    kept = left_over(row, node_to_row(node, details.id, parent))
    if kept:
        details.kept = {"entry": kept}
    if all(name == "id" for name, _ in details.said()):
        node._details = details.id
    return node, parent


def only_text(message: Message) -> str | None:
    """The text of a message that is nothing else, or None."""
    content = message.content
    plain = message.name is None and message.origin is None and message.extra is None and message.native is None
    return content if type(content) is str and plain else None


def _read_kwargs(row: dict[str, Any], ours: dict[str, Any], details: Details, at: str) -> None:
    prefix = f"{at}." if at else ""
    texts = object_at(row.get("format_kwargs", {}), f"{prefix}format_kwargs")
    true_values = object_at(ours.get("format_kwargs", {}), f"{prefix}minillm.format_kwargs")
    kwargs: dict[str, Any] = {}
    for name, value in texts.items():
        if value is None:  # "to be filled", as older files say it
            continue
        shown = text(value, f"{prefix}format_kwargs.{name}")
        true = true_values.get(name, shown)
        # Where another program has changed the text, the text holds.
        kwargs[name] = true if _is_json_scalar(true) and str(true) == shown else shown
    if kwargs:
        details.format_kwargs = kwargs


def _read_mark(message: dict[str, Any], ours: dict[str, Any], details: Details, message_at: str, ours_at: str) -> None:
    if boolean(message.get("cache_breakpoint", False), f"{message_at}.cache_breakpoint"):
        details.mark = read_cache(ours.get("cache", {}), f"{ours_at}.cache")
