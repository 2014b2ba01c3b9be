"""ShareGPT's conversations, with the many names it has for speakers."""

from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode
from minillm.errors import ThreadFormatError
from minillm.report import Report
from minillm.tree.formats import read_sharegpt
from tests.tree.formats.exports import Words, words_in, words_said, write_json


def read(tmp_path: Path, turns: Any, report: Report | None = None, **more: Any) -> Any:
    path = write_json(tmp_path / "x", [{"conversations": turns, **more}])
    found = list(read_sharegpt(path, ChatNode, report=Report() if report is None else report))
    return found[0] if found else None


def test_speakers_and_what_stands_beside(tmp_path: Path) -> None:
    turns = [
        {"from": "human", "value": "q"},
        {"from": "gpt", "value": "a", "weight": 0},
        {"role": "user", "content": "r"},
    ]
    root, leaf = read(tmp_path, turns, system="s", id="7", tools="[]")
    assert [(node.role, node.text) for node in leaf.path()] == [
        ("system", "s"), ("user", "q"), ("assistant", "a"), ("user", "r")
    ]  # fmt: skip
    assert leaf.path()[2].metadata == {"sharegpt": {"weight": 0}}
    assert root.metadata["conversation"] == {"format": "sharegpt", "id": "7", "rest": {"tools": "[]"}}


def test_calls_and_results(tmp_path: Path) -> None:
    turns = [
        {"from": "function_call", "value": '{"name": "f", "arguments": {"x": 1}}'},
        {"from": "observation", "value": "out"},
    ]
    _, leaf = read(tmp_path, turns)
    call = leaf.parent.message.tool_calls[0]
    assert (call.name, call.arguments) == ("f", '{"x":1}')
    assert leaf.message.tool_results[0].call_id == call.id


def test_no_word_is_lost(tmp_path: Path) -> None:
    say, report = Words(), Report()
    turns = [
        {"from": who, "value": say()} for who in ("system", "human", "gpt", "observation", "function_call", "narrator")
    ]
    turns.append({"from": "function_call", "value": f'{{"name": "{say()}", "more": "{say()}"}}'})
    root, leaf = read(tmp_path, turns, report=report)
    assert words_said(root) == words_in(turns)
    assert leaf.parent.role == "narrator"
    assert len(report.losses) == 4


def test_an_empty_one_is_told(tmp_path: Path) -> None:
    report = Report()
    assert read(tmp_path, [], report=report) is None
    assert len(report.losses) == 1


@pytest.mark.parametrize(
    "turns", [3, [3], [{"from": 3, "value": "x"}], [{"from": "gpt"}], [{"from": "gpt", "value": 3}]]
)
def test_a_bad_turn_is_refused_by_its_place(tmp_path: Path, turns: Any) -> None:
    with pytest.raises(ThreadFormatError) as caught:
        read(tmp_path, turns)
    assert str(caught.value.place).startswith("item 0.conversations")
