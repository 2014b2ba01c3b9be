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
    from .stream import ChatStream as ChatStream

__all__ = [
    "Branch",
    "BranchRun",
    "CacheOutcome",
    "CacheState",
    "ChatNode",
    "ChatStream",
    "NodeCompletionParameters",
    "Options",
    "Reply",
]

_HOMES = {
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
