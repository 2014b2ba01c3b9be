"""Request and answer bodies of the four wires, told apart by what they hold."""

from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode
from minillm.errors import ConfigurationError, ThreadFormatError
from minillm.report import Report
from minillm.tree.formats import read_native_body
from minillm.tree.formats.native_body import wire_of_body
from tests.tree.formats.exports import write_json, write_lines

REQUESTS: dict[str, dict[str, Any]] = {
    "openai_chat_completions": {"model": "m", "messages": [{"role": "user", "content": "q"}], "seed": 1},
    "openai_responses": {"model": "m", "input": [{"role": "user", "content": "q"}], "store": False},
    "anthropic_messages": {
        "model": "m",
        "max_tokens": 5,
        "system": "s",
        "messages": [{"role": "user", "content": "q"}],
    },
    "gemini_generate_content": {
        "contents": [{"role": "user", "parts": [{"text": "q"}]}],
        "generationConfig": {"seed": 1},
    },
}
ANSWERS: dict[str, Any] = {
    "openai_chat_completions": {
        "id": "i", "object": "chat.completion", "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}],
    },
    "openai_responses": {
        "id": "i", "object": "response", "model": "m", "status": "completed",
        "output": [{"type": "message", "id": "x", "role": "assistant", "status": "completed",
                    "content": [{"type": "output_text", "text": "a", "annotations": []}]}],
    },
    "anthropic_messages": {
        "id": "i", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "a"}], "usage": {"input_tokens": 3, "output_tokens": 4},
    },
    "gemini_generate_content": {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}, "finishReason": "STOP", "index": 0}],
    },
}  # fmt: skip


def read(path: Path, **options: Any) -> list[Any]:
    return list(read_native_body(path, ChatNode, report=Report(), **options))


@pytest.mark.parametrize("wire", REQUESTS)
def test_a_request_is_a_chain(wire: str, tmp_path: Path) -> None:
    """What it says besides is kept."""
    assert wire_of_body(REQUESTS[wire]) == wire
    [(root, leaf)] = read(write_json(tmp_path / "x", REQUESTS[wire]))
    assert leaf.text == "q"
    facts = root.metadata["conversation"]
    assert facts["format"] == wire
    assert facts["rest"]["request"].items() <= REQUESTS[wire].items()
    assert len(facts["rest"]["request"]) > 0


@pytest.mark.parametrize("wire", ANSWERS)
def test_an_answer_is_a_node_with_its_record(wire: str, tmp_path: Path) -> None:
    assert wire_of_body(ANSWERS[wire]) == wire
    [(root, leaf)] = read(write_json(tmp_path / "x", ANSWERS[wire]))
    assert root is leaf
    assert (leaf.role, leaf.text) == ("assistant", "a")
    assert leaf.response.finish_reason == "stop"


@pytest.mark.parametrize("wire", REQUESTS)
def test_a_request_with_its_answer(wire: str, tmp_path: Path) -> None:
    line = {"request": REQUESTS[wire], "response": ANSWERS[wire]}
    for _, leaf in read(write_lines(tmp_path / "x", line, line)):
        assert [node.text for node in leaf.path()][-2:] == ["q", "a"]


def test_choices_are_siblings(tmp_path: Path) -> None:
    choice = ANSWERS["openai_chat_completions"]["choices"][0]
    answer = {**ANSWERS["openai_chat_completions"], "choices": [choice, {**choice, "index": 1}]}
    path = write_json(tmp_path / "x", {"request": REQUESTS["openai_chat_completions"], "response": answer})
    [(root, _)] = read(path)
    assert len(root.children) == 2


def test_a_wire_may_be_named(tmp_path: Path) -> None:
    path = write_json(tmp_path / "x", {"messages": [{"role": "user", "content": "q"}]})
    assert read(path, wire="anthropic_messages")[0].root.metadata["conversation"]["format"] == "anthropic_messages"
    with pytest.raises(ConfigurationError, match="no wire"):
        read(path, wire="morse")


def test_blocks_of_anthropic_tell_it_without_a_system_prompt() -> None:
    content = [{"type": "tool_result", "tool_use_id": "x", "content": "y"}]
    assert wire_of_body({"messages": [{"role": "user", "content": content}]}) == "anthropic_messages"


@pytest.mark.parametrize("body", [3, {"a": 1}, {"messages": 3}, {"contents": [3]}, {"choices": [3]}])
def test_what_is_no_body_is_refused(tmp_path: Path, body: Any) -> None:
    with pytest.raises(ThreadFormatError, match="item 0"):
        read(write_json(tmp_path / "x", [body]))
