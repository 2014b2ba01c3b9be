"""``minillm view``: a saved conversation in the terminal, or as a page."""

import os
import sys
import webbrowser
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from rich.console import Console
from rich.text import Text

from ..errors import ConfigurationError
from ..tree import Node
from ..tree.render.part_text import message_text
from ..view import Conversations, open_conversations, write_page
from ..view.outline import Outline
from ..view.searching import search
from .cost import print_bill
from .listing import print_json
from .screen import note
from .terminal_text import one_line, printable
from .view_keys import Keys
from .view_rows import bill_of, message_head, row_text, short_id, words_around
from .view_session import ViewSession

__all__ = ["view"]

_PATIENCE = 0.5  # seconds until a changed size is seen
_LEAST_ID = 4


def view(
    console: Console,
    file: str,
    *,
    depth: int | None = None,
    search_for: str | None = None,
    path: str | None = None,
    bill: bool = False,
    json: bool = False,
    html: str | None = None,
    open_page: bool = False,
) -> int:
    """Show what a file holds; in a terminal, and asked for nothing special, with keys.

    Args:
        depth: levels below the root that are shown.
        search_for: print the nodes that say this.
        path: print the thread to the node whose id begins so.
        bill: print the bill.
        json: as one JSON value.
        html: write the page to this file.
        open_page: show the page in the browser; without ``html`` it is a temporary file.

    Raises:
        ConfigurationError: no node, or more than one, has such an id.
        OSError: a file cannot be read or written.
        ThreadFormatError: it holds no conversation.
    """
    shown = open_conversations(Path(file).expanduser())
    if html is not None or open_page:
        return _page(console, shown, html, open_page)
    if bill:
        return print_bill(console, shown.name, shown.roots, json=json, attempts=False)
    outline = Outline(shown.nodes())
    if path is not None:
        return _path(console, outline, outline.number_of(_node_by_id(outline.nodes, path)), json)
    if search_for is not None:
        return _matches(console, outline, search_for, json)
    if depth is not None:
        outline.fold_below(depth)
    if json:
        _print_rows(console, outline, shown, (outline.nodes[number] for number in outline.rows))
    elif depth is None and _is_watched(console):
        _interactive(console, outline, shown)
    else:
        _outline(console, outline, shown)
    return 0


def _page(console: Console, shown: Conversations, html: str | None, open_page: bool) -> int:
    if html is None:
        descriptor, name = mkstemp(prefix="minillm-", suffix=".html")
        os.close(descriptor)
    else:
        name = str(Path(html).expanduser())
    write_page(shown, name)
    note(console, f"{name}: {os.path.getsize(name):,} bytes, complete in itself")
    if open_page and not webbrowser.open(Path(name).resolve().as_uri()):
        note(console, "no browser could be opened; open the file yourself")
    return 0


def _is_watched(console: Console) -> bool:
    return console.is_terminal and not console.is_dumb_terminal and sys.stdin.isatty()


def _interactive(console: Console, outline: Outline, shown: Conversations) -> None:
    session = ViewSession(outline, outline.number_of(shown.here), shown.name)
    with Keys() as keys, console.screen(hide_cursor=True) as screen:
        drawn: object = None
        while True:
            if drawn != console.size:
                drawn = console.size
                screen.update(*_joined(session.draw(console.width, console.height)))
            try:
                key = keys.next(_PATIENCE)
            except EOFError:
                return
            if key is not None:
                if not session.press(key):
                    return
                drawn = None


def _joined(lines: list[Text]) -> Iterator[Text]:
    yield Text("\n").join(lines)


def _outline(console: Console, outline: Outline, shown: Conversations) -> None:
    """A row a node. Not through rich where nobody looks: a hundred thousand rows take it a minute."""
    for number in outline.rows:
        row = row_text(outline, number, console.width)
        row.rstrip()
        if console.is_terminal:
            console.print(row, no_wrap=True, soft_wrap=True)
        else:
            console.file.write(row.plain + "\n")
    count = len(outline.nodes)
    hidden = count - len(outline.rows)
    told = f"{count:,} nodes" + (f", {hidden:,} of them deeper" if hidden else "")
    if shown.lost:
        told += f"; {shown.lost:,} things of the file could not be kept"
    note(console, told)


def _node_by_id(nodes: Iterable[Node], wanted: str) -> Node:
    found = [node for node in nodes if node.id == wanted] or (
        [node for node in nodes if node.id.startswith(wanted)] if len(wanted) >= _LEAST_ID else []
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigurationError(f"{len(found)} ids begin with {wanted!r}: give more of it")
    raise ConfigurationError(
        f"no node's id is or begins with {wanted!r}; at least {_LEAST_ID} letters of it are needed"
    )


def _path(console: Console, outline: Outline, number: int, json: bool) -> int:
    way = [number]
    while (parent := outline.parents[way[-1]]) >= 0:
        way.append(parent)
    way.reverse()
    if json:
        print_json(console, {"path": [_row(outline, each) for each in way]})
        return 0
    for each in way:
        text = message_text(outline.nodes[each].message, reasoning=True)
        console.print(message_head(outline, each), soft_wrap=True)
        if console.is_terminal:
            console.print(Text(printable(text)))
        else:
            console.file.write(printable(text) + "\n")
        console.print()
    return 0


def _matches(console: Console, outline: Outline, wanted: str, json: bool) -> int:
    if json:
        found = [_row(outline, outline.number_of(node)) for node in search(outline.nodes, wanted)]
        print_json(console, {"search": wanted, "found": found})
        return 0
    count = 0
    for count, node in enumerate(search(outline.nodes, wanted), 1):  # noqa: B007  told below
        row = Text(f"{short_id(node)}  ", style="dim")
        row.append(f"{one_line(str(node.role), 12)} ", style="not dim bold")
        row.append(one_line(words_around(node, wanted), 400), style="not dim")
        if console.is_terminal:
            row.highlight_words([wanted], "reverse", case_sensitive=False)
        row.truncate(console.width, overflow="ellipsis")
        console.print(row, no_wrap=True, soft_wrap=True)
    note(console, f"{count:,} of {len(outline.nodes):,} nodes")
    return 0


def _print_rows(console: Console, outline: Outline, shown: Conversations, nodes: Iterable[Node]) -> None:
    rows = [_row(outline, outline.number_of(node)) for node in nodes]
    told = {"file": shown.name, "nodes": len(outline.nodes), "conversations": len(shown.roots), "not_kept": shown.lost}
    print_json(console, {**told, "shown": rows})


def _row(outline: Outline, number: int) -> Mapping[str, Any]:
    node, parent = outline.nodes[number], outline.parents[number]
    bill = bill_of(node)
    return {
        "id": node.id,
        "parent": None if parent < 0 else outline.nodes[parent].id,
        "depth": outline.depths[number],
        "children": outline.children[number],
        "role": str(node.role),
        "text": message_text(node.message, reasoning=True),
        "asked": bill is not None,
        "usd": None if bill is None or bill.usd is None else f"{bill.usd:f}",
    }
