"""Flat lists of messages become trees, at any depth, and what is no tree is refused."""

import pytest

from minillm.errors import ThreadFormatError
from minillm.tree import Node
from minillm.tree.formats.entries import Entry, chain, each_tree, give_id, grow, one_tree, ordered
from minillm.types import Message, Role
from tests.tree.trees import check


def entry(id: str, parent: str | None = None, text: str | None = "x") -> Entry:
    return Entry(id, parent, () if text is None else (Message(Role.USER, text),), at=f"at {id}")


def test_a_hundred_thousand_levels() -> None:
    entries = [entry(str(i), str(i - 1) if i else None) for i in range(100_000)]
    roots, leaf = grow(Node, ordered(entries[::-1], {}, ""))
    assert (leaf.id, leaf.depth, len(roots)) == ("99999", 99_999, 1)


def test_children_stand_as_their_parent_lists_them() -> None:
    """Those it forgot come last."""
    entries = [entry("r"), *(entry(id, "r") for id in "abc")]
    assert [each.id for each in ordered(entries, {"r": ["c", "a"]}, "")] == ["r", "c", "a", "b"]


def test_a_gap_hands_its_children_up() -> None:
    roots, leaf = grow(
        Node, ordered([entry("r"), entry("gap", "r", None), entry("a", "gap"), entry("b", "gap")], {}, "")
    )
    check(roots[0])
    assert [child.id for child in roots[0].children] == ["a", "b"]
    assert leaf.id == "b"


def test_an_entry_of_several_messages_is_a_chain() -> None:
    """What follows hangs under the last, the id is the first's."""
    several = Entry("a", None, [Message(Role.USER, "1"), Message(Role.ASSISTANT, "2")], {"k": 1})
    roots, leaf = grow(Node, [several, entry("b", "a")], "b")
    assert [node.text for node in leaf.path()] == ["1", "2", "x"]
    assert (roots[0].id, roots[0].metadata) == ("a", {"k": 1})


@pytest.mark.parametrize(
    ("entries", "children", "problem"),
    [
        ([entry("a"), entry("a")], {}, "earlier message's"),
        ([entry("a", "gone")], {}, "not in the file"),
        ([entry("a"), entry("b", "c"), entry("c", "b")], {}, "circle"),
        ([entry("a"), entry("b"), entry("c", "a")], {"b": ["c"]}, "disagree"),
    ],
)
def test_what_is_no_tree_is_refused(entries: list[Entry], children: dict[str, list[str]], problem: str) -> None:
    with pytest.raises(ThreadFormatError, match=problem) as caught:
        ordered(entries, children, "")
    assert caught.value.place is not None


def test_what_was_said_is_literal_where_it_has_braces() -> None:
    """What is added under it is a template again."""
    plain, said = chain(Node, [Message(Role.SYSTEM, "no brace"), Message(Role.USER, "{{a}} {b}")])
    added = said.add_user("{b}")
    assert [node.literal for node in added.path()] == [False, True, False]
    assert [message.text for message in added.formatted_thread({"b": 1})] == ["no brace", "{{a}} {b}", "1"]
    assert plain._details is None  # a million nodes without braces stay small


def test_several_roots_stand_under_an_empty_system_message() -> None:
    roots, leaf = grow(Node, [entry("a"), entry("b")])
    thread = one_tree(Node, roots, leaf)
    assert thread is not None
    assert (thread.root.role, thread.root.text, thread.leaf.id) == (Role.SYSTEM, "", "b")
    assert one_tree(Node, [], None) is None


def test_several_roots_may_be_several_trees() -> None:
    roots, leaf = grow(Node, [entry("a"), entry("b", "a"), entry("c")])
    assert [(thread.root.id, thread.leaf.id) for thread in each_tree(roots, leaf)] == [("a", "b"), ("c", "c")]


def test_an_answer_has_a_record() -> None:
    """So it is known to be a model's words."""
    thread = chain(Node, [Message(Role.USER, "q"), Message(Role.ASSISTANT, "a")], "m")
    assert thread.root.response is None
    assert thread.leaf.response is not None
    assert thread.leaf.response.model == "m"
    give_id(thread.leaf, "x")
    assert thread.leaf.id == "x"
