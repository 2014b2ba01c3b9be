"""A node as one entry, and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import ThreadFormatError
from minillm.tree import Node
from minillm.tree.ids import node_id
from minillm.tree.rows import node_to_row, only_text, read_plain_row, read_row
from minillm.types import Attempt, CacheBreakpoint, ChatResponse, Choice, Message, Role, TextPart
from tests.tree.messages import exactly, messages, objects


def there_and_back(node: Node) -> Node:
    row = json.loads(json.dumps(node_to_row(node, node_id(node))))
    return read_row(row, "prompts[0]", Node)[0]


@given(messages, objects, st.dictionaries(st.text(), st.text() | st.integers() | st.booleans() | st.none()))
def test_what_a_node_has_survives(message, metadata, kwargs):
    node = Node(message)
    node.metadata.update(metadata)
    node.format_kwargs.update(kwargs)
    node.cache_breakpoint("5m")
    again = there_and_back(node)
    assert exactly(again.message) == exactly(message)
    assert (again.id, again.metadata, again.format_kwargs) == (node.id, metadata, kwargs)
    assert again.cache_mark == CacheBreakpoint("5m")
    assert again._details.kept is None


def test_values_that_json_lacks_are_kept_as_the_text_they_fill_in():
    node = Node.root("s")
    node.format_kwargs = {"nan": float("nan"), "list": [1], "n": 1.5}
    assert there_and_back(node).format_kwargs == {"nan": "nan", "list": "[1]", "n": 1.5}


def test_a_kwarg_another_program_changed_holds():
    node = Node.root("s")
    node.format_kwargs = {"n": 3}
    row = node_to_row(node, None)
    assert row["format_kwargs"] == {"n": "3"}
    row["format_kwargs"]["n"] = "4"
    assert read_row(row, "", Node)[0].format_kwargs == {"n": "4"}


def test_the_record_and_the_bill_survive():
    node = Node(Message(Role.ASSISTANT, "a"))
    attempt = Attempt("openai", "m", "openai_chat_completions", 1.5, status=200)
    node.remember(ChatResponse("r", "m", (Choice(0, node.message),), attempts=(attempt,)))
    node.book([attempt])
    again = there_and_back(node)
    assert again.response == node.response
    assert again.response.attempts == (attempt,)
    assert again.bill == (attempt,)
    assert there_and_back(again).response == node.response


def test_keys_of_a_newer_version_come_back_out():
    row = {
        "message": {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": "https://h/x", "width": 800}}],
            "mood": "good",
        },
        "colour": "red",
        "minillm": {
            "id": "x",
            "score": 1,
            "record": {"model": "m", "energy": 3},
            "parts": [{"from": "content", "z": 0}],
        },
    }
    node = read_row(json.loads(json.dumps(row)), "", Node)[0]
    assert node_to_row(node, node_id(node)) == row
    node.metadata["k"] = 1
    assert node_to_row(node.clone(), None)["message"] == row["message"]
    assert node_to_row(node, None)["minillm"]["metadata"] == {"k": 1}


def test_plain_entries_make_no_details():
    node, parent = read_row(
        {"message": {"role": "user", "content": "x"}, "minillm": {"id": "a", "parent": "b"}}, "", Node
    )
    assert (node._message, node._details, parent) == ("x", "a", "b")
    bare = read_row({"message": {"role": "user", "content": "x"}}, "", Node)[0]
    assert (bare._message, bare._details) == ("x", None)


@pytest.mark.parametrize(
    "row",
    [
        5,
        [],
        {"message": {"role": "user", "content": "x"}},
        {"message": {"role": [], "content": "x"}, "minillm": {"id": "a"}},
        {"message": {"role": "user", "content": "x", "name": "n"}, "minillm": {"id": "a"}},
        {"message": {"role": "user", "content": "x"}, "minillm": {"id": "a", "metadata": {}}},
        {"message": {"role": "user", "content": "x"}, "minillm": {"id": "a", "parent": None}},
        {"message": {"role": "user", "content": "x"}, "minillm": {"id": 1}},
        {"message": {"role": "user", "content": "x"}, "minillm": {"id": "a"}, "format_kwargs": {}},
    ],
)
def test_only_plain_entries_are_read_the_quick_way(row):
    assert read_plain_row(row, Node) is None


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ([], "prompts[0]"),
        ({}, "prompts[0]"),
        ({"message": 1}, "prompts[0].message"),
        ({"message": {"role": "user", "content": "x", "cache_breakpoint": 1}}, "prompts[0].message.cache_breakpoint"),
        ({"message": {"role": "user", "content": "x"}, "format_kwargs": {"n": 1}}, "prompts[0].format_kwargs.n"),
        ({"message": {"role": "user", "content": "x"}, "format_kwargs": []}, "prompts[0].format_kwargs"),
        ({"message": {"role": "user", "content": "x"}, "minillm": 1}, "prompts[0].minillm"),
        ({"message": {"role": "user", "content": "x"}, "minillm": {"id": 1}}, "prompts[0].minillm.id"),
        ({"message": {"role": "user", "content": "x"}, "minillm": {"parent": 1}}, "prompts[0].minillm.parent"),
        ({"message": {"role": "user", "content": "x"}, "minillm": {"metadata": 1}}, "prompts[0].minillm.metadata"),
        ({"message": {"role": "user", "content": "x"}, "minillm": {"record": 1}}, "prompts[0].minillm.record"),
        ({"message": {"role": "user", "content": "x"}, "minillm": {"bill": [{}]}}, "prompts[0].minillm.bill[0]"),
    ],
)
def test_a_bad_entry_is_refused_by_place(row, place):
    with pytest.raises(ThreadFormatError) as caught:
        read_row(row, "prompts[0]", Node)
    assert caught.value.place.startswith(place)


def test_only_text_is_a_text_and_nothing_else():
    assert only_text(Message(Role.USER, "x")) == "x"
    for richer in (
        Message(Role.USER, (TextPart("x"),)),
        Message(Role.USER, "x", name=""),
        Message(Role.USER, "x", origin=("h", "m")),
        Message(Role.USER, "x", extra={}),
    ):
        assert only_text(richer) is None
