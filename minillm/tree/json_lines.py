"""Bytes of JSON between files and rows; where a file's own fault gets its name and place."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NoReturn

from ..errors import DecodeError, EncodeError, ThreadFormatError, TreeError
from .bare_node import BareNode
from .ids import id_text, node_id

__all__ = ["Lines", "cannot_save", "naming_file", "read_json", "text_bytes", "write_all"]

StrPath = str | os.PathLike[str]
Lines = Iterable[bytes]

_BOM = b"\xef\xbb\xbf"


@contextmanager
def naming_file(path: StrPath) -> Iterator[None]:
    """A ThreadFormatError from inside gets the file's name."""
    try:
        yield
    except ThreadFormatError as error:
        error.path = os.fspath(path)
        raise


def read_json(data: bytes | str, at: str | None, *, exact: bool = True) -> Any:
    """One JSON value.

    Args:
        at: the place an error names.
        exact: keep integers over 64 bit.

    Raises:
        ThreadFormatError: it is none, or nested too deep.
    """
    from ..json.serialization import loads

    if isinstance(data, bytes) and data.startswith(_BOM):
        data = data[3:]
    elif isinstance(data, str):
        data = data.removeprefix("\ufeff")
    try:
        return loads(data, exact=exact)
    except DecodeError as error:
        raise ThreadFormatError(str(error), place=at) from None


def text_bytes(text: str | bytes) -> bytes:
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass")
    if isinstance(text, bytes):
        return text
    raise TypeError(f"JSON text is expected, not {type(text).__name__}")


def write_all(file: BinaryIO, chunks: Lines) -> None:
    write = file.write
    for chunk in chunks:
        write(chunk)


def cannot_save(node: BareNode, error: EncodeError) -> NoReturn:
    """What the user put on a node is no JSON."""
    place = f" at {error.path}" if error.path else ""
    raise TreeError(f"node {id_text(node_id(node))} cannot be saved{place}: {error.message}") from error
