"""Answers side by side, as HTML: while they are written, and when they are compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .fragment import Fragment, fragment, said

__all__ = ["Column", "Piece", "State", "columns"]

Piece = tuple[str, bool]  # a text, and whether it differs from the first column's
State = Literal["waiting", "writing", "done", "failed", "left"]


@dataclass(frozen=True, slots=True)
class Column:
    """One answer.

    Args:
        title: who writes it, or which it is.
        text: what is there, or pieces of it.
        note: one line below: how far it is, what it took, what went wrong.
        score: where it has one.
    """

    title: str
    text: str | Sequence[Piece] = ""
    note: str = ""
    state: State = "done"
    score: float | None = None

    @property
    def words(self) -> str:
        return self.text if isinstance(self.text, str) else "".join(piece for piece, _ in self.text)


def columns(shown: Sequence[Column], head: str = "") -> Fragment:
    """All of them, as many in a row as there is room for.

    Args:
        head: a line above.
    """
    body = [f'<p class="head">{said(head)}</p>'] if head else []
    body.append('<div class="columns">')
    body += map(_html, shown)
    body.append("</div>")
    return fragment("side-by-side", "".join(body), _plain(shown, head))


def _html(column: Column) -> str:
    score = "" if column.score is None else f'<span class="score">{column.score:g}</span>'
    text = said(column.text) if isinstance(column.text, str) else "".join(map(_piece, column.text))
    return (
        f'<section class="column {column.state}"><header><b>{said(column.title)}</b>{score}</header>'
        f'<pre dir="auto">{text}</pre><footer>{said(column.note)}</footer></section>'
    )


def _piece(piece: Piece) -> str:
    text, differs = piece
    return f"<mark>{said(text)}</mark>" if differs else said(text)


def _plain(shown: Sequence[Column], head: str) -> str:
    from ..tree.render.printable import printable

    lines = [head] if head else []
    for column in shown:
        score = "" if column.score is None else f" ({column.score:g})"
        lines.append(f"-- {column.title}{score}" + (f" · {column.note}" if column.note else ""))
        lines.append(column.words)
    return printable("\n".join(lines))
