"""Copies of subtrees share nothing that can change."""

from hypothesis import given

from minillm.tree import Node
from minillm.tree.copies import clone
from minillm.types import CacheBreakpoint
from tests.tree.trees import chain, check, random_trees, shape


@given(random_trees())
def test_a_copy_has_the_same_shape_and_no_node_of_the_original(root):
    copy = clone(root)
    check(copy)
    assert shape(copy) == shape(root)
    assert set(copy.iter_depth_first()).isdisjoint(root.iter_depth_first())


def test_what_can_change_is_copied_at_any_depth():
    node = Node.root("s")
    deep = node.metadata
    for _ in range(5000):
        deep["in"] = [{}]
        deep = deep["in"][0]
    node.format_kwargs["k"] = "v"
    node.cache_breakpoint("5m")
    node.literal = True
    copy = clone(node)
    deep["late"] = True
    node.format_kwargs["k"] = "w"
    inner = copy.metadata
    while "in" in inner:
        inner = inner["in"][0]
    assert inner == {}
    assert copy.format_kwargs == {"k": "v"}
    assert copy.cache_mark == CacheBreakpoint("5m")
    assert copy.literal


def test_ids_are_not_copied():
    bare, detailed = Node.root("s"), Node.root("s")
    detailed.metadata["k"] = 1
    for node in (bare, detailed):
        assert node.id != clone(node).id


def test_messages_are_shared():
    root, leaf = chain(2)
    assert clone(root).children[0].message is not None
    message = leaf.message
    assert clone(root).children[0].message is message


def test_unlisted_nodes_are_not_copied():
    root = Node.root("s")
    root.unlisted(root.message)
    assert clone(root).is_leaf
