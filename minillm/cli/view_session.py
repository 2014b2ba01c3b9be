"""The viewer in a terminal: what each key does, and what is on the screen then.

It knows neither keyboard nor terminal: keys come by name, and lines go out.
"""

import io
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from ..tree.render.part_text import message_text
from ..view.outline import Outline
from ..view.searching import search
from .cost import print_bill
from .terminal_text import one_line, printable
from .view_rows import message_head, row_text

__all__ = ["ViewSession"]

_LONGEST = 20_000
_MOST_MESSAGES = 400

_HELP = """\
 ↑ ↓  j k        a row up, down
 PgUp PgDn       a page up, down
 Home End  g G   the first, the last row
 ←  h            fold, or to the node above
 →  l            unfold, or to the first below
 Enter Space     fold or unfold
 [ ]             the sibling before, after
 E e             fold all, unfold all
 /               search: type, Enter; Esc leaves it
 n N             the next match, the one before
 p               the path to the node in hand, whole
 b               the bill
 ?               these keys
 q               back, and out\
"""


class ViewSession:
    """Where a reader stands.

    Args:
        outline: what is looked at.
        here: the number of the node in hand.
        title: what stands on top.
    """

    def __init__(self, outline: Outline, here: int, title: str) -> None:
        self.outline = outline
        self.here = here
        self.title = title
        self.typing: str | None = None
        self.told = ""
        self.size = (80, 24)
        self._top = 0
        self._page: str | None = None  # "path", "bill" or "help" over the tree
        self._lines: list[Text] = []
        self._line = 0
        self._found: list[int] = []
        self._bills: dict[int, list[Text]] = {}  # by width: adding up a large tree takes seconds
        self._keys: dict[str, Callable[[], None]] = {
            **dict.fromkeys(("up", "k"), lambda: self._step(-1)),
            **dict.fromkeys(("down", "j"), lambda: self._step(1)),
            "page up": lambda: self._step(-self._room),
            "page down": lambda: self._step(self._room),
            **dict.fromkeys(("home", "g"), lambda: self._step(-len(outline.nodes))),
            **dict.fromkeys(("end", "G"), lambda: self._step(len(outline.nodes))),
            **dict.fromkeys(("left", "h"), self._left),
            **dict.fromkeys(("right", "l"), self._right),
            **dict.fromkeys(("enter", " "), self._toggle),
            "[": lambda: self._go(outline.sibling(self.here, -1)),
            "]": lambda: self._go(outline.sibling(self.here, 1)),
            "E": self._fold_all,
            "e": outline.unfold_all,
            "/": self._begin_search,
            "n": lambda: self._match(1),
            "N": lambda: self._match(-1),
            "p": lambda: self._open("path", self._path_lines),
            "b": lambda: self._open("bill", self._bill_lines),
            "?": lambda: self._open("help", lambda: [Text(line) for line in _HELP.split("\n")]),
        }

    def press(self, key: str) -> bool:
        """Do what a key does; False where it leaves."""
        self.told = ""
        if key == "interrupt":
            return False
        if self.typing is not None:
            self._type(key)
        elif key in ("q", "escape"):
            if self._page is None:
                return key != "q"
            self._page = None
        elif self._page is not None and key in _SCROLLS:
            self._scroll(key)
        elif self._page is None or key in "pb?":
            self._keys.get(key, lambda: None)()
        return True

    def draw(self, width: int, height: int) -> list[Text]:
        """So many lines of so many cells: the title, the tree or a page over it, what can be done."""
        if (width, height) != self.size and self._page == "path":
            self.size = width, height
            self._lines = self._path_lines()
        self.size = width, height
        room = self._room
        if self._page is None:
            lines = self._rows(room)
        else:
            self._line = max(0, min(self._line, len(self._lines) - room))
            lines = self._lines[self._line : self._line + room]
        head = Text(one_line(f"{self.title} · {len(self.outline.nodes):,} nodes"), style="bold")
        lines = [head, *lines, *[Text("")] * (room - len(lines)), self._foot()]
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return lines[:height]

    @property
    def _room(self) -> int:
        return max(1, self.size[1] - 2)

    def _rows(self, room: int) -> list[Text]:
        rows = self.outline.rows
        place = self._place
        self._top = max(0, min(max(min(self._top, place), place - room + 1), len(rows) - room))
        shown = rows[self._top : self._top + room]
        return [row_text(self.outline, number, self.size[0], here=number == self.here, ids=False) for number in shown]

    def _foot(self) -> Text:
        if self.typing is not None:
            return Text(f"/{printable(self.typing)}", style="bold")
        keys = "q back  ↑↓ scroll" if self._page else "? keys  ↑↓←→ Enter fold  / search  p path  b bill  q quit"
        return Text(self.told or keys, style="" if self.told else "dim")

    # ---------------------------------------------------------------- moving

    @property
    def _place(self) -> int:
        from bisect import bisect_left

        return bisect_left(self.outline.rows, self.here)

    def _step(self, rows: int) -> None:
        shown = self.outline.rows
        self.here = shown[max(0, min(len(shown) - 1, self._place + rows))]

    def _go(self, number: int | None) -> None:
        if number is None:
            self.told = "no further"
            return
        self.outline.reveal(number)
        self.here = number

    def _left(self) -> None:
        if self.outline.children[self.here] and not self.outline.is_folded(self.here):
            self.outline.fold(self.here)
        elif (parent := self.outline.parents[self.here]) >= 0:
            self.here = parent

    def _right(self) -> None:
        if self.outline.is_folded(self.here):
            self.outline.fold(self.here, folded=False)
        elif self.outline.children[self.here]:
            self.here += 1

    def _toggle(self) -> None:
        self.outline.fold(self.here, not self.outline.is_folded(self.here))

    def _fold_all(self) -> None:
        self.outline.fold_all()
        self.here = self.outline.visible(self.here)

    # ---------------------------------------------------------------- searching

    def _begin_search(self) -> None:
        self.typing = ""

    def _type(self, key: str) -> None:
        typed = self.typing or ""
        if key == "escape":
            self.typing = None
        elif key == "enter":
            self.typing = None
            self._search(typed)
        elif key == "backspace":
            self.typing = typed[:-1]
        elif len(key) == 1:
            self.typing = typed + key

    def _search(self, text: str) -> None:
        number_of = self.outline.number_of
        self._found = [number_of(node) for node in search(self.outline.nodes, text)]
        self.told = f"{len(self._found):,} found" if self._found else "nothing found"
        if self._found and self.here not in self._found:
            self._match(1)

    def _match(self, step: int) -> None:
        if not self._found:
            self.told = "nothing is searched for: / begins"
            return
        onward = self._found if step > 0 else self._found[::-1]
        number = next((each for each in onward if (each - self.here) * step > 0), onward[0])
        self._go(number)
        self.told = f"{self._found.index(number) + 1:,} of {len(self._found):,}"

    # ---------------------------------------------------------------- pages over the tree

    def _open(self, name: str, lines: Callable[[], list[Text]]) -> None:
        if self._page == name:
            self._page = None
            return
        self._page, self._lines = name, lines()
        self._line = len(self._lines) if name == "path" else 0

    def _scroll(self, key: str) -> None:
        self._line += _SCROLLS[key] if abs(_SCROLLS[key]) < 2 else _SCROLLS[key] // 2 * self._room
        self._line = max(0, min(self._line, len(self._lines) - self._room))

    def _path_lines(self) -> list[Text]:
        way = [self.here]
        while (parent := self.outline.parents[way[-1]]) >= 0 and len(way) < _MOST_MESSAGES:
            way.append(parent)
        above = self.outline.depths[way[-1]]
        lines = [Text(f"… {above:,} messages above", style="dim")] if above else []
        # The console only measures here.
        console = Console(file=io.StringIO(), width=max(10, self.size[0]), highlight=False)
        for number in reversed(way):
            text = message_text(self.outline.nodes[number].message, reasoning=True)
            left = len(text) - _LONGEST
            lines += [
                message_head(self.outline, number),
                *Text(printable(text[:_LONGEST])).wrap(console, console.width),
            ]
            if left > 0:
                lines.append(Text(f"… {left:,} more characters; minillm view --path prints all", style="dim"))
            lines.append(Text(""))
        return lines

    def _bill_lines(self) -> list[Text]:
        width = self.size[0]
        if width not in self._bills:
            self._bills[width] = self._new_bill_lines(max(20, width))
        return self._bills[width]

    def _new_bill_lines(self, width: int) -> list[Text]:
        console = Console(file=io.StringIO(), width=width, highlight=False, emoji=False)
        roots = [node for node, parent in zip(self.outline.nodes, self.outline.parents, strict=True) if parent < 0]
        print_bill(console, self.title, roots, json=False, attempts=False)
        shown = console.file
        assert isinstance(shown, io.StringIO)
        return [Text(line) for line in shown.getvalue().split("\n")]


# Lines, or, by two, pages; a tenth of a billion is an end.
_SCROLLS = {
    **dict.fromkeys(("up", "k"), -1),
    **dict.fromkeys(("down", "j"), 1),
    "page up": -2,
    **dict.fromkeys(("page down", " "), 2),
    **dict.fromkeys(("home", "g"), -(10**8)),
    **dict.fromkeys(("end", "G"), 10**8),
}
