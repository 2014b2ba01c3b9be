"""A conversation as one page that needs nobody: no server, no network, no other file.

What stands in a file stays words. It reaches the page as JSON in a data block, in which no character
can end the block; the scripts put it on the screen as text nodes alone (a test reads them for anything
that parses markup); and the page's own policy lets no script run but the one whose hash it names, loads
nothing, and opens no form or frame. That is what a browser enforces if all else should fail.
"""

import base64
import hashlib
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from ..errors import ConfigurationError
from ..json import dumps
from ..tree.atomic_write import StrPath, atomic_write
from ..tree.render.printable import printable
from .bill import bill
from .conversations import Conversations, Source, conversations_of
from .entries import columns

__all__ = ["page", "write_page"]

_SCRIPTS = ("text", "words", "outline", "list", "diff", "cards", "panes", "search", "actions", "keys")

# Inside a script element "<" can end it or open a comment; the others are for whoever pastes the page elsewhere.
_ESCAPES = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    ("\u2028".encode(), b"\\u2028"),
    ("\u2029".encode(), b"\\u2029"),
)


def page(source: Source | Conversations, *, title: str | None = None) -> str:
    """The HTML text of a page with the whole tree: to fold, to search, to compare, with its bill.

    Synchronous; a tree of 100,000 nodes takes about a second.

    Args:
        source: a node, whose tree is shown with that node in hand; or the path of a saved thread, tree,
            journal or export; or what :func:`open_conversations` gave.
        title: what stands on top. The default is the export's own title, else the file's name.

    Raises:
        ThreadFormatError: the file is of no known format, or not what its format must be.
        OSError: it cannot be read.
        TypeError: ``source`` is neither a node nor a path.
    """
    return _bytes(source, title).decode()


def write_page(source: Source | Conversations, path: StrPath, *, title: str | None = None) -> None:
    """Write :func:`page` to a file, which is replaced whole or not at all.

    Raises:
        ThreadFormatError: the source is of no known format, or not what its format must be.
        OSError: the source cannot be read or the file not be written.
        TypeError: ``source`` is neither a node nor a path.
    """
    made = _bytes(source, title)
    with atomic_write(path) as file:
        file.write(made)


def _bytes(source: Source | Conversations, title: str | None) -> bytes:
    if title is not None and not isinstance(title, str):
        raise ConfigurationError(f"title must be a text, not {type(title).__name__}")
    shown = source if isinstance(source, Conversations) else conversations_of(source)
    data, attempts = columns(shown.nodes(), shown.here)
    data["bill"] = bill(attempts)
    data["lost"] = shown.lost
    data["title"] = title or _title(shown, data)
    head, foot = _frame(data["title"])
    return b"".join((head.encode("utf-8", "replace"), _inert(dumps(data)), foot.encode()))


def _title(shown: Conversations, data: dict[str, Any]) -> str:
    first = data["more"].get("0", {}).get("title")
    return first if first and len(shown.roots) == 1 else shown.name or "Conversation"


def _inert(json: bytes) -> bytes:
    for plain, escaped in _ESCAPES:
        json = json.replace(plain, escaped)
    return json


def _frame(title: str) -> tuple[str, str]:
    """What stands before the data and behind it."""
    style, script, body = _asset("page.css"), _script(), _asset("page.html")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(printable(title))}</title><style>{style}</style></head>\n<body>\n{body}"
        '<script type="application/json" id="data">'
    )
    return head, f"</script>\n<script>{script}</script>\n</body></html>\n"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _script() -> str:
    """All scripts as one, so that none of their names is the page's."""
    inner = "".join(_asset(f"{name}.js") for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{inner}}})();\n'


@cache
def _asset(name: str) -> str:
    return files("minillm.view").joinpath("assets", name).read_text("utf-8")
