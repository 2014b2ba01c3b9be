"""The questions and answers of a run as one tree: a branch for each conversation that steps begin."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, ThreadFormatError

if TYPE_CHECKING:
    from ..chat import ChatNode

__all__ = ["Conversation"]


class Conversation:
    """``root`` says nothing and sends nothing; ``ends`` are the replies, by step."""

    def __init__(self) -> None:
        from ..chat import ChatNode

        self.root: ChatNode = ChatNode.root("")
        self.ends: dict[str, ChatNode] = {}

    def question(self, prompt: str, system: str, continues: str) -> "tuple[ChatNode, ChatNode]":
        """The node to ask from, and the topmost that was added for it. Nothing in them is a template any more."""
        above = self.ends[continues] if continues else self.root
        top = above
        if system and not continues:
            top = above.add_system(system)
            top.literal = True
        asked = top.add_user(prompt)
        asked.literal = True
        return asked, (asked if top is above else top)

    @staticmethod
    def rows(top: "ChatNode", end: "ChatNode") -> list[dict[str, Any]]:
        """The nodes from one down to another, as a state file keeps them."""
        from ..tree.rows import node_to_row

        nodes = end.path()
        nodes = nodes[nodes.index(top) :]
        return [node_to_row(node, node.id) for node in nodes]

    def restore(self, step: str, rows: Sequence[Mapping[str, Any]], continues: str) -> None:
        """Put the nodes of an earlier run back.

        Raises:
            ConfigurationError: they are no nodes.
        """
        from ..chat import ChatNode
        from ..tree.rows import read_row

        above = self.ends[continues] if continues else self.root
        try:
            for row in rows:
                node, _ = read_row(row, "nodes", ChatNode)
                above.adopt(node)
                above = node
        except (ThreadFormatError, KeyError, TypeError) as error:
            raise ConfigurationError(f"the state file's nodes of {step} cannot be read: {error}") from error
        self.ends[step] = above
