"""Claude Code's transcripts: spread answers are one node again, parallel results a chain."""

from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode
from minillm.errors import ThreadFormatError
from minillm.report import Report
from minillm.tree.formats import read_claude_code
from tests.tree.formats.exports import write_lines


def line(uuid: str, parent: str | None, role: str, content: Any, id: str | None = None, **more: Any) -> dict[str, Any]:
    message = {"role": role, "content": content}
    if id is not None:
        message.update(id=id, model="claude-x", type="message", usage={"output_tokens": 1})
    return {"type": role, "uuid": uuid, "parentUuid": parent, "sessionId": "S", "message": message, **more}


def call(id: str) -> list[Any]:
    return [{"type": "tool_use", "id": id, "name": "Bash", "input": {"command": "ls"}}]


def result(id: str, text: str) -> list[Any]:
    return [{"type": "tool_result", "tool_use_id": id, "content": text}]


def read(tmp_path: Path, *lines: Any, report: Report | None = None) -> list[Any]:
    path = write_lines(tmp_path / "s.jsonl", *lines)
    return list(read_claude_code(path, ChatNode, report=Report() if report is None else report))


def test_a_session_with_parallel_calls(tmp_path: Path) -> None:
    [(root, leaf)] = read(
        tmp_path,
        {"type": "summary", "summary": "About files", "leafUuid": "a4"},
        line("u1", None, "user", "hello", timestamp="1970-01-01T00:00:05Z"),
        line("a1", "u1", "assistant", [{"type": "thinking", "thinking": "hm", "signature": "sig"}], "m1"),
        line("a2", "a1", "assistant", call("t1"), "m1"),
        line("a3", "a2", "assistant", call("t2"), "m1"),
        line("r1", "a2", "user", result("t1", "one")),
        line("r2", "a3", "user", result("t2", "two")),
        {"type": "progress", "uuid": "p", "parentUuid": "r2", "content": "spinning"},
        line("a4", "p", "assistant", [{"type": "text", "text": "done"}], "m2"),
    )
    assert [node.id for node in leaf.path()] == ["u1", "a1", "r1", "r2", "a4"]
    answer = root.children[0]
    assert answer.message.reasoning == "hm"
    assert [made.id for made in answer.message.tool_calls] == ["t1", "t2"]
    assert answer.message.origin == ("anthropic", "claude-x")
    assert answer.message.parts[0].signature == "sig"
    assert answer.metadata["claude_code"]["message"]["usage"] == {"output_tokens": 1}
    facts = root.metadata["conversation"]
    assert (facts["id"], facts["title"], facts["created_at"]) == ("S", "About files", 5.0)
    assert [each["type"] for each in facts["lines"]] == ["summary", "progress"]


def test_a_rewound_session_branches(tmp_path: Path) -> None:
    [(root, _)] = read(
        tmp_path,
        line("u1", None, "user", "hello"),
        line("a1", "u1", "assistant", [{"type": "text", "text": "x"}], "m1"),
        line("a2", "u1", "assistant", [{"type": "text", "text": "y"}], "m2"),
    )
    assert [child.text for child in root.children] == ["x", "y"]


def test_sub_agents_are_trees_of_their_own(tmp_path: Path) -> None:
    """So is what hangs under a line that is not in the file."""
    threads = read(
        tmp_path,
        line("u1", None, "user", "main"),
        line("s1", None, "user", "side", isSidechain=True),
        line("x", "gone", "user", "rest"),
    )
    assert [thread.root.text for thread in threads] == ["main", "side", "rest"]
    assert threads[1].root.metadata["claude_code"] == {"isSidechain": True}


def test_copied_lines_are_read_once(tmp_path: Path) -> None:
    report = Report()
    first = line("u1", None, "user", "x")
    [(root, _)] = read(tmp_path, first, first, report=report)
    assert root.node_count() == 1
    assert [loss.what for loss in report.losses] == ["a line"]


def test_a_message_that_cannot_be_read_is_kept_whole(tmp_path: Path) -> None:
    report = Report()
    [(root, _)] = read(tmp_path, line("u1", None, "user", {"odd": 1}), report=report)
    assert root.message.parts[0].block == {"role": "user", "content": {"odd": 1}}
    assert [loss.what for loss in report.losses] == ["a message"]


@pytest.mark.parametrize("odd", [{"uuid": ["x"]}, {"uuid": "y", "type": "user", "message": 3}, {"type": 4}])
def test_odd_lines_are_kept_aside(tmp_path: Path, odd: dict[str, Any]) -> None:
    [(root, _)] = read(tmp_path, line("u1", None, "user", "x"), odd)
    assert root.metadata["conversation"]["lines"] == [odd]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([{"a": 1}], "no transcript"),
        ([[1, 2]], "must be an object"),
        ([line("a", "b", "user", "x"), line("b", "a", "user", "x")], "circle"),
    ],
)
def test_what_is_no_transcript_is_refused(tmp_path: Path, lines: list[Any], problem: str) -> None:
    with pytest.raises(ThreadFormatError, match=problem):
        read(tmp_path, *lines)
