"""Where an imported message and conversation came from, under the same names for every format.

On every node, where the file says it: ``created_at`` (Unix seconds), ``model``, ``hidden``, and under
the format's own name (``"chatgpt"``, ``"claude"``, ...) what else the file said of the message. On the
root, under ``conversation``: ``format``, ``id``, ``title``, ``created_at``, ``updated_at``, ``model``
and, under ``rest``, what else it said of the conversation.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from ..bare_node import details_of

__all__ = ["moment", "rest_of", "said", "tell_conversation"]


def said(**facts: Any) -> dict[str, Any]:
    """The facts that are there."""
    return {name: value for name, value in facts.items() if value is not None and value not in ({}, [], "", ())}


def rest_of(mapping: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """What a mapping says under other keys; nulls say nothing."""
    return {key: value for key, value in mapping.items() if key not in known and value is not None}


def moment(value: Any) -> Any:
    """A time as Unix seconds: a number as it is, ISO 8601 text as a number, anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def tell_conversation(root: Any, format: str, **facts: Any) -> None:
    """Put what is known of the conversation on its root."""
    details = details_of(root)
    details.metadata = {**(details.metadata or {}), "conversation": {"format": format, **said(**facts)}}
