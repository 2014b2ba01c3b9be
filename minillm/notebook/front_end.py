"""Where things are shown: the notebook around the program, if there is one."""

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["begin_display", "in_notebook"]

Update = Callable[[object], None]


def in_notebook() -> bool:
    """Whether somebody looks at what is displayed: a Jupyter kernel (VS Code, Colab ...) or marimo. Imports nothing."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if getattr(shell, "kernel", None) is not None:
        return True
    marimo: Any = sys.modules.get("marimo")
    return marimo is not None and bool(marimo.running_in_notebook())


def begin_display(shown: object) -> Update | None:
    """Show it, and give what shows another in its place; None where nobody looks.

    marimo puts its own display functions in IPython's place, so that there is one way for all.
    """
    if not in_notebook():
        return None
    try:
        from IPython.display import display
    except ImportError:  # marimo can be without it
        return None
    showing: Any = display  # which IPython does not type
    handle = showing(shown, display_id=True)
    return None if handle is None else handle.update
