"""Checked reads: the place is named, the value never is."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.wire import fields

GOOD: list[tuple[Callable[[Any, str], Any], list[Any]]] = [
    (fields.want_object, [{}, {"a": 1}, MappingProxyType({"a": 1})]),
    (fields.want_list, [[], [1], (1, 2)]),
    (fields.want_text, ["", "a"]),
    (fields.want_flag, [True, False]),
]
ANYTHING: list[Any] = [None, True, 0, 1.5, "secret", ["secret"], {"secret": 1}]


@pytest.mark.parametrize(("want", "values"), GOOD)
def test_the_right_kind_passes_unchanged(want: Callable[[Any, str], Any], values: list[Any]) -> None:
    for value in values:
        assert want(value, "a.b") is value


@pytest.mark.parametrize("want", [want for want, _ in GOOD])
def test_a_wrong_kind_names_the_place_and_not_the_value(want: Callable[[Any, str], Any]) -> None:
    good = next(values for accepted, values in GOOD if accepted is want)
    wrong = [value for value in ANYTHING if type(value) not in {type(example) for example in good}]
    assert len(wrong) == len(ANYTHING) - 1
    for value in wrong:
        with pytest.raises(DecodeError, match="was expected here") as caught:
            want(value, "choices[3].delta")
        assert caught.value.path == "choices[3].delta"
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "count"),
    [(0, 0), (7, 7), (3.0, 3), (-1, None), (2.5, None), (True, None), ("7", None), (None, None), (float("nan"), None)],
)
def test_counts(value: Any, count: int | None) -> None:
    assert fields.as_count(value) == count


@pytest.mark.parametrize(
    ("value", "number"),
    [(0, 0), (-7, -7), (2.5, 2.5), (True, None), ("7", None), (None, None), (float("inf"), None), (float("nan"), None)],
)
def test_numbers(value: Any, number: float | None) -> None:
    assert fields.as_number(value) == number


def test_texts_and_objects_that_may_be_absent() -> None:
    assert fields.as_text("a") == "a"
    assert [fields.as_text(value) for value in ("", None, 3, ["a"])] == [None] * 4
    assert fields.as_object({}) == {}
    assert [fields.as_object(value) for value in (None, "a", [])] == [None] * 3
