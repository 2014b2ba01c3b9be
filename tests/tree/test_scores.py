"""Scores and labels in the metadata, and the best leaf by them."""

import math

import pytest

from minillm.errors import TreeError
from minillm.tree import Node, best_leaf, label, labels_of, score, score_of, unlabel


def test_scores_are_metadata():
    node = Node.root("s")
    assert score_of(node) is None
    score(node, 0.5)
    score(node, 3, name="length")
    assert node.metadata == {"score": 0.5, "length": 3}
    assert (score_of(node), score_of(node, name="length"), score_of(node, name="other")) == (0.5, 3, None)


def test_looking_makes_no_metadata():
    node = Node.root("s")
    assert (score_of(node), labels_of(node)) == (None, ())
    unlabel(node, "x")
    assert node._details is None


@pytest.mark.parametrize("value", [math.nan, math.inf, True])
def test_a_score_is_a_finite_number(value):
    with pytest.raises(ValueError, match="finite number"):
        score(Node.root("s"), value)


def test_what_is_no_score_is_none():
    """Metadata is the user's: anything may stand there."""
    node = Node.root("s")
    for value in ("0.5", True, None, [1]):
        node.metadata["score"] = node.metadata["labels"] = value
        assert score_of(node) is None
    assert labels_of(node) == ()


def test_labels_are_a_list_without_doubles():
    node = Node.root("s")
    label(node, "a", "b", "a")
    label(node, "b", "c")
    assert labels_of(node) == ("a", "b", "c")
    unlabel(node, "b", "z")
    assert node.metadata == {"labels": ["a", "c"]}


def test_the_best_leaf_by_score_name_or_function():
    root = Node.root("s")
    leaves = [root.add_user(str(number)) for number in range(4)]
    for leaf, value in zip(leaves, (1, 3, 3), strict=False):
        score(leaf, value)
        score(leaf, -value, name="cost")
    inner = leaves[3]
    score(inner, 100)
    inner.add_user("without a score")
    assert best_leaf(root) is leaves[1]  # the first of equals; inner nodes do not count
    assert best_leaf(root, "cost") is leaves[0]
    assert best_leaf(root, lambda node: len(node.text)).text == "without a score"
    assert best_leaf(leaves[2]) is leaves[2]


def test_no_scored_leaf_is_an_error_that_says_what_to_do():
    with pytest.raises(TreeError, match=r"no leaf here has the score 'score'.*score\(leaf, value\)"):
        best_leaf(Node.root("s"))
    with pytest.raises(TreeError, match="by this key"):
        best_leaf(Node.root("s"), lambda node: None)


def test_a_label_is_a_text():
    node = Node.root("s")
    with pytest.raises(TypeError, match="a label is a text, not int"):
        label(node, "good", 3)
    assert node.metadata == {}
