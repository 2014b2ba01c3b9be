"""``minillm repair``: JSON out of what a model said."""

import json
import re
import sys
from pathlib import Path

from ..errors import InvalidOutput
from ..json import dumps, repair_json
from .screen import complain, error_screen, note

__all__ = ["repair"]

FOUND, REPAIRED, NOTHING = 0, 1, 2

_BROKEN = re.compile(rb"(?m)^(?:  )+")  # the indentation that our writer makes: two spaces a level


def repair(file: str, *, check: bool, indent: int | None) -> int:
    """Print the JSON value in a file or, for ``-``, in standard input; nothing else goes to standard output.

    Args:
        check: tell by the exit code whether there was anything to repair.
        indent: spaces a level; None keeps valid JSON as it is and writes repaired JSON compact.

    Returns:
        0; 1 with ``check`` where the input was not already that JSON value; 2 where there is none in
        it or it cannot be decoded. Blank input is nothing to repair: 0 and no output.
    """
    name = "standard input" if file == "-" else file
    data = _read(file)
    try:
        text = decoded(data)
    except UnicodeDecodeError as error:
        byte = f"byte {error.start} (0x{data[error.start]:02x})"
        complain(f"{name}: {byte} is not {error.encoding} text; convert it first")
        return NOTHING
    if not text.strip():
        note(error_screen(), f"{name} is blank: nothing to repair")
        return FOUND
    try:
        result = repair_json(text)
    except InvalidOutput as error:
        complain(f"{name}: {error}")
        return NOTHING
    output = result.text.encode() if indent is None else indented(result.value, indent)
    _write(output + b"\n")
    return REPAIRED if check and result.changed else FOUND


def decoded(data: bytes) -> str:
    """JSON bytes as text: UTF-8, or UTF-16 and UTF-32 by their byte order mark or their zero bytes.

    Raises:
        UnicodeDecodeError: the bytes are in none of them.
    """
    return data.decode(json.detect_encoding(data))


def indented(value: object, width: int) -> bytes:
    """The value as JSON, ``width`` spaces a level. A line break inside a string is escaped, so lines are levels."""
    return _BROKEN.sub(lambda match: b" " * (len(match[0]) // 2 * width), dumps(value, indent=True))


def _read(file: str) -> bytes:
    if file != "-":
        return Path(file).expanduser().read_bytes()
    if sys.stdin.isatty():
        note(error_screen(), "reading from the terminal; Ctrl-D ends the input")
    return sys.stdin.buffer.read()


def _write(data: bytes) -> None:
    """All of it: with PYTHONUNBUFFERED the stream below is the bare file, which may take less at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.buffer.flush()
