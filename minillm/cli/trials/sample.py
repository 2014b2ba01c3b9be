"""``config`` of these commands: a commented configuration."""

from importlib.resources import files

from rich.console import Console

from ...errors import ConfigurationError
from ..screen import note

__all__ = ["write_sample"]


def write_sample(console: Console, command: str, file: str, *, force: bool) -> int:
    """Write the ``sample.toml`` of a command, such as ``benchmark``.

    Raises:
        ConfigurationError: the file is there already.
        OSError: it cannot be written.
    """
    text = files(f"minillm.{command}").joinpath("sample.toml").read_text("utf-8")
    try:
        with open(file, "w" if force else "x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        raise ConfigurationError(f"{file} is there already; --force writes over it") from None
    note(console, f"wrote {file}; run it with: minillm {command} run -c {file}")
    return 0
