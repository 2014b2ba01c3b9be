"""ChatGPT's export: every conversation, branch and word of it, one conversation in memory at a time."""

import gc
import tracemalloc
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode
from minillm.errors import ThreadFormatError
from minillm.report import Report
from minillm.tree.formats import read_chatgpt
from minillm.tree.formats.chatgpt import parse_chatgpt
from tests.tree.formats.exports import chatgpt_conversation, chatgpt_export, words_in, words_said, write_json


def conversation(*nodes: tuple[str, str | None, dict[str, Any] | None]) -> dict[str, Any]:
    mapping = {
        id: {"id": id, "parent": parent, "children": [c for c, p, _ in nodes if p == id], "message": message}
        for id, parent, message in nodes
    }
    return {"title": "T", "mapping": mapping, "current_node": nodes[-1][0] if nodes else None}


def says(role: str, content: Any, **more: Any) -> dict[str, Any]:
    inner = {"content_type": "text", "parts": [content]} if isinstance(content, str) else content
    return {"author": {"role": role}, "content": inner, **more}


def parsed(value: Any, report: Report | None = None) -> Any:
    thread = parse_chatgpt(value, ChatNode, at="item 0", report=Report() if report is None else report)
    assert thread is not None
    return thread


def test_two_thousand_conversations_arrive_whole(tmp_path: Path) -> None:
    """No branch and no word is missing, with every kind of content."""
    path = tmp_path / "conversations.json"
    with path.open("wb") as file:
        file.writelines(chatgpt_export(2000))
    count = 0
    for number, (root, leaf) in enumerate(read_chatgpt(path, ChatNode, report=Report.ignore())):
        count += 1
        assert leaf.id == f"{number}-15"
        if number % 40 == 0:
            assert_whole(root, chatgpt_conversation(number))
    assert count == 2000


def assert_whole(root: Any, source: dict[str, Any]) -> None:
    assert words_said(root) == words_in(source)
    nodes = [node for node in root.iter_depth_first() if node.role != "system" or node.id in source["mapping"]]
    found = {node.id: node.parent.id if node.parent in nodes else None for node in nodes}
    known = {id: node["parent"] for id, node in source["mapping"].items() if node["message"] is not None}
    assert found == {id: parent if parent in known else None for id, parent in known.items()}


def test_one_conversation_is_in_memory_at_a_time(tmp_path: Path) -> None:
    """The peak does not grow with the file."""

    def peak(conversations: int) -> int:
        path = tmp_path / f"{conversations}.json"
        with path.open("wb") as file:
            file.writelines(chatgpt_export(conversations))
        tracemalloc.start()
        for number, _ in enumerate(read_chatgpt(path, ChatNode, report=Report.ignore())):
            if number % 10 == 0:
                gc.collect()  # trees are circles; when Python sweeps them by itself is its own affair
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)  # what loads once
    assert peak(200) < peak(50) * 1.5


def test_the_zip_is_read_as_it_was_downloaded(tmp_path: Path) -> None:
    """Newer exports hold several files of conversations, beside much else."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("chat.html", "<html>")
        archive.writestr("conversations-001.json", b"".join(chatgpt_export(2)))
        archive.writestr("conversations-000.json", b"".join(chatgpt_export(3)))
    threads = list(read_chatgpt(path, ChatNode, report=Report.ignore()))
    assert [thread.root.metadata["conversation"]["id"] for thread in threads] == ["c0", "c1", "c2", "c0", "c1"]


def test_what_is_known_of_a_message_is_in_its_metadata() -> None:
    """Time, model, whether it was hidden, and the rest under the format's name."""
    message = says(
        "assistant",
        "Hi",
        create_time=5.5,
        channel="final",
        weight=0.0,
        metadata={"model_slug": "gpt-5", "finish_details": {"type": "stop"}},
    )
    root, leaf = parsed(conversation(("r", None, None), ("a", "r", message)))
    assert root is leaf
    assert (root.id, root.text, type(root)) == ("a", "Hi", ChatNode)
    assert root.metadata["created_at"] == 5.5
    assert (root.metadata["model"], root.metadata["hidden"]) == ("gpt-5", True)
    assert root.metadata["chatgpt"]["channel"] == "final"
    assert root.metadata["conversation"] == {"format": "chatgpt", "title": "T"}
    assert root.response is not None
    assert root.response.model == "gpt-5"


def test_an_edited_first_message_makes_no_second_tree() -> None:
    """The first messages stand under one empty system message, which sends nothing."""
    root, leaf = parsed(
        conversation(("r", None, None), ("a", "r", says("user", "one")), ("b", "r", says("user", "two")))
    )
    assert (root.role, root.text, [child.text for child in root.children]) == ("system", "", ["one", "two"])
    assert leaf.text == "two"


