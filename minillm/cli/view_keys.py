"""Keys as they are pressed, by name, without waiting for Enter."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

__all__ = ["Keys", "names"]

# What terminals send (ECMA-48 and xterm's ctlseqs: cursor and editing keys, in normal and application mode).
_SEQUENCES = {
    "[A": "up",
    "[B": "down",
    "[C": "right",
    "[D": "left",
    "OA": "up",
    "OB": "down",
    "OC": "right",
    "OD": "left",
    "[H": "home",
    "[F": "end",
    "OH": "home",
    "OF": "end",
    "[1~": "home",
    "[4~": "end",
    "[5~": "page up",
    "[6~": "page down",
    "[3~": "delete",
}
_SINGLE = {"\r": "enter", "\n": "enter", "\x7f": "backspace", "\x08": "backspace", "\x03": "interrupt", "\x04": "q"}
_WINDOWS = {
    "H": "up",
    "P": "down",
    "M": "right",
    "K": "left",
    "G": "home",
    "O": "end",
    "I": "page up",
    "Q": "page down",
}


def names(text: str) -> Iterator[str]:
    """The keys in what a terminal sent; sequences that are not known give nothing."""
    at = 0
    while at < len(text):
        if text[at] != "\x1b":
            letter = text[at]
            at += 1
            if name := _SINGLE.get(letter) or (letter if letter.isprintable() else ""):
                yield name
            continue
        stop = _end_of_sequence(text, at + 1)
        sequence = text[at + 1 : stop]
        at = stop
        if not sequence:
            yield "escape"
        elif name := _SEQUENCES.get(sequence, ""):
            yield name


def _end_of_sequence(text: str, at: int) -> int:
    if text[at : at + 1] == "O":
        return at + 2
    if text[at : at + 1] != "[":
        return at
    at += 1
    while at < len(text) and not "@" <= text[at] <= "~":
        at += 1
    return at + 1


class Keys:
    """Reads them from a terminal, which gets its own settings back in the end."""

    def __init__(self) -> None:
        self._waiting: list[str] = []

    def __enter__(self) -> Self:
        self._cooked = _letters_at_once()
        self._cooked.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cooked.__exit__(kind, error, trace)

    def next(self, patience: float) -> str | None:
        """The next key, or None where none came within so many seconds.

        Raises:
            EOFError: the terminal has gone.
        """
        if not self._waiting:
            self._waiting = list(names(_read(patience)))
        return self._waiting.pop(0) if self._waiting else None


if sys.platform == "win32":
    import msvcrt
    import time

    @contextmanager
    def _letters_at_once() -> Iterator[None]:
        yield

    def _read(patience: float) -> str:
        until = time.monotonic() + patience
        while not msvcrt.kbhit():
            if time.monotonic() > until:
                return ""
            time.sleep(0.02)
        letter = msvcrt.getwch()
        if letter not in "\x00\xe0":
            return letter
        known = _WINDOWS.get(msvcrt.getwch(), "")
        return next((f"\x1b{sequence}" for sequence, name in _SEQUENCES.items() if name == known), "")

else:
    import select
    import termios
    import tty

    @contextmanager
    def _letters_at_once() -> Iterator[None]:
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        try:
            tty.setcbreak(descriptor)
            yield
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    def _read(patience: float) -> str:
        descriptor = sys.stdin.fileno()
        if not select.select([descriptor], [], [], patience)[0]:
            return ""
        data = os.read(descriptor, 1024)
        if not data:
            raise EOFError
        return data.decode("utf-8", "ignore")
