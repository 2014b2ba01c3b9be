"""Claude's export: flat or with branches, blocks of every kind, files beside."""

from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode
from minillm.errors import ThreadFormatError
from minillm.report import Report
from minillm.tree.formats import read_claude
from minillm.tree.formats.claude import parse_claude
from minillm.types import FilePart, ImagePart, NativePart, ReasoningPart
from tests.tree.formats.exports import Words, words_in, words_said, write_json, write_lines


def says(uuid: str, sender: str, *blocks: Any, **more: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": block} if isinstance(block, str) else block for block in blocks]
    return {"uuid": uuid, "sender": sender, "text": "", "content": content, **more}


def parsed(*messages: dict[str, Any], report: Report | None = None, **more: Any) -> Any:
    value = {"uuid": "c", "name": "N", "chat_messages": list(messages), **more}
    thread = parse_claude(value, ChatNode, at="item 0", report=Report() if report is None else report)
    assert thread is not None
    return thread


def test_a_flat_conversation_is_a_chain() -> None:
    root, leaf = parsed(
        says("1", "human", "Hi", created_at="1970-01-01T00:00:05Z"),
        says("2", "assistant", "Ho"),
        created_at="1970-01-01T00:00:01Z",
    )
    assert [(node.role, node.text, node.id) for node in leaf.path()] == [("user", "Hi", "1"), ("assistant", "Ho", "2")]
    assert root.metadata["created_at"] == 5.0
    assert root.metadata["conversation"] == {"format": "claude", "id": "c", "title": "N", "created_at": 1.0}


def test_parents_make_branches() -> None:
    """An unknown parent is the root's; the leaf is the one last shown."""
    root, leaf = parsed(
        says("1", "human", "a", parent_message_uuid="00000000-0000-4000-8000-000000000000"),
        says("2", "assistant", "b", parent_message_uuid="1"),
        says("3", "assistant", "c", parent_message_uuid="1"),
        current_leaf_message_uuid="2",
    )
    assert [child.text for child in root.children] == ["b", "c"]
    assert leaf.text == "b"


def test_an_answer_with_tools_is_taken_apart() -> None:
    """Call, result and what was said then, in a row, so that a host takes them back."""
    _, leaf = parsed(
        says(
            "1",
            "assistant",
            {"type": "thinking", "thinking": "hm", "summaries": [{"summary": "s"}]},
            {"type": "tool_use", "name": "search", "input": {"q": "x"}},
            {"type": "tool_result", "name": "search", "content": [{"type": "text", "text": "out"}]},
            "Found it.",
        )
    )
    call, result, answer = leaf.path()
    assert (call.role, result.role, answer.role) == ("assistant", "tool", "assistant")
    assert isinstance(call.message.parts[0], ReasoningPart)
    assert call.message.tool_calls[0].arguments == '{"q":"x"}'
    assert result.message.tool_results[0].call_id == call.message.tool_calls[0].id
    assert (result.message.tool_results[0].text, answer.text) == ("out", "Found it.")


def test_attached_text_is_a_file_and_an_upload_is_told() -> None:
    report = Report()
    root, _ = parsed(
        says(
            "1",
            "human",
            "see",
            attachments=[{"file_name": "a.md", "extracted_content": "# Héading"}],
            files=[{"file_kind": "image", "file_uuid": "f1", "file_name": "p.png"}],
            files_v2=[{"file_kind": "image", "file_uuid": "f1", "file_name": "p.png"}],
        ),
        report=report,
    )
    _, note, picture = root.message.parts
    assert isinstance(note, FilePart)
    assert (note.name, note.mime, note.to_bytes().decode()) == ("a.md", "text/markdown", "# Héading")
    assert isinstance(picture, ImagePart)
    assert (picture.file_id, picture.mime) == ("f1", "image/png")
    assert [loss.what for loss in report.losses] == ["bytes of an uploaded file"]


def test_no_word_is_lost() -> None:
    """Known blocks and unknown ones."""
    say, report = Words(), Report()
    messages = (
        {"uuid": "0", "sender": "human", "text": say(2)},
        says("1", "human", say(), {"type": "voice_note", "title": say(), "text": say()}),
        says(
            "2",
            "assistant",
            {"type": "thinking", "thinking": say()},
            {"type": "text", "text": say(), "citations": [{"details": {"url": "https://h", "title": say()}}]},
            {"type": "tool_use", "id": "t", "name": "n", "input": {"deep": [say()]}},
            {"type": "tool_result", "tool_use_id": "t", "content": say()},
            {"type": "tool_result", "tool_use_id": "t", "content": {"odd": say()}},
            {"type": "token_budget", "x": say()},
        ),
    )
    thread = parsed(*messages, report=report)
    assert words_said(thread.root) == words_in(messages)
    assert [loss.what for loss in report.losses] == ["a block of type 'token_budget'"]
    assert any(isinstance(part, NativePart) for node in thread.leaf.path() for part in node.message.parts)


def test_a_flat_text_that_says_something_else_is_kept() -> None:
    message = {**says("1", "assistant", "short"), "text": "quite another text"}
    assert parsed(message).root.metadata["claude"]["text"] == "quite another text"


def test_lines_are_read_as_well_as_an_array(tmp_path: Path) -> None:
    talk = {"uuid": "c", "chat_messages": [says("1", "human", "x")]}
    for path in (write_lines(tmp_path / "a.jsonl", talk, talk), write_json(tmp_path / "b.json", [talk, talk])):
        assert len(list(read_claude(path, ChatNode))) == 2


def test_an_empty_conversation_is_told(tmp_path: Path) -> None:
    report = Report()
    assert (
        list(read_claude(write_json(tmp_path / "x", [{"uuid": "c", "chat_messages": []}]), ChatNode, report=report))
        == []
    )
    assert [loss.path for loss in report.losses] == ["item 0"]


@pytest.mark.parametrize(
    ("messages", "place"),
    [
        (3, "item 0.chat_messages"),
        ([3], "item 0.chat_messages[0]"),
        ([{"sender": "human"}], "item 0.chat_messages[0].uuid"),
        ([{"uuid": "1"}], "item 0.chat_messages[0].sender"),
        ([says("1", "human", 5)], "item 0.chat_messages[0].content[0]"),
        ([says("1", "human", {"type": "text", "text": 5})], "item 0.chat_messages[0].content[0].text"),
        ([says("1", "human", attachments=[4])], "item 0.chat_messages[0].attachments[0]"),
        ([says("1", "human"), says("1", "human")], "item 0.chat_messages[1]"),
        (
            [says("1", "human", parent_message_uuid="2"), says("2", "human", parent_message_uuid="1")],
            "item 0.chat_messages[0]",
        ),
    ],
)
def test_a_bad_conversation_is_refused_by_its_place(messages: Any, place: str, tmp_path: Path) -> None:
    path = write_json(tmp_path / "x", [{"uuid": "c", "chat_messages": messages}])
    with pytest.raises(ThreadFormatError) as caught:
        list(read_claude(path, ChatNode, report=Report()))
    assert (caught.value.path, caught.value.place) == (str(path), place)
