"""What a run tells beside the events of the model's own stream."""

from dataclasses import dataclass
from typing import TypeAlias

from ..tree import Node
from ..types import StreamEvent, ToolCallPart, ToolResultPart
from .run_limits import StopReason

__all__ = [
    "CallApproved",
    "CallDeferred",
    "CallDenied",
    "CallFinished",
    "CallInterrupted",
    "CallStarted",
    "LoopEvent",
    "RoundEnded",
    "RoundStarted",
    "RunEnded",
    "RunEvent",
]


@dataclass(slots=True)
class RoundStarted:
    """The model is about to be asked, from this node; rounds count from 1."""

    round: int
    node: Node


@dataclass(slots=True)
class CallInterrupted:
    """An earlier run began this call and did not live to see its result."""

    call: ToolCallPart
    started_at: float


@dataclass(slots=True)
class CallApproved:
    """``approve`` allowed it; ``edited`` with other arguments, which stand in ``call``."""

    call: ToolCallPart
    edited: bool = False


@dataclass(slots=True)
class CallDenied:
    """``approve`` did not allow it; the model is told the reason."""

    call: ToolCallPart
    reason: str


@dataclass(slots=True)
class CallDeferred:
    """It stays without a result for now: ``approve`` said so, or it has no function here."""

    call: ToolCallPart


@dataclass(slots=True)
class CallStarted:
    """Its tool runs from now on; that is noted on the turn's node."""

    call: ToolCallPart


@dataclass(slots=True)
class CallFinished:
    """It has a result, which is on the tree.

    Args:
        node: holds the result.
        seconds: how long the tool ran; None where none did (denied, unknown, arguments that do not fit).
        error: what went wrong, where something did.
        repaired: the arguments were no JSON and had to be repaired.
        reused: the result was found in another branch of this turn; nothing was run.
    """

    call: ToolCallPart
    result: ToolResultPart
    node: Node
    seconds: float | None = None
    error: Exception | None = None
    repaired: bool = False
    reused: bool = False


@dataclass(slots=True)
class RoundEnded:
    """The model's turn is on the tree, and so are the results of its calls, but for those that wait.

    Args:
        round: 0 where the turn is one that an earlier run left.
        node: the last node so far.
    """

    round: int
    node: Node


@dataclass(slots=True)
class RunEnded:
    """The last event of a run that was neither left nor failed."""

    reason: StopReason
    node: Node


LoopEvent: TypeAlias = (
    RoundStarted
    | CallInterrupted
    | CallApproved
    | CallDenied
    | CallDeferred
    | CallStarted
    | CallFinished
    | RoundEnded
    | RunEnded
)
RunEvent: TypeAlias = StreamEvent | LoopEvent
