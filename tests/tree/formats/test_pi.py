"""pi's sessions: every kind of entry is a message, a fact of the session, or told."""

from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode
from minillm.errors import ThreadFormatError
from minillm.report import Report
from minillm.tree.formats import read_pi
from minillm.types import ImagePart, ReasoningPart
from tests.tree.formats.exports import Words, words_in, words_said, write_lines

HEADER = {"type": "session", "version": 3, "id": "S", "timestamp": "1970-01-01T00:00:05Z", "cwd": "/x"}


def entry(id: str, parent: str | None, type: str = "message", **more: Any) -> dict[str, Any]:
    return {"type": type, "id": id, "parentId": parent, **more}


def said(id: str, parent: str | None, role: str, content: Any, **more: Any) -> dict[str, Any]:
    return entry(id, parent, message={"role": role, "content": content, **more})


def read(tmp_path: Path, *entries: Any, header: Any = HEADER, report: Report | None = None) -> Any:
    path = write_lines(tmp_path / "s.jsonl", header, *entries)
    found = list(read_pi(path, ChatNode, report=Report() if report is None else report))
    return found[0] if found else None


def test_a_session_with_tools_and_a_branch(tmp_path: Path) -> None:
    thinking = {"type": "thinking", "thinking": "hm", "thinkingSignature": "sig"}
    call = {"type": "toolCall", "id": "t", "name": "read", "arguments": {"path": "a"}}
    root, leaf = read(
        tmp_path,
        entry("m", None, "model_change", provider="p", modelId="x"),
        said("u", "m", "user", "look"),
        said("a", "u", "assistant", [thinking, call], provider="p", model="x", usage={"input": 3}),
        said("r", "a", "toolResult", [{"type": "text", "text": "out"}], toolCallId="t", toolName="read", isError=True),
        said("b", "u", "assistant", [{"type": "text", "text": "other"}], provider="p", model="x"),
        entry("l", "r", "label", targetId="a", label="good"),
        entry("n", "l", "session_info", name="Reading"),
    )
    assert [node.id for node in leaf.path()] == ["u", "a", "r"]
    assert [child.id for child in root.children] == ["a", "b"]
    answer = root.children[0]
    assert answer.message.parts[0] == ReasoningPart("hm", "sig")
    assert answer.message.origin == ("p", "x")
    assert answer.message.tool_calls[0].arguments == '{"path":"a"}'
    assert leaf.message.tool_results[0].is_error
    assert answer.metadata["label"] == "good"
    assert answer.metadata["pi"]["usage"] == {"input": 3}
    facts = root.metadata["conversation"]
    assert (facts["title"], facts["created_at"], facts["rest"]) == ("Reading", 5.0, {"version": 3, "cwd": "/x"})
    assert [each["id"] for each in facts["entries"]] == ["m", "l", "n"]


def test_no_word_is_lost(tmp_path: Path) -> None:
    say, report = Words(), Report()
    entries = [
        said(
            "1",
            None,
            "user",
            [{"type": "text", "text": say()}, {"type": "image", "data": "AAAA", "mimeType": "image/png"}],
        ),
        entry("2", "1", message={"role": "bashExecution", "command": say(), "output": say()}),
        entry("3", "2", "compaction", summary=say(), firstKeptEntryId="1"),
        entry("4", "3", "branch_summary", summary=say(), fromId="1"),
        entry("5", "4", "custom_message", customType="c", content=say(), display=True),
        entry("6", "5", message={"role": "compactionSummary", "summary": say()}),
        said(
            "7", "6", "assistant", [{"type": "text", "text": say(), "textSignature": "s"}, {"type": "new", "x": say()}]
        ),
        said("8", "7", "assistant", [{"type": "thinking", "thinking": "", "thinkingSignature": "s", "redacted": True}]),
        entry("9", "8", "brand_new", words=say()),
    ]
    root, leaf = read(tmp_path, *entries, report=report)
    assert words_said(root) == words_in(entries)
    assert isinstance(root.message.parts[1], ImagePart)
    assert leaf.path()[7].message.parts[0].sealed == "s"
    assert [loss.what for loss in report.losses] == ["a block of type 'new'", "an entry of type 'brand_new'"]


def test_an_empty_session_is_told(tmp_path: Path) -> None:
    report = Report()
    assert read(tmp_path, report=report) is None
    assert len(report.losses) == 1


@pytest.mark.parametrize(
    ("header", "problem"),
    [({"type": "x"}, "header"), ({**HEADER, "version": 1}, "no ids"), ({**HEADER, "version": 4}, "update minillm")],
)
def test_another_version_is_refused(tmp_path: Path, header: Any, problem: str) -> None:
    with pytest.raises(ThreadFormatError, match=problem):
        read(tmp_path, header=header)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ([1], "line 2"),
        (entry("a", "gone", message={"role": "user", "content": "x"}), "line 2"),
        (entry("a", None), "line 2.message"),
        (said("a", None, "user", 3), "line 2.message.content"),
        (said("a", None, "assistant", [3]), "line 2.message.content[0]"),
        (said("a", None, "toolResult", "x"), "line 2.message.toolCallId"),
        ({"type": "message", "id": 3}, "line 2.id"),
    ],
)
def test_a_bad_entry_is_refused_by_its_line(tmp_path: Path, wrong: Any, place: str) -> None:
    with pytest.raises(ThreadFormatError) as caught:
        read(tmp_path, wrong)
    assert caught.value.place == place
