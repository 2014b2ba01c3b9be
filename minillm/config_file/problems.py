"""What is wrong with a file, and where."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigurationError

__all__ = ["ConfigFileError", "Path", "Problem", "closest", "key_path", "quoted"]

Path = tuple[str | int, ...]

_MOST_TOLD = 10
_LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault.

    Args:
        message: what was found, and what is allowed.
        key: where in the file's structure, such as ``steps[2].model``; ``""`` for the whole file.
        line: counted from 1; None where there is no line (a missing file).
        column: counted from 1, in characters.
        file: the file's name as it was given; None for a text without one.
    """

    message: str
    key: str = ""
    line: int | None = None
    column: int | None = None
    file: str | None = None

    @property
    def place(self) -> str:
        """``recipe.toml:12:5``, as editors and terminals link it."""
        if self.line is None:
            return self.file or ""
        column = "" if self.column is None else f":{self.column}"
        return f"{self.file}:{self.line}{column}" if self.file else f"line {self.line}{column}"

    def __str__(self) -> str:
        return ": ".join(fact for fact in (self.place, self.key, self.message) if fact)


class ConfigFileError(ConfigurationError):
    """A file that is not what it must be; ``problems`` holds every fault that was found, in the file's order.

    ``file``, ``line``, ``column`` and ``key`` are those of the first.
    """

    def __init__(self, problems: Sequence[Problem], **common: Any) -> None:
        self.problems = tuple(problems)
        told = [str(problem) for problem in self.problems[:_MOST_TOLD]]
        left_out = len(self.problems) - len(told)
        if left_out:
            told.append(f"and {left_out} more")
        super().__init__("\n".join(told), **common)

    @property
    def file(self) -> str | None:
        return self.problems[0].file

    @property
    def line(self) -> int | None:
        return self.problems[0].line

    @property
    def column(self) -> int | None:
        return self.problems[0].column

    @property
    def key(self) -> str:
        return self.problems[0].key


def key_path(path: Path) -> str:
    """``steps[2].model``; keys that are no plain words are quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            plain = step.replace("-", "_").isidentifier() and len(step) <= _LONGEST_QUOTE
            text += ("." if text else "") + (step if plain else quoted(step))
    return text


def quoted(text: str) -> str:
    """The text in double quotes, printable and not too long."""
    short = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."
    inner = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{inner}"'


def closest(word: str, known: Iterable[str]) -> str:
    """``; did you mean "model"?``, or nothing where nothing is near."""
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word[:_LONGEST_QUOTE].lower(), list(names), 1, 0.6)
    return f"; did you mean {quoted(names[near[0]])}?" if near else ""
