"""What a file says and we do not understand comes out again."""

from hypothesis import given

from minillm.tree.kept import left_over, overlaid
from tests.tree.messages import json_values, objects

# Positions in lists are integers in what is kept, so a text key never meets one.


def test_missing_keys_are_kept_by_place():
    read = {"a": 1, "b": {"c": 1, "d": 2}, "l": [{"x": 1, "y": 2}, {"x": 3}]}
    written = {"a": 5, "b": {"c": 1}, "l": [{"x": 1}, {"x": 3}]}
    kept = left_over(read, written)
    assert kept == {"b": {"d": 2}, "l": {0: {"y": 2}}}
    assert overlaid(written, kept) == {"a": 5, "b": {"c": 1, "d": 2}, "l": [{"x": 1, "y": 2}, {"x": 3}]}


def test_lists_that_grew_or_shrank_are_ours():
    assert left_over({"l": [{"x": 1}]}, {"l": []}) is None
    assert overlaid({"l": [{"a": 1}]}, {"l": {3: {"x": 1}}}) == {"l": [{"a": 1}]}


def test_nulls_and_empty_objects_are_something_to_keep():
    assert left_over({"a": None, "b": {}}, {}) == {"a": None, "b": {}}


@given(objects)
def test_nothing_understood_keeps_everything(read):
    kept = left_over(read, {})
    assert (kept or {}) == read
    assert overlaid({}, kept) == read


@given(json_values)
def test_everything_understood_keeps_nothing(value):
    assert left_over(value, value) is None


def test_what_we_write_wins():
    assert overlaid({"a": 1}, {"a": {"deep": 1}, "b": 2}) == {"a": 1, "b": 2}
