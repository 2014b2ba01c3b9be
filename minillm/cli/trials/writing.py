"""Files that are asked for beside the results."""

import os
from datetime import datetime

from ...errors import ConfigurationError
from ...trials.lines import refuse_taken
from ..screen import complain, error_screen, note

__all__ = ["check_folders", "results_path", "write_text", "written"]


def results_path(command: str, *, output: str | None, resume: str | None) -> str:
    """Where results go.

    Raises:
        ConfigurationError: ``output`` holds something, or is another file than the one that is gone on with.
    """
    if resume is not None:
        if output not in (None, resume):
            raise ConfigurationError(f"--resume appends to {resume}: leave out --output {output}")
        return resume
    refuse_taken(output)
    return output or datetime.now().strftime(f"{command}-%Y%m%d-%H%M%S.jsonl")  # noqa: DTZ005  the user's own clock


def check_folders(*files: str | None) -> None:
    """What is written at the end must not turn out to have no place after an hour.

    Raises:
        ConfigurationError: the folder of one is not there.
    """
    for file in files:
        folder = os.path.dirname(file or "")
        if folder and not os.path.isdir(folder):
            raise ConfigurationError(f"{file} cannot be written: there is no folder {folder}")


def write_text(path: str, text: str) -> None:
    """Write it and say so. Raises OSError with the file's name where that cannot be."""
    try:
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None  # a full disk does not say which file
    note(error_screen(), f"wrote {path}")


def written(path: str, text: str) -> bool:
    """Whether that is written: a page that cannot be is told, and takes nothing with it."""
    try:
        write_text(path, text)
    except OSError as error:
        complain(error, error_screen())
        return False
    return True
