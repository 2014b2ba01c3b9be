"""What people do to a tree on a page, without a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import ChatNode
from minillm.notebook.tree_state import TreeState
from minillm.tree import score_of
from tests.notebook.talks import talk


async def test_a_score_goes_into_the_tree() -> None:
    root, (first, _) = await talk("a", "b")
    state = TreeState(root)
    assert state.perform({"do": "score", "id": first.id, "value": 2.5}) == ""
    assert score_of(first) == 2.5
    assert state.perform({"do": "score", "id": first.id, "value": None}) == ""
    assert score_of(first) is None
    named = TreeState(root, score="warmth")
    named.perform({"do": "score", "id": first.id, "value": 1})
    assert (score_of(first), score_of(first, name="warmth")) == (None, 1)


async def test_what_is_cut_off_can_be_put_back_where_it_was() -> None:
    root, (first, second, third) = await talk("a", "b", "c")
    (question,) = root.children
    state = TreeState(root)
    for node in (second, first):
        assert state.perform({"do": "prune", "id": node.id}) == ""
    assert question.children == (third,)
    assert state.pruned == (second, first)
    assert state.restore() is first
    assert question.children == (first, third)
    assert state.restore() is second
    assert question.children == (first, second, third)
    assert (state.restore(), state.pruned) == (None, ())


async def test_what_went_elsewhere_is_not_taken_back() -> None:
    root, (first, _) = await talk("a", "b")
    state = TreeState(root)
    state.prune(first)
    other = ChatNode.root("another")
    other.add_child(first)
    state.restore()
    assert first.parent is other


async def test_what_a_page_asks_for_is_not_believed() -> None:
    """It says what is wrong, and changes nothing."""
    root, (first, _) = await talk("a", "b")
    state = TreeState(root)
    assert "not in the tree" in state.perform({"do": "prune", "id": "no-such-id"})
    assert "not in the tree" in state.perform({"do": "score"})
    assert "cut off" in state.perform({"do": "prune", "id": root.id})
    for value in ("much", float("nan"), True, {}, [1]):
        assert state.perform({"do": "score", "id": first.id, "value": value}) != ""
    assert state.perform({"do": "explode", "id": first.id}) == ""
    assert state.perform({}) != ""
    assert (score_of(first), root.node_count()) == (None, 4)


def test_what_stands_above_is_not_reached() -> None:
    """A page that shows a part of a tree knows that part only."""
    root = ChatNode.root("a")
    part, other = root.add_user("b"), root.add_user("c")
    state = TreeState(part)
    assert state.of_id(other.id) is None
    with pytest.raises(ValueError, match="cut off"):
        state.prune(other)


def test_one_line_about_all_of_it() -> None:
    root = ChatNode.root("a")
    assert TreeState(root).head() == "1 node · $0"
    for _ in range(3):
        root.add_user("b")
    assert TreeState(root, limit=2).head() == "4 nodes (the first 2 are shown) · $0"
    with pytest.raises(TypeError):
        TreeState("root")  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.sampled_from(["prune", "restore"]), st.integers(0, 30)), max_size=25))
def test_all_that_was_cut_comes_back_in_order(steps: list[tuple[str, int]]) -> None:
    """Whatever is cut and put back in between."""
    root = ChatNode.root("r")
    nodes = [root]
    for place in range(12):
        nodes.append(nodes[place // 2].add_user(str(place)))
    before = [node.text for node in root.iter_depth_first()]
    state = TreeState(root)
    for do, place in steps:
        state.perform({"do": do, "id": nodes[place % len(nodes)].id})
    while state.restore():
        pass
    assert [node.text for node in root.iter_depth_first()] == before
