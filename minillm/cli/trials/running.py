"""A run until its end, Ctrl-C or a full disk."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from ...run_sync import run_sync

__all__ = ["FAILED", "INTERRUPTED", "Ended", "carry_out"]

FAILED = 1
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run has ended.

    Args:
        full: what was found later is not in the file.
    """

    interrupted: bool = False
    full: bool = False


def carry_out(run: Callable[[], Coroutine[Any, Any, Any]], found: Callable[[], object]) -> Ended:
    """Run it. What was found until Ctrl-C, or until the disk was full, is still here.

    Args:
        found: whether anything was.

    Raises:
        OSError: the file cannot be written, and nothing was found; or nobody reads the output any more.
    """
    try:
        run_sync(run())
    except KeyboardInterrupt:
        return Ended(interrupted=True)
    except OSError as error:
        if isinstance(error, BrokenPipeError) or not found():
            raise
        return Ended(full=True)
    return Ended()
