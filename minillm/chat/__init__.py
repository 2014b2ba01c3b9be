"""Floor 8: the tree that talks."""

from importlib import import_module

from .chat_node import ChatNode, Reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .branch import Branch as Branch
    from .branch import BranchRun as BranchRun
    from .caching import CacheOutcome as CacheOutcome
    from .caching import CacheState as CacheState
    from .parameters import NodeCompletionParameters as NodeCompletionParameters
    from .parameters import Options as Options
    from .run import Run as Run
    from .run_approval import Allow as Allow
    from .run_approval import Answer as Answer
    from .run_approval import ApprovalRequest as ApprovalRequest
    from .run_approval import Defer as Defer
    from .run_approval import Deny as Deny
    from .run_approval import Edit as Edit
    from .run_events import CallApproved as CallApproved
    from .run_events import CallDeferred as CallDeferred
    from .run_events import CallDenied as CallDenied
    from .run_events import CallFinished as CallFinished
    from .run_events import CallInterrupted as CallInterrupted
    from .run_events import CallStarted as CallStarted
    from .run_events import RoundEnded as RoundEnded
    from .run_events import RoundStarted as RoundStarted
    from .run_events import RunEnded as RunEnded
    from .run_events import RunEvent as RunEvent
    from .run_limits import RunLimits as RunLimits
    from .run_limits import StopReason as StopReason
    from .run_options import RunOptions as RunOptions
    from .stream import ChatStream as ChatStream

__all__ = [
    "Allow",
    "Answer",
    "ApprovalRequest",
    "Branch",
    "BranchRun",
    "CacheOutcome",
    "CacheState",
    "CallApproved",
    "CallDeferred",
    "CallDenied",
    "CallFinished",
    "CallInterrupted",
    "CallStarted",
    "ChatNode",
    "ChatStream",
    "Defer",
    "Deny",
    "Edit",
    "NodeCompletionParameters",
    "Options",
    "Reply",
    "RoundEnded",
    "RoundStarted",
    "Run",
    "RunEnded",
    "RunEvent",
    "RunLimits",
    "RunOptions",
    "StopReason",
]

_HOMES = {
    **dict.fromkeys(("Allow", "Answer", "ApprovalRequest", "Defer", "Deny", "Edit"), "run_approval"),
    **dict.fromkeys(("CallApproved", "CallDeferred", "CallDenied", "CallFinished", "CallInterrupted"), "run_events"),
    **dict.fromkeys(("CallStarted", "RoundEnded", "RoundStarted", "RunEnded", "RunEvent"), "run_events"),
    "Run": "run",
    "RunLimits": "run_limits",
    "RunOptions": "run_options",
    "StopReason": "run_limits",
    "Branch": "branch",
    "BranchRun": "branch",
    "CacheOutcome": "caching",
    "CacheState": "caching",
    "ChatStream": "stream",
    "NodeCompletionParameters": "parameters",
    "Options": "parameters",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
