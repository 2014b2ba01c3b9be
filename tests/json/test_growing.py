"""A value in a text that is being written: what is known of it at every moment, and at which cost."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minillm.json import dumps, repair_json
from minillm.json import growing as module
from minillm.json.growing import GrowingValue
from minillm.types import UNSET


def seen(text: str, step: int = 1, expect: Any = "any") -> list[Any]:
    """Every value shown while the text comes in pieces."""
    growing, values = GrowingValue(expect), []
    for at in range(0, len(text), step):
        growing.feed(text[at : at + step])
        values.append(growing.changed())
    values.append(growing.changed(whole=True))
    return [value for value in values if value is not UNSET]


def test_it_grows() -> None:
    assert seen('{"name": "Ada", "born": 1815}', 6) == [
        {},
        {"name": "Ad"},
        {"name": "Ada"},
        {"name": "Ada", "born": 1815},
    ]


def test_only_what_has_changed_is_shown() -> None:
    assert seen('{"a": 1    ,    "b"   : "x"}   \n\n') == [
        {},
        {"a": 1},
        {"a": 1, "b": ""},
        {"a": 1, "b": "x"},
    ]


def test_nothing_is_known_before_the_value_begins() -> None:
    growing = GrowingValue()
    for piece in ("", "Sure", ", here {it} is [see below]:", " ", "```", "json\n", "{"):
        growing.feed(piece)
        assert growing.changed() is UNSET


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"a": [1, 2]}\n```',
        '~~~\n{"a": [1, 2]}\n~~~\nHope this helps {really}!',
        'Sure! As [1] says, {this} is it:\n\n{"a": [1, 2]}',
        'Sure: ```json\n{"a": [1, 2]}\n``` and not {"b": 3}.',
        'Sure: ```json\n{"a": [1, 2]}\n```\n\n{"b": 3}',
        'I tried {"z": 0} but {"a": [1, 2]} is better',
        '[1, {"z": 0}] {"a": [1, 2]}',
        '{"a": [1, 2,],} // done',
        '{a: 5} ```json\n{"a": [1, 2]}\n```',
    ],
)
def test_fences_and_prose_around_it_make_no_difference(text: str) -> None:
    """What is shown last is what the ladder takes in the end."""
    assert seen(text, expect="object")[-1] == {"a": [1, 2]} == repair_json(text, expect="object").value


def test_plain_faults_are_mended_on_the_way() -> None:
    assert seen('{"s": "a\nb", "t": True, // so\n "n": [1,]}')[-1] == {"s": "a\nb", "t": True, "n": [1]}


def test_a_sound_value_inside_a_broken_one_is_not_taken_for_it() -> None:
    assert seen("{'a': 1, 'b': {\"c\": 2}}") == []


def test_another_kind_is_passed_over() -> None:
    assert seen('{"a": [1]} [2, 3]', expect="array") == [[2], [2, 3]]
    assert seen('[{"a": 1}] {"b": 2}', expect="object") == [{}, {"b": 2}]


def test_a_bracket_in_a_text_is_none() -> None:
    assert seen('{"a": "}]\\"}", "b": "{["} {no}')[-1] == {"a": '}]"}', "b": "{["}


def test_each_value_is_a_new_object() -> None:
    growing = GrowingValue()
    growing.feed('{"a": [1')
    first = growing.changed()
    growing.feed(", 2")
    second = growing.changed()
    assert (first, second) == ({"a": [1]}, {"a": [1, 2]})
    assert first["a"] is not second["a"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
VALUES = st.lists(JSON, max_size=4) | st.dictionaries(st.text(), JSON, max_size=4)


def is_part(part: Any, whole: Any) -> bool:
    """Whether the value may become the other: members and items missing, texts and numbers begun."""
    if isinstance(whole, dict):
        return isinstance(part, dict) and all(key in whole and is_part(part[key], whole[key]) for key in part)
    if isinstance(whole, list):
        return isinstance(part, list) and all(is_part(a, b) for a, b in zip(part, whole, strict=False))
    if isinstance(whole, str):
        return isinstance(part, str) and whole.startswith(part.rstrip("\ufffd"))
    if isinstance(whole, bool) or whole is None:
        return part is whole
    return isinstance(part, int | float)


@settings(deadline=None, max_examples=60)
@given(VALUES, st.integers(1, 9), st.sampled_from(["", "Sure:\n", "```json\n"]), st.booleans())
def test_it_is_always_a_part_of_the_whole_and_the_whole_in_the_end(
    value: Any, step: int, lead: str, indent: bool
) -> None:
    text = lead + dumps(value, indent=indent).decode()
    values = seen(text, step)
    assert all(is_part(part, value) for part in values)
    assert values[-1] == value


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="{}[]\":,`~ \n\\atru1'“", max_size=60), st.integers(1, 5))
def test_any_text_is_taken(text: str, step: int) -> None:
    """Without an error, and in the end never another value than a sound text holds."""
    values = seen(text, step)
    assert all(isinstance(value, dict | list) for value in values)


@pytest.mark.parametrize(
    "piece", ['{"k": "some text", "n": [1, 2.5, true]}, ', "x", "prose { with [ brackets ] } ", '"k": 1, ']
)
def test_the_cost_follows_the_length(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All readings together look at a fixed multiple of the text, and not at its square."""
    looked = 0
    partial, mend = module._partial, module.mend

    def counting(text: str) -> Any:
        nonlocal looked
        looked += len(text)
        return partial(text)

    def mending(text: str) -> str:
        nonlocal looked
        looked += len(text)
        return mend(text)

    monkeypatch.setattr(module, "_partial", counting)
    monkeypatch.setattr(module, "mend", mending)
    shares = []
    for size in (20_000, 40_000):
        text, looked = '{"a": ["' + piece * (size // len(piece)), 0
        seen(text, 4)
        shares.append(looked / len(text))
    assert shares[1] < shares[0] * 1.5 + 1
    assert max(shares) < 3 * module._SHARE


def test_a_text_too_long_to_be_searched_is_left_alone() -> None:
    growing = GrowingValue()
    growing.feed('{"a": "' + "x" * module.MOST_TEXT)
    assert growing.changed(whole=True) is UNSET
