"""Whose turn it is: trees take turns, in them nodes, in them those that came first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.policies.turns import Turns


def served(turns):
    return [turns.pop() for _ in range(len(turns))]


def test_one_lane_is_a_queue():
    turns = Turns()
    for item in range(5):
        turns.add(item, "a")
    assert served(turns) == [0, 1, 2, 3, 4]


def test_a_large_lane_does_not_keep_a_small_one_waiting():
    turns = Turns()
    for item in range(100):
        turns.add(item, ["big"])
    assert turns.ahead(["small"]) == 1
    turns.add("small", ["small"])
    assert served(turns)[:3] == [0, "small", 1]


def test_a_tree_of_many_nodes_is_one_tree():
    turns = Turns()
    for node in range(50):
        turns.add(f"a{node}", ["a", node])
    turns.add("b", ["b", 0])
    turns.add("a0 again", ["a", 0])
    order = served(turns)
    assert order.index("b") == 1
    assert order[-1] == "a0 again"


def test_first_is_what_pop_gives():
    turns = Turns()
    for item, lane in enumerate("aabbbc"):
        turns.add(item, [lane])
    while turns:
        assert turns.first() == turns.pop()


def test_nobody_waits():
    turns = Turns()
    assert not turns
    assert turns.ahead(["a", "b"]) == 0
    with pytest.raises(IndexError):
        turns.first()
    with pytest.raises(IndexError):
        turns.pop()


PATHS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30)


@given(PATHS)
def test_each_is_served_once_and_lanes_keep_their_order(paths):
    turns = Turns()
    for item, path in enumerate(paths):
        turns.add(item, path)
    assert sorted(turns) == list(range(len(paths)))
    order = served(turns)
    assert sorted(order) == list(range(len(paths)))
    for path in set(paths):
        own = [item for item in order if paths[item] == path]
        assert own == sorted(own)


@given(PATHS, st.tuples(st.integers(0, 3), st.integers(0, 3)))
def test_no_lane_waits_for_two_of_another(paths, path):
    """While a tree has one waiting, no other tree is served twice."""
    turns = Turns()
    for item, each in enumerate(paths):
        turns.add(item, each)
    turns.add("late", path)
    order = served(turns)
    before = [paths[item][0] for item in order[: order.index("late")] if paths[item][0] != path[0]]
    own = sum(1 for item in order[: order.index("late")] if paths[item][0] == path[0])
    assert all(before.count(tree) <= own + 1 for tree in set(before))


@given(st.lists(st.integers(0, 3), max_size=20), st.integers(0, 3))
def test_how_many_are_ahead_is_known(lanes, lane):
    """At most as many as are told; one less where the lane's turn comes first."""
    turns = Turns()
    for item, each in enumerate(lanes):
        turns.add(item, [each])
    told = turns.ahead([lane])
    turns.add("late", [lane])
    assert served(turns).index("late") <= told
