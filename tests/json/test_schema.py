"""JSON schemas of Python types."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, Optional, TypedDict, Union

import annotated_types
import jsonschema
import pydantic
import pytest

from minillm.errors import ConfigurationError
from minillm.json import json_schema_of, schema


class Color(Enum):
    """Of the light."""

    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Address:
    """Where someone lives.

    Args:
        street: with the number.
    """

    street: str
    code: Annotated[str, "postal code", annotated_types.MinLen(4)] = "0000"


@dataclass
class Person:
    name: str
    home: Address | None
    color: Color = Color.RED
    children: list[Person] = field(default_factory=list)


class Node(TypedDict, total=False):
    value: int
    next: Node


class Item(pydantic.BaseModel):
    """Sold here."""

    sku: str
    parts: list[Item] = []


@pydantic.dataclasses.dataclass
class Price:
    amount: float


@dataclass
class Order:
    items: list[Item]
    price: Price


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (str, {"type": "string"}),
        (bool, {"type": "boolean"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (decimal.Decimal, {"type": "number"}),
        (None.__class__, {"type": "null"}),
        (Any, {}),
        (dt.datetime, {"type": "string", "format": "date-time"}),
        (dt.date, {"type": "string", "format": "date"}),
        (uuid.UUID, {"type": "string", "format": "uuid"}),
        (list, {"type": "array", "items": {}}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (Sequence[str], {"type": "array", "items": {"type": "string"}}),
        (set[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "items": False,
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (dict, {"type": "object", "additionalProperties": {}}),
        (Mapping[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Optional[int], {"anyOf": [{"type": "integer"}, {"type": "null"}]}),  # noqa: UP045
        (Union[int, str], {"anyOf": [{"type": "integer"}, {"type": "string"}]}),  # noqa: UP007
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a", 1, None, True], {"enum": ["a", 1, None, True]}),  # noqa: PYI061
        (Color, {"type": "string", "enum": ["red", "blue"], "description": "Of the light."}),
        (Level, {"type": "integer", "enum": [1, 2]}),
        (Annotated[int, "years", annotated_types.Ge(0)], {"type": "integer", "minimum": 0, "description": "years"}),
        (
            Annotated[list[int], annotated_types.Len(1, 3)],
            {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
        ),
    ],
)
def test_each_kind_has_its_form(kind: Any, schema: dict[str, Any]) -> None:
    assert json_schema_of(kind) == schema


def test_a_dataclass_is_a_closed_object_with_descriptions_and_defaults() -> None:
    assert json_schema_of(Address) == {
        "type": "object",
        "description": "Where someone lives.",
        "properties": {
            "street": {"type": "string", "description": "with the number."},
            "code": {"type": "string", "minLength": 4, "description": "postal code", "default": "0000"},
        },
        "required": ["street"],
        "additionalProperties": False,
    }


def test_a_recursive_type_is_a_definition_and_an_object_at_the_root() -> None:
    schema = json_schema_of(Person)
    assert schema["type"] == "object"
    assert schema["properties"]["children"]["items"] == {"$ref": "#/$defs/Person"}
    assert schema["properties"]["color"]["default"] == "red"
    assert schema["properties"]["home"]["anyOf"][0]["properties"]["street"]["type"] == "string"
    jsonschema.validate({"name": "A", "home": None, "children": [{"name": "B", "home": None}]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"name": "A", "home": None, "children": [{"name": 1, "home": None}]}, schema)


def test_a_pydantic_model_speaks_for_itself_also_inside_others() -> None:
    assert json_schema_of(Item)["properties"]["sku"]["type"] == "string"
    schema = json_schema_of(Order)
    assert schema["properties"]["items"]["items"] == {"$ref": "#/$defs/Item"}
    assert schema["properties"]["price"]["properties"]["amount"]["type"] == "number"
    jsonschema.validate({"items": [{"sku": "a", "parts": [{"sku": "b"}]}], "price": {"amount": 1}}, schema)


@pytest.mark.parametrize(
    "kind", [Address, Person, Node, Item, Order, Price, list[Person], dict[str, Item], Color, tuple[int, str]]
)
def test_every_schema_is_one(kind: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema_of(kind))


def test_a_schema_is_given_back() -> None:
    ready = {"type": "object"}
    assert json_schema_of(ready) == ready
    assert json_schema_of(ready) is not ready


@pytest.mark.parametrize("kind", [bytes, complex, object(), dict[int, str], type("Plain", (), {}), list[bytes]])
def test_a_type_without_a_form_is_a_mistake_in_the_program(kind: Any) -> None:
    with pytest.raises(ConfigurationError):
        json_schema_of(kind)


def test_two_recursive_types_of_one_name_are_two_definitions() -> None:
    def make() -> Any:
        cls: Any = TypedDict("Twin", {"inner": "list[Any]"})
        return cls

    first, second = make(), make()
    first.__annotations__["inner"] = list[first]
    second.__annotations__["inner"] = list[second]
    schema = json_schema_of(tuple[first, second])
    assert set(schema["$defs"]) == {"Twin", "Twin2"}


def test_the_module_offers_the_way_back_too() -> None:
    assert {"build_output", "json_schema_of", "validate"} == set(schema.__all__)


@pytest.mark.parametrize("kind", [[], [int], {1}, pydantic.create_model("Thing", x=(int, ...))(x=1)])
def test_what_is_no_type_is_refused_though_it_cannot_be_hashed(kind: Any) -> None:
    """A list of a type, or an object where its class was meant."""
    with pytest.raises(ConfigurationError, match="has no JSON schema"):
        json_schema_of(kind)
