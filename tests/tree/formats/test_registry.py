"""One door to all formats: a file is told by what is in it."""

from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode
from minillm.errors import ConfigurationError, ThreadFormatError
from minillm.report import Report
from minillm.tree import formats
from minillm.tree.formats import FORMATS, detect, read
from tests.tree.formats.exports import write_lines

MESSAGE = {"role": "user", "content": "q"}
FILES: list[tuple[str, list[Any]]] = [
    ("chatgpt", [[{"title": "T", "mapping": {"a": {"parent": None, "message": {"content": {"parts": ["x"]}}}}}]]),
    ("claude", [[{"uuid": "c", "chat_messages": [{"uuid": "1", "sender": "human", "text": "x"}]}]]),
    ("claude_code", [{"type": "mode", "x": 1},
                     {"type": "user", "uuid": "1", "sessionId": "s", "parentUuid": None, "message": MESSAGE}]),
    ("pi", [{"type": "session", "version": 3, "id": "s", "timestamp": ""},
            {"type": "message", "id": "1", "message": MESSAGE}]),
    ("open_webui", [[{"chat": {"history": {"messages": {"1": {"role": "user", "content": "x"}}}}}]]),
    ("open_webui", [{"history": {"messages": {"1": {"role": "user", "content": "x"}}}}]),
    ("messages", [{"messages": [MESSAGE]}]),
    ("messages", [[MESSAGE]]),
    ("messages", [{"prompt": "q", "completion": "a"}]),
    ("preferences", [{"prompt": "q", "chosen": "a", "rejected": "b"}]),
    ("preferences", [{"input": {"messages": [MESSAGE]}, "preferred_output": "a", "non_preferred_output": "b"}]),
    ("native_body", [{"system": "s", "messages": [MESSAGE]}]),
    ("native_body", [{"contents": [{"parts": [{"text": "x"}]}]}]),
    ("native_body", [{"input": "x"}]),
    ("sharegpt", [[{"conversations": [{"from": "human", "value": "x"}]}]]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "lines"), FILES)
def test_a_file_is_told_and_read(name: str, lines: list[Any], tmp_path: Path) -> None:
    path = write_lines(tmp_path / "x", *lines)
    assert detect(path) == name
    [(root, leaf)] = read(path, ChatNode, report=Report())
    assert (type(root), leaf.get_root()) == (ChatNode, root)


def test_every_format_that_can_be_read_is_told() -> None:
    assert {name for name, row in FORMATS.items() if row.reads} == {name for name, _ in FILES}


def test_every_function_of_the_table_is_there() -> None:
    for row in FORMATS.values():
        for name in (row.reads, row.writes):
            assert name is None or callable(getattr(formats, name))
    assert set(formats.__all__) <= set(dir(formats))


def test_our_own_files_have_their_own_door(tmp_path: Path) -> None:
    root = ChatNode.root("x")
    root.save_tree(tmp_path / "tree")
    root.save_thread(tmp_path / "thread")
    for name in ("tree", "thread"):
        with pytest.raises(ThreadFormatError, match="from_thread_file"):
            detect(tmp_path / name)


@pytest.mark.parametrize("lines", [[], [{}], [[1, 2]], [{"minillm": 3}], [{"chat": 3}], [{"x": n} for n in range(99)]])
def test_a_file_of_no_known_format_is_refused(lines: list[Any], tmp_path: Path) -> None:
    path = write_lines(tmp_path / "x", *lines)
    with pytest.raises(ThreadFormatError, match="no format known here"):
        detect(path)


@pytest.mark.parametrize("name", ["markdown", "morse"])
def test_a_format_that_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can be read; known are chatgpt"):
        read(tmp_path / "x", ChatNode, format=name)
