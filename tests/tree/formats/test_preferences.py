"""Scored siblings become pairs for training, and pairs a small tree again."""

import json
from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode
from minillm.errors import ThreadFormatError, TreeError
from minillm.report import Report
from minillm.tree.formats import read_preferences, write_preferences
from minillm.types import Message, ToolCallPart
from tests.tree.formats.exports import write_lines


def scored(**scores: Any) -> ChatNode:
    root = ChatNode.root("s")
    question = root.add_user("q")
    for text, score in scores.items():
        answer = question.add_assistant(text)
        if score is not None:
            answer.metadata["score"] = score
    return root


def pairs(root: ChatNode, path: Path, **options: Any) -> list[tuple[str, str]]:
    count = write_preferences(root, path, report=Report(strict=True), **options)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == count
    return [(line["chosen"][0]["content"], line["rejected"][0]["content"]) for line in lines]


TREE = {"a": 1, "b": 3, "c": None, "d": 2.5, "e": 1}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [("b", "d"), ("b", "a"), ("b", "e")]),
        ({"pairs": "extremes"}, [("b", "e")]),
        ({"pairs": "all"}, [("b", "d"), ("b", "a"), ("b", "e"), ("d", "a"), ("d", "e")]),
        ({"margin": 0.5}, [("b", "a"), ("b", "e")]),
        ({"score": "other"}, []),
    ],
)
def test_which_siblings_make_a_pair(tmp_path: Path, options: dict[str, Any], expected: Any) -> None:
    """Unscored ones and equal ones never do."""
    assert pairs(scored(**TREE), tmp_path / "x", **options) == expected


def test_both_shapes_are_written_and_read(tmp_path: Path) -> None:
    for shape in ("trl", "openai"):
        path = tmp_path / shape
        write_preferences(scored(a=2, b=1), path, shape=shape, report=Report(strict=True))
        [(root, leaf)] = read_preferences(path, ChatNode, report=Report(strict=True))
        assert [message.text for message in leaf.thread()] == ["s", "q", "a"]
        better, worse = leaf.parent.children  # type: ignore[union-attr]
        assert (better.text, worse.text) == ("a", "b")
        assert (better.metadata["score"], worse.metadata["score"]) == (1.0, 0.0)
        assert type(root) is ChatNode
        assert pairs(root, tmp_path / "again") == [("a", "b")]


def test_trls_shape_is_the_documented_one(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_preferences(scored(a=2, b=1), path, report=Report())
    assert json.loads(path.read_text()) == {
        "prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}],
        "chosen": [{"role": "assistant", "content": "a"}],
        "rejected": [{"role": "assistant", "content": "b"}],
    }


def test_answers_after_a_tools_result(tmp_path: Path) -> None:
    """Prompt and answer are one conversation: the result in the prompt finds its call."""
    root: Any = ChatNode(Message("user", "q"))
    call = root.add_child(ChatNode(Message("assistant", (ToolCallPart("c", "f", "{}"),))))
    result = call.add_tool_results({"c": "out"})
    for text, score in (("a", 1), ("b", 0)):
        result.add_assistant(text).metadata["score"] = score
    assert pairs(root, tmp_path / "x") == [("a", "b")]


def test_scores_of_the_file_are_taken(tmp_path: Path) -> None:
    line = {"prompt": "q", "chosen": "a", "rejected": "b", "score_chosen": 9, "score_rejected": 4, "source": "z"}
    [(root, leaf)] = read_preferences(write_lines(tmp_path / "x", line), ChatNode, score="mine")
    assert [child.metadata["mine"] for child in root.children] == [9, 4]
    assert root.metadata["conversation"]["rest"] == {"source": "z"}
    assert leaf.text == "a"


def test_a_prompt_may_be_implicit(tmp_path: Path) -> None:
    shared = [{"role": "user", "content": "q"}]
    line = {side: [*shared, {"role": "assistant", "content": side}] for side in ("chosen", "rejected")}
    [(root, _)] = read_preferences(write_lines(tmp_path / "x", line), ChatNode)
    assert (root.text, [child.text for child in root.children]) == ("q", ["chosen", "rejected"])


@pytest.mark.parametrize(
    "line", [{}, {"prompt": "q", "chosen": "a"}, {"chosen": "a", "rejected": "a"}, {"input": 3}, [1]]
)
def test_what_is_no_pair_is_refused(tmp_path: Path, line: Any) -> None:
    with pytest.raises(ThreadFormatError):
        list(read_preferences(write_lines(tmp_path / "x", line), ChatNode))


def test_a_score_must_be_a_number(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match="must be a number"):
        write_preferences(scored(a="good", b="bad"), tmp_path / "x")
