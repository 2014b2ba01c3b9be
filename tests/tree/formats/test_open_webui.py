"""Open WebUI's chats: out and in again is the identity on what they can hold."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minillm import ChatNode
from minillm.errors import EncodeError, ThreadFormatError
from minillm.report import Report
from minillm.tree import Node
from minillm.tree.formats import read_chatgpt, read_open_webui, write_open_webui
from minillm.types import ImagePart, Message, NativePart, ReasoningPart, Role, TextPart, ToolCallPart, ToolResultPart
from tests.tree.formats.exports import WORD, chatgpt_conversation, words_said, write_json
from tests.tree.messages import objects

words = st.text(max_size=12)
plain = st.builds(
    Message, st.sampled_from([Role.USER, Role.SYSTEM, Role.DEVELOPER, "critic"]), words, st.none() | words
)
answers = st.builds(
    lambda thought, said, picture, call: Message(
        Role.ASSISTANT, tuple(part for part in (thought, said, picture, call) if part is not None)
    ),
    st.none() | st.builds(ReasoningPart, words),
    words.filter(bool).map(TextPart),
    st.none() | st.builds(ImagePart, st.just("image/png"), st.just("AAAA"), name=st.none() | words),
    st.none() | st.builds(ToolCallPart, words, words, words, st.sampled_from(["function", "custom"])),
)
results = st.builds(
    lambda id, name, said, bad: Message(Role.TOOL, (ToolResultPart(id, name, said, bad),)),
    words, st.none() | words, words, st.booleans(),
)  # fmt: skip
metadata = objects.filter(lambda value: "conversation" not in value)


@st.composite
def holdable_trees(draw: st.DrawFn) -> ChatNode:
    """Trees of all that Open WebUI has a place for."""
    root: Any = ChatNode(draw(st.one_of(plain, answers)))
    nodes = [root]
    for _ in range(draw(st.integers(1, 6))):
        parent = nodes[draw(st.integers(0, len(nodes) - 1))]
        nodes.append(parent.add_child(ChatNode(draw(st.one_of(plain, answers, results)))))
    for node in nodes:
        if draw(st.booleans()):
            node.metadata = draw(metadata)
    return root  # type: ignore[no-any-return]


def everything(root: Any) -> list[Any]:
    """What a tree says, but for what is known of the conversation as a whole."""
    found = []
    for node in root.iter_depth_first():
        known = {key: value for key, value in node.metadata.items() if key != "conversation"}
        parent = node.parent.id if node.parent is not None else None
        found.append((node.id, parent, node.message, node.message.origin, known))
    return found


@given(st.lists(holdable_trees(), max_size=2))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_out_and_in_is_the_identity(tmp_path: Path, roots: list[ChatNode]) -> None:
    """Ids, order, branches, messages and metadata; and out once more gives the same bytes."""
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    write_open_webui(roots, first, report=Report(strict=True))
    threads = list(read_open_webui(first, ChatNode, report=Report(strict=True)))
    assert [everything(thread.root) for thread in threads] == [everything(root) for root in roots]
    write_open_webui([thread.leaf for thread in threads], second, report=Report())
    assert second.read_bytes() == first.read_bytes()


CHAT = {
    "id": "c",
    "user_id": "u",
    "title": "T",
    "chat": {
        "models": ["m"],
        "params": {"system": "Be brief.", "temperature": 0},
        "history": {
            "currentId": "b",
            "messages": {
                "q": {"id": "q", "parentId": None, "childrenIds": ["a", "b"], "role": "user", "content": "Hi",
                      "models": ["m"]},
                "a": {
                    "id": "a", "parentId": "q", "childrenIds": [], "role": "assistant", "content": "x",
                    "model": "m", "timestamp": 5, "done": True, "usage": {"total_tokens": 3},
                },
                "b": {"id": "b", "parentId": "q", "childrenIds": [], "role": "assistant", "content": "y",
                      "done": False},
            },
        },
        "tags": ["t"],
    },
    "meta": {"tags": ["t"]},
    "pinned": True,
    "created_at": 1,
    "updated_at": 2,
}  # fmt: skip


def read(tmp_path: Path, value: Any, report: Report | None = None) -> Any:
    path = write_json(tmp_path / "x.json", value)
    return list(read_open_webui(path, ChatNode, report=Report(strict=True) if report is None else report))


def test_its_own_export_comes_back_as_it_was(tmp_path: Path) -> None:
    """In and out: every key of chat and message."""
    [(root, leaf)] = read(tmp_path, [CHAT])
    assert (root.text, leaf.text, type(leaf)) == ("Be brief.", "y", ChatNode)
    assert root.metadata["conversation"]["title"] == "T"
    write_open_webui(leaf, tmp_path / "y.json", report=Report(strict=True))
    [again] = json.loads((tmp_path / "y.json").read_text())
    assert again["chat"].pop("minillm") == {"root": {"id": root.id}}
    assert again["chat"].pop("title") == "T"
    assert again == CHAT


def test_the_wrapper_may_be_missing(tmp_path: Path) -> None:
    [(root, _)] = read(tmp_path, CHAT["chat"])
    assert root.node_count() == 4


def test_the_oldest_chats_are_lists(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "a"}, {"id": "x", "role": "assistant", "content": "b"}]
    [(_, leaf)] = read(tmp_path, [{"chat": {"messages": messages}}])
    assert [node.text for node in leaf.path()] == ["a", "b"]


def test_several_first_messages(tmp_path: Path) -> None:
    """An edited first question stands beside the other."""
    messages: dict[str, Any] = {
        id: {"id": id, "parentId": None, "childrenIds": [], "role": "user", "content": id} for id in "ab"
    }
    [(root, _)] = read(tmp_path, [{"chat": {"history": {"currentId": "a", "messages": messages}}}])
    assert (root.text, [child.text for child in root.children]) == ("", ["a", "b"])


def test_a_chatgpt_export_goes_on_to_open_webui(tmp_path: Path) -> None:
    """With every word of it but what nobody knows."""
    path = write_json(tmp_path / "c.json", [chatgpt_conversation(1)])
    [(root, _)] = read_chatgpt(path, ChatNode, report=Report())
    report = Report()
    write_open_webui(root, tmp_path / "o.json", report=report)
    [(again, _)] = read_open_webui(tmp_path / "o.json", Node, report=Report())
    assert again.node_count() == root.node_count()
    assert {loss.path.split(".")[0] for loss in report.losses} == {"chat 0"}
    lost = words_said(root) - words_said(again)
    unknown = {word for node in root.iter_depth_first() for word in WORD.findall(str(natives(node.message)))}
    assert lost <= unknown


def natives(message: Message) -> list[object]:
    """What only ChatGPT says of a message: whole blocks and the rest of parts, in results too."""
    inner = [part for result in message.tool_results if isinstance(result.content, tuple) for part in result.content]
    parts: list[Any] = [*message.parts, *inner]
    cited = [str(each) for part in parts for each in getattr(part, "citations", ())]
    return [part.block if isinstance(part, NativePart) else part.native for part in parts] + cited


def test_what_it_cannot_hold_is_told(tmp_path: Path) -> None:
    root = ChatNode.root("x")
    root.add_user((NativePart("w", {}), TextPart("y"))).cache_breakpoint().format_kwargs["a"] = 1
    report = Report()
    write_open_webui(root, tmp_path / "x", report=report)
    assert {loss.what for loss in report.losses} >= {"a native part", "a cache mark", "what fills the placeholders"}


def test_metadata_that_is_no_json_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    root = ChatNode.root("x")
    root.metadata["bad"] = object()
    with pytest.raises(EncodeError):
        write_open_webui(root.add_user("y"), path)
    assert path.read_text() == "old"


def test_an_empty_chat_is_told(tmp_path: Path) -> None:
    report = Report()
    assert read(tmp_path, [{"chat": {"history": {"messages": {}}}}], report) == []
    assert len(report.losses) == 1


def message(parent: Any, *children: str, **more: Any) -> dict[str, Any]:
    return {"parentId": parent, "childrenIds": list(children), "role": "user", "content": "x", **more}


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([], "must be an object"),
        ({"a": 3}, "must be an object"),
        ({"a": message("gone")}, "no root"),
        ({"r": message(None), "a": message("gone")}, "not in the file"),
        ({"r": message(None), "a": message("b", "b"), "b": message("a", "a")}, "circle"),
        ({"a": message(None, "gone")}, "not in the file"),
        ({"a": message(None, "b"), "b": message(None)}, "disagree"),
        ({"a": message(3)}, "must be text"),
        ({"a": message(None, content=3)}, "must be text"),
    ],
)
def test_a_bad_chat_is_refused_by_its_place(tmp_path: Path, messages: Any, problem: str) -> None:
    with pytest.raises(ThreadFormatError, match=problem) as caught:
        read(tmp_path, [{"chat": {"history": {"messages": messages}}}])
    assert str(caught.value.place).startswith("item 0.chat.history.messages")
