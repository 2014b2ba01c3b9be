"""Floor 8: the tree that talks."""

from .branch import Branch, BranchRun
from .chat_node import ChatNode, Reply
from .parameters import NodeCompletionParameters, Options
from .stream import ChatStream

__all__ = ["Branch", "BranchRun", "ChatNode", "ChatStream", "NodeCompletionParameters", "Options", "Reply"]
