"""Telling the JSON values in a text from brackets that are only prose."""

import json
from typing import Any

import pytest

from minillm.json.documents import fenced, fenced_body, scan


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('Sure: {"a": 1} and more', [{"a": 1}]),
        ('{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ('The set [of words] is {"a": 1}', [{"a": 1}]),
        ('{"a": "} ] ```"} tail', [{"a": "} ] ```"}]),
        ('x {"a": [1, {"b": "c', [{"a": [1, {"b": "c"}]}]),
        ("[] {}", [[], {}]),
        ("{", [{}]),
        ("I am sad :[", []),
    ],
)
def test_sound_values_are_found(text: str, values: list[Any]) -> None:
    found = scan(text)
    assert found.values == values
    assert not found.damaged


@pytest.mark.parametrize(
    "text",
    [
        '{name: "Bo", "x": {"y": 1}}',  # a sound value inside a broken one is not the answer
        '{name: "Bo"} {"a": 1}',
        '{"a": 1}, "b": 2}',
        "{'a': 1}",
        "[1, 2, ...]",
        "[" * 2000,
    ],
)
def test_what_looks_like_json_and_is_not_is_damaged(text: str) -> None:
    assert scan(text).damaged


def test_many_values_and_one_longer_than_the_window_are_read() -> None:
    long = [{"n": number, "text": "é" * 50} for number in range(500)]
    rows = "\n".join('{"n": 1}' for _ in range(3000))
    found = scan(f"{rows}\n{json.dumps(long, ensure_ascii=False)}\n{rows}")
    assert len(found.values) == 6001
    assert found.values[3000] == long


def test_a_value_is_found_whatever_stands_at_the_edge_of_the_window() -> None:
    for size in range(4060, 4110):
        value = {"pad": "x" * size, "tail": ["\\", "\U0001f600", -1.5e-3, True, None]}
        assert scan(f"see {json.dumps(value)} there").values == [value]


def test_fenced_values_come_first() -> None:
    assert fenced('Use {x} [1]:\n```json\n{"a": 1}\n```\nor\n```json\n[2]\n```') == [{"a": 1}, [2]]


def test_blocks_marked_as_json_are_preferred() -> None:
    assert fenced('```\n{"a": 1}\n```\n```JSON\n{"b": 2}\n```') == [{"b": 2}]


def test_a_fence_inside_a_string_ends_nothing() -> None:
    assert fenced('```json\n{"code": "```py\\nx\\n```"}\n```') == [{"code": "```py\nx\n```"}]


def test_a_value_that_breaks_off_before_its_fence_is_closed() -> None:
    assert fenced('```json\n{"a": [1, 2\n```\nDone.') == [{"a": [1, 2]}]


def test_a_broken_block_is_left_to_repair() -> None:
    text = "before\n```json\n{'a': 1}\n```\nafter"
    assert fenced(text) == []
    assert fenced_body(text) == "{'a': 1}"
