"""Results on a disk, a JSON value a line, each written as soon as it is known.

{"kind": "run", "format": 1, "of": "benchmark", ...}   what was planned; once more where a run was gone on with
{"kind": ..., ...}                                     what was found, by what it is
{"kind": "end", "ending": "done"}                      absent where the program was killed
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

from ..errors import ConfigurationError, DecodeError
from ..json import dumps, loads

__all__ = ["Line", "LinesFile", "StrPath", "read_lines", "refuse_taken"]

_LONGEST_LINE = 64 * 1024 * 1024

StrPath = str | os.PathLike[str]


class LinesFile:
    """Appends to a file. Every line is with the system before the next is made, so a program that is killed loses none.

    Args:
        path: None writes nothing.
        facts: of the plan; they are the first line of a run.

    Raises:
        OSError: it cannot be written; it names the file, also where a disk fills up.
    """

    #: What a subclass writes: the command's name, and the newest form of its lines.
    of = ""
    form = 1

    def __init__(self, path: StrPath | None, facts: Mapping[str, Any]) -> None:
        self._path = path
        self._facts = facts
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = open(self._path, "ab", buffering=0)
            try:
                self._mend_end(self._path)
                self.write("run", {"format": self.form, "of": self.of, **self._facts})
            except BaseException:
                self._file.close()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def keeps(self) -> bool:
        """Whether lines go anywhere."""
        return self._file is not None

    def write(self, kind: str, row: Mapping[str, Any]) -> None:
        """One line."""
        if self._file is None:
            return
        left = memoryview(dumps({"kind": kind, **row}) + b"\n")
        try:
            while left:  # a disk that fills up takes a part of it, and complains only of the next
                left = left[self._file.write(left) :]
        except OSError as error:
            raise OSError(error.errno, error.strerror, os.fspath(self._path or "")) from None

    def end(self, ending: str) -> None:
        """The run has ended."""
        self.write("end", {"ending": ending})

    def _mend_end(self, path: StrPath) -> None:
        """A line that was cut when a program was killed says nothing, and other readers of the file stumble over it."""
        assert self._file is not None
        if not os.path.isfile(path):
            return  # a device or a pipe has no end to be mended, and may never stop being read
        with open(path, "rb") as file:
            last, start = b"", 0
            for line in iter(lambda: file.readline(_LONGEST_LINE), b""):
                last, start = line, file.tell() - len(line)
        if not last or last.endswith(b"\n"):
            return
        try:
            loads(last)
        except DecodeError:
            self._file.truncate(start)
        else:
            self._file.write(b"\n")


@dataclass(frozen=True, slots=True)
class Line:
    """One of a file of results.

    Args:
        place: ``FILE:12``, for what is said of it.
    """

    place: str
    row: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.row.get("kind"))

    @property
    def facts(self) -> dict[str, Any]:
        """What a line of kind ``run`` says of the plan."""
        return {key: value for key, value in self.row.items() if key not in ("kind", "format", "of")}


def read_lines(path: StrPath, of: type[LinesFile], *, what: str) -> Iterator[Line]:
    """The lines of a file, as far as they came: one that was cut is left out. The first is of kind ``run``.

    Args:
        of: who writes such files.
        what: how messages call the command.

    Raises:
        ConfigurationError: it is no such file, or of a newer version; the message names the line.
        OSError: it cannot be read.
    """
    name = os.fspath(path)
    begun = False
    with open(path, "rb") as file:
        for number, text in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
            if not text.strip():
                continue
            try:
                row = loads(text)
            except DecodeError:
                if number == 1:
                    raise ConfigurationError(f"{name}:1: no JSON: this is no file of results") from None
                continue  # cut when its program was killed
            if not isinstance(row, dict):
                raise ConfigurationError(f"{name}:{number}: a JSON object is expected on each line")
            line = Line(f"{name}:{number}", row)
            if line.kind == "run":
                _check_run(line, of)
                begun = True
            if not begun:
                break
            yield line
    if not begun:
        raise ConfigurationError(f'{name} holds no results of {what}: its first line is not of kind "run"')


def refuse_taken(path: StrPath | None) -> None:
    """Results of another run are not mixed with those of a new one.

    Raises:
        ConfigurationError: the file holds something.
    """
    if path is not None and os.path.exists(path) and os.path.getsize(path):
        raise ConfigurationError(f"{os.fspath(path)} is there already; go on with it (resume), or name another file")


def _check_run(line: Line, of: type[LinesFile]) -> None:
    form, written_by = line.row.get("format"), line.row.get("of", of.of)
    if written_by != of.of:
        raise ConfigurationError(f"{line.place}: results of minillm {written_by}, not of minillm {of.of}")
    if not isinstance(form, int) or form > of.form:
        raise ConfigurationError(
            f"{line.place}: written by a newer version (format {form!r}); this one reads {of.form}"
        )
