"""What a turn still lacks: which of its calls have no result, and what is known of each."""

from dataclasses import dataclass, field
from typing import Any

from ..tree import Node
from ..tree.bare_node import children_of, message_of
from ..tree.call_marks import StartedCall, begun_last
from ..tree.tool_results import open_calls
from ..types import Role, ToolCallPart, ToolResultPart

__all__ = ["OpenCall", "PendingTurn", "pending_turn"]


@dataclass(slots=True)
class OpenCall:
    """A call without a result on the way to the node that a run goes on from.

    Args:
        position: among the calls of its turn.
        started: how it was last begun, where it was.
        result: its result in another branch of the turn, where it has one there.
    """

    position: int
    call: ToolCallPart
    started: StartedCall | None = None
    result: ToolResultPart | None = None

    @property
    def interrupted(self) -> bool:
        """It was begun, and no result of it is known."""
        return self.started is not None and self.result is None


@dataclass(slots=True)
class PendingTurn:
    """A turn with such calls.

    Args:
        node: the turn.
        tip: where the next result goes under.
        alike: two of its calls have one id, so that only their order tells whose result one is.
    """

    node: Node
    tip: Node
    calls: list[OpenCall] = field(default_factory=list)
    alike: bool = False


def pending_turn(leaf: Any) -> PendingTurn | None:
    """The turn at or, above results only, over this node; None where it lacks nothing or there is none."""
    turn = leaf
    while turn is not None and turn._role == Role.TOOL:
        turn = turn._parent
    if turn is None or turn._role != Role.ASSISTANT:
        return None
    waiting = open_calls(leaf)
    if not waiting:
        return None
    ids = [call.id for call in message_of(turn).tool_calls]
    alike = len(set(ids)) < len(ids)
    known = {} if alike else _results_under(turn)
    calls = [OpenCall(i, call, begun_last(turn, i), known.get(call.id)) for i, call in waiting.items()]
    return PendingTurn(turn, leaf, calls, alike)


def _results_under(turn: Node) -> dict[str, ToolResultPart]:
    """By call the results in all branches of the turn; of several the oldest branch's."""
    found: dict[str, ToolResultPart] = {}
    below = list(reversed(children_of(turn)))
    while below:
        node = below.pop()
        if node._role == Role.TOOL:
            for result in message_of(node).tool_results:
                found.setdefault(result.call_id, result)
            below.extend(reversed(children_of(node)))
    return found
