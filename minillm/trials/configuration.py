"""The configuration that is meant, by name or by looking for it."""

import os
from collections.abc import Sequence

from ..config_file import Document

__all__ = ["document_of", "find_config"]


def find_config(names: Sequence[str], folder: str | os.PathLike[str] = ".") -> str | None:
    """The first of these names that is in the folder; None where none is."""
    for name in names:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return name if folder == "." else path
    return None


def document_of(config: str | None, names: Sequence[str]) -> Document | None:
    """Read the one that was named, else the first of these names that is here; None where there is neither.

    Raises:
        ConfigFileError: it is no TOML or JSON, or is not there.
    """
    name = config or find_config(names)
    return None if name is None else Document.load(name)
