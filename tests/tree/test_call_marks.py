"""The marks of begun calls: through files, journals, pickles, copies and joined trees."""

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from minillm import ThreadFormatError
from minillm.tree import Node, StartedCall, diff, forget_started_calls, journal, started_calls, union
from minillm.tree.call_marks import begun_last, mark_started
from minillm.types import Message, ToolCallPart

FIRST, SECOND = StartedCall(0, 1000.5), StartedCall(1, 1001.0, '{"n":1}')


def turn() -> Node:
    return Node.root("top").add_child(Node(Message("assistant", [ToolCallPart("a", "f"), ToolCallPart("b", "f")])))


def marked() -> Node:
    node = turn()
    mark_started(node, FIRST)
    mark_started(node, SECOND)
    return node


def leaf(root: Node) -> Node:
    return next(iter(root.iter_leaves()))


def test_marks_are_kept_in_order_and_can_be_taken_off() -> None:
    node = turn()
    assert started_calls(node) == ()
    mark_started(node, FIRST)
    mark_started(node, SECOND)
    assert started_calls(node) == (FIRST, SECOND)
    again = StartedCall(0, 2000.0)
    mark_started(node, again)
    assert (begun_last(node, 0), begun_last(node, 1), begun_last(node, 2)) == (again, SECOND, None)
    forget_started_calls(node)
    assert started_calls(node) == ()


def test_trees_threads_pickles_and_copies_carry_them(tmp_path: Path) -> None:
    node = marked()
    node.save_thread(tmp_path / "t.json")
    carried = [
        leaf(Node.from_tree_json(node.get_root().to_tree_json())),
        Node.from_thread_file(tmp_path / "t.json").leaf,
        pickle.loads(pickle.dumps(node)),
        leaf(copy.deepcopy(node.get_root())),
        leaf(union(node.get_root(), Node.from_tree_json(node.get_root().to_tree_json()))),
    ]
    assert [started_calls(each) for each in carried] == [(FIRST, SECOND)] * 5


def test_begun_in_either_copy_is_begun() -> None:
    node = turn()
    other = leaf(Node.from_tree_json(node.get_root().to_tree_json()))
    mark_started(node, FIRST)
    mark_started(other, SECOND)
    assert set(started_calls(leaf(union(node.get_root(), other.get_root())))) == {FIRST, SECOND}
    assert "started calls" in str(diff(node.get_root(), other.get_root()))


def test_a_journal_has_a_mark_when_it_is_made(tmp_path: Path) -> None:
    node = turn()
    with journal(node, tmp_path / "j.jsonl"):
        mark_started(node, FIRST)
        assert started_calls(leaf(Node.from_tree_file(tmp_path / "j.jsonl"))) == (FIRST,)
        forget_started_calls(node)
        assert started_calls(leaf(Node.from_tree_file(tmp_path / "j.jsonl"))) == ()


def test_keys_of_a_newer_version_come_back_out() -> None:
    lines = [json.loads(line) for line in marked().get_root().to_tree_json().splitlines()]
    lines[2]["minillm"]["started"][0]["by"] = "worker 7"
    root = Node.from_tree_json("\n".join(map(json.dumps, lines)))
    mark_started(leaf(root), FIRST)
    again = json.loads(root.to_tree_json().splitlines()[2])["minillm"]["started"]
    assert [each.get("by") for each in again] == ["worker 7", None, None]


def spoilt(started: Any, calls: Any = None) -> Node:
    lines = [json.loads(line) for line in marked().get_root().to_tree_json().splitlines()]
    lines[2]["minillm"]["started"] = started
    if calls is not None:
        lines[2]["message"]["tool_calls"] = calls
    return leaf(Node.from_tree_json("\n".join(map(json.dumps, lines))))


@pytest.mark.parametrize(
    ("started", "place"),
    [
        ("yes", "started: must be a list"),
        ([{"position": -1, "started_at": 1}], r"started\[0\].position"),
        ([{"position": 0}], r"started\[0\].started_at"),
        ([{"position": 0, "started_at": 1, "arguments": {}}], r"started\[0\].arguments"),
    ],
)
def test_a_bad_mark_names_its_place(started: Any, place: str) -> None:
    with pytest.raises(ThreadFormatError, match=place):
        spoilt(started)


def test_marks_of_calls_that_somebody_took_out_of_the_message_go() -> None:
    assert started_calls(spoilt([{"position": 7, "started_at": 1}])) == ()
