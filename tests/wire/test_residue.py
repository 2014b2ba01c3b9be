"""What a JSON object says beyond the neutral fields, and that it is no copy of the whole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.types import Native
from minillm.wire.residue import HINTS, hints_of, own, put_hints, residue, restore, with_hints

KEYS = st.sampled_from("abc")
SMALL = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y"])
OBJECTS = st.recursive(SMALL, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
BODIES = st.dictionaries(KEYS, OBJECTS, max_size=3)


@given(BODIES, BODIES)
def test_what_is_said_and_the_residue_make_the_body(body: dict[str, Any], said: dict[str, Any]) -> None:
    back = restore(said, residue(body, said))
    assert back == body
    assert repr(back) == repr({key: back[key] for key in back})
    assert [type(back[key]) for key in body] == [type(value) for value in body.values()]  # True is not 1


def test_what_is_said_is_not_in_the_residue() -> None:
    body = {"text": "long text", "inner": {"text": "more", "extra": 1}, "null": None, "empty": {}}
    rest = residue(body, {"text": "long text", "inner": {"text": "more"}})
    assert rest == {"inner": {"extra": 1}, "null": None, "empty": {}}


def test_a_changed_value_speaks_for_itself() -> None:
    rest = residue({"total": 109, "form": None}, {"total": 47, "form": "x", "type": "function"})
    assert restore({"total": 47, "form": "x", "type": "function"}, rest) == {"total": 109, "form": None}
    changed = {"total": 48, "form": "y", "type": "custom"}
    assert restore(changed, rest) == changed


def test_what_is_no_longer_said_leaves_no_hints_behind() -> None:
    rest = residue({"inner": {"a": 2, "b": 1}}, {"inner": {"a": 1}})
    assert restore({}, rest) == {"inner": {"b": 1}}


def test_restoring_changes_nothing_that_was_given() -> None:
    rest = residue({"a": {"b": 1}}, {"a": {}})
    kept = repr(rest)
    restore({"a": {"c": 2}}, rest)["a"]["d"] = 3
    assert repr(rest) == kept


def test_another_wire_is_nobody_s_business() -> None:
    native = Native("anthropic_messages", {"a": 1})
    assert own(native, "openai_chat_completions") is None
    assert own(None, "openai_chat_completions") is None
    assert own(native, "anthropic_messages") == {"a": 1}


def test_hints_that_say_nothing_are_not_kept() -> None:
    assert with_hints({}, form=None, asked=False) == {}
    assert with_hints({"a": 1}, lengths=[]) == {"a": 1, HINTS: {"lengths": []}}
    assert hints_of(with_hints(with_hints({}, one=1), two=2)) == {"one": 1, "two": 2}


@pytest.mark.parametrize("data", [None, {}, {"a": 1}])
def test_no_hints(data: Any) -> None:
    assert hints_of(data) == {}


@pytest.mark.parametrize("theirs", [5, [], {}, {"odd": 5}, {"absent": {"a": 1}}, "x"])
def test_a_peer_s_own_key_of_that_name_is_no_hint_and_comes_back(theirs: Any) -> None:
    body = {"a": 1, HINTS: theirs, "~~": 2}
    rest = residue(body, {"a": 1})
    assert hints_of(rest) == {}
    assert restore({"a": 1}, rest) == body
    kept = {"b": 1, HINTS: theirs}
    put_hints(kept, {"asked": True})
    assert hints_of(kept) == {"asked": True}
    assert restore({}, kept) == {"b": 1, HINTS: theirs}


def test_hints_of_a_frame_kept_by_reference_are_hints_only_in_their_form() -> None:
    assert hints_of({HINTS: 5}) == {}
    for theirs in ("x", {"odd": 5}, {"odd": {"a": 5}}, {"odd": {"a": [1]}}, {"absent": 5}, {"odd": {"a": []}}):
        assert restore({"a": 1}, {HINTS: theirs}) == {"a": 1}


def nested(depth: int, leaf: Any) -> Any:
    for _ in range(depth):
        leaf = [{"a": leaf}]
    return leaf


def test_values_nested_deeper_than_python_compares_are_compared() -> None:
    body = {"a": nested(2000, 1)}
    assert residue(body, {"a": nested(2000, 1)}) == {}
    rest = residue(body, {"a": nested(2000, 2)})
    assert restore({"a": nested(2000, 2)}, rest)["a"] is body["a"]
    assert restore({"a": nested(2000, 3)}, rest)["a"] is not body["a"]
    assert residue({"a": nested(2000, [1, 2])}, {"a": nested(2000, [1])}) != {}
    assert residue({"a": nested(2000, {"b": 1})}, {"a": nested(2000, {})}) != {}
