"""The tables of ``docs/parameters.md``: every option, its default, its meaning, and what each wire makes of it.

``python -m tests.chat.parameter_tables`` writes them between their markers; a test checks that they are current.
Meanings are those of the docstrings, defaults those of the dataclasses, wires those that the tests see at a server.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

from minillm import CompletionParameters, NodeCompletionParameters, Timeouts
from minillm.calling.settings import TIMEOUTS
from minillm.chat.parameters import Call
from minillm.policies.options import CallOptions
from minillm.types import Severity
from tests.chat.test_every_option import ON_THE_WIRE
from tests.import_graph import REPOSITORY

PAGE = REPOSITORY / "docs" / "parameters.md"
BEGIN = "<!-- {}: written by python -m tests.chat.parameter_tables -->"
END = "<!-- end of {} -->"

MARKS = {Severity.LOST: "lost", Severity.NOTE: "note", None: "nothing"}
# What a field of the node is called where its default stands.
ELSEWHERE = {"parse_json": False, "tools": None}


def meanings(kind: type) -> dict[str, str]:
    """The text of each argument in a docstring."""
    block = (kind.__doc__ or "").split("Args:\n", 1)[1]
    found: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        head = re.match(r" {8}(\w+): (.*)", line)
        if head:
            name, found[head[1]] = head[1], head[2]
        elif line.strip() and name:
            found[name] += " " + line.strip()
    return {name: _markdown(text) for name, text in found.items()}


def _markdown(text: str) -> str:
    return re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", text).replace("``", "`").replace("|", "\\|")


def default_of(name: str) -> Any:
    """What holds when nobody says anything."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    if name in TIMEOUTS:
        return getattr(Timeouts(), TIMEOUTS[name])
    for kind in (CallOptions, Call):
        for field in fields(kind):
            if field.name == name:
                return field.default if field.default is not MISSING else None
    raise KeyError(name)


def wire_lines() -> Iterator[str]:
    yield "| option | meaning | Chat | Responses | Messages | Gemini |"
    yield "|---|---|---|---|---|---|"
    rows: dict[str, list[set[str]]] = {}
    for name, _, *expected in ON_THE_WIRE:
        cells = rows.setdefault(name, [set() for _ in expected])
        for cell, one in zip(cells, expected, strict=True):
            cell.add("sent" if isinstance(one, Mapping) else MARKS[one])
    for name, meaning in meanings(CompletionParameters).items():
        cells = [" or ".join(sorted(cell, key=["sent", "lost", "note", "nothing"].index)) for cell in rows[name]]
        yield f"| `{name}` | {meaning} | {' | '.join(cells)} |"


def node_lines() -> Iterator[str]:
    yield "| option | default | meaning |"
    yield "|---|---|---|"
    said = meanings(NodeCompletionParameters)
    for field in fields(NodeCompletionParameters):
        if field.name != "params":
            default = default_of(field.name)
            nothing = default in (None, ())
            meaning = said[field.name] if nothing else re.sub(r" \(default [^()]*\)", "", said[field.name])
            yield f"| `{field.name}` | {'none' if nothing else f'`{default!r}`'} | {meaning} |"


TABLES = {"wire options": wire_lines, "node options": node_lines}


def written(page: str) -> str:
    """The page with its tables as they should be."""
    for name, lines in TABLES.items():
        begin, end = BEGIN.format(name), END.format(name)
        before, rest = page.split(begin, 1)
        page = f"{before}{begin}\n\n" + "\n".join(lines()) + f"\n\n{end}" + rest.split(end, 1)[1]
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
