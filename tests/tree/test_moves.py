"""Putting nodes under others and taking them away."""

import pytest

from minillm.errors import CycleError, TreeError
from minillm.tree import Node
from minillm.tree.moves import add_new, attach, is_listed, link_unlisted, list_under_parent, new_node, unlink
from minillm.types import Message, Role
from tests.tree.trees import chain, check


def test_the_only_child_is_held_without_a_list():
    root = Node.root("s")
    first = root.add_user("1")
    assert root._children is first
    second = root.add_user("2")
    assert root._children == [first, second]


def test_moving_again_puts_a_child_last():
    root = Node.root("s")
    first, second = root.add_user("1"), root.add_user("2")
    attach(root, first)
    assert root.children == (second, first)


def test_a_refused_move_changes_nothing():
    root, leaf = chain(4)
    before = [node.children for node in root.iter_depth_first()]
    for node in leaf.path()[:-1]:
        with pytest.raises(CycleError):
            attach(leaf, node)
    with pytest.raises(CycleError):
        attach(leaf, leaf)
    assert [node.children for node in root.iter_depth_first()] == before


def test_moving_between_trees_takes_it_out_of_the_first():
    root, leaf = chain(3)
    other = Node.root("o")
    attach(other, leaf)
    assert leaf.get_root() is other
    assert root.node_count() == 2
    check(root)
    check(other)


def test_unlinking_an_unlisted_node_leaves_the_siblings():
    root = Node.root("s")
    listed = root.add_user("1")
    ghost = new_node(Node, Role.USER, "2")
    link_unlisted(root, ghost)
    assert not is_listed(ghost)
    unlink(ghost)
    assert root.children == (listed,)
    assert ghost.is_root
    unlink(ghost)


def test_only_a_node_with_a_parent_can_be_listed():
    with pytest.raises(TreeError):
        list_under_parent(Node.root("s"))


def test_listing_late_looks_for_equal_ids():
    root = Node.root("s")
    text = '{"prompts": [{"message": {"role": "user", "content": "x"}, "minillm": {"id": "same"}}]}'
    root.add_child(Node.from_thread_json(text).root)
    ghost = Node.from_thread_json(text).root
    link_unlisted(root, ghost)
    with pytest.raises(TreeError):
        list_under_parent(ghost)


def test_unlisted_children_of_a_spliced_node_stay_with_it():
    root = Node.root("s")
    middle = root.add_user("m")
    ghost = middle.unlisted(Message(Role.USER, "g"))
    middle.splice_out()
    assert ghost.parent is middle
    with pytest.raises(CycleError):
        ghost.add_child(middle)


def test_a_whole_message_may_be_the_content():
    message = Message("critic", "hm")
    assert add_new(Node.root("s"), Role.USER, message).message is message


class _Counted(Node):
    """One that counts its children, as programs' own nodes may: where it has none, it is false."""

    def __len__(self):
        return len(self.children)


def test_a_node_that_is_false_is_not_listed_twice():
    root = _Counted.root("s")
    child = root.add_user("x")
    list_under_parent(child)
    assert root.children == (child,)
