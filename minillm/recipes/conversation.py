"""The questions and answers of a run as one tree: a branch for each conversation that steps begin."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, ThreadFormatError

if TYPE_CHECKING:
    from ..chat import ChatNode

__all__ = ["Conversation"]


class Conversation:
    """``root`` says nothing and sends nothing; ``ends`` are the replies, by step.

    ``begun`` are steps whose model calls tools and has not answered: the topmost node, and the last so far.
    """

    def __init__(self) -> None:
        from ..chat import ChatNode

        self.root: ChatNode = ChatNode.root("")
        self.ends: dict[str, ChatNode] = {}
        self.begun: dict[str, tuple[ChatNode, ChatNode]] = {}

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
        *_, self.ends[step] = self._put_back(step, rows, continues)

    def restore_begun(self, step: str, rows: Sequence[Mapping[str, Any]], continues: str) -> "list[ChatNode]":
        """The same for a step that had not ended; its nodes."""
        _, *nodes = self._put_back(step, rows, continues)
        self.begun[step] = nodes[0], nodes[-1]
        return nodes

    def _put_back(self, step: str, rows: Sequence[Mapping[str, Any]], continues: str) -> "list[ChatNode]":
        """The node above, and those of the rows, each under the one before."""
        from ..chat import ChatNode
        from ..tree.rows import read_row

        nodes: list[ChatNode] = [self.ends[continues] if continues else self.root]
        try:
            for row in rows:
                node, _ = read_row(row, "nodes", ChatNode)
                nodes.append(nodes[-1].adopt(node))
        except (ThreadFormatError, KeyError, TypeError) as error:
            raise ConfigurationError(f"the state file's nodes of {step} cannot be read: {error}") from error
        return nodes
