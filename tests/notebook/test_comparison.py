"""Nodes side by side: which words differ."""

import pytest

from minillm import ChatNode, notebook
from minillm.notebook.comparison import compared
from minillm.tree import score
from tests.notebook.talks import talk


def marked(column: object) -> list[str]:
    return [text for text, differs in column.text if differs]  # type: ignore[attr-defined]


async def test_of_two_each_shows_what_the_other_lacks() -> None:
    _, nodes = await talk("Warm bread, warm people.", "Warm soup, warm people!")
    score(nodes[0], 1)
    first, second = compared(nodes)
    assert (marked(first), marked(second)) == (["bread", "."], ["soup", "!"])
    assert (first.words, second.words) == ("Warm bread, warm people.", "Warm soup, warm people!")
    assert (first.title, first.score, second.score) == ("1 · m-1", 1, None)
    assert "Warm <mark>bread</mark>" in notebook.compare(*nodes)._repr_html_()


async def test_of_more_each_is_held_against_the_first() -> None:
    _, nodes = await talk("one two", "one three", "four two")
    assert [marked(column) for column in compared(nodes)] == [[], ["three"], ["four"]]


async def test_one_alone_and_long_ones_are_not_marked() -> None:
    _, nodes = await talk("a", "word " * 3000, "other " * 3000)
    assert [marked(column) for column in (*compared(nodes[:1]), *compared(nodes[1:]))] == [[], [], []]


async def test_a_text_that_no_page_holds_is_cut() -> None:
    """And how much is left out is said; controls are written out after the cut, so that none is cut in two."""
    _, nodes = await talk("\x1b" * 100_000)
    shown = compared(nodes)[0].words
    assert shown == "\\x1b" * 20_000 + "… (80,000 more characters)"


def test_what_is_no_node_is_refused() -> None:
    with pytest.raises(ValueError, match="needs nodes"):
        notebook.compare()
    with pytest.raises(TypeError):
        notebook.compare(ChatNode.root("a"), "b")  # type: ignore[arg-type]
