"""Fragments of tool calls: the vendor's way, and every way that servers get it wrong."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import EncodeError
from minillm.types import Message, Role, TextPart, ToolCallPart
from minillm.wire.tool_calls import CallFragments, IdMap, calls_in, invented_id, usable_id

Fragment = tuple[int | None, str, str, str]  # index, id, name, arguments


def put_together(*fragments: Fragment) -> list[tuple[str, str, str]]:
    calls = CallFragments(lambda ordinal, name: f"made-{ordinal}-{name}")
    found: dict[int, list[str]] = {}
    for index, id_, name, arguments in fragments:
        call, opened = calls.place(index, id_, name, "function")
        assert opened == (call.ordinal not in found)
        found.setdefault(call.ordinal, [call.id, call.name, ""])[2] += arguments
        call.has_arguments = call.has_arguments or bool(arguments)
    assert calls.count == len(found)
    return [(id_, name, arguments) for id_, name, arguments in found.values()]


CASES: dict[str, tuple[list[Fragment], list[tuple[str, str, str]]]] = {
    "by index": (
        [(0, "a", "f", ""), (0, "", "", "{"), (0, "", "", "}"), (1, "b", "g", ""), (1, "", "", "{}")],
        [("a", "f", "{}"), ("b", "g", "{}")],
    ),
    "interleaved by index": (
        [(0, "a", "f", ""), (1, "b", "g", ""), (0, "", "", "1"), (1, "", "", "2"), (0, "", "", "3")],
        [("a", "f", "13"), ("b", "g", "2")],
    ),
    "id and name on every fragment": (
        [(0, "a", "f", "{"), (0, "a", "f", "}")],
        [("a", "f", "{}")],
    ),
    "two calls, both index 0": (
        [(0, "a", "f", "{"), (0, "", "", "}"), (0, "b", "g", "{}")],
        [("a", "f", "{}"), ("b", "g", "{}")],
    ),
    "two calls of one tool, both index 0": (
        [(0, "a", "f", "{}"), (0, "b", "f", "[]")],
        [("a", "f", "{}"), ("b", "f", "[]")],
    ),
    "no index, ids differ": (
        [(None, "a", "f", "{}"), (None, "b", "g", "{"), (None, "", "", "}")],
        [("a", "f", "{}"), ("b", "g", "{}")],
    ),
    "no index, id repeated": (
        [(None, "a", "f", "{"), (None, "a", "", "}"), (None, "b", "g", ""), (None, "a", "", "!")],
        [("a", "f", "{}!"), ("b", "g", "")],
    ),
    "no index, no id, whole calls": (
        [(None, "", "f", "{}"), (None, "", "g", "{}"), (None, "", "g", "[]")],
        [("made-0-f", "f", "{}"), ("made-1-g", "g", "{}"), ("made-2-g", "g", "[]")],
    ),
    "no id, always index 0, other names": (
        [(0, "", "f", "{}"), (0, "", "g", "{}")],
        [("made-0-f", "f", "{}"), ("made-1-g", "g", "{}")],
    ),
    "no id, name on every fragment": (
        [(0, "", "f", "{"), (0, "", "f", "}")],
        [("made-0-f", "f", "{}")],
    ),
    "the id comes late": (
        [(0, "", "f", ""), (0, "a", "", "{"), (0, "a", "", "}")],
        [("made-0-f", "f", "{}")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_fragments_become_these_calls(name: str) -> None:
    fragments, calls = CASES[name]
    assert put_together(*fragments) == calls


def test_a_made_id_is_the_same_for_the_same_facts() -> None:
    assert invented_id("chatcmpl-1", 0, 1, "f") == invented_id("chatcmpl-1", 0, 1, "f")
    assert invented_id("chatcmpl-1", 0, 1, "f") != invented_id("chatcmpl-1", 1, 0, "f")
    assert invented_id("a", "b") != invented_id("ab", "")
    assert re.fullmatch(r"call_[0-9a-f]{24}", invented_id("x"))


def test_ids_that_are_none() -> None:
    assert [usable_id(value) for value in (None, "", "null", 3, {})] == [""] * 5
    assert usable_id("call_1") == "call_1"


@given(st.text(max_size=40), st.text(max_size=40))
def test_ids_are_rewritten_alike_and_apart(one: str, other: str) -> None:
    """Mistral takes nine letters and digits; a call and its result must keep the same one."""
    ids = IdMap("[a-zA-Z0-9]{9}")
    assert re.fullmatch("[a-zA-Z0-9]{9}", ids(one))
    assert ids(one) == IdMap("[a-zA-Z0-9]{9}")(one)
    assert (ids(one) == ids(other)) == (one == other)


def test_ids_that_fit_stay() -> None:
    ids = IdMap("[a-zA-Z0-9]{9}")
    assert ids("abcDEF123") == "abcDEF123"
    assert ids.rewritten == 0
    assert IdMap(None)("anything at all") == "anything at all"


def test_a_pattern_that_nothing_fits_is_an_error() -> None:
    with pytest.raises(EncodeError, match="no tool call id"):
        IdMap("x{3}")("call_1")


def test_the_calls_of_a_conversation_are_found_in_their_order() -> None:
    """Among texts and other parts, of whoever's turn."""
    one, two = ToolCallPart("1", "look"), ToolCallPart("2", "look")
    turns = [Message(Role.USER, "Hi."), Message(Role.ASSISTANT, (TextPart("Hm."), two, one)), Message(Role.USER, one)]
    assert calls_in(turns) == [two, one, one]
