"""Which fields are worth telling when they stay behind."""

from typing import Any

import pytest

from minillm.wire.unsaid import says_something


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "resp_1"),  # structure
        ("sequence_number", 7),
        ("anything", None),
        ("anything", ""),
        ("anything", 0),
        ("anything", False),
        ("anything", [{}, {"a": [None, ""]}]),
        ("service_tier", "default"),  # the vendor's default
        ("caller", {"type": "direct"}),
        ("reasoning_details", [{"index": 0, "format": "x"}]),
        ("promptTokensDetails", [{"modality": "TEXT", "tokenCount": 3}]),
    ],
)
def test_what_says_nothing(key: str, value: Any) -> None:
    assert not says_something(key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("anything", 1),
        ("anything", {"a": "b"}),
        ("service_tier", "flex"),
        ("reasoning_details", [{"data": "x"}]),
        ("promptTokensDetails", [{"modality": "IMAGE", "tokenCount": 3}]),
    ],
)
def test_what_says_something(key: str, value: Any) -> None:
    assert says_something(key, value)


def test_a_value_of_any_depth_is_looked_through() -> None:
    value: Any = ""
    for _ in range(5000):
        value = [value]
    assert not says_something("anything", value)


def test_an_echoed_default_inside_a_container_says_nothing() -> None:
    """Responses repeat ``text: {"format": {"type": "text"}, "verbosity": "medium"}`` in every answer."""
    assert not says_something("format", {"type": "text"})
    assert not says_something("verbosity", "medium")
    assert says_something("verbosity", "low")
