"""The fields of a node: small, and made only when needed."""

import sys
import tracemalloc

import pytest

from minillm import tree
from minillm.tree import Node, formats
from minillm.tree.bare_node import BareNode, Details, children_of, message_of, path_of, root_of
from minillm.types import Message, Role
from tests.tree.trees import bushy, chain


def test_a_node_is_eighty_bytes():
    """Five fields, the weak reference and the collector's header; from Python 3.12 on, another word."""
    assert sys.getsizeof(Node.root("x")) <= (80 if sys.version_info < (3, 12) else 88)


def test_a_million_nodes_would_take_less_than_160_bytes_each():
    """Measured on twenty thousand: nothing but the nodes and one list a parent."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        root = bushy(20_000)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert root.node_count() == 20_000
    assert grown / 20_000 <= 160


def test_ids_of_all_nodes_still_fit():
    """An id is an integer of half the text's size."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        root = bushy(20_000)
        root.to_tree_json()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown / 20_000 <= 160


def test_the_message_is_built_once_and_kept():
    node = Node.root("hello")
    assert message_of(node) == Message(Role.SYSTEM, "hello")
    assert message_of(node) is message_of(node)


def test_details_leave_the_index_behind():
    """It is of one tree only."""
    details = Details("a")
    details.index = (0, set())
    details.metadata = {"k": 1}
    assert dict(details.said()) == {"id": "a", "metadata": {"k": 1}}


def test_paths_and_roots_at_any_depth():
    root, leaf = chain(5)
    assert path_of(leaf)[0] is root
    assert len(path_of(leaf)) == 5
    assert root_of(leaf) is root
    assert children_of(leaf) == ()


def test_nodes_can_be_weakly_referenced():
    import weakref

    node = Node.root("x")
    assert weakref.ref(node)() is node
    assert issubclass(Node, BareNode)


NO_NODES = [None, 3, "text", [3]]


@pytest.mark.parametrize("wrong", NO_NODES)
def test_what_is_no_node_is_told_by_name(wrong, tmp_path):
    """Wherever a tree is taken: not an AttributeError about our own fields."""
    node = Node.root("s")
    calls = [
        lambda: node.merge(wrong),
        lambda: node.add_child(wrong),
        lambda: tree.diff(node, wrong),
        lambda: tree.union(wrong, node),
        lambda: tree.prune(wrong, lambda _: True),
        lambda: formats.to_markdown(wrong),
        lambda: tree.journal(wrong, tmp_path / "j").__enter__(),
    ]
    for write in (
        formats.write_open_webui,
        formats.write_messages,
        formats.write_markdown,
        formats.write_preferences,
    ):
        calls.append(lambda write=write: write(wrong, tmp_path / "out"))
    for call in calls:
        with pytest.raises(TypeError, match=r"a node is expected, not (NoneType|int|str|list)"):
            call()
    assert list(tmp_path.iterdir()) == []


def test_an_id_is_a_text():
    with pytest.raises(TypeError, match="an id is a text, not int"):
        Node.root("s").find(3)
