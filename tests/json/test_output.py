"""Objects from JSON values, and errors that name the place."""

from __future__ import annotations

import datetime as dt
import decimal
import traceback
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import annotated_types
import pydantic
import pydantic_core
import pytest
from hypothesis import given

from minillm.errors import ConfigurationError, InvalidOutput
from minillm.json import build_output, json_schema_of, validate

from .test_schema import Address, Color, Item, Level, Order, Person, Price
from .test_serialization import VALUES


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


@dataclass
class Cat:
    kind: Literal["cat"]
    lives: Annotated[int, annotated_types.Ge(1), annotated_types.Le(9)] = 9


@dataclass
class Dog:
    kind: Literal["dog"]
    tricks: list[str] = field(default_factory=list)


@dataclass
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")


class Event(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True)
    at: dt.datetime


@pytest.mark.parametrize(
    ("kind", "value", "built"),
    [
        (int, 3.0, 3),
        (float, 3, 3.0),
        (decimal.Decimal, 0.1, decimal.Decimal("0.1")),
        (Any, {"a": [1]}, {"a": [1]}),
        (Color, "blue", Color.BLUE),
        (Level, 2, Level.HIGH),
        (Literal["a", 1], 1, 1),
        (list[int], [1, 2], [1, 2]),
        (Sequence[float], [1], [1.0]),
        (set[int], [1, 2], {1, 2}),
        (frozenset[str], ["a"], frozenset({"a"})),
        (tuple[int, str], [1, "a"], (1, "a")),
        (tuple[int, ...], [1, 2], (1, 2)),
        (dict[str, Color], {"k": "red"}, {"k": Color.RED}),
        (dict[Color, int], {"red": 1}, {Color.RED: 1}),
        (int | None, None, None),
        (float | int, 3, 3),
        (int | str, "3", "3"),
        (dt.date, "2020-02-29", dt.date(2020, 2, 29)),
        (uuid.UUID, "12345678123456781234567812345678", uuid.UUID("12345678123456781234567812345678")),
        (Movie, {"title": "M"}, {"title": "M"}),
        (Address, {"street": "x"}, Address("x", "0000")),
        (Cat | Dog, {"kind": "dog", "tricks": ["sit"]}, Dog("dog", ["sit"])),
        (Item, {"sku": "a", "parts": [{"sku": "b"}]}, Item(sku="a", parts=[Item(sku="b")])),
        (Price, {"amount": 1}, Price(1.0)),
        (Order, {"items": [{"sku": "a"}], "price": {"amount": 1}}, Order([Item(sku="a")], Price(1.0))),
        (Event, {"at": "2020-01-01T00:00:00Z"}, Event(at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))),
        (
            Person,
            {"name": "A", "home": {"street": "x", "code": "1234"}, "children": [{"name": "B", "home": None}]},
            Person("A", Address("x", "1234"), Color.RED, [Person("B", None)]),
        ),
    ],
)
def test_a_value_becomes_the_object(kind: Any, value: Any, built: Any) -> None:
    result = build_output(kind, value)
    assert result == built
    assert type(result) is type(built)


