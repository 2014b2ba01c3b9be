"""No two equal ids in one tree, at no cost for nodes that never had one."""

import json
import pickle

import pytest

from minillm.errors import TreeError
from minillm.tree import Node
from minillm.tree.unique_ids import refuse_equal_ids
from tests.tree.trees import chain, check


def test_a_loaded_copy_may_not_join_its_original():
    root, leaf = chain(3)
    again = Node.from_tree_json(root.to_tree_json())
    with pytest.raises(TreeError, match=r"clone\(\).*merge\(copy=True\)"):
        leaf.merge(again)
    assert again.is_root
    leaf.merge(again, copy=True)
    check(root)


def test_a_pickled_copy_may_not_either():
    root = Node.root("s")
    with pytest.raises(TreeError, match="id"):
        root.add_child(pickle.loads(pickle.dumps(root)))


def test_a_copy_of_one_part_is_found_too():
    root, leaf = chain(4)
    part = pickle.loads(pickle.dumps(leaf)).detach()
    with pytest.raises(TreeError):
        root.add_child(part)
    leaf.detach()
    assert root.add_child(part).parent is root


def test_an_id_asked_for_after_the_index_was_made_counts():
    root, leaf = chain(3)
    other = Node.root("o")
    assert other.id
    root.add_child(other)  # the index of root's tree is made here, without leaf's id
    entry = {"message": {"role": "user", "content": "x"}, "minillm": {"id": leaf.id}}
    twin = Node.from_thread_json(json.dumps({"prompts": [entry]})).root
    with pytest.raises(TreeError):
        root.add_child(twin)


def test_a_detached_id_may_come_back():
    root = Node.root("s")
    part = Node.from_tree_json(Node.root("p").to_tree_json())
    root.add_child(part)
    part.detach()
    root.add_child(part)
    other = Node.from_tree_json(part.detach().to_tree_json())
    assert root.add_child(other).parent is root


def test_an_index_does_not_outlive_its_root():
    """What comes under a node while it is no root is not in the index it had before."""
    loaded = Node.root("l").to_tree_json()
    top, root = Node.root("top"), Node.root("r")
    root.add_child(Node.from_tree_json(Node.root("first").to_tree_json()))
    top.add_child(root)
    root.add_child(Node.from_tree_json(loaded))
    root.detach()
    twin = Node.from_tree_json(loaded)
    with pytest.raises(TreeError):
        root.add_child(twin)


def test_moving_inside_one_tree_needs_no_look(monkeypatch):
    root, leaf = chain(4)
    root.to_tree_json()
    monkeypatch.setattr("minillm.tree.moves.refuse_equal_ids", None)
    root.add_child(leaf.parent)
    check(root)


def test_gathering_threads_walks_the_tree_once(monkeypatch):
    """Each graft is compared with the index, not with the whole tree."""
    from minillm.tree import unique_ids

    walks = []
    monkeypatch.setattr(
        unique_ids, "all_below", lambda node, inner=unique_ids.all_below: walks.append(node) or inner(node)
    )
    root = Node.root("all")
    texts = [chain(3)[1].to_thread_json() for _ in range(50)]
    for text in texts:
        root.merge(Node.from_thread_json(text).root)
    assert root.node_count() == 151
    assert walks.count(root) == 1


def test_nothing_is_indexed_for_nodes_without_ids():
    root = Node.root("s")
    refuse_equal_ids(Node.root("x"), root)
    assert root._details is None
