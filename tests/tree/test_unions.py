"""Two colleagues' copies of one tree as one; the laws stand in test_laws."""

import pickle

import pytest

from minillm.errors import ConfigurationError, TreeError
from minillm.tree import Node, subtree_cost, union
from minillm.types import Attempt, ChatResponse, Choice, Message, Role
from tests.tree.trees import DEEP, chain, check, shape


def copy_of(root: Node) -> Node:
    return pickle.loads(pickle.dumps(root))  # type: ignore[no-any-return]


def test_both_colleagues_additions_are_in_it():
    root = Node.root("s")
    user = root.add_user("u")
    hers = copy_of(root)
    user.add_assistant("mine")
    hers.children[0].add_assistant("hers").add_user("and on")
    hers.add_user("another")
    both = union(root, hers)
    check(both)
    assert [text for _, _, text in shape(both)] == ["s", "u", "mine", "hers", "and on", "another"]
    assert (root.node_count(), hers.node_count()) == (3, 5)
    assert both.find(user.id) is not None


def test_it_can_be_joined_again():
    """Ids stay, so the next exchange adds only what is new."""
    root = Node.root("s")
    hers = copy_of(root)
    hers.add_user("hers")
    both = union(root, hers)
    hers.children[0].add_assistant("later")
    assert [text for _, _, text in shape(union(both, hers))] == ["s", "hers", "later"]


def test_what_one_has_moved_or_cut_stays_where_the_first_has_it():
    root = Node.root("s")
    a, b = root.add_user("a"), root.add_user("b")
    hers = copy_of(root)
    hers.children[0].add_child(hers.children[1])
    hers.children[0].add_user("new")
    assert shape(union(root, hers)) == [(0, "system", "s"), (1, "user", "a"), (2, "user", "new"), (1, "user", "b")]
    assert shape(union(hers, root)) == shape(hers)
    b.detach()
    a.detach()
    assert union(root, hers).node_count() == 4


def test_edited_words_under_one_id_are_two_siblings():
    root = Node.root("s")
    root.add_user("u").add_user("below")
    hers = Node.from_tree_json(root.to_tree_json().replace('"content":"u"', '"content":"edited"'))
    both = union(root, hers)
    check(both)
    assert [node.text for node in both.children] == ["u", "edited"]
    assert [node.text for node in both.children[0].children] == ["below"]
    assert both.children[1].is_leaf  # what stands below is one node, and stands where the first has it


def test_beside_the_message_the_first_is_believed_and_the_second_adds():
    root = Node.root("s")
    root.metadata |= {"score": 1, "mine": 1}
    hers = copy_of(root)
    hers.metadata |= {"score": 2, "hers": {"deep": []}}
    hers.format_kwargs["k"] = 1
    hers.cache_breakpoint("1h")
    hers.literal = True
    both = union(root, hers)
    assert both.metadata == {"score": 1, "mine": 1, "hers": {"deep": []}}
    assert (both.format_kwargs, both.cache_mark, both.literal) == ({"k": 1}, hers.cache_mark, True)
    both.metadata["hers"]["deep"].append(1)
    assert hers.metadata["hers"] == {"deep": []}
    assert union(hers, root).metadata["score"] == 2


def test_no_call_is_on_the_bill_twice_and_none_is_lost():
    root = Node.root("s")
    root.book([Attempt("h", "both", "w", 1.0)])
    hers = copy_of(root)
    root.book([Attempt("h", "mine", "w", 2.0)])
    hers.book([Attempt("h", "hers", "w", 3.0)])
    assert [attempt.model for attempt in union(root, hers).bill] == ["both", "mine", "hers"]


def test_by_content_ids_do_not_matter():
    root = Node.root("s")
    root.add_user("u").add_assistant("a")
    other = root.clone()
    other.children[0].add_assistant("b")
    with pytest.raises(TreeError, match='by="content"'):
        union(root, other)
    both = union(root, other, by="content")
    check(both)
    assert [text for _, _, text in shape(both)] == ["s", "u", "a", "b"]
    assert both.children[0].id == root.children[0].id


def test_by_content_two_answers_of_two_calls_stay_two():
    """So that both are on the bill."""
    message = Message(Role.ASSISTANT, "Paris.")
    trees = []
    for id in ("1", "2"):
        root = Node.root("s")
        response = ChatResponse(id, "m", (Choice(0, message),), attempts=(Attempt("h", "m", "w", 1.0),))
        root.add_child(Node(message).remember(response))
        trees.append(root)
    both = union(*trees, by="content")
    assert [node.response.id for node in both.children] == ["1", "2"]
    assert subtree_cost(both).resolution == subtree_cost(trees[0]).resolution


def test_trees_that_share_nothing_are_refused():
    with pytest.raises(TreeError, match=r"use merge\(\)"):
        union(Node.root("a"), Node.root("b"), by="content")
    with pytest.raises(ConfigurationError, match="id"):
        union(Node.root("a"), Node.root("a"), by="text")  # type: ignore[arg-type]


def test_a_class_of_ones_own_stays():
    class Mine(Node):
        pass

    root = Mine.root("s")
    hers = copy_of(Node.from_tree_json(root.to_tree_json()))
    hers.add_user("u")
    assert type(union(root, hers)) is Mine


def test_no_depth_is_too_deep():
    root, leaf = chain(DEEP)
    hers = copy_of(root)
    leaf.add_user("more")
    assert union(hers, root).node_count() == DEEP + 1
