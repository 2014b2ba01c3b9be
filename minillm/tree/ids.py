"""Ids: random UUIDs (version 4, RFC 9562), 32 hexadecimal digits, held as integers of half the size.

Anything else that a file uses as an id stays the text it is.
"""

import os
import re
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from .bare_node import BareNode, Details, Id, details_of

__all__ = ["assign_ids", "id_text", "id_value", "mint", "mint_count", "node_id", "peek_id"]

_RANDOM = ~((0xF << 76) | (0x3 << 62)) & (1 << 128) - 1  # all but the version and variant bits
_VERSION_4 = (0x4 << 76) | (0x2 << 62)

# The same for a block of ids at once, as one large integer.
_BLOCK = 1024
_ALL_RANDOM = int.from_bytes(_RANDOM.to_bytes(16) * _BLOCK)
_ALL_VERSION_4 = int.from_bytes(_VERSION_4.to_bytes(16) * _BLOCK)

_is_hex = re.compile(r"[0-9a-f]{32}").fullmatch

#: Moves on whenever ids are made; an index of ids is good for as long as it stands still.
_minted = 0


def mint_count() -> int:
    return _minted


def mint() -> int:
    """A new random id."""
    global _minted  # noqa: PLW0603
    _minted += 1
    return int.from_bytes(os.urandom(16)) & _RANDOM | _VERSION_4


def _mint_many() -> Iterator[int]:
    """New ids without end, for one call of the operating system in a thousand."""
    global _minted  # noqa: PLW0603
    while True:
        _minted += 1
        block = int.from_bytes(os.urandom(16 * _BLOCK)) & _ALL_RANDOM | _ALL_VERSION_4
        for high, low in struct.iter_unpack(">QQ", block.to_bytes(16 * _BLOCK)):
            yield high << 64 | low


def id_text(value: Id) -> str:
    """The id as users and files see it."""
    return f"{value:032x}" if type(value) is int else value  # type: ignore[return-value]


def id_value(text: str) -> Id:
    """The id as a node holds it."""
    return int(text, 16) if _is_hex(text) else text


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
    new = _mint_many()
    for node in nodes:
        details = node._details
        if details is None:
            node._details = next(new)
        elif type(details) is Details and details.id is None:
            details.id = next(new)
        yield node
