"""Files of strangers, spoilt anywhere: they are read, and then can be written, or they are refused by name."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from minillm import ChatNode
from minillm.errors import ThreadFormatError
from minillm.report import Report
from minillm.tree.formats import read, to_markdown, write_messages, write_open_webui
from tests.tree.formats.exports import chatgpt_conversation
from tests.tree.formats.test_claude import says
from tests.tree.formats.test_claude_code import call, line, result
from tests.tree.formats.test_native_body import ANSWERS, REQUESTS
from tests.tree.formats.test_open_webui import CHAT
from tests.tree.formats.test_pi import HEADER, entry, said
from tests.tree.formats.test_registry import FILES

BLOCKS = (
    {"type": "text", "text": "x", "citations": [{"start_index": 1, "details": {"url": "u"}}]},
    {"type": "thinking", "thinking": "t", "signature": "s"},
    {"type": "tool_use", "id": "t", "name": "n", "input": {}},
    {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "r"}]},
)
FILE = {"attachments": [{"file_name": "a", "extracted_content": "b"}], "files": [{"file_uuid": "f", "file_name": "g"}]}
PI_BLOCKS = [
    {"type": "text", "text": "x"},
    {"type": "thinking", "thinking": "t", "thinkingSignature": "s"},
    {"type": "toolCall", "id": "1", "name": "n", "arguments": {}},
    {"type": "image", "data": "AAAA", "mimeType": "image/png"},
]
SAID_IN_PI = said("1", None, "assistant", PI_BLOCKS, provider="p", model="m")
SESSION = [
    line("u", None, "user", "x"),
    line("a", "u", "assistant", call("t"), "m"),
    line("r", "a", "user", result("t", "x")),
]
SOUND: list[tuple[str, list[Any]]] = [
    *FILES,
    ("chatgpt", [[chatgpt_conversation(1)]]),
    ("open_webui", [[CHAT]]),
    ("claude", [[{"current_leaf_message_uuid": "1", "chat_messages": [says("1", "human", *BLOCKS, **FILE)]}]]),
    ("claude_code", SESSION),
    ("pi", [HEADER, SAID_IN_PI, entry("2", "1", "label", targetId="1", label="l")]),
    *(("native_body", [{"request": REQUESTS[wire], "response": ANSWERS[wire]}]) for wire in REQUESTS),
]  # fmt: skip
JUNK: list[Any] = [
    None,
    True,
    0,
    -1.5,
    "",
    "x",
    "a",
    [],
    {},
    [1],
    {"a": 1},
    [None],
    [[]],
    "\ud800",
    10**30,
    {"type": "text"},
    ["a"],
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def spoilt(lines: list[Any], random: Random) -> list[Any]:
    found = copy.deepcopy(lines)
    for _ in range(random.choice((1, 1, 2))):
        path = random.choice([path for path in places(found) if len(path) > 1 or len(found) > 1] or [(0,)])
        way, last = list(path[:-1]), list(path)[-1]
        inner: Any = found
        for step in way:
            inner = inner[step]
        if random.random() < 0.15:
            del inner[last]
        else:
            inner[last] = copy.deepcopy(random.choice(JUNK))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_spoilt_file_is_read_or_refused(seed: int, tmp_path: Path) -> None:
    """No other error comes out, and what was read can be saved, shown and written."""
    random = Random(seed)
    path = tmp_path / "x"
    refused = 0
    for _ in range(100):
        name, lines = random.choice(SOUND)
        path.write_text("".join(json.dumps(each) + "\n" for each in spoilt(lines, random)), "utf-8")
        try:
            threads = list(read(path, ChatNode, format=name, report=Report()))
        except ThreadFormatError as error:
            refused += error.path == str(path)
            continue
        for root, leaf in threads:
            assert ChatNode.from_tree_json(root.to_tree_json()).node_count() == root.node_count()
            to_markdown(root, report=Report())
            write_messages(root, tmp_path / "lines", report=Report())
            write_open_webui(leaf, tmp_path / "viewer", report=Report())
            [(again, _)] = read(tmp_path / "viewer", ChatNode, format="open_webui", report=Report())
            assert {node.id for node in again.iter_depth_first()} >= {node.id for node in root.iter_depth_first()}
    assert 0 < refused < 100
