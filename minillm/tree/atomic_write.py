"""Replace a file whole or not at all.

The steps, and what a crash after each leaves under the file's name: open a temporary file beside it
(the old file); write (the old); fsync (the old); rename over it (the new, or the old if the folder
had not reached the disk); fsync the folder (the new). POSIX rename is atomic, and so is Windows'
``MoveFileEx`` as ``os.replace`` calls it, within one file system.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

__all__ = ["atomic_write"]

StrPath = str | os.PathLike[str]

_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def atomic_write(path: StrPath) -> Iterator[BinaryIO]:
    """A binary file to write to; it takes ``path``'s name when the block ends without an exception.

    A link is followed, permissions of a file that is there are kept, and what is no regular file (a
    pipe, ``/dev/stdout``) is written to directly. A killed process may leave ``.<name>.*.tmp`` behind.

    Raises:
        OSError: the folder is missing or may not be written, the disk is full.
    """
    target = os.path.realpath(path)
    mode = _mode_of(target)
    if mode is not None and not stat.S_ISREG(mode):
        with open(target, "wb") as direct:
            yield direct
        return
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name[:100]}.{os.urandom(6).hex()}.tmp")
    # Not tempfile's: that gives 0600, and this gives what the user's umask says for a new file.
    try:
        handle = os.open(temporary, _NEW_FILE, 0o666)
    except OSError as error:
        error.filename = os.fspath(path)  # the name that the caller knows
        raise
    try:
        with open(handle, "wb", buffering=1 << 16) as file:
            yield file
            file.flush()
            if mode is not None:
                _keep_mode(handle, mode)
            os.fsync(handle)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _mode_of(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _keep_mode(handle: int, mode: int) -> None:
    if hasattr(os, "fchmod"):  # Windows has none
        with suppress(OSError):  # a file system without permissions
            os.fchmod(handle, stat.S_IMODE(mode))


def _sync_folder(folder: str) -> None:
    """Without it the rename itself may be lost with the power. Windows has no such call."""
    if os.name == "nt":
        return
    with suppress(OSError):  # some network file systems refuse
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
