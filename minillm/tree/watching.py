"""Who is told when a tree changes: open journals, and most of the time nobody.

A node has no room for listeners, and a tree that nobody journals must not pay for them. So there is
one list for the process, and every change looks whether it is empty: that is all it costs.
"""

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["Watcher", "tell_changed", "tell_placed", "tell_removed", "tell_spliced", "tell_touched", "watchers"]


class Watcher(Protocol):
    """What is told, after the fact but for ``touched``; of nodes of any tree, so each looks whose it is."""

    def placed(self, node: Any) -> None:
        """The node is now the last of its parent's children, with all that is under it."""

    def removed(self, node: Any) -> None:
        """No parent lists the node any more."""

    def spliced(self, node: Any, children: Sequence[Any]) -> None:
        """The node alone was taken out; these children stand in its place."""

    def changed(self, node: Any) -> None:
        """Its mark, record or bill is another."""

    def touched(self, node: Any) -> None:
        """Its metadata or kwargs are being handed out and may change from now on."""


watchers: list[Watcher] = []


def tell_placed(node: Any) -> None:
    for watcher in tuple(watchers):  # a copy: another thread may open or close one
        watcher.placed(node)


def tell_removed(node: Any) -> None:
    for watcher in tuple(watchers):
        watcher.removed(node)


def tell_spliced(node: Any, children: Sequence[Any]) -> None:
    for watcher in tuple(watchers):
        watcher.spliced(node, children)


def tell_changed(node: Any) -> None:
    for watcher in tuple(watchers):
        watcher.changed(node)


def tell_touched(node: Any) -> None:
    for watcher in tuple(watchers):
        watcher.touched(node)
