"""Types in words, as errors say what is allowed."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from minillm.config_file import Bounds
from minillm.config_file.kinds import described, fields_of, found, table_tags


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass
class One:
    kind: Literal["one", "uno"]
    x: int


@dataclass
class Two:
    kind: Literal["two"] = "two"
    x: int = 0


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (str, "a text"),
        (int | None, "a whole number"),
        (Annotated[int, Bounds(at_least=1)] | str, "a whole number or a text"),
        (Literal["a", 2, True], '"a" or 2 or true'),
        (Colour, '"red" or "blue"'),
        (list[Path], "a list (a path each)"),
        (tuple[Any, ...], "a list"),
        (dict[str, int], "a table"),
        (One, "a table"),
    ],
)
def test_described(kind, words):
    """No Python in it."""
    assert described(kind) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("short", 'the text "short"'),
        ("x" * 99, "a text"),
        (True, "true"),
        (3, "the number 3"),
        (10**400, "a huge number"),
        ([1], "a list"),
        ({}, "a table"),
        (None, "null"),
    ],
)
def test_found(value, words):
    """Long texts, which may be prompts, are not quoted."""
    assert found(value) == words


def test_tables_are_told_apart_by_a_literal():
    """One that all of them have, with values that none share."""
    assert table_tags([One, Two]) == ("kind", {"one": One, "uno": One, "two": Two})
    assert table_tags([One, One]) is None


def test_fields_as_a_file_spells_them():
    """Which of them must be given."""
    assert [(f.key, f.required) for f in fields_of(One).values()] == [("kind", True), ("x", True)]
    assert [(f.key, f.required) for f in fields_of(Two).values()] == [("kind", False), ("x", False)]
