"""Checks name the place, what was there and what is allowed."""

import pytest

from minillm.errors import ThreadFormatError
from minillm.tree import reading


@pytest.mark.parametrize(
    ("check", "bad", "good"),
    [
        (reading.text, 1, "x"),
        (reading.boolean, 0, False),
        (reading.integer, True, 3),
        (reading.integer, 1.0, 3),
        (reading.number, False, 1.5),
        (reading.object_at, [], {}),
        (reading.items, {}, []),
    ],
)
def test_kinds(check, bad, good):
    assert check(good, "place") == good
    with pytest.raises(ThreadFormatError, match=r"^place: must be"):
        check(bad, "place")


def test_allowed_values_are_listed_and_strange_ones_shortened():
    with pytest.raises(ThreadFormatError) as caught:
        reading.text("é" * 100, "p", ("a", "b"))
    assert "allowed are a, b" in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "é" not in str(caught.value)


def test_a_missing_key_is_named():
    with pytest.raises(ThreadFormatError, match=r"^p\.k: is missing"):
        reading.required({}, "k", "p")
    with pytest.raises(ThreadFormatError, match=r"^k: is missing"):
        reading.required({}, "k", "")
