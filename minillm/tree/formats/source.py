"""The JSON values of a stranger's file, one at a time: a plain file, or the right ones inside a zip.

Nothing else in a zip is looked at, nothing is unpacked to disk, and what counts against the limits is
what really comes out, not what the archive says of itself.
"""

import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from ...errors import DecodeError, ThreadFormatError
from ...json.values import iter_values
from ..json_lines import naming_file
from ..reading import refuse

__all__ = ["MOST_BYTES", "MOST_BYTES_A_VALUE", "Found", "StrPath", "read_values"]

StrPath = str | os.PathLike[str]

#: What may come out of one file; the largest exports known are a few GB.
MOST_BYTES = 1 << 35
#: What one conversation (or one line) may have.
MOST_BYTES_A_VALUE = 1 << 28

_CHUNK = 1 << 16
# ChatGPT and Claude: one file, or several of them in newer exports of long histories.
_CONVERSATIONS = re.compile(r"(?:.*/)?conversations(?:[-_]?\d+)?\.jsonl?")


class Found(NamedTuple):
    """A value and where it stood.

    Args:
        at: the place, for errors: ``conversations.json: item 3`` or ``line 7``.
        document: which document of its file, from 0; the items of one array share it.
        item: its place in that array, or None where the document is no array.
    """

    at: str
    document: int
    item: int | None
    value: Any


def read_values(path: StrPath) -> Iterator[Found]:
    """The items of a JSON array, the objects of JSON lines, or both inside a zip's ``conversations*.json``.

    Raises:
        ThreadFormatError: no JSON, too long, or a zip without conversations; it names file and place.
        OSError: it cannot be read.
    """
    with naming_file(path), open(path, "rb") as file:
        if file.read(4) == b"PK\x03\x04":
            yield from _of_archive(file)
        else:
            file.seek(0)
            yield from _of_stream(file, "")


def _of_archive(file: IO[bytes]) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if _CONVERSATIONS.fullmatch(name)]
            if not names:
                refuse("", "this zip holds no conversations.json: hand over the export as it was downloaded")
            for name in sorted(names):
                with archive.open(name) as member:
                    yield from _of_stream(member, f"{name}: ")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        # RuntimeError: it wants a password; NotImplementedError: a compression Python does not have.
        raise ThreadFormatError(f"this zip cannot be read: {error}") from None


def _of_stream(stream: IO[bytes], within: str) -> Iterator[Found]:
    from ...json.serialization import loads

    try:
        for document, item, data in iter_values(_chunks(stream), longest=MOST_BYTES_A_VALUE):
            at = f"{within}document {document}" if item is None else f"{within}item {item}"
            try:
                value = loads(data)
            except DecodeError as error:
                raise ThreadFormatError(str(error), place=at) from None
            yield Found(at, document, item, value)
    except DecodeError as error:
        raise ThreadFormatError(str(error), place=within.removesuffix(": ") or None) from None


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    left = MOST_BYTES
    while chunk := stream.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise DecodeError(f"more than {MOST_BYTES >> 30} GiB come out of it")
        yield chunk
