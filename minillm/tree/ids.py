"""Ids: random UUIDs (version 4, RFC 9562), 32 hexadecimal digits, held as integers of half the size.

Anything else that a file uses as an id stays the text it is.
"""

import os
import re
import struct
from collections.abc import Sequence

from .bare_node import BareNode, Details, Id, details_of

__all__ = ["assign_ids", "id_text", "id_value", "mint", "mint_count", "node_id", "peek_id"]

_RANDOM = (1 << 128) - 1 & ~((0xF << 76) | (0x3 << 62))  # all but the version and variant bits
_VERSION_4 = (0x4 << 76) | (0x2 << 62)

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


def _mint_many(count: int) -> list[int]:
    """New random ids for one call of the operating system, put right as one large integer."""
    global _minted  # noqa: PLW0603
    _minted += 1
    random, version = (int.from_bytes(each.to_bytes(16) * count) for each in (_RANDOM, _VERSION_4))
    block = int.from_bytes(os.urandom(16 * count)) & random | version
    return [high << 64 | low for high, low in struct.iter_unpack(">QQ", block.to_bytes(16 * count))]


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


def assign_ids(nodes: Sequence[BareNode]) -> None:
    """Give an id to each node that has none."""
    bare = [node for node in nodes if node._details is None]
    if bare:
        for node, new in zip(bare, _mint_many(len(bare)), strict=True):
            node._details = new
    for details in [details for node in nodes if type(details := node._details) is Details]:
        if details.id is None:
            details.id = mint()
