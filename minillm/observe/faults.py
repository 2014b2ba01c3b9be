"""How errors are named where their words may not be told."""

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["complain", "error_type", "place_of"]

_complained: set[tuple[str, str]] = set()


def complain(hook: Callable[..., Any], error: BaseException) -> None:
    """Log that the hook has failed, once for each kind of failure. Not its words: they may quote what was said."""
    named = f"{getattr(hook, '__module__', '?')}.{getattr(hook, '__qualname__', type(hook).__name__)}"
    what = named, type(error).__name__
    if what in _complained or len(_complained) > 1000:
        return
    _complained.add(what)
    from .logger import LOGGER

    LOGGER.error(
        "the hook %s raised %s (%s); it is called on, and not complained of again",
        named,
        what[1],
        place_of(error),
        extra={"event": "hook_failed", "minillm": {"hook": named, "error_type": what[1], "place": place_of(error)}},
    )


def place_of(error: BaseException) -> str:
    """Where it was raised: file, line and function; no variable, no source."""
    traceback = error.__traceback__
    if traceback is None:
        return ""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code
    return f"{code.co_filename}:{traceback.tb_lineno} in {code.co_name}"


def error_type(error: BaseException) -> str:
    """The class of an error: alone for ours and Python's own, else with its module."""
    kind = type(error)
    module = kind.__module__
    if module.partition(".")[0] in ("builtins", "minillm", "asyncio") or module not in sys.modules:
        return kind.__qualname__
    return f"{module}.{kind.__qualname__}"
