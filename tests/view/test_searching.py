"""Searching: every part of a node that says something, in upper and lower case alike."""

import pytest

from minillm.tree import Node, label
from minillm.types import Message
from minillm.view.searching import search
from tests.view.samples import reply, rivers


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ("LOIRE", 3),  # two answers and the arguments of a call
        ("water_level", 2),  # the call and its result
        ("spring is high", 1),  # thinking
        ("falling", 1),  # a result
        ("claude-sonnet", 1),  # a model
        ("checked", 1),  # a label
        ("weir.png", 1),  # a picture's name
        ("nowhere", 0),
        ("  ", 0),
    ],
)
def test_what_is_found(wanted: str, count: int) -> None:
    assert len(list(search(rivers().iter_depth_first(), wanted))) == count


def test_ids_titles_names_and_records_of_files_are_looked_at() -> None:
    root = Node(Message("user", "a", name="ann"))
    root.metadata["conversation"] = {"title": "Boats"}
    answer = reply(root, "b", model="some-model")
    loaded = Node.from_tree_json(root.to_tree_json())
    assert list(search(loaded.iter_depth_first(), root.id[:5])) == [], "short words stand in ids by chance"
    for wanted in (root.id[:12], root.id, "boats", "ANN"):
        assert list(search(loaded.iter_depth_first(), wanted)) == [loaded]
    assert [each.id for each in search(loaded.iter_depth_first(), "Some-Model")] == [answer.id]
    label(loaded, "late")
    assert list(search([loaded], "late")) == [loaded]
