"""Floor 4: the conversation tree as data. It knows no model, host or wire.

``Node`` is the object; pruning, totals, rendering and the rest are functions, so that it stays small.
"""

from .bare_node import BareNode
from .node import Node
from .render.text import format_conversation, pretty_messages
from .templates import formatted_messages, missing_kwargs
from .thread_file import Thread
from .totals import attempts_of, cost_of, subtree_cost

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
