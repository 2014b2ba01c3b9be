"""Reasoning items, both ways: segments that are joined by a blank line, and a sealed block."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.types import ReasoningPart
from minillm.wire.openai_responses.reasoning import decode_reasoning, encode_reasoning


def summary(*texts: str) -> list[dict[str, str]]:
    return [{"type": "summary_text", "text": text} for text in texts]


def content(*texts: str) -> list[dict[str, str]]:
    return [{"type": "reasoning_text", "text": text} for text in texts]


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"summary": summary("a", "b")}, ReasoningPart("a\n\nb")),
        ({"summary": summary("a\n\nb", "c")}, ReasoningPart("a\n\nb\n\nc")),
        ({"summary": [], "content": content("a", "b")}, ReasoningPart("a\n\nb")),
        ({"summary": summary("a"), "content": content("b")}, ReasoningPart("a")),
        ({"summary": [], "encrypted_content": "x", "id": "rs_1"}, ReasoningPart(sealed="x")),
        ({"summary": summary("a"), "encrypted_content": "x", "status": "completed"}, ReasoningPart("a", sealed="x")),
        ({"summary": [], "encrypted_content": None, "content": None}, ReasoningPart()),
        ({}, ReasoningPart()),
        ({"summary": summary("", "")}, ReasoningPart("\n\n")),
        ({"summary": "x", "content": [1]}, ReasoningPart()),
        ({"summary": [{"type": "summary_text", "text": "a", "x": 1}]}, ReasoningPart()),
    ],
)
def test_a_reasoning_item_means_this_and_comes_back(raw: dict[str, Any], part: ReasoningPart) -> None:
    found = decode_reasoning({"type": "reasoning", **raw})
    assert found == part
    assert encode_reasoning(found) == {"type": "reasoning", **raw}


@given(st.lists(st.text(max_size=5), max_size=4))
def test_segments_are_cut_where_the_wire_had_cut_them(texts: list[str]) -> None:
    raw = {"type": "reasoning", "summary": summary(*texts)}
    assert encode_reasoning(decode_reasoning(raw)) == raw


def test_a_changed_text_is_one_segment() -> None:
    found = decode_reasoning({"type": "reasoning", "id": "rs_1", "summary": summary("a", "b")})
    changed = dataclasses.replace(found, text="else")
    assert encode_reasoning(changed) == {"type": "reasoning", "id": "rs_1", "summary": summary("else")}


def test_reasoning_of_ours() -> None:
    assert encode_reasoning(ReasoningPart("a", sealed="x")) == {
        "type": "reasoning",
        "summary": summary("a"),
        "encrypted_content": "x",
    }
