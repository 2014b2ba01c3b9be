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
    from dotenv import dotenv_values

    if not os.path.exists(path):
        return {}
    try:
        values = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{os.fspath(path)} cannot be read: {error}") from error
    taken: dict[str, bool] = {}
    for name, value in values.items():
        taken[name] = value is not None and name not in os.environ
        if value is not None and name not in os.environ:
            os.environ[name] = value
    return taken
