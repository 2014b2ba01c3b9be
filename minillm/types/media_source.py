"""Where media come from: files, bytes, texts of base64, data URLs; checked as they are read.

This floor knows no errors of ours: :mod:`minillm.errors` hands down the class that is raised.
"""

import base64
import os
from stat import S_ISDIR, S_ISREG
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

from .media_type import canonical, decode_base64, guess_media_type, kind_of_type

__all__ = [
    "MAX_BYTES",
    "Path",
    "as_base64",
    "checked_type",
    "is_data_url",
    "plain_bytes",
    "read_file",
    "size",
    "split_data_url",
    "web_address",
]

Path = str | os.PathLike[str]

#: How large a file may be unless a call says otherwise: no host takes so much in one request.
MAX_BYTES: Final = 256 * 1024 * 1024

unusable: type[ValueError] = ValueError  # MediaError, once errors is imported

_KINDS: Final = {"image": "picture", "audio": "sound", "video": "film", "document": "document"}
_CLASSES: Final = {"image": "ImagePart", "audio": "AudioPart", "video": "VideoPart", "document": "FilePart"}
_READ_FOR_TEXT: Final = 4096
_CONTROLS: Final = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")


def read_file(path: Path, max_bytes: int = MAX_BYTES) -> tuple[bytes, str]:
    """The bytes of a file, and its name.

    Raises:
        MediaError: no such file, no plain file, not readable, empty, or larger than ``max_bytes``.
    """
    given: Any = path
    shown = os.fspath(given) if isinstance(given, os.PathLike) else given
    if not isinstance(shown, str):
        raise unusable(f"a path is a str or a Path, not {type(shown).__name__}")
    try:
        mode = os.stat(shown).st_mode
        data = _beginning(shown, max_bytes + 1) if S_ISREG(mode) else b""
    except FileNotFoundError:
        where = os.path.dirname(os.path.abspath(shown))
        there = "" if os.path.isdir(where) else ", and no such folder either"
        raise unusable(f"{shown}: no such file (looked for in {where}{there})") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise unusable(f"{shown}: cannot be read: {reason}") from None
    if S_ISDIR(mode):
        raise unusable(f"{shown}: a folder, not a file; give each of its files by itself")
    if not S_ISREG(mode):  # it might never end, and opening it might wait for ever
        raise unusable(f"{shown}: no plain file (a pipe, socket or device); read it yourself and give the bytes")
    if not data:
        raise unusable(f"{shown}: the file is empty")
    if len(data) > max_bytes:
        raise unusable(f"{shown}: larger than {size(max_bytes)}; upload it and give its file_id, or raise max_bytes")
    return data, os.path.basename(shown)


def _beginning(path: str, count: int) -> bytes:
    with open(path, "rb") as file:
        return file.read(count)


def plain_bytes(data: Any) -> bytes:
    """Bytes of any kind as bytes.

    Raises:
        MediaError: it is something else; a number would make as many zeros.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise unusable(f"bytes are expected, not {type(data).__name__}; from_file() reads a path")
    return bytes(data)


def is_data_url(url: Any) -> bool:
    """Whether an address holds its bytes itself.

    Raises:
        MediaError: it is no text.
    """
    if not isinstance(url, str):
        raise unusable(f"an address is a text, not {type(url).__name__}")
    return url[:5].lower() == "data:"


def split_data_url(url: str) -> tuple[str | None, bytes]:
    """``(media type, bytes)`` of a data URL (RFC 2397), its payload in base64 or percent-encoded.

    Raises:
        MediaError: it is no data URL, its payload is not base64, or it holds nothing.
    """
    found = is_data_url(url)
    head, comma, payload = url[5:].partition(",")
    if not found or not comma:
        raise unusable("no data URL: one reads data:<media type>;base64,<payload>")
    if head.lower().endswith(";base64"):
        head = head[: -len(";base64")]
        try:
            data = decode_base64(unquote_to_bytes(payload).decode("ascii") if "%" in payload else payload)
        except ValueError:
            raise unusable(f"the payload of the data URL ({_short(head) or 'no media type'}) is not base64") from None
    else:
        data = unquote_to_bytes(payload)
    if not data:
        raise unusable("the data URL holds no bytes")
    return head.strip() or None, data


def web_address(url: str) -> str:
    """``url``, where it is an address that a host could fetch.

    Raises:
        MediaError: it has no scheme or no host, or it names a file of this machine.
    """
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), parts.hostname
    except ValueError:
        scheme, host = "", None
    if scheme == "file":
        raise unusable("a file: URL means a file of this machine, which no host can fetch: give its path instead")
    # gs:// and other stores are the host's business.
    if not scheme or not host or any(ord(c) <= 32 for c in url):
        raise unusable("no web address: one reads https://host/path; for a file of this machine give its path")
    return url


def checked_type(data: bytes, mime: str | None, name: str | None, kind: str) -> str:
    """The media type of ``data``: as said, else by its bytes, else by the name.

    Raises:
        MediaError: nobody can tell it, or it is none of ``kind``.
    """
    where = f"{name}: " if name else ""
    if not data:
        raise unusable(f"{where}no bytes")
    if mime is not None:
        if "/" not in mime:
            raise unusable(f"{where}{_short(mime)!r} is no media type; one reads image/png")
        return mime
    found = guess_media_type(data, name) or ("text/plain" if _is_text(data) else None)
    if found is None:
        raise unusable(f"{where}neither the bytes nor the name tell what this is: say mime='image/png', or what it is")
    if kind != "document" and kind_of_type(found) != kind:
        right = _CLASSES[kind_of_type(found)]
        raise unusable(
            f"{where}{canonical(found)} is no {_KINDS[kind]}: use {right}, or media.load(), which picks the part; "
            "mime= overrules the guess"
        )
    return found


def _is_text(data: bytes) -> bool:
    head = data[:_READ_FOR_TEXT]
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or len(data) <= _READ_FOR_TEXT:
            return False
    return _CONTROLS.isdisjoint(head)


def size(count: int) -> str:
    """A number of bytes for people, as hosts count them: ``12.3 MB``, each 1,048,576 bytes."""
    for unit, bits in (("GB", 30), ("MB", 20), ("kB", 10)):
        if count >= 1 << bits:
            return f"{round(count / (1 << bits), 1):g} {unit}"
    return f"{count} bytes"


def as_base64(data: bytes) -> str:
    """Standard base64 without line breaks."""
    return base64.b64encode(data).decode("ascii")


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "..."
