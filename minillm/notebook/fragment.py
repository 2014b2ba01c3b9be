"""A piece of a page that a notebook shows, and words for everybody else.

Inert: no script, link or image. Texts come in through :func:`said` alone, so that nothing in them is markup.
"""

from functools import cache
from html import escape
from pathlib import Path

from ..tree.render.printable import printable

__all__ = ["Fragment", "fragment", "said", "style"]


class Fragment:
    """HTML with a text that says the same; ``str()`` gives the text.

    Args:
        html: the markup, complete with its style.
        text: what a terminal shows.
    """

    def __init__(self, html: str, text: str) -> None:
        self.html = html
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def fragment(kind: str, body: str, text: str) -> Fragment:
    """A fragment in our style: ``body`` inside an element of the class ``minillm-nb`` and ``kind``."""
    return Fragment(f'<div class="minillm-nb {kind}"><style>{style()}</style>{body}</div>', text)


def said(text: object) -> str:
    """Any text as words on a page: what steers terminals and directions is shown, not obeyed."""
    return escape(printable(str(text)))


@cache
def style() -> str:
    return Path(__file__).with_name("notebook.css").read_text("utf-8")
