"""Trees as a list of rows, parts of which are folded away."""

from array import array
from collections.abc import Iterable

from ..tree import Node

__all__ = ["Outline"]


class Outline:
    """Nodes by number, in depth-first order: what is under node ``i`` is ``i + 1`` to ``ends[i] - 1``.

    Args:
        nodes: each behind its parent; a root begins a tree of its own.

    Attributes:
        levels: how far each is indented: only branching indents, a chain stays in its column.
        depths: how many nodes are above each.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = list(nodes)
        numbers = {node: number for number, node in enumerate(self.nodes)}
        self.parents = array("q", (numbers.get(node.parent, -1) if node.parent else -1 for node in self.nodes))
        size = len(self.nodes)
        self.ends = array("q", range(1, size + 1))
        self.children = array("q", bytes(8 * size))
        self.places = array("q", bytes(8 * size))
        self.levels = array("q", bytes(8 * size))
        self.depths = array("q", bytes(8 * size))
        self._numbers = numbers
        self._folded: set[int] = set()
        self._rows: list[int] | None = None
        for number, parent in enumerate(self.parents):
            if parent >= 0:
                self.children[parent] += 1
                self.places[number] = self.children[parent]
                self.depths[number] = self.depths[parent] + 1
        for number in range(size - 1, 0, -1):
            parent = self.parents[number]
            if parent >= 0:
                self.ends[parent] = max(self.ends[parent], self.ends[number])
        for number, parent in enumerate(self.parents):
            if parent >= 0:
                self.levels[number] = self.levels[parent] + (self.children[parent] > 1)

    def number_of(self, node: Node) -> int:
        return self._numbers[node]

    def is_folded(self, number: int) -> bool:
        return number in self._folded

    def fold(self, number: int, folded: bool = True) -> None:
        """Hide or show what is under a node; one without children stays as it is."""
        if folded and self.children[number]:
            self._folded.add(number)
        else:
            self._folded.discard(number)
        self._rows = None

    def fold_all(self) -> None:
        """Everything that branched off folds; the way down to the first branching stays."""
        for number, parent in enumerate(self.parents):
            if self.children[number] and parent >= 0 and self.children[parent] > 1:
                self._folded.add(number)
        self._rows = None

    def fold_below(self, depth: int) -> None:
        """Show nodes with at most ``depth`` above them."""
        self._folded = {number for number, own in enumerate(self.depths) if own == depth and self.children[number]}
        self._rows = None

    def unfold_all(self) -> None:
        self._folded = set()
        self._rows = None

    def reveal(self, number: int) -> None:
        """Unfold whatever hides a node."""
        while (number := self.parents[number]) >= 0:
            self._folded.discard(number)
        self._rows = None

    @property
    def rows(self) -> list[int]:
        """The numbers of the nodes that are not folded away, from top to bottom."""
        if self._rows is None:
            self._rows = []
            number, size = 0, len(self.nodes)
            while number < size:
                self._rows.append(number)
                number = self.ends[number] if number in self._folded else number + 1
        return self._rows

    def visible(self, number: int) -> int:
        """The node itself, or the one that it is folded away in."""
        shown = number
        while (number := self.parents[number]) >= 0:
            if number in self._folded:
                shown = number
        return shown

    def sibling(self, number: int, step: int) -> int | None:
        """The number of the sibling so many places on; None where there is none."""
        parent = self.parents[number]
        if parent < 0:
            return None
        place = self.places[number] + step
        if not 0 < place <= self.children[parent]:
            return None
        found = parent + 1
        while self.places[found] != place:
            found = self.ends[found]
        return found
