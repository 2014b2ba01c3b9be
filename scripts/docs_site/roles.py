"""Docstrings as Markdown shows them: Sphinx's roles, and first sentences of two lines. An extension of griffe."""

import re
from typing import Any

import griffe

ROLE = re.compile(r":(?:class|func|meth|mod|data|attr|exc):`(~?)([^`]+)`")


class Roles(griffe.Extension):
    """``:class:`~minillm.chat.Run``` becomes ``Run`` in code letters; lists of names show the whole first sentence."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = on_one_line(ROLE.sub(written, obj.docstring.value))


def written(role: re.Match[str]) -> str:
    name = role[2].rpartition(".")[2] if role[1] else role[2]
    return f"`{name}`"


def on_one_line(text: str) -> str:
    """What a list shows of a docstring is its first line."""
    first, blank, others = text.partition("\n\n")
    drawn = any(line.startswith((" ", "-", "|")) for line in first.splitlines())
    return text if drawn else " ".join(first.split("\n")) + blank + others
