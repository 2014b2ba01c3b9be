"""One journal a file: a second one would write its lines between the first one's.

Within a process a set of names tells; between processes ``flock`` on the file itself does, where the
system has it. The system lets go of such a lock when the process ends, however it ends.
"""

from typing import Any, BinaryIO

from ..errors import TreeError

__all__ = ["held", "hold", "let_go", "lock"]

held: set[str] = set()


def hold(path: str) -> None:
    """Say that this process writes to the file.

    Raises:
        TreeError: it does so already, elsewhere.
    """
    if path in held:
        raise TreeError(f"another journal of this program has {path} open")
    held.add(path)


def let_go(path: str) -> None:
    held.discard(path)


def lock(file: BinaryIO, path: str) -> None:
    """Keep other processes' journals away until the file is closed.

    Raises:
        TreeError: another process has it.
    """
    flock: Any
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:  # Windows
        return
    try:
        flock(file.fileno(), LOCK_EX | LOCK_NB)
    except BlockingIOError:
        raise TreeError(f"another program's journal has {path} open") from None
    except OSError:  # a file system without locks
        return
