"""What a docstring says: the prose at its top, and a description for each member it names.

Three customs are read: Google's (``Args:``), NumPy's (``Parameters`` over dashes) and Sphinx's (``:param x:``).
"""

import inspect
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = ["Docstring", "parse_docstring"]


class Docstring(NamedTuple):
    """``prose`` is everything up to the first section; ``members`` holds descriptions by name."""

    prose: str
    members: dict[str, str]


# Sections that describe parameters or fields; every other section only ends the prose.
_ABOUT_MEMBERS = {
    *("args", "arguments", "attributes", "fields", "parameters", "params", "keyword args", "keyword arguments"),
    *("other parameters",),
}
_GOOGLE_TITLE = re.compile(r"(\w+|[Kk]eyword [Aa]rg(?:ument)?s|[Oo]ther [Pp]arameters|[Ss]ee [Aa]lso):[ \t]*")
_DASHES = re.compile(r"-{3,}[ \t]*")
_GOOGLE_ENTRY = re.compile(r"[ \t]*\*{0,2}(\w+)[ \t]*(?:\(.*?\))?[ \t]*:(?:[ \t]+(.*)|)$")
_NUMPY_ENTRY = re.compile(r"[ \t]*(\*{0,2}\w+(?:[ \t]*,[ \t]*\*{0,2}\w+)*)[ \t]*(?::.*)?$")
_SPHINX_FIELD = re.compile(r":(\w+)(?:[ \t]+([^:]*))?:(?:[ \t]+(.*)|)$")
_SPHINX_MEMBERS = {"param", "parameter", "arg", "argument", "key", "keyword", "var", "ivar", "cvar"}


def parse_docstring(text: str | None) -> Docstring:
    """The parts of a docstring; what follows no custom is prose."""
    lines = inspect.cleandoc(text or "").splitlines()
    members: dict[str, str] = {}
    first = len(lines)
    at = 0
    while at < len(lines):
        line = lines[at]
        body = at + 1
        if (field := _SPHINX_FIELD.match(line)) is not None:
            end = _end_of_indented(lines, body)
            _read_field(field, lines[body:end], members)
        elif line.strip() and body < len(lines) and line[0] != " " and _DASHES.fullmatch(lines[body]):
            body += 1
            end = _end_of_underlined(lines, body)
            if line.strip().lower() in _ABOUT_MEMBERS:
                members.update(_numpy_entries(lines[body:end]))
        elif (title := _GOOGLE_TITLE.fullmatch(line)) is not None:
            end = _end_of_indented(lines, body)
            if title[1].lower() in _ABOUT_MEMBERS:
                members.update(_google_entries(lines[body:end]))
        else:
            at += 1
            continue
        first = min(first, at)
        at = end
    return Docstring("\n".join(lines[:first]).strip(), {name: said for name, said in members.items() if said})


def _end_of_indented(lines: Sequence[str], start: int) -> int:
    end = start
    while end < len(lines) and (not lines[end].strip() or lines[end][0] in " \t"):
        end += 1
    return end


def _end_of_underlined(lines: Sequence[str], start: int) -> int:
    end = start
    while end < len(lines) and not (end + 1 < len(lines) and _DASHES.fullmatch(lines[end + 1])):
        end += 1
    return end


def _read_field(field: "re.Match[str]", more: Iterable[str], members: dict[str, str]) -> None:
    words = (field[2] or "").split()
    if field[1] in _SPHINX_MEMBERS and words:  # the last word: a type may stand before the name
        members[words[-1].lstrip("*\\")] = _joined([field[3] or "", *more])


def _google_entries(lines: Sequence[str]) -> dict[str, str]:
    """``name (type): description``, goes on in deeper lines."""
    found: dict[str, list[str]] = {}
    said: list[str] = []
    depth = _depth(lines)
    for line in lines:
        entry = _GOOGLE_ENTRY.match(line) if _indent(line) <= depth else None
        if entry is not None:
            said = found[entry[1]] = [entry[2] or ""]
        else:
            said.append(line)
    return {name: _joined(pieces) for name, pieces in found.items()}


def _numpy_entries(lines: Sequence[str]) -> dict[str, str]:
    """``name : type`` or ``a, b : type``, the description below and deeper."""
    found: dict[str, list[str]] = {}
    said: list[str] = []
    depth = _depth(lines)
    for line in lines:
        entry = _NUMPY_ENTRY.match(line) if line.strip() and _indent(line) <= depth else None
        if entry is not None:
            said = []
            found.update((name.strip().lstrip("*"), said) for name in entry[1].split(","))
        else:
            said.append(line)
    return {name: _joined(pieces) for name, pieces in found.items()}


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _depth(lines: Sequence[str]) -> int:
    return next((_indent(line) for line in lines if line.strip()), 0)


def _joined(pieces: Iterable[str]) -> str:
    return " ".join(piece.strip() for piece in pieces if piece.strip())
