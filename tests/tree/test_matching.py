"""Which node of one tree is which of another."""

import pickle

from hypothesis import given

from minillm.tree import Node
from minillm.tree.matching import twins_by_content, twins_by_id, twins_for_reading
from minillm.types import ChatResponse, Choice, Message, Role
from tests.tree.trees import random_trees


def copy_of(root: Node) -> Node:
    return pickle.loads(pickle.dumps(root))  # type: ignore[no-any-return]


def answer(id: str, text: str) -> Node:
    message = Message(Role.ASSISTANT, text)
    return Node(message).remember(ChatResponse(id, "m", (Choice(0, message),)))


@given(random_trees())
def test_a_tree_is_its_copys_twin_node_by_node(root):
    """Equal siblings too: the first is the first's."""
    for other, find in ((copy_of(root), twins_by_id), (root.clone(), twins_by_content), (root, twins_for_reading)):
        pairs = zip(other.iter_depth_first(), root.iter_depth_first(), strict=True)
        assert find(root, other) == dict(pairs)


def test_of_equal_siblings_those_with_one_id_are_twins():
    """Where a copy has lost the first of them, the second is not taken for it, nor what stands below for new."""
    root = Node.root("s")
    root.add_user("u")
    second = root.add_user("u")
    below = second.add_assistant("a")
    other = copy_of(root)
    other.children[0].detach()
    (kept,) = other.children
    assert twins_by_content(root, other) == {other: root, kept: second, kept.children[0]: below}


def test_the_same_id_with_other_words_is_another_node():
    root = Node.root("s")
    child = root.add_user("u")
    text = root.to_tree_json().replace('"content":"u"', '"content":"edited"')
    other = Node.from_tree_json(text)
    assert twins_by_id(root, other) == {other: root}
    assert twins_for_reading(root, other) == {other: root, other.children[0]: child}


def test_two_answers_with_the_same_words_are_two():
    root = Node.root("s")
    first, second = root.add_child(answer("1", "Paris.")), root.add_child(answer("2", "Paris."))
    other = root.clone()
    other.children[0].detach()
    assert twins_by_content(root, other)[other.children[0]] is second
    assert first not in twins_by_content(root, other).values()


def test_other_words_at_the_top_are_no_twins_by_content():
    assert twins_by_content(Node.root("a"), Node.root("b")) == {}


def test_for_reading_id_comes_before_content_before_place():
    root = Node.root("s")
    a, b = root.add_user("a"), root.add_user("b")
    other = copy_of(root)
    other.children[1].add_child(other.children[0])  # a moved under b
    added = other.add_user("c")
    assert twins_for_reading(root, other) == {other: root, other.children[0]: b, other.children[0].children[0]: a}
    assert added not in twins_for_reading(root, other)
    copy = root.clone()
    copy.children[0].detach()
    edited = copy.add_user("a, but better")
    assert twins_for_reading(root, copy) == {copy: root, copy.children[0]: b, edited: a}
