"""The scanner of JSON finds every key that the parser finds, and where it stands."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.config_file.json_places import json_places
from minillm.config_file.places import TooDeep

TEXT = '{"a": {"b \\"c": [1, "x]", {"d": null}]},\n "e": [],\n  "f": {}}'


def paths(value: Any, path: tuple = ()) -> set[tuple]:
    if isinstance(value, dict):
        return {path}.union(*(paths(item, (*path, key)) for key, item in value.items()))
    if isinstance(value, list):
        return {path}.union(*(paths(item, (*path, at)) for at, item in enumerate(value)))
    return {path}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("a",), (1, 2)),
        (("a", 'b "c'), (1, 8)),
        (("a", 'b "c', 1), (1, 21)),
        (("a", 'b "c', 2, "d"), (1, 28)),
        (("f",), (3, 3)),
        (("f", "g", "h"), (3, 3)),
    ],
)
def test_line_and_column(path, place):
    """Counted from 1; what is not there has the place of what is around it."""
    places = json_places(TEXT)
    assert places.line_and_column(places.find(path)) == place


def test_a_key_given_twice_is_noted():
    """The parser would take the last without a word."""
    places = json_places('{"a": 1,\n "b": {"c": 1, "c": 2}}')
    assert [path for path, _ in places.twice] == [("b", "c")]


@pytest.mark.parametrize("text", ["", "{", '{"a"', '{"a": ', "[1", "[1 2]", "{1: 2}", '"x', '{"\\x": 1}', "]"])
def test_a_broken_text_ends_the_scan(text):
    """Without an error of its own: the parser has the words."""
    assert () in json_places(text).offsets


def test_depth_has_an_end():
    """No recursion error for any text."""
    with pytest.raises(TooDeep):
        json_places("[" * 100_000)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=12,
    ),
    st.sampled_from([None, 1]),
)
def test_it_agrees_with_the_parser(value, indent):
    """Every value has its place, and no others are there."""
    places = json_places(json.dumps(value, indent=indent))
    assert set(places.offsets) == paths(value)
    assert places.twice == []
