"""A node's doors to files and JSON texts; all synchronous.

What stands behind them is imported when one is first opened: most programs save at the end, if at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from .bare_node import BareNode
from .limits import FileLimits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .atomic_write import StrPath
    from .joined_threads import JoinedThreads
    from .thread_file import Thread

__all__ = ["NodeFiles"]


_LIMITS = FileLimits()


class NodeFiles(BareNode):
    """Saving and loading."""

    __slots__ = ()

    def save_thread(self, path: StrPath) -> None:
        """Write the conversation from the root to this node; the file is replaced whole or not at all.

        Synchronous: in async code put it in ``asyncio.to_thread`` if the disk is slow.

        Raises:
            TreeError: metadata or another value of yours is no JSON.
            OSError: the file cannot be written.
        """
        from .thread_file import save_thread

        save_thread(self, path)

    def to_thread_json(self) -> str:
        """The text that :meth:`save_thread` writes."""
        from .thread_file import thread_to_json

        return thread_to_json(self)

    @classmethod
    def from_thread_file(cls, path: StrPath, *, limits: FileLimits = _LIMITS) -> Thread[Self]:
        """Read a thread file of any generation. Nothing that the file names is opened.

        Raises:
            ThreadFormatError: it is none, or passes a limit; the message names the place.
            OSError: it cannot be read.
        """
        from .thread_file import load_thread

        return load_thread(cls._plain, path, limits)

    @classmethod
    def from_thread_files(
        cls, paths: Iterable[StrPath], *, end_to_end: bool = False, limits: FileLimits = _LIMITS
    ) -> JoinedThreads[Self]:
        """Read several thread files into one tree; what they have in common at their beginning is there once.

        Where already the first messages differ, all hang under an empty root, which sends nothing.

        Args:
            paths: the files; at least one.
            end_to_end: hang each thread under the end of the one before instead.
            limits: for each file.

        Returns:
            The root, and the leaf of each file's thread in the order of the files.

        Raises:
            ThreadFormatError: one is no thread file, or passes a limit; the message names file and place.
            TreeError: there are no paths.
            OSError: one cannot be read.
        """
        from .joined_threads import load_threads

        return load_threads(cls._plain, paths, end_to_end, limits)

    @classmethod
    def from_thread_json(cls, text: str | bytes, *, limits: FileLimits = _LIMITS) -> Thread[Self]:
        """Read what :meth:`to_thread_json` and older generations write.

        Raises:
            ThreadFormatError: it is no thread, or passes a limit; the message names the place.
        """
        from .thread_file import parse_thread

        return parse_thread(cls._plain, text, limits)

    def save_tree(self, path: StrPath) -> None:
        """Write the whole tree this node is in; the file is replaced whole or not at all.

        Synchronous, as :meth:`save_thread`. Unlisted nodes are not in it.

        Raises:
            TreeError: metadata or another value of yours is no JSON.
            OSError: the file cannot be written.
        """
        from .tree_file import save_tree

        save_tree(self, path)

    def to_tree_json(self) -> str:
        """The text that :meth:`save_tree` writes: JSON lines."""
        from .tree_file import tree_to_json

        return tree_to_json(self)

    @classmethod
    def from_tree_file(cls, path: StrPath, *, limits: FileLimits = _LIMITS) -> Self:
        """The root of the tree in a file, which may be a journal.

        A journal whose last line is cut, as a killed program leaves it, loads without that line and
        with a LossWarning.

        Raises:
            ThreadFormatError: it is no tree file, or passes a limit; the message names the line.
            OSError: it cannot be read.
        """
        from .tree_file import load_tree

        return load_tree(cls._plain, path, limits)  # type: ignore[no-any-return]

    @classmethod
    def from_tree_json(cls, text: str | bytes, *, limits: FileLimits = _LIMITS) -> Self:
        """The root of the tree in a text.

        Raises:
            ThreadFormatError: it is no tree, or passes a limit; the message names the line.
        """
        from .tree_file import parse_tree

        return parse_tree(cls._plain, text, limits)  # type: ignore[no-any-return]
