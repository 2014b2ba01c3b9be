"""A row of the outline: as wide as it may be, whatever is in it."""

import pytest

from minillm.cli.view_rows import figure_words, message_head, row_text, words_around
from minillm.tree import Node
from minillm.view.outline import Outline
from tests.view.samples import hostile, rivers


@pytest.mark.parametrize("width", [30, 80, 200])
def test_every_row_is_as_wide_as_the_screen(width: int) -> None:
    for root in (rivers(), hostile()):
        outline = Outline(root.iter_depth_first())
        outline.fold(2)
        for number in range(len(outline.nodes)):
            assert row_text(outline, number, width).cell_len >= width or width == 30
            assert row_text(outline, number, width).cell_len <= max(width, 60)


def test_a_row_tells_place_words_and_figures() -> None:
    outline = Outline(rivers().iter_depth_first())
    assert row_text(outline, 2, 100, ids=False).plain.startswith("  ▾ 1/3 assistant Take")
    outline.fold(2)
    assert "▸ 1/3" in row_text(outline, 2, 100).plain
    assert row_text(outline, 2, 100).plain.rstrip().endswith("+9  0.9  checked  $0.00123")
    assert figure_words(outline.nodes[0]) == ""
    assert message_head(outline, 2).plain.startswith("assistant  1 of 3 · 0.9")


def test_words_around_what_is_wanted() -> None:
    node = Node.root("a" * 500 + " needle " + "b" * 500)
    assert words_around(node, "NEEDLE").startswith("…" + "a" * 23 + " needle")
    assert words_around(node, "nothing").startswith("aaa")
    assert words_around(Node.root(""), "x") == "[empty]"
