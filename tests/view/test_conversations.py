"""Whatever can be looked at is opened as trees, and what cannot says why."""

import json
from pathlib import Path

import pytest

from minillm import ThreadFormatError
from minillm.tree import Node, journal
from minillm.types import Message
from minillm.view import open_conversations
from minillm.view.conversations import conversations_of
from tests.view.samples import rivers


def test_a_tree_a_thread_and_a_journal_are_opened(tmp_path: Path) -> None:
    """By what is in the file, whatever its name."""
    root = rivers()
    leaf = next(root.iter_leaves())
    root.save_tree(tmp_path / "a")
    leaf.save_thread(tmp_path / "b.jsonl")
    with journal(root, tmp_path / "c.jsonl"):
        root.add_user("Later")
    assert [each.text for each in open_conversations(tmp_path / "a").nodes()] == [
        each.text for each in list(root.iter_depth_first())[:-1]
    ]
    thread = open_conversations(tmp_path / "b.jsonl")
    assert (thread.here.id, thread.name) == (leaf.id, "b.jsonl")
    assert open_conversations(tmp_path / "c.jsonl").here.text == "Later"


def test_a_thread_over_many_lines_and_of_an_older_kind(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"prompts": [{"role": "user", "content": "Hi"}]}, indent=4), "utf-8")
    assert open_conversations(path).here.text == "Hi"


def test_an_export_is_all_of_its_conversations(tmp_path: Path) -> None:
    """Side by side, the first in hand."""
    path = tmp_path / "talks.jsonl"
    lines = [{"messages": [{"role": "user", "content": f"Talk {n}"}]} for n in range(3)]
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    opened = open_conversations(path)
    assert [root.text for root in opened.roots] == ["Talk 0", "Talk 1", "Talk 2"]
    assert opened.here is opened.roots[0]


def test_what_an_export_could_not_keep_is_counted_not_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    message = {"role": "user", "content": [{"type": "unheard_of", "x": 1}]}
    path.write_text(json.dumps({"messages": [message]}), "utf-8")
    assert open_conversations(path).lost >= 0


def test_a_node_shows_its_whole_tree() -> None:
    leaf = next(rivers().iter_leaves())
    opened = conversations_of(leaf)
    assert (opened.here, opened.roots) == (leaf, (leaf.get_root(),))


def test_a_root_shows_its_newest_conversation_and_an_unlisted_node_its_parent() -> None:
    root = rivers()
    assert conversations_of(root).here is root.children[0].children[-1]
    asked = root.children[0]
    aside = asked.unlisted(Message("assistant", "aside"))
    below = aside.add_user("more")
    assert conversations_of(below).here is asked
    assert "aside" not in {node.text for node in conversations_of(below).nodes()}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"minillm": {"format": "tree", "version": "1.0", "nodes": 9}}\n{}', "message"),
        ('{"minillm": {"form', "line 1"),
        ('{"prompts": []}', "prompts"),
        ('{"prompts": [', "JSON"),
        ('{"something": 1}', "no format known"),
        ("[]", "no format known"),
        ("", "no format known"),
        ("\x00\xff", "is"),
    ],
)
def test_a_bad_file_is_told_with_its_name(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(ThreadFormatError, match=word) as caught:
        open_conversations(path)
    assert "bad.jsonl" in str(caught.value)


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(TypeError, match="a node or a path is expected, not int"):
        conversations_of(3)
    with pytest.raises(FileNotFoundError):
        conversations_of("nowhere.json")
    assert isinstance(conversations_of(Node.root("a")).here, Node)
