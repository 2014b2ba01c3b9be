"""Texts with expressions in braces, alone or inside lists and tables.

``{inputs.name}``, ``{upper(steps.x.output)}`` and ``{[x.name for x in item]}`` are filled in: an expression begins
right after its brace with a name or a list. ``{"a": 1}``, ``{}``, ``{ x }`` and ``{0}`` are text, as for ``ChatNode``.
Doubled braces escape: ``{{name}}`` becomes ``{name}``. A text that is one expression and nothing else has its value, of
whatever kind; in a longer text, what is no text becomes JSON. What was filled in is never looked at again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..config_file.problems import Path
from .evaluation import Scope, evaluate
from .expression import parse
from .functions import as_text
from .nodes import ExpressionError, Node

__all__ = ["BadTemplate", "Placeholder", "TextTemplate", "Value", "filled", "parse_text", "parse_value", "placeholders"]

_BRACED = re.compile(
    r"""(?<!\{)(\{++)((?:[^\W\d]|\[)(?:[^{}"'\n]|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')*+)(\}++)"""
)
_BEGUN = re.compile(r"\{(?:[-( \t]*+(?:inputs|steps)\.|(?:item|index)\b)[^\n]{0,40}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """An expression in a text, and how it is written there."""

    expression: Node
    source: str


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """Pieces of text and placeholders, in turn."""

    pieces: tuple[str | Placeholder, ...]

    def value(self, scope: Scope) -> Any:
        """A lone placeholder's value as it is, else a text."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], Placeholder):
            return _filled(self.pieces[0], scope)
        return self.text(scope)

    def text(self, scope: Scope) -> str:
        return "".join(piece if isinstance(piece, str) else as_text(_filled(piece, scope)) for piece in self.pieces)


Value = TextTemplate | dict[str, "Value"] | list["Value"] | None | bool | int | float


def _filled(piece: Placeholder, scope: Scope) -> Any:
    try:
        return evaluate(piece.expression, scope)
    except ExpressionError as error:
        raise ExpressionError(f"{piece.source}: {error}") from None


def filled(value: Value, scope: Scope) -> Any:
    """A JSON value with the texts in it filled in.

    Raises:
        ExpressionError: an expression has no value here.
    """
    if isinstance(value, TextTemplate):
        return value.value(scope)
    if isinstance(value, dict):
        return {key: filled(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, scope) for item in value]
    return value


class BadTemplate(ExpressionError):
    """A placeholder that is no expression. ``near`` is how it is written, ``path`` where in the value."""

    def __init__(self, message: str, near: str, path: Path = ()) -> None:
        super().__init__(message)
        self.near = near
        self.path = path


def parse_text(text: str) -> TextTemplate:
    """A text's pieces.

    Raises:
        BadTemplate: what stands in braces is no expression.
    """
    pieces: list[str | Placeholder] = []
    end = 0
    for found in _BRACED.finditer(text):
        before, source, after = found.groups()
        pairs = min(len(before), len(after))
        _check_closed(text[end : found.start()])
        pieces.append(text[end : found.start()] + "{" * (len(before) - pairs + pairs // 2))
        if pairs % 2:
            try:
                pieces.append(Placeholder(parse(source), source))
            except ExpressionError as error:
                message = f"{{{source[:60]}}} is no expression: {error}. Braces that are text are doubled: {{{{ }}}}"
                raise BadTemplate(message, "{" + source) from None
        else:
            pieces.append(source)
        pieces.append("}" * (len(after) - pairs + pairs // 2))
        end = found.end()
    _check_closed(text[end:])
    pieces.append(text[end:])
    return TextTemplate(tuple(piece for piece in pieces if piece != ""))


def _check_closed(text: str) -> None:
    begun = _BEGUN.search(text)
    if begun is not None:
        message = (
            f"{begun[0][:30]!r} is no expression: it begins right after the brace with a name and ends on its line"
        )
        raise BadTemplate(message, begun[0])


def parse_value(value: Any, path: Path = ()) -> Value:
    """A JSON value with its texts as templates.

    Raises:
        BadTemplate: see :func:`parse_text`; ``.path`` names the text.
    """
    if isinstance(value, str):
        try:
            return parse_text(value)
        except BadTemplate as error:
            raise BadTemplate(str(error), error.near, path) from None
    if isinstance(value, dict):
        return {key: parse_value(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [parse_value(item, (*path, at)) for at, item in enumerate(value)]
    return value  # type: ignore[no-any-return]


def placeholders(value: Value, path: Path = ()) -> Iterator[tuple[Path, Placeholder]]:
    """Every expression in it, and the path of its text."""
    if isinstance(value, TextTemplate):
        for piece in value.pieces:
            if isinstance(piece, Placeholder):
                yield path, piece
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from placeholders(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from placeholders(item, (*path, at))