@pytest.mark.parametrize(
    ("kind", "value", "path", "words"),
    [
        (int, True, "", "expected an integer, not a boolean"),
        (int, 3.5, "", "expected an integer, not a number"),
        (int, "3", "", "expected an integer, not a string"),
        (bool, 1, "", "expected a boolean"),
        (float, 10**400, "", "that a float can hold"),
        (str, None, "", "expected a string, not null"),
        (Color, "green", "", "expected one of 'red', 'blue'"),
        (Literal[1], True, "", "expected one of 1"),
        (dt.date, "tomorrow", "", "expected a date"),
        (list[int], [1, "a"], "[1]", "expected an integer"),
        (set[int], [1, 1], "", "no two equal"),
        (tuple[int, str], [1], "", "an array of 2, not an array of 1"),
        (dict[str, int], {"a b": None}, "['a b']", "expected an integer"),
        (int | str, [], "", "expected one of int, str, not an array"),
        (Movie, {"title": 1}, "title", "expected a string"),
        (Movie, {}, "title", "missing"),
        (Movie, {"title": "M", "stars": 5}, "stars", "not a member of Movie"),
        (Cat, {"kind": "cat", "lives": 10}, "lives", "expected at most 9"),
        (Address, {"street": "x", "code": "1"}, "code", "a length of at least 4"),
        (Cat | Dog, {"kind": "dog", "tricks": [1]}, "tricks[0]", "expected a string"),
        (Person, {"name": "A", "home": {"street": 1}}, "home.street", "expected a string"),
        (Person, {"name": "A", "home": None, "children": [{"name": "B"}]}, "children[0].home", "missing"),
        (Order, {"items": [{"sku": 5}], "price": {"amount": 1}}, "items[0].sku", "valid string"),
        (Even, {"number": 3}, "", "Even refuses these values (ValueError)"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(kind: Any, value: Any, path: str, words: str) -> None:
    with pytest.raises(InvalidOutput) as caught:
        build_output(kind, value)
    assert caught.value.path == path
    assert words in str(caught.value)


def test_no_error_quotes_the_answer() -> None:
    for kind in (int, Color, Literal["a"], dt.date, int | float, list[int], Item, Movie):
        with pytest.raises(InvalidOutput) as caught:
            build_output(kind, "tomato")
        assert "tomato" not in str(caught.value)


def test_a_schema_checks_and_gives_back() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    assert build_output(schema, {"a": 1}) == {"a": 1}
    with pytest.raises(InvalidOutput) as caught:
        build_output(schema, {"a": "x"})
    assert caught.value.path == "a"


@pytest.mark.parametrize("kind", [bytes, type("Plain", (), {}), list[bytes]])
def test_a_type_without_a_form_is_a_mistake_in_the_program(kind: Any) -> None:
    with pytest.raises(ConfigurationError):
        build_output(kind, ["x"])


def test_a_value_nested_too_deep_for_the_stack_is_invalid_output() -> None:
    value: dict[str, Any] = {"name": "A", "home": None}
    for _ in range(2000):
        value = {"name": "A", "home": None, "children": [value]}
    with pytest.raises(InvalidOutput, match="too deep"):
        build_output(Person, value)


@given(VALUES)
def test_type_and_schema_judge_any_value_alike(value: Any) -> None:
    for kind in (Person, Movie, list[int] | str, dict[str, int | None], tuple[bool, float], Item):
        try:
            validate(value, json_schema_of(kind))
            fits = True
        except InvalidOutput:
            fits = False
        try:
            build_output(kind, value)
            built = True
        except InvalidOutput:
            built = False
        assert built == fits


class Signed(pydantic.BaseModel):
    name: str
    count: int = pydantic.Field(ge=1)

    @pydantic.field_validator("name")
    @classmethod
    def _check(cls, name: str) -> str:
        raise ValueError(f"canary {name}")


class Meows(pydantic.BaseModel):
    kind: Literal["cat"]


class Barks(pydantic.BaseModel):
    kind: Literal["dog"]


class Tagged(pydantic.BaseModel):
    item: Annotated[Meows | Barks, pydantic.Field(discriminator="kind")]


class Custom(pydantic.BaseModel):
    name: str

    @pydantic.field_validator("name")
    @classmethod
    def _check(cls, name: str) -> str:
        raise pydantic_core.PydanticCustomError("canary_kind", "canary {name}", {"name": name})


@dataclass
class Picky:
    name: str

    def __post_init__(self) -> None:
        raise ValueError(f"canary {self.name}")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Signed, {"name": "canary-answer", "count": 1}),
        (Tagged, {"item": {"kind": "canary-answer"}}),
        (Custom, {"name": "canary-answer"}),
        (Picky, {"name": "canary-answer"}),
    ],
)
def test_words_that_may_quote_the_answer_are_for_the_model_alone(kind: Any, value: Any) -> None:
    """They stand in the hint, and in no message and no traceback."""
    with pytest.raises(InvalidOutput) as caught:
        build_output(kind, value)
    error = caught.value
    assert "canary" not in "".join(traceback.format_exception(error))
    assert error.__cause__ is error.__context__ is None
    assert "canary" in error.hint


def test_the_model_is_told_all_that_does_not_fit() -> None:
    with pytest.raises(InvalidOutput) as caught:
        build_output(Signed, {"count": 0})
    assert caught.value.path == "name"
    assert caught.value.hint.splitlines() == [
        "name: Field required",
        "count: Input should be greater than or equal to 1",
    ]
