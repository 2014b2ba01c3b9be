"""The parts of an expression, as a tree."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigurationError

__all__ = [
    "Binary",
    "Call",
    "Choice",
    "Collected",
    "ExpressionError",
    "Get",
    "Item",
    "Listed",
    "Literal",
    "Name",
    "Node",
    "Unary",
    "inner_nodes",
]


class ExpressionError(ConfigurationError):
    """An expression that is none, or whose values do not fit; the message quotes the expression alone."""


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """``inputs``, ``steps``, ``item``, ``index``, or a variable of a ``for``."""

    name: str


@dataclass(frozen=True, slots=True)
class Get:
    """``of.key``"""

    of: "Node"
    key: str


@dataclass(frozen=True, slots=True)
class Item:
    """``of[at]``"""

    of: "Node"
    at: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Unary:
    sign: str
    value: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Choice:
    """``yes if condition else no``"""

    condition: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class Listed:
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """``[value for name in items if condition]``"""

    value: "Node"
    name: str
    items: "Node"
    condition: "Node | None"


Node = Literal | Name | Get | Item | Call | Unary | Binary | Choice | Listed | Collected


def inner_nodes(node: Node) -> Iterator[Node]:
    """The nodes right below one."""
    match node:
        case Get(of):
            yield of
        case Item(of, at):
            yield from (of, at)
        case Call(_, arguments):
            yield from arguments
        case Unary(_, value):
            yield value
        case Binary(_, left, right):
            yield from (left, right)
        case Choice(condition, yes, no):
            yield from (condition, yes, no)
        case Listed(items):
            yield from items
        case Collected(value, _, items, condition):
            yield from (value, items) if condition is None else (value, items, condition)
        case _:
            pass
