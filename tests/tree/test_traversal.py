"""Walks: their order, their laziness, and what may happen meanwhile."""

from itertools import islice

from minillm.tree import Node
from minillm.tree.traversal import breadth_first, count, depth_first, find, last_leaf, leaves


def tree():
    root = Node.root("r")
    a, b = root.add_user("a"), root.add_user("b")
    a.add_user("a1").add_user("a11")
    a.add_user("a2")
    b.add_user("b1")
    return root


def texts(nodes):
    return [node.text for node in nodes]


def test_orders():
    root = tree()
    assert texts(depth_first(root)) == ["r", "a", "a1", "a11", "a2", "b", "b1"]
    assert texts(breadth_first(root)) == ["r", "a", "b", "a1", "a2", "b1", "a11"]
    assert texts(leaves(root)) == ["a11", "a2", "b1"]
    assert count(root) == 7
    assert last_leaf(root).text == "b1"


def test_a_walk_is_of_the_subtree_and_lazy():
    root = tree()
    assert texts(depth_first(root.children[1])) == ["b", "b1"]
    assert texts(islice(depth_first(root), 2)) == ["r", "a"]


def test_detaching_the_node_in_hand_is_safe():
    root = tree()
    seen = [node.detach().text for node in depth_first(root) if node.is_leaf]
    assert seen == ["a11", "a2", "b1"]
    root = tree()
    assert len([node.detach() for node in breadth_first(root)]) == 7


def test_growing_the_node_in_hand_ends():
    """What is added under it is not visited."""
    for walk in (depth_first, breadth_first, leaves):
        root = tree()
        for node in walk(root):
            node.add_user("new")
        assert count(root) == 7 + (3 if walk is leaves else 7)


def test_a_child_list_that_became_empty_is_a_leaf():
    root = Node.root("r")
    for _ in range(2):
        root.add_user("x")
    for child in root.children:
        child.detach()
    assert texts(leaves(root)) == ["r"]
    assert last_leaf(root) is root


def test_find_looks_at_the_subtree():
    root = tree()
    b1 = root.children[1].children[0]
    assert find(root, b1.id) is b1
    assert find(root.children[0], b1.id) is None
    assert find(root, "no such id") is None
