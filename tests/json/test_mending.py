"""Plain faults, mended in one pass."""

import json

import pytest
from hypothesis import given

from minillm.json.mending import mend

from .test_serialization import VALUES


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ('["a\nb\t\x01"]', '["a\\nb\\t\\u0001"]'),
        ('{"a": [1, 2,], }', '{"a": [1, 2] }'),
        ("[1,, 2, , 3]", "[1, 2 , 3]"),
        ('{"a": 1, // why\n "b": 2 # so\n}', '{"a": 1, \n "b": 2 \n}'),
        ('{"a": /* , */ 1, /* end */ }', '{"a":  1  }'),
        ("[True, False, None]", "[true, false, null]"),
        ("[NaN, -Infinity]", '["NaN", "-Infinity"]'),
        ('["True // None,]"]', '["True // None,]"]'),
        ("see http://x.y/z#top {", "see http://x.y/z#top {"),
        ("[1, /* open", "[1, "),
    ],
)
def test_each_fault_is_mended_and_strings_are_left_alone(text: str, mended: str) -> None:
    assert mend(text) == mended


@given(VALUES)
def test_valid_json_is_not_touched(value: object) -> None:
    text = json.dumps(value)
    assert mend(text) == text


@pytest.mark.parametrize("pattern", ['"', '\\"', "/*", "//", ",", ", ", ",//", "*/", "#,", "-NaN", '"\\', ",/*"])
def test_hostile_repetition_stays_linear(pattern: str) -> None:
    """Counted, not timed: at a million characters anything worse than linear would not end."""
    assert isinstance(mend(pattern * (1_000_000 // len(pattern))), str)
