"""Settings from a .env file: only when asked, never from parent folders, never over the environment."""

import os
from os import PathLike

from .errors import ConfigurationError

__all__ = ["load_env"]


def load_env(path: str | PathLike[str] = ".env") -> dict[str, bool]:
    """Put the variables of a ``.env`` file into the environment, where they are not set already.

    Args:
        path: the file; a missing one is fine and sets nothing.

    Returns:
        Each variable of the file, and whether it was set now. Values are not returned, so that they are
        not printed by accident.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    if not os.path.exists(path):
        return {}
    taken, problem = _load(path)
    if problem:
        # Raised out here: the frames within hold what stands in the file.
        raise ConfigurationError(f"{os.fspath(path)} cannot be read: {problem}")
    return taken


def _load(path: str | PathLike[str]) -> tuple[dict[str, bool], str]:
    """What was set, and what is wrong with the file."""
    from dotenv import dotenv_values

    if os.path.isdir(path):
        return {}, "it is a folder"
    try:
        values = dotenv_values(path, interpolate=False)
    except OSError as error:
        return {}, error.strerror or type(error).__name__
    except ValueError:
        return {}, "it is not UTF-8 text"
    missing = {name: value for name, value in values.items() if value is not None and name not in os.environ}
    for name, value in missing.items():
        if "\0" in name + value:
            return {}, f"the value of {name!r} holds a NUL character"
    os.environ.update(missing)
    return {name: name in missing for name in values}, ""
