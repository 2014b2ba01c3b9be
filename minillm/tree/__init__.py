"""Floor 4: the conversation tree as data. It knows no model, host or wire.

``Node`` is the object; pruning, totals, rendering and the rest are functions, so that it stays small.
"""

from importlib import import_module

from .bare_node import BareNode
from .node import Node
from .totals import attempts_of, cost_of, subtree_cost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .render.text import format_conversation as format_conversation
    from .render.text import pretty_messages as pretty_messages
    from .templates import formatted_messages as formatted_messages
    from .templates import missing_kwargs as missing_kwargs
    from .thread_file import Thread as Thread

__all__ = [
    "BareNode",
    "Node",
    "Thread",
    "attempts_of",
    "cost_of",
    "format_conversation",
    "formatted_messages",
    "missing_kwargs",
    "pretty_messages",
    "subtree_cost",
]

_HOMES = {
    "Thread": "thread_file",
    "format_conversation": "render.text",
    "formatted_messages": "templates",
    "missing_kwargs": "templates",
    "pretty_messages": "render.text",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
