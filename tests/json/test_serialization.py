"""Strict JSON both ways, and what orjson alone would lose."""

import contextlib
import json
import math
import sys
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import DecodeError, EncodeError
from minillm.json import dumps, loads, serialization
from minillm.json.exact import MAX_DEPTH

# Any text, lone surrogates and integers of any size included.
TEXTS = st.text(st.characters(), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def depth_of(value: Any) -> int:
    depth = 0
    while isinstance(value, list):
        depth += 1
        value = value[0] if value else None
    return depth


@given(VALUES, st.booleans())
def test_every_json_value_comes_back_equal(value: Any, indent: bool) -> None:
    assert loads(dumps(value, indent=indent)) == value
    assert loads(dumps(value, indent=indent).decode()) == value


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 92233720368547758079, 10**200])
def test_integers_over_64_bit_stay_exact(number: int) -> None:
    assert loads(dumps([number])) == [number]
    assert loads(f'{{"a": {number}}}') == {"a": number}
    assert isinstance(loads(str(number)), int)


@pytest.mark.parametrize("length", [0, 5000])
@pytest.mark.parametrize("padding", range(19))
def test_a_long_integer_is_seen_wherever_it_stands(padding: int, length: int) -> None:
    """In short texts and long ones, of the fewest digits that it can have, and of more."""
    for number in (-9999999999999999999, 10**19 - 1 + 2**64, 10**30 + 1):
        assert loads(f'["{"x" * (padding + length)}", {number}, "{"y" * length}"]')[1] == number


@pytest.mark.parametrize("length", [0, 5000])
@pytest.mark.parametrize("others", [0, 3, 7, 8, 9, 100])
def test_a_long_integer_is_seen_among_others_that_are_nearly_as_long(others: int, length: int) -> None:
    """However many places have to be looked at before."""
    near = [123456789012345678] * others
    found = loads(f'["{"x" * length}", {json.dumps(near)}, {10**20}]')
    assert found[1:] == [near, 10**20]
    assert isinstance(found[2], int)


def test_two_spaces_are_what_orjson_calls_so() -> None:
    assert serialization._TWO_SPACES == orjson.OPT_INDENT_2


def test_inexact_reading_makes_them_floats() -> None:
    assert loads(str(2**70), exact=False) == float(2**70)


def test_a_lone_surrogate_is_an_escape() -> None:
    assert dumps({"\ud800": "é\udc00"}) == b'{"\\ud800":"\\u00e9\\udc00"}'
    assert loads(b'["\\ud800 \\ud83d\\ude00"]') == ["\ud800 \U0001f600"]
    assert loads('["\ud800"]') == ["\ud800"]


@pytest.mark.parametrize("depth", [254, 255, 600, MAX_DEPTH])
def test_both_ways_reach_the_same_depth(depth: int) -> None:
    data = dumps(nested(depth))
    assert data == b"[" * depth + b"]" * depth
    assert depth_of(loads(data)) == depth


def test_depth_costs_no_recursion() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(_frames()) + 60)
    try:
        assert depth_of(loads(dumps(nested(MAX_DEPTH)))) == MAX_DEPTH
    finally:
        sys.setrecursionlimit(limit)


def _frames() -> list[Any]:
    frames, frame = [], sys._getframe()
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return frames


def test_deeper_is_a_typed_error_both_ways() -> None:
    with pytest.raises(EncodeError, match="nested deeper than 1024"):
        dumps(nested(MAX_DEPTH + 1))
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(DecodeError):
            loads("[" * depth + "]" * depth)
        with pytest.raises(DecodeError):
            loads('["\\ud800",' + "[" * depth + "]" * depth + "]")  # by way of the standard library


def test_a_value_that_holds_itself_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(EncodeError, match="holds itself"):
        dumps(circle)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_json_does_not_have_is_refused_and_its_place_named(number: float) -> None:
    for value in (
        {"a": [1, {"b": number}]},
        {"a": [2**70, {"b": number}]},
        {"a": (1, MappingProxyType({"b": number}))},
    ):
        with pytest.raises(EncodeError) as caught:
            dumps(value)
        assert caught.value.path == "a[1].b"


def test_a_place_behind_a_closed_container_is_right() -> None:
    with pytest.raises(EncodeError) as caught:
        dumps({"a": [2**70, {"b": []}, {}], "c": [[1], math.nan]})
    assert caught.value.path == "c[1]"


def test_nulls_are_no_such_number() -> None:
    for finite in (False, True):
        assert dumps({"a": None, "b": [None, 1.5]}, finite=finite) == b'{"a":null,"b":[null,1.5]}'


@pytest.mark.parametrize(
    ("value", "path"),
    [({"a": {1: 2}}, "a"), ({"a": [object()]}, "a[0]"), ({"a": b"bytes"}, "a"), ({"a": {1, 2}}, "a"), ({None: 1}, "")],
)
def test_what_json_has_no_form_for_is_refused_and_its_place_named(value: Any, path: str) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(value)
    assert caught.value.path == path


class Color(StrEnum):
    RED = "red"


@dataclass
class Point:
    x: int


def test_mappings_sequences_enums_and_dataclasses_are_written() -> None:
    value = {"m": MappingProxyType({"k": (1, range(2))}), Color.RED: Color.RED, "p": Point(1)}
    assert dumps(value) == b'{"m":{"k":[1,[0,1]]},"red":"red","p":{"x":1}}'


def test_indented_text_is_the_same_by_either_writer() -> None:
    plain = {"a": [], "b": {}, "c": [1, {"d": [None, "é"]}]}
    assert dumps({**plain, "e": 2**70}, indent=True).replace(b"1180591620717411303424", b"1") == dumps(
        {**plain, "e": 1}, indent=True
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  ",
        b"{",
        b"[1,]",
        b"[NaN]",
        b"-Infinity",
        b"1e400",
        b"\xff",
        b"\xef\xbb\xbf1",
        b'"\\ud800',
        b"01",
        b"[1] 2",
    ],
)
def test_what_is_not_json_is_the_peers_fault(data: bytes) -> None:
    with pytest.raises(DecodeError, match="not JSON"):
        loads(data)


def test_an_integer_too_long_to_convert_is_refused() -> None:
    with pytest.raises(DecodeError):
        loads("1" * 5000)
    with pytest.raises(EncodeError, match="4300 digits"):
        dumps([10**5000])


def test_the_raw_text_is_kept_and_not_quoted() -> None:
    with pytest.raises(DecodeError) as caught:
        loads(b'{"secret": tomato}')
    assert "tomato" not in str(caught.value)
    assert "tomato" in caught.value.raw


@given(st.binary() | st.text())
def test_any_bytes_are_a_value_or_a_typed_error(data: bytes | str) -> None:
    with contextlib.suppress(DecodeError):
        loads(data)


def test_memoryviews_and_bytearrays_are_read() -> None:
    assert loads(memoryview(b"[1]")) == loads(bytearray(b"[1]")) == [1]
