"""A file read: its values, and where each stands."""

import os
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, TypeVar

from .json_places import json_places
from .places import MAX_LEVELS, Places, TooDeep
from .problems import ConfigFileError, Path, Problem, key_path, quoted
from .secrets import REFUSAL, secret_paths
from .syntax import BadSyntax, parse_json, parse_toml
from .toml_places import toml_places

__all__ = ["MAX_BYTES", "Document", "Format", "load_config", "parse_config"]

#: The largest file that is read. Nobody writes a megabyte of settings by hand.
MAX_BYTES = 1_000_000

T = TypeVar("T")
Format = Literal["toml", "json"]
_FORMATS: dict[str, Format] = {".toml": "toml", ".json": "json"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """The values of one file, not yet of any form.

    Args:
        values: tables as dicts, numbers with a fraction as Decimal, dates as dates.
        name: the file as errors name it; None for a text without a file.
        folder: what relative paths in it are relative to; None for the current folder.
    """

    values: dict[str, Any]
    name: str | None = None
    folder: str | None = None
    _places: Places = field(default_factory=lambda: Places(""), compare=False)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, format: Format | None = None) -> "Document":
        """Read a file.

        Args:
            path: the file.
            format: "toml" or "json"; by the file's ending unless given.

        Raises:
            ConfigFileError: missing, a folder, not to be read, larger than :data:`MAX_BYTES`, not UTF-8, not TOML or
                JSON, a key given twice, nested too deep, or holding what looks like a secret key.
        """
        name = os.fspath(path)
        kind = format or _format_of(name)
        folder = os.path.dirname(os.path.abspath(name)) if "\0" not in name else None
        return cls._parse(_decode(_read(name), name), kind, name, folder)

    @classmethod
    def parse(cls, text: str, *, format: Format = "toml", name: str | None = None) -> "Document":
        """Read a text, which errors call ``name``.

        Raises:
            ConfigFileError: as :meth:`load`.
        """
        return cls._parse(text, format, name, None)

    @classmethod
    def _parse(cls, text: str, kind: Format, name: str | None, folder: str | None) -> "Document":
        try:
            places = toml_places(text) if kind == "toml" else json_places(text)
        except TooDeep as error:
            line, column = Places(text).line_and_column(error.offset)
            message = f"nested deeper than {MAX_LEVELS} levels"
            raise ConfigFileError([Problem(message, line=line, column=column, file=name)]) from None
        document = cls({}, name, folder, places)
        if places.twice:
            raise ConfigFileError([document._given_twice(path, offset) for path, offset in places.twice])
        try:
            values = parse_toml(text) if kind == "toml" else parse_json(text)
        except BadSyntax as error:
            problem = Problem(error.message, line=error.line, column=error.column, file=name)
            raise ConfigFileError([problem]) from None
        document.values.update(values)
        secrets = secret_paths(values)
        if secrets:
            raise document.errors([(path, REFUSAL) for path in secrets])
        return document

    def shape(self, kind: type[T]) -> T:
        """The document as a dataclass.

        Raises:
            ConfigFileError: keys that are unknown or missing, values of a wrong type or out of bounds: all of them.
            TypeError: ``kind`` is no dataclass, or a field's type is none that a file can hold: a fault of the program.
        """
        from .shaping import Shaper

        shaper = Shaper(self.folder)
        value: T = shaper.document(kind, self.values)
        if shaper.problems:
            raise self.errors(shaper.problems)
        return value

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of a key, both from 1; of what is around it, where the key itself is not there."""
        return self._places.line_and_column(self._places.find(path))

    def problem(self, path: Path, message: str, near: str = "") -> Problem:
        """A fault of one key.

        Args:
            near: words of its value, to name their own line in a long text.
        """
        line, column = self._places.line_and_column(self._places.find_words(path, near))
        return Problem(message, key_path(path), line, column, self.name)

    def error(self, path: Path, message: str, near: str = "") -> ConfigFileError:
        """An error about one key, to be raised."""
        return ConfigFileError([self.problem(path, message, near)])

    def errors(self, problems: list[tuple[Path, str]]) -> ConfigFileError:
        """One error about several keys, in the order of their lines."""
        told = [self.problem(path, message) for path, message in problems]
        return ConfigFileError(sorted(told, key=lambda problem: (problem.line or 0, problem.column or 0)))

    def _given_twice(self, path: Path, offset: int) -> Problem:
        first, _ = self.place(path)
        line, column = self._places.line_and_column(offset)
        return Problem(f"given twice; first on line {first}", key_path(path), line, column, self.name)

    def __repr__(self) -> str:
        return f"Document({self.name or 'a text'})"


def load_config(path: str | os.PathLike[str], kind: type[T], *, format: Format | None = None) -> T:
    """A file as a dataclass, see :mod:`minillm.config_file`.

    Args:
        path: the file; ``.toml`` or ``.json``.
        kind: the dataclass.
        format: where the ending does not tell.

    Raises:
        ConfigFileError: what is wrong with it, where, and what is allowed.
    """
    return Document.load(path, format=format).shape(kind)


def parse_config(text: str, kind: type[T], *, format: Format = "toml", name: str | None = None) -> T:
    """A text as a dataclass.

    Raises:
        ConfigFileError: as :func:`load_config`.
    """
    return Document.parse(text, format=format, name=name).shape(kind)


def _format_of(name: str) -> Format:
    ending = os.path.splitext(name)[1].lower()
    if ending not in _FORMATS:
        found = f"ends in {quoted(ending)}" if ending else "has no ending"
        raise ConfigFileError([Problem(f"its name {found}; allowed: .toml, .json", file=name)])
    return _FORMATS[ending]


def _read(name: str) -> bytes:
    def refuse(message: str) -> NoReturn:
        raise ConfigFileError([Problem(message, file=name)])

    try:
        if os.path.isdir(name):
            refuse("is a folder, not a file")
        with open(name, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        refuse("there is no such file")
    except PermissionError:
        refuse("may not be read (permissions)")
    except (OSError, ValueError) as error:
        refuse(f"cannot be read: {getattr(error, 'strerror', None) or 'no possible name of a file'}")
    if len(data) > MAX_BYTES:
        refuse(f"larger than {MAX_BYTES} bytes, which no settings are")
    return data


def _decode(data: bytes, name: str) -> str:
    if data.startswith(_UTF16):
        raise ConfigFileError([Problem("is UTF-16; save it as UTF-8", line=1, column=1, file=name)])
    data = data.removeprefix(b"\xef\xbb\xbf")  # a mark that some editors write
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ConfigFileError([Problem(message, line=line, column=column, file=name)]) from None
