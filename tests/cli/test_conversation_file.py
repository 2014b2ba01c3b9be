"""Saved conversations: the name says what to save, the content what was saved."""

from pathlib import Path

import pytest

from minillm import ChatNode, ThreadFormatError
from minillm.cli.conversation_file import load_conversation, save_conversation


def forked() -> ChatNode:
    """The end of one of two branches."""
    question = ChatNode.root("Be terse.").add_user("Why?")
    question.add_assistant("Because.")
    return question.add_assistant("No idea.")


def texts(node: ChatNode) -> list[str]:
    return [each.message.text for each in node.path()]


def test_jsonl_holds_the_whole_tree_and_anything_else_the_thread(own_folder: Path) -> None:
    leaf = forked()
    assert "the whole tree (4 nodes)" in save_conversation(leaf, "talk.jsonl")
    assert "this thread (3 messages)" in save_conversation(leaf, "talk.json")
    assert load_conversation("talk.jsonl").get_root().node_count() == 4
    assert load_conversation("talk.json").get_root().node_count() == 3


@pytest.mark.parametrize("name", ["talk.jsonl", "talk.json"])
def test_a_loaded_talk_goes_on_where_the_last_branch_ended(name: str) -> None:
    leaf = forked()
    save_conversation(leaf, name)
    assert texts(load_conversation(name)) == texts(leaf)


def test_a_file_may_be_renamed(own_folder: Path) -> None:
    save_conversation(forked(), "tree.jsonl")
    save_conversation(forked(), "thread.json")
    (own_folder / "tree.jsonl").rename("a.json")
    (own_folder / "thread.json").rename("b.jsonl")
    assert load_conversation("a.json").get_root().node_count() == 4
    assert load_conversation("b.jsonl").get_root().node_count() == 3


@pytest.mark.parametrize("content", ["", "nonsense", "[1", '{"minillm": {"format": "tree", "version": "9.0"}}'])
@pytest.mark.parametrize("name", ["talk.jsonl", "talk.json"])
def test_a_file_that_is_neither_is_refused_with_its_name(name: str, content: str) -> None:
    Path(name).write_text(content)
    with pytest.raises(ThreadFormatError, match=name):
        load_conversation(name)


def test_the_home_folder_is_understood(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(own_folder))
    save_conversation(forked(), "~/talk.json")
    assert (own_folder / "talk.json").exists()
    assert texts(load_conversation("~/talk.json")) == texts(forked())
