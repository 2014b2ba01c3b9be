"""What a type holds."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Final, Generic, NewType, NotRequired, Required, TypedDict, TypeVar

import annotated_types
import pydantic
import pytest

from minillm.errors import ConfigurationError
from minillm.json.fields import constraints, description_of, fields_of, is_pydantic, is_structure, peel
from minillm.types import UNSET

T = TypeVar("T")


@dataclasses.dataclass
class Box(Generic[T]):
    """A box.

    Args:
        item: what is
            in it.
        weight (float): in kilograms.
    """

    item: T
    others: list[T] = dataclasses.field(default_factory=list)
    weight: float = 1.5
    label: str = dataclasses.field(default="", metadata={"description": "on the lid"})
    hidden: int = dataclasses.field(default=0, init=False)


class Movie(TypedDict, total=False):
    title: Required[str]
    year: int


class Rated(Movie):
    stars: NotRequired[int]
    critic: str


def test_members_of_a_dataclass_with_defaults_and_descriptions() -> None:
    item, others, weight, label = fields_of(Box)
    assert (item.required, item.description, item.default) == (True, "what is in it.", UNSET)
    assert (others.required, others.default) == (False, UNSET)
    assert (weight.default, weight.description) == (1.5, "in kilograms.")
    assert label.description == "on the lid"


def test_type_arguments_are_filled_in() -> None:
    item, others, *_ = fields_of(Box[int])
    assert item.type is int
    assert others.type == list[int]
    assert is_structure(Box[int])


def test_members_of_a_typed_dict_know_whether_they_are_required() -> None:
    assert {field.name: field.required for field in fields_of(Rated)} == {
        "title": True,
        "year": False,
        "stars": False,
        "critic": True,
    }


def test_wrappers_are_peeled_off_and_what_they_said_is_kept() -> None:
    name = NewType("name", str)
    assert peel(Annotated[Final[Annotated[name, "inner"]], "outer"]) == (str, ("inner", "outer"))
    assert peel(T).type is Any
    assert description_of(peel(Annotated[int, 3, "words"]).metadata) == "words"
    assert description_of((pydantic.Field(description="theirs"),)) == "theirs"


def test_bounds_of_annotated_types_and_pydantic_are_alike() -> None:
    assert constraints((annotated_types.Ge(1), annotated_types.Len(2, 5))) == {
        "ge": 1,
        "min_length": 2,
        "max_length": 5,
    }
    assert constraints((pydantic.Field(ge=1, max_length=5, pattern="a+"),)) == {
        "ge": 1,
        "max_length": 5,
        "pattern": "a+",
    }
    assert constraints(("words", 7, str)) == {}


def test_pydantic_is_told_without_importing_it() -> None:
    class Model(pydantic.BaseModel):
        pass

    assert is_pydantic(Model)
    assert not is_pydantic(Box)
    assert not is_structure(int)


def test_an_unknown_name_in_an_annotation_is_named() -> None:
    @dataclasses.dataclass
    class Broken:
        other: Nowhere  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(ConfigurationError, match="Nowhere"):
        fields_of(Broken)


def test_what_no_answer_could_ever_make_is_refused_before_it_is_asked_for() -> None:
    """A value for ``__init__`` alone is no member; with a default it does no harm."""

    @dataclasses.dataclass
    class Needy:
        name: str
        seed: dataclasses.InitVar[int]

    @dataclasses.dataclass
    class Content:
        name: str
        seed: dataclasses.InitVar[int] = 0

    with pytest.raises(ConfigurationError, match=r"Needy.seed is an InitVar"):
        fields_of(Needy)
    assert [field.name for field in fields_of(Content)] == ["name"]
