"""Floor 4: the conversation tree as data. It knows no model, host or wire.

``Node`` is the object; pruning, totals, rendering and the rest are functions, so that it stays small.
"""

from importlib import import_module

from .bare_node import BareNode
from .limits import FileLimits
from .node import Node
from .totals import attempts_of, cost_of, subtree_cost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .call_marks import StartedCall as StartedCall
    from .call_marks import forget_started_calls as forget_started_calls
    from .call_marks import started_calls as started_calls
    from .collapse import collapse_thread as collapse_thread
    from .collapse import middle_of_thread as middle_of_thread
    from .differences import TreeDiff as TreeDiff
    from .differences import diff as diff
    from .joined_threads import JoinedThreads as JoinedThreads
    from .journalling import Journal as Journal
    from .journalling import journal as journal
    from .pruning import prune as prune
    from .render.text import format_conversation as format_conversation
    from .render.text import format_tree as format_tree
    from .render.text import pretty_messages as pretty_messages
    from .scores import best_leaf as best_leaf
    from .scores import label as label
    from .scores import labels_of as labels_of
    from .scores import score as score
    from .scores import score_of as score_of
    from .scores import unlabel as unlabel
    from .templates import formatted_messages as formatted_messages
    from .templates import missing_kwargs as missing_kwargs
    from .thread_file import Thread as Thread
    from .traversal import last_child as last_child
    from .traversal import last_leaf as last_leaf
    from .unions import union as union

__all__ = [
    "BareNode",
    "FileLimits",
    "JoinedThreads",
    "Journal",
    "Node",
    "StartedCall",
    "Thread",
    "TreeDiff",
    "attempts_of",
    "best_leaf",
    "collapse_thread",
    "cost_of",
    "diff",
    "forget_started_calls",
    "format_conversation",
    "format_tree",
    "formatted_messages",
    "journal",
    "label",
    "labels_of",
    "last_child",
    "last_leaf",
    "middle_of_thread",
    "missing_kwargs",
    "pretty_messages",
    "prune",
    "score",
    "score_of",
    "started_calls",
    "subtree_cost",
    "union",
    "unlabel",
]

_HOMES = {
    "JoinedThreads": "joined_threads",
    "Journal": "journalling",
    "StartedCall": "call_marks",
    "Thread": "thread_file",
    "TreeDiff": "differences",
    "best_leaf": "scores",
    "collapse_thread": "collapse",
    "diff": "differences",
    "forget_started_calls": "call_marks",
    "format_conversation": "render.text",
    "format_tree": "render.text",
    "formatted_messages": "templates",
    "journal": "journalling",
    "label": "scores",
    "labels_of": "scores",
    "last_child": "traversal",
    "last_leaf": "traversal",
    "middle_of_thread": "collapse",
    "missing_kwargs": "templates",
    "pretty_messages": "render.text",
    "prune": "pruning",
    "score": "scores",
    "score_of": "scores",
    "started_calls": "call_marks",
    "union": "unions",
    "unlabel": "scores",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
