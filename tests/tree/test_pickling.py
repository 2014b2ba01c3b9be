"""Whole trees in and out of pickles."""

import pickle

import pytest
from hypothesis import given

from minillm.tree import Node
from minillm.types import ChatResponse, Choice, Message, Role
from tests.tree.trees import chain, check, random_trees, shape


def again(value, protocol=pickle.HIGHEST_PROTOCOL):
    return pickle.loads(pickle.dumps(value, protocol))


@given(random_trees())
def test_shape_and_ids_survive(root):
    copy = again(root)
    check(copy)
    assert shape(copy) == shape(root)
    assert [n.id for n in copy.iter_depth_first()] == [n.id for n in root.iter_depth_first()]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(protocol):
    root, leaf = chain(3)
    assert again(leaf, protocol).get_root().node_count() == 3
    assert shape(again(root, protocol)) == shape(root)


@given(random_trees())
def test_nodes_of_one_tree_stay_nodes_of_one_tree(root):
    """However many of them a pickle names, and in whatever order."""
    nodes = list(root.iter_depth_first())[::-1]
    copies = again(nodes)
    assert len({copy.get_root() for copy in copies}) == 1
    assert [copy.id for copy in copies] == [node.id for node in nodes]
    assert set(copies) == set(copies[-1].iter_depth_first())


def test_unlisted_nodes_come_along_when_named():
    root, leaf = chain(2)
    ghost = leaf.unlisted(Message(Role.USER, "g"))
    below = ghost.add_assistant("b")
    second = below.unlisted(Message(Role.USER, "h"))
    r, g, b, s = again([root, ghost, below, second])
    assert (s.parent, b.parent, g.parent.parent) == (b, g, r)
    assert r.node_count() == 2
    assert not s.is_root
    assert again(second).depth == second.depth


def test_a_long_chain_of_unlisted_nodes_passes():
    """Each level is known before the next: no recursion."""
    node = Node.root("s")
    for _ in range(1500):
        node = node.unlisted(Message(Role.USER, "u"))
    assert again(node).depth == 1500


def test_everything_on_a_node_survives():
    node = Node(Message(Role.ASSISTANT, "a", origin=("host", "model")))
    node.remember(ChatResponse("r", "m", (Choice(0, node.message),), output={"x": 1}))
    node.metadata["k"] = [1]
    node.format_kwargs["n"] = "v"
    node.cache_breakpoint("1h")
    copy = again(node)
    assert copy.response == node.response
    assert copy.response.output == {"x": 1}
    assert (copy.metadata, copy.format_kwargs, copy.cache_mark) == (node.metadata, node.format_kwargs, node.cache_mark)
    assert copy.message.origin == ("host", "model")
