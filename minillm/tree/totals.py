"""What a node, a path or a subtree has cost."""

from collections.abc import Iterable

from ..types import Attempt, ChatResponse, CostInfo, total_cost
from .bare_node import BareNode, Details, details_of, message_of
from .traversal import depth_first
from .watching import tell_changed, watchers

__all__ = ["attempts_of", "book", "cost_of", "remember", "response_of", "subtree_cost"]


def response_of(node: BareNode) -> ChatResponse | None:
    """The answer a node came from: the live one, or the one its file tells of; None for other nodes.

    Raises:
        ThreadFormatError: the file's record is not what it must be.
    """
    details = node._details
    if type(details) is not Details:
        return None
    if details.response is None and details.record is not None:
        from .record import read_response

        return read_response(details.record, message_of(node))
    return details.response


def remember(node: BareNode, response: ChatResponse) -> None:
    """Say that this node is the answer of a model."""
    details = details_of(node)
    details.response, details.record = response, None
    if watchers:
        tell_changed(node)


def book(node: BareNode, attempts: Iterable[Attempt]) -> None:
    """Put the attempts of a failed call on the node's bill."""
    added = list(attempts)
    if added:
        details = details_of(node)
        details.bill = [*(details.bill or ()), *added]
        if watchers:
            tell_changed(node)


def bill_of(node: BareNode) -> tuple[Attempt, ...]:
    details = node._details
    return tuple(details.bill) if type(details) is Details and details.bill else ()


def attempts_of(node: BareNode) -> tuple[Attempt, ...]:
    """Every exchange this node stands for: those of its answer, and those of failed calls at it."""
    response = response_of(node)
    return (*(response.attempts if response is not None else ()), *bill_of(node))


def cost_of(nodes: Iterable[BareNode]) -> CostInfo:
    """The bill of some nodes; an exchange without a bill is unknown, never free."""
    return total_cost(attempt for node in nodes for attempt in attempts_of(node))


def subtree_cost(node: BareNode) -> CostInfo:
    return cost_of(depth_first(node))
