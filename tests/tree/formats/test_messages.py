"""Lists of OpenAI-style messages, read in every wrapping, written a line a leaf."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minillm import ChatNode
from minillm.errors import ThreadFormatError
from minillm.report import Report
from minillm.tree.formats import read_messages, write_messages
from minillm.types import Message
from tests.tree.formats.exports import write_json, write_lines
from tests.tree.trees import random_trees

TALK = [
    {"role": "system", "content": "s"},
    {"role": "user", "content": [{"type": "text", "text": "q"}, {"type": "image_url", "image_url": {"url": "https://h/x.png"}}]},
    {"role": "assistant", "content": None,
     "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
    {"role": "tool", "tool_call_id": "c", "content": "out"},
    {"role": "assistant", "content": "a", "weight": 0},
]  # fmt: skip
LINE = {"messages": TALK, "tools": [{"type": "function", "function": {"name": "f"}}], "parallel_tool_calls": False}


def read(path: Path) -> list[Any]:
    return list(read_messages(path, ChatNode, report=Report(strict=True)))


def test_every_wrapping_is_read(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "a", LINE, LINE)
    array = write_json(tmp_path / "b", [LINE, LINE])
    bare_lines = write_lines(tmp_path / "c", TALK, TALK)
    for path in (lines, array, bare_lines):
        assert [leaf.depth for _, leaf in read(path)] == [4, 4]
    [(root, leaf)] = read(write_json(tmp_path / "d", TALK))
    assert [node.role for node in leaf.path()] == ["system", "user", "assistant", "tool", "assistant"]
    assert root.node_count() == 5


def test_a_line_comes_back_as_it_was(tmp_path: Path) -> None:
    """Tools, weights and the rest."""
    [(root, _)] = read(write_lines(tmp_path / "a", LINE))
    assert write_messages(root, tmp_path / "b", report=Report(strict=True)) == 1
    assert json.loads((tmp_path / "b").read_text()) == LINE


def test_prompts_and_completions(tmp_path: Path) -> None:
    """In both of TRL's spellings."""
    chat = {"prompt": [{"role": "user", "content": "q"}], "completion": [{"role": "assistant", "content": "a"}]}
    path = write_lines(tmp_path / "a", {"prompt": "q", "completion": "a"}, chat)
    for _, leaf in read(path):
        assert leaf.thread() == [Message("user", "q"), Message("assistant", "a")]


def test_a_tree_is_a_line_a_leaf(tmp_path: Path) -> None:
    root = ChatNode.root("You are {name}.")
    root.format_kwargs["name"] = "Ann"
    for text in ("1", "2"):
        root.add_user("q").add_assistant(text)
    assert write_messages(root, tmp_path / "a", report=Report()) == 2
    lines = [json.loads(line)["messages"] for line in (tmp_path / "a").read_text().splitlines()]
    assert [[message["content"] for message in line] for line in lines] == [
        ["You are Ann.", "q", "1"],
        ["You are Ann.", "q", "2"],
    ]


@given(random_trees(st.text(min_size=1, max_size=8).filter(lambda text: "{" not in text)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_text_goes_out_and_in(tmp_path: Path, root: Any) -> None:
    path = tmp_path / "x"
    write_messages(root, path, report=Report(strict=True))
    assert [leaf.thread() for _, leaf in read(path)] == [leaf.thread() for leaf in root.iter_leaves()]


def test_metadata_is_told(tmp_path: Path) -> None:
    root, report = ChatNode.root("x").add_user("y"), Report()
    root.metadata["mine"] = 1
    write_messages(root, tmp_path / "x", report=report)
    assert [loss.what for loss in report.losses] == ["metadata"]


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"text": "x"}, "document 0"),
        ({"messages": 3}, "document 0.messages"),
        ({"messages": [3]}, "document 0.messages[0]"),
        ([3], "item 0"),
        ({"prompt": 3}, "document 0.prompt"),
    ],
)
def test_a_bad_line_is_refused_by_its_place(tmp_path: Path, value: Any, place: str) -> None:
    with pytest.raises(ThreadFormatError) as caught:
        read(write_json(tmp_path / "x", value))
    assert caught.value.place == place
