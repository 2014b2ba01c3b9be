"""How much of this process a file from a stranger may take."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from ..errors import ConfigurationError
from .bare_node import children_of
from .reading import refuse

__all__ = [
    "FileLimits",
    "check_depth",
    "limited_lines",
    "refuse_too_deep",
    "refuse_too_large",
    "refuse_too_many",
]


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What a loader refuses, with a ThreadFormatError that names the limit; None is no limit.

    Every loader takes one as ``limits=``. JSON inside a node is never read deeper than 1024 levels,
    and the length of a tree file has no limit of its own: it is read a line at a time.

    Args:
        bytes: what must stand in memory as text at once: a thread file, or one line of a tree file.
        nodes: in one file.
        depth: levels of nodes below the root.
    """

    bytes: int | None = 1 << 30
    nodes: int | None = 10_000_000
    depth: int | None = 1_000_000

    def __post_init__(self) -> None:
        for name, most in (("bytes", self.bytes), ("nodes", self.nodes), ("depth", self.depth)):
            if not _is_limit(most):
                raise ConfigurationError(f"limits.{name} must be a number of at least 0, or None, not {most!r}")


def _is_limit(most: Any) -> bool:
    return most is None or (isinstance(most, int) and most >= 0)


def limited_lines(read_line: Callable[[int], bytes], limits: FileLimits) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers; no line is read further than is allowed."""
    most = limits.bytes
    lines = iter(partial(read_line, -1 if most is None else most + 1), b"")
    for number, line in enumerate(lines, 1):
        if most is not None and len(line) > most:
            refuse_too_large(f"line {number}", limits)
        if not line.isspace():
            yield number, line


def refuse_too_large(at: str, limits: FileLimits) -> NoReturn:
    refuse(
        at, f"is longer than limits.bytes, {limits.bytes:,}: pass limits=FileLimits(bytes=...) if you trust the file"
    )


def refuse_too_many(at: str, limits: FileLimits) -> NoReturn:
    refuse(
        at, f"more nodes than limits.nodes, {limits.nodes:,}: pass limits=FileLimits(nodes=...) if you trust the file"
    )


def refuse_too_deep(at: str, limits: FileLimits) -> NoReturn:
    refuse(at, f"nodes stand deeper than limits.depth, {limits.depth:,}: pass limits=FileLimits(depth=...) to let them")


def check_depth(root: Any, count: int, limits: FileLimits) -> None:
    """Look how deep a loaded tree is, where it has nodes enough to be too deep."""
    most = limits.depth
    if most is None or count <= most + 1:
        return
    level, depth = [root], 0
    while level:
        if depth > most:
            refuse_too_deep("", limits)
        level = [child for node in level for child in children_of(node)]
        depth += 1
