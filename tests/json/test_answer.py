"""What is asked of a model that must answer with a value, and the value out of the answer."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal, TypedDict, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from minillm.json import build_output, dumps, json_schema_of, loads
from minillm.json.answer import KEY, answer_schema
from minillm.types import UNSET


@dataclass
class Person:
    name: str
    age: int = 0


@dataclass
class Tree:
    name: str
    branches: "list[Tree]" = field(default_factory=list)


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


class Town(TypedDict):
    name: str


class City(BaseModel):
    name: str


OBJECTS = [Person, Tree, Town, City, dict[str, int], {"type": "object"}, {"properties": {"a": {"type": "string"}}}]
OTHERS = [
    *(int, str, bool, list[Person], tuple[int, str], Literal["a", "b"], Mood, Person | City, int | None),
    *({"type": "array", "items": {"type": "string"}}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    {"$ref": "#/$defs/P", "$defs": {"P": {"type": "object"}}},
]


@pytest.mark.parametrize("kind", OBJECTS, ids=str)
def test_what_is_an_object_is_asked_for_as_it_is(kind: Any) -> None:
    asked = answer_schema(kind)
    assert not asked.wrapped
    assert asked.schema == json_schema_of(kind)
    assert asked.unwrapped({KEY: 1}) == {KEY: 1}


@pytest.mark.parametrize("kind", OTHERS, ids=str)
def test_anything_else_is_the_one_member_of_an_object(kind: Any) -> None:
    """OpenAI refuses every root but an object, and unions there too."""
    asked = answer_schema(kind)
    assert asked.wrapped
    assert (asked.schema["type"], asked.schema["required"]) == ("object", [KEY])
    assert asked.schema["additionalProperties"] is False
    Draft202012Validator.check_schema(asked.schema)


@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        (int, {"answer": 3}, 3),
        (int, 3, 3),
        (list[int], {"answer": [1]}, [1]),
        (list[int], [1], [1]),
        (Person | City, {"answer": {"name": "Ann", "age": 3}}, Person("Ann", 3)),
        (Person | City, {"name": "Ann", "age": 3}, Person("Ann", 3)),
        (Mood, {"answer": "bad"}, Mood.BAD),
        (int | None, {"answer": None}, None),
        (Person, {"name": "Ann"}, Person("Ann")),
    ],
)
def test_the_value_is_taken_out_again(kind: Any, said: Any, value: Any) -> None:
    """A model may also leave the wrapping out."""
    assert build_output(kind, answer_schema(kind).unwrapped(said)) == value


@pytest.mark.parametrize(("kind", "said"), [(int, {}), (list[int], {}), (list[int], {"other": 1})])
def test_what_does_not_tell_yet_is_no_value(kind: Any, said: Any) -> None:
    assert answer_schema(kind).unwrapped(said) is UNSET


def test_references_still_point_at_what_they_meant() -> None:
    """Into the root, which has moved; definitions stay at the root."""
    schema = {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#"}}, {"$ref": "#/$defs/n"}],
        "$defs": {"n": {"type": "integer"}},
        "$schema": "https://json-schema.org/draft/2020-12/schema",
    }
    asked = answer_schema(schema).schema
    valid = Draft202012Validator(asked).is_valid
    assert valid({KEY: [["a", 1], "b"]})
    assert not valid({KEY: [[1.5]]})
    assert asked["$schema"] == schema["$schema"]


def test_a_list_of_what_holds_itself() -> None:
    asked = answer_schema(list[Tree])
    valid = Draft202012Validator(asked.schema).is_valid
    assert valid({KEY: [{"name": "a", "branches": [{"name": "b"}]}]})
    assert not valid({KEY: [{"name": "a", "branches": [{"nome": "b"}]}]})
    assert (asked.strict, asked.closed) == (True, False)


@dataclass
class Free:
    scores: dict[str, int]


@dataclass
class Loose:
    anything: Any


SCALARS = st.sampled_from([int, str, bool, type(None), Person, Literal["a"]])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=2) | st.just({"name": "a"}),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=4,
)


def union(kinds: tuple[Any, Any]) -> Any:
    return Union[kinds]  # noqa: UP007  of two that are only known here


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    return schema


@pytest.mark.parametrize(
    "kind", [Person, Town, City, list[Person], Mood, Literal["a"], Person | City, nested(9)], ids=str
)
def test_strict_where_nothing_is_lost_by_it(kind: Any) -> None:
    asked = answer_schema(kind)
    assert asked.strict
    assert asked.closed


@pytest.mark.parametrize(
    "kind",
    [Free, Loose, dict[str, int], tuple[int, str], list[Any], Literal["a", 1], {"type": "object"}, nested(12)],
    ids=str,
)
def test_not_strict_where_the_model_could_only_say_less(kind: Any) -> None:
    """Open objects, values of any type, positions in a list: a strict host refuses them, or closes what is open."""
    asked = answer_schema(kind)
    assert not asked.strict
    assert not asked.closed


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((Person, "Person"), (City, "City"), (list[Person], "answer"), (int, "answer"), (Mood, "Mood")),
        *((Literal["a"], "answer"), (int | None, "answer"), ({"type": "object", "title": "My form!"}, "Myform")),
        ({"type": "object", "title": "é"}, "answer"),
        ({"type": "object", "title": "x" * 99}, "x" * 64),
    ],
    ids=str,
)
def test_the_name_is_one_that_hosts_take(kind: Any, name: str) -> None:
    assert answer_schema(kind).name == name


def test_a_type_is_looked_at_once() -> None:
    assert answer_schema(Person) is answer_schema(Person)
    unhashable = Annotated[int, ["not hashable"]]
    assert answer_schema(unhashable).wrapped


def test_many_types_do_not_stay_for_ever() -> None:
    from minillm.json import answer

    for size in range(answer._MOST_KNOWN + 10):
        answer_schema(Literal[tuple(f"{n}" for n in range(size + 1))])  # type: ignore[misc]
    assert len(answer._known) <= answer._MOST_KNOWN


@given(
    st.recursive(SCALARS, lambda inner: inner.map(lambda kind: list[kind]) | st.tuples(inner, inner).map(union)), VALUES
)  # type: ignore[valid-type]
def test_wrapped_or_not_the_schema_and_the_type_agree(kind: Any, value: Any) -> None:
    """What fits the type fits what is asked for, in its wrapping, and comes out of it as it is."""
    asked = answer_schema(kind)
    fits = Draft202012Validator(json_schema_of(kind)).is_valid(value)
    said = {KEY: value} if asked.wrapped else value
    assert Draft202012Validator(asked.schema).is_valid(said) is fits
    assert asked.unwrapped(said) == value


def test_the_schema_can_be_written() -> None:
    for kind in (*OBJECTS, *OTHERS):
        assert loads(dumps(answer_schema(kind).schema))