def test_a_word_to_a_tool_is_a_call_and_the_tools_word_its_result() -> None:
    """So the conversation can go on where it stopped."""
    call = says("assistant", {"content_type": "code", "language": "json", "text": '{"q": 1}'}, recipient="web.search")
    result = {
        "author": {"role": "tool", "name": "web.search"},
        "content": {"content_type": "execution_output", "text": "out"},
    }
    root, leaf = parsed(conversation(("u", None, says("user", "q")), ("c", "u", call), ("t", "c", result)))
    made = root.children[0].message.tool_calls[0]
    assert (made.name, made.arguments, made.kind) == ("web.search", '{"q": 1}', "function")
    answer = leaf.message.tool_results[0]
    assert (answer.call_id, answer.name, answer.text) == (made.id, "web.search", "out")


def test_a_tools_word_without_a_call_is_told() -> None:
    report = Report()
    _, leaf = parsed(conversation(("t", None, says("tool", "out"))), report)
    assert leaf.message.tool_results[0].text == "out"
    assert [loss.what for loss in report.losses] == ["a tool's message"]


def test_sources_stand_on_the_text() -> None:
    references = [{"start_idx": 0, "end_idx": 2, "type": "webpage", "url": "https://h/", "title": "H"}]
    root, _ = parsed(conversation(("a", None, says("assistant", "Hi", metadata={"content_references": references}))))
    cited = root.message.parts[0].citations[0]
    assert (cited.url, cited.title, cited.start, cited.end) == ("https://h/", "H", 0, 2)


@pytest.mark.parametrize("role", ["system", "user", "assistant"])
def test_nobodys_braces_are_placeholders(role: str) -> None:
    """What was said there goes to a host as it was said."""
    root, leaf = parsed(conversation(("a", None, says(role, "{{name}} {name}")), ("b", "a", says("user", "x"))))
    assert root.formatted_thread({"name": "X"})[0].text == "{{name}} {name}"
    assert leaf.missing_kwargs() == []


def test_a_conversation_without_messages_is_left_out_and_told(tmp_path: Path) -> None:
    report = Report()
    path = write_json(
        tmp_path / "c.json", [conversation(("r", None, None)), conversation(("u", None, says("user", "x")))]
    )
    assert len(list(read_chatgpt(path, ChatNode, report=report))) == 1
    assert report.losses[0].path == "item 0"


def test_depth_is_no_danger() -> None:
    """A long chain; a longer one is in test_entries."""
    nodes = [(str(i), str(i - 1) if i else None, says("user", "x")) for i in range(20_000)]
    mapping = {id: {"id": id, "parent": parent, "message": message} for id, parent, message in nodes}
    root, leaf = parsed({"mapping": mapping, "current_node": "19999"})
    assert root.node_count() == 20_000
    assert leaf.depth == 19_999


SOUND = conversation(("r", None, None), ("a", "r", says("user", "x")), ("b", "a", says("assistant", "y")))


def broken(*path: str | int, value: Any) -> Any:
    spoilt: Any = deepcopy(SOUND)
    inner = spoilt
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return spoilt


@pytest.mark.parametrize(
    ("value", "place", "problem"),
    [
        (3, "item 0", "must be an object"),
        ({"title": "x"}, "item 0.mapping", "is missing"),
        (broken("mapping", value=[]), "item 0.mapping", "must be an object"),
        (broken("mapping", "a", value=None), "item 0.mapping['a']", "must be an object"),
        (broken("mapping", "a", "parent", value="gone"), "item 0.mapping['a']", "not in the file"),
        (broken("mapping", "a", "parent", value=7), "item 0.mapping['a'].parent", "must be text"),
        (broken("mapping", "a", "parent", value="b"), "item 0.mapping['a']", "disagree"),
        (broken("mapping", "r", "children", value=["a", "b"]), "item 0.mapping['b']", "disagree"),
        (broken("mapping", "r", "children", value=["gone"]), "item 0.mapping['r'].children", "not in the file"),
        (broken("mapping", "r", "children", value="a"), "item 0.mapping['r'].children", "must be a list"),
        (broken("mapping", "r", "parent", value="b"), "item 0.mapping", "no root"),
        (broken("mapping", "a", "message", value="x"), "item 0.mapping['a'].message", "must be an object"),
        (broken("mapping", "a", "message", "content", value="x"), "content", "must be an object"),
        (broken("mapping", "a", "message", "content", "parts", value="x"), "content.parts", "must be a list"),
        (broken("mapping", "a", "message", "content", "parts", value=[3]), "content.parts[0]", "must be an object"),
        (broken("mapping", "a", "message", "author", "role", value=3), "author.role", "must be text"),
    ],
)
def test_a_bad_conversation_is_refused_by_its_place(value: Any, place: str, problem: str, tmp_path: Path) -> None:
    """File, conversation and node."""
    path = write_json(tmp_path / "c.json", [value])
    with pytest.raises(ThreadFormatError, match=problem) as caught:
        list(read_chatgpt(path, ChatNode, report=Report()))
    assert place in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_circle_beside_the_root_is_refused() -> None:
    mapping = {
        "r": {"parent": None, "message": says("user", "x")},
        "a": {"parent": "b", "message": says("user", "x")},
        "b": {"parent": "a", "message": says("user", "x")},
    }
    with pytest.raises(ThreadFormatError, match="circle") as caught:
        parse_chatgpt({"mapping": mapping}, ChatNode, at="item 0", report=Report())
    assert caught.value.place == "item 0.mapping['a']"
