"""The words and lines of a diff."""

from minillm.tree import Node
from minillm.tree.node_changes import changes_between
from minillm.tree.render.diff_lines import address, changed_lines, headline, preview
from tests.tree.trees import chain


def test_changed_lines_stand_among_a_few_unchanged_ones():
    before = "\n".join(str(number) for number in range(20))
    found = list(changed_lines(before, before.replace("10", "ten").replace("\n19", "")))
    assert found == [
        *[(" ", "8"), (" ", "9"), ("-", "10"), ("+", "ten"), (" ", "11"), (" ", "12")],
        *[(" ", "17"), (" ", "18"), ("-", "19")],
    ]


def test_nothing_has_no_lines():
    assert list(changed_lines("", "a\nb")) == [("+", "a"), ("+", "b")]
    assert list(changed_lines("a", "")) == [("-", "a")]


def test_a_difference_far_to_the_right_is_one():
    long = "x" * 1000
    assert [sign for sign, _ in changed_lines(long + "a", long + "b")] == ["-", "+"]
    assert "more characters" in next(iter(changed_lines(long, "")))[1]


def test_very_many_lines_are_not_compared():
    assert list(changed_lines("a\n" * 5000, "b\n" * 5000)) == [("…", "5001 lines became 5001: too many to compare")]


def test_a_place_is_the_way_down():
    root = Node.root("s")
    root.add_user("0")
    inner = root.add_user("1").add_user("2")
    assert (address(root, root), address(inner, root)) == ("top", "1.0")
    top, leaf = chain(1000)
    assert address(leaf, top) == "0.0.0.0.0.0.(987 more).0.0.0.0.0.0"


def test_a_headline_says_what_happened():
    a = Node.root("s")
    a.add_user("goes").add_user("too")
    (gone,) = changes_between(a, Node.root("s"))
    assert headline(gone, a, Node.root("s")) == "0 user: goes (and 1 under it)"


def test_control_characters_are_shown_not_obeyed():
    node = Node.root("\x1b[31m" + "long " * 100)
    assert "\x1b" not in preview(node)
    assert len(preview(node)) == 60
    assert list(changed_lines("\x1b[0m", "")) == [("-", "\\x1b[0m")]
