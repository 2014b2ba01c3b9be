"""A page that holds all it needs, lets the browser fetch nothing, and runs no script."""

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

from ..tree.render.printable import printable

__all__ = ["said", "title_of", "unfinished", "whole_page"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def said(text: object) -> str:
    """A text as words of a page and nothing else: what steers the direction of writing is shown, not obeyed."""
    return escape(printable(str(text)))


def whole_page(title: str, package: str, body: Iterable[str]) -> str:
    """The HTML text, complete and to be saved as it is.

    Args:
        package: whose ``page.css`` comes after the one of this room.
        body: markup.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{said(title)}</title><style>{_style('minillm.trials')}{_style(package)}</style></head>\n<body><main>"
        + "\n".join(body)
        + "</main></body></html>\n"
    )


def title_of(what: str, names: list[str], *, else_: str) -> str:
    """``Benchmark of a, b, c and others``."""
    return f"{what} of {', '.join(names[:3])}{' and others' if len(names) > 3 else ''}" if names else else_


def unfinished(ending: str) -> str:
    """The paragraph that says so, where a run has not come to its end."""
    return "" if ending == "done" else f'<p class="warn">Not finished: {said(ending or "cut")}.</p>'


@cache
def _style(package: str) -> str:
    return files(package).joinpath("page.css").read_text("utf-8")
