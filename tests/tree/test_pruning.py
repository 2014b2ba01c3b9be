"""Pruning: what goes, goes with all that is under it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.tree import Node, prune
from minillm.types import Message, Role
from tests.tree.trees import DEEP, bushy, chain, check, random_trees


@given(random_trees(), st.sets(st.integers(0, 12)))
def test_exactly_what_is_named_goes(root, numbers):
    nodes = list(root.iter_depth_first())
    chosen = {nodes[number] for number in numbers if 0 < number < len(nodes)}
    expected = [node for node in nodes if chosen.isdisjoint(node.path())]
    gone = prune(root, lambda node: node in chosen)
    assert list(root.iter_depth_first()) == expected
    assert all(node.is_root and node in chosen for node in gone)
    assert sum(node.node_count() for node in gone) == len(nodes) - len(expected)
    for node in (root, *gone):
        check(node)


def test_the_top_is_not_asked():
    root = Node.root("s")
    assert prune(root, lambda node: True) == []
    child = root.add_user("u")
    child.add_user("v")
    assert prune(child, lambda node: True)[0].text == "v"
    assert child.parent is root


def test_nothing_has_changed_where_the_question_raises():
    root = bushy(20)

    def drop(node):
        if node is list(root.iter_depth_first())[9]:
            raise KeyError("no score")
        return node.is_leaf and node.depth == 2

    with pytest.raises(KeyError):
        prune(root, drop)
    assert root.node_count() == 20


def test_unlisted_nodes_keep_their_parent():
    root = Node.root("s")
    hidden = root.unlisted(Message(Role.USER, "h"))
    root.add_user("u")
    prune(root, lambda node: True)
    assert hidden.parent is root
    assert hidden.list_under_parent() in root.children


def test_a_hundred_thousand_siblings_and_as_great_a_depth():
    """Half of the siblings go: were each looked for among the others, this would take minutes."""
    root = Node.root("s")
    for number in range(DEEP):
        root.add_user("even" if number % 2 else "odd")
    assert len(prune(root, lambda node: node.text == "odd")) == DEEP // 2
    assert root.node_count() == 1 + DEEP // 2
    deep, leaf = chain(DEEP)
    assert prune(deep, lambda node: node is leaf) == [leaf]
