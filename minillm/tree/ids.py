"""Ids: UUID texts (version 4, RFC 9562) held as integers, which are half the size.

Anything else that a file uses as an id stays the text it is.
"""

import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .bare_node import BareNode, Details, Id, details_of

__all__ = ["assign_ids", "id_text", "id_value", "mint", "mint_count", "node_id", "peek_id"]

_RANDOM = ~((0xF << 76) | (0x3 << 62))  # all but the version and variant bits
_VERSION_4 = (0x4 << 76) | (0x2 << 62)
_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_BLOCK = 1024

#: How many ids this process has made; an index of ids is good for as long as this stands still.
_minted = 0


def mint_count() -> int:
    return _minted


def mint() -> int:
    """A new random id."""
    global _minted  # noqa: PLW0603
    _minted += 1
    return int.from_bytes(os.urandom(16)) & _RANDOM | _VERSION_4


def _mint_block() -> Iterator[int]:
    """Many new ids for few calls of the operating system."""
    global _minted  # noqa: PLW0603
    from_bytes = int.from_bytes
    while True:
        block = os.urandom(16 * _BLOCK)
        for start in range(0, 16 * _BLOCK, 16):
            _minted += 1
            yield from_bytes(block[start : start + 16]) & _RANDOM | _VERSION_4


def id_text(value: Id) -> str:
    """The id as users and files see it."""
    if type(value) is int:
        digits = f"{value:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return value  # type: ignore[return-value]


def id_value(text: str) -> Id:
    """The id as a node holds it."""
    return int(text.replace("-", ""), 16) if _CANONICAL(text) else text


def peek_id(node: BareNode) -> Id | None:
    """The id if the node has one already."""
    details = node._details
    return details.id if type(details) is Details else details  # type: ignore[return-value]


def node_id(node: BareNode) -> Id:
    """The id, made now where nobody asked before."""
    found = peek_id(node)
    if found is None:
        found = mint()
        _give(node, found)
    return found


def _give(node: BareNode, value: Id) -> None:
    if node._details is None:
        node._details = value
    else:
        details_of(node).id = value


def assign_ids(nodes: Iterable[BareNode]) -> Iterator[Any]:
    """The same nodes, each with an id."""
    new = _mint_block()
    for node in nodes:
        details = node._details
        if details is None:
            node._details = next(new)
        elif type(details) is Details and details.id is None:
            details.id = next(new)
        yield node
