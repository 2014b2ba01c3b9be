"""A tree somebody looks at: what is selected, folded, compared and cut off. No widget, no page."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import MiniLLMError
from ..tree import Node, cost_of
from ..tree.bare_node import checked_node
from ..tree.render.figures import cost_words
from ..tree.scores import score
from .cards import cards

__all__ = ["TreeState"]


class TreeState:
    """What people did to a tree on a page.

    Args:
        root: what is shown: this node and all under it.
        score: the name of the score that is shown and given.
        limit: how many nodes are shown at most.

    Raises:
        TypeError: ``root`` is no node.
    """

    def __init__(self, root: Node, *, score: str = "score", limit: int = 2000) -> None:
        self.root: Node = checked_node(root)
        self.score_name = score
        self.limit = limit
        self.selected: Node | None = None
        self.compared: tuple[Node, ...] = ()
        self.folded: tuple[Node, ...] = ()
        self._pruned: list[tuple[Node, Node, int]] = []  # the node, whose child it was, the how manieth

    @property
    def pruned(self) -> tuple[Node, ...]:
        """What was cut off, each now the root of a tree of its own; the last one is put back first."""
        return tuple(node for node, _, _ in self._pruned)

    def under(self, node: Node) -> bool:
        """Whether it is (still) in the tree that is shown."""
        while node is not self.root:
            if node.parent is None:
                return False
            node = node.parent
        return True

    def of_id(self, id: Any) -> Node | None:
        """The node that a page speaks of; None where there is none any more."""
        return self.root.find(id) if isinstance(id, str) and id else None

    def of_ids(self, ids: Sequence[Any]) -> tuple[Node, ...]:
        if len(ids) <= 8:
            found = [self.of_id(id) for id in ids]
        else:
            by_id = {node.id: node for node in self.root.iter_depth_first()}
            found = [by_id.get(id) for id in ids if isinstance(id, str)]
        return tuple(node for node in found if node is not None)

    def select(self, node: Node | None) -> None:
        self.selected = node

    def compare(self, *nodes: Node) -> None:
        """Have these side by side."""
        self.compared = nodes

    def fold(self, *nodes: Node) -> None:
        """Have the branches of these out of sight, and of no others."""
        self.folded = nodes

    def score(self, node: Node, value: float | None) -> None:
        """Give the node a score, None takes it away.

        Raises:
            ValueError, TypeError: it is no finite number.
        """
        if value is None:
            node.metadata.pop(self.score_name, None)
        else:
            score(node, value, name=self.score_name)

    def prune(self, node: Node) -> None:
        """Cut the node off with all that is under it; :meth:`restore` puts it back.

        Raises:
            ValueError: it is the top of what is shown, or not in there.
        """
        if node is self.root or not self.under(node):
            raise ValueError("only what is under the node that is shown can be cut off")
        parent = node.parent
        assert parent is not None
        place = next(place for place, child in enumerate(parent.children) if child is node)
        self._pruned.append((node.detach(), parent, place))
        if self.selected is not None and not self.under(self.selected):
            self.selected = None
        self.compared = tuple(filter(self.under, self.compared))
        self.folded = tuple(filter(self.under, self.folded))

    def restore(self) -> Node | None:
        """Put back what was cut off last, in its place among its siblings; None where there is nothing.

        Raises:
            TreeError: it has gone elsewhere since, or its id is in the tree again.
        """
        if not self._pruned:
            return None
        node, parent, place = self._pruned[-1]
        if node.parent is None:
            later = parent.children[place:]
            parent.add_child(node)
            for child in later:  # a child that is added again goes to the end
                parent.add_child(child)
        self._pruned.pop()
        return node

    def perform(self, wish: Mapping[str, Any]) -> str:
        """What somebody clicked: ``{"do": "score" | "prune" | "restore", "id": ..., "value": ...}``.

        Returns:
            What is wrong with it, ``""`` where nothing is. It comes from a page, so nothing of it is believed.
        """
        do, node = wish.get("do"), self.of_id(wish.get("id"))
        try:
            if do == "restore":
                self.restore()
            elif node is None:
                return "that node is not in the tree any more"
            elif do == "score":
                self.score(node, wish.get("value"))
            elif do == "prune":
                self.prune(node)
        except (ValueError, TypeError, MiniLLMError) as error:
            return str(error)
        return ""

    def cards(self) -> list[dict[str, Any]]:
        return cards(self.root, score=self.score_name, limit=self.limit)

    def head(self) -> str:
        """One line about all of it."""
        nodes = self.root.node_count()
        shown = f" (the first {self.limit:,} are shown)" if nodes > self.limit else ""
        cost = cost_of(self.root.iter_depth_first())
        return f"{nodes:,} node{'s' if nodes != 1 else ''}{shown} · {cost_words(cost)}"
