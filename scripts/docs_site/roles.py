"""Sphinx's roles in docstrings, as Markdown shows them. An extension of griffe, which reads the docstrings."""

import re
from typing import Any

import griffe

ROLE = re.compile(r":(?:class|func|meth|mod|data|attr|exc):`(~?)([^`]+)`")


class Roles(griffe.Extension):
    """``:class:`~minillm.chat.Run``` becomes ``Run`` in code letters."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = ROLE.sub(written, obj.docstring.value)


def written(role: re.Match[str]) -> str:
    name = role[2].rpartition(".")[2] if role[1] else role[2]
    return f"`{name}`"
