"""What a function returned, as a result's content."""

import array
import collections
import datetime as dt
import enum
import json
import pathlib
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pydantic
import pytest

from minillm.errors import ToolError
from minillm.tools.results import result_content
from minillm.types import FilePart, ImagePart, NativePart, TextPart


class Colour(enum.Enum):
    RED = "red"


class Word(enum.StrEnum):
    YES = "yes"


@dataclass
class Book:
    title: str
    price: Decimal


class Mail(pydantic.BaseModel):
    to: str
    when: dt.date


Pair = collections.namedtuple("Pair", "a b")  # noqa: PYI024

IMAGE = ImagePart(mime="image/png", data="iVBORw0KGgo=")


def test_text_is_text() -> None:
    assert result_content("31 m") == "31 m"
    assert result_content("") == ""


def test_parts_are_parts() -> None:
    assert result_content(IMAGE) == (IMAGE,)
    assert result_content(["Here:", IMAGE, FilePart(file_id="f")]) == (TextPart("Here:"), IMAGE, FilePart(file_id="f"))
    assert result_content((NativePart("anthropic_messages", {"type": "x"}),)) == (
        NativePart("anthropic_messages", {"type": "x"}),
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2.5, 2.5),
        ([], []),
        (["a", "b"], ["a", "b"]),
        (("a",), ["a"]),
        ({"a": None}, {"a": None}),
        (Colour.RED, "red"),
        (Word.YES, "yes"),
        (dt.date(2026, 1, 31), "2026-01-31"),
        (dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC), "2026-01-31T12:00:00+00:00"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("12.50"), "12.50"),
        (Book("Ulysses", Decimal("9.90")), {"title": "Ulysses", "price": "9.90"}),
        (Mail(to="me", when=dt.date(2026, 1, 31)), {"to": "me", "when": "2026-01-31"}),
        ({"mails": [Mail(to="me", when=dt.date(2026, 1, 31))]}, {"mails": [{"to": "me", "when": "2026-01-31"}]}),
        (
            {1: "a", None: "b", Colour.RED: "c", 2.5: "d", False: "e"},
            {"1": "a", "false": "e", "null": "b", "red": "c", "2.5": "d"},
        ),
        ({dt.date(2026, 1, 31): 1}, {"2026-01-31": 1}),
        ({"x"}, ["x"]),
        (frozenset({1}), [1]),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (Pair(1, {2}), [1, [2]]),
        (array.array("i", [1, 2]), [1, 2]),
        ({"deep": [{"er": {Decimal(1)}}]}, {"deep": [{"er": ["1"]}]}),
        (10**30, 10**30),
    ],
)
def test_everything_else_is_json(value: Any, said: Any) -> None:
    content = result_content(value)
    assert isinstance(content, str)
    assert json.loads(content) == said


def endless() -> Any:
    items: list[Any] = []
    items.append(items)
    return items


def endless_set() -> Any:
    items: list[Any] = [{1}]
    items.append(items)
    return items


@pytest.mark.parametrize(
    "value", [b"bytes", {"a": b"bytes"}, object(), float("nan"), endless(), endless_set(), {(1, 2): 3}, print]
)
def test_what_cannot_be_said_is_told(value: Any) -> None:
    with pytest.raises(ToolError, match="cannot be said as JSON"):
        result_content(value)


def test_parts_among_other_things_are_told() -> None:
    with pytest.raises(ToolError, match="parts and texts"):
        result_content([IMAGE, 3])
