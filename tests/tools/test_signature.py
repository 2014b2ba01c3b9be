"""What a typed function takes, as a schema; what a model sent, as its arguments."""

import datetime as dt
import enum
import functools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, TypedDict

import annotated_types
import pydantic
import pytest

from minillm.errors import ConfigurationError, InvalidOutput
from minillm.tools.signature import FunctionSignature, name_of_function, routine_of
from minillm.types import ToolCallPart


class Unit(enum.Enum):
    CELSIUS = "c"
    FAHRENHEIT = "f"


@dataclass
class Place:
    """A place on a map."""

    city: str
    country: str = "PT"


class Span(TypedDict, total=False):
    days: int


class Mail(pydantic.BaseModel):
    to: str


def forecast(
    place: Place,
    when: dt.date,
    unit: Unit = Unit.CELSIUS,
    /,
    days: Annotated[int, "how many", annotated_types.Ge(1)] = 1,
    *,
    sort: Literal["wind", "rain"] = "wind",
    span: Span | None = None,
    mails: list[Mail] = [],  # noqa: B006
) -> dict[str, Any]:
    return locals()


def sign(function: Any, **described: str) -> FunctionSignature:
    return FunctionSignature(function, described)


def called(function: Any, value: Any, call: ToolCallPart | None = None) -> Any:
    bound = sign(function).bind(value, call)
    return function(*bound.args, **bound.kwargs)


def test_every_parameter_is_described_by_its_type() -> None:
    schema = sign(forecast, place="where to look", days="not this").schema
    members = schema["properties"]
    assert schema["required"] == ["place", "when"]
    assert schema["additionalProperties"] is False
    assert members["place"]["description"] == "where to look"
    assert members["place"]["properties"]["country"] == {"type": "string", "default": "PT"}
    assert members["when"] == {"type": "string", "format": "date"}
    assert members["unit"] == {"type": "string", "enum": ["c", "f"], "default": "c"}
    assert members["days"] == {"type": "integer", "minimum": 1, "description": "how many", "default": 1}
    assert members["sort"] == {"type": "string", "enum": ["wind", "rain"], "default": "wind"}
    assert members["span"]["anyOf"][1] == {"type": "null"}
    assert members["mails"]["items"]["required"] == ["to"]


def test_a_type_speaks_for_itself_where_nothing_else_does() -> None:
    assert sign(forecast).schema["properties"]["place"]["description"] == "A place on a map."


def test_values_arrive_as_the_types_say() -> None:
    got = called(
        forecast,
        {
            "place": {"city": "Lisbon"},
            "when": "2026-01-31",
            "unit": "f",
            "days": 3.0,
            "span": {"days": 2},
            "mails": [{"to": "me"}],
        },
    )
    assert got == {
        "place": Place("Lisbon"),
        "when": dt.date(2026, 1, 31),
        "unit": Unit.FAHRENHEIT,
        "days": 3,
        "sort": "wind",
        "span": {"days": 2},
        "mails": [Mail(to="me")],
    }


def test_what_was_not_sent_has_the_functions_own_default() -> None:
    """Also a positional one before one that was sent."""
    got = called(forecast, {"place": {"city": "Lisbon"}, "when": "2026-01-31", "days": 2})
    assert (got["unit"], got["days"], got["mails"]) == (Unit.CELSIUS, 2, [])


def test_a_positional_one_may_be_left_out_before_another() -> None:
    def move(x: int = 1, y: int = 2, /) -> Any:
        return x, y

    assert called(move, {"y": 5}) == (1, 5)


def test_null_stands_for_nothing_where_there_is_a_default_and_none_is_no_value() -> None:
    got = called(
        forecast,
        {"place": {"city": "L"}, "when": "2026-01-31", "unit": None, "days": None, "span": None, "mails": None},
    )
    assert (got["unit"], got["days"], got["span"], got["mails"]) == (Unit.CELSIUS, 1, None, [])
    with pytest.raises(InvalidOutput, match="when"):
        called(forecast, {"place": {"city": "L"}, "when": None})


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"when": "2026-01-31"}, "place"),
        ({"place": {"city": 3}, "when": "2026-01-31"}, "place.city"),
        ({"place": {"city": "L"}, "when": "tomorrow"}, "when"),
        ({"place": {"city": "L"}, "when": "2026-01-31", "days": 0}, "days"),
        ({"place": {"city": "L"}, "when": "2026-01-31", "sort": "heat"}, "sort"),
        ({"place": {"city": "L"}, "when": "2026-01-31", "mails": [{"to": "a"}, {}]}, "mails[1].to"),
        ({"place": {"city": "L"}, "when": "2026-01-31", "colour": "red"}, "colour"),
        (["L"], ""),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(value: Any, path: str) -> None:
    with pytest.raises(InvalidOutput) as told:
        sign(forecast).bind(value)
    assert told.value.path == path


def test_a_function_may_ask_for_the_call_itself() -> None:
    """The model does not see it; the id is the same when the call is run again."""

    def pay(amount: Decimal, call: ToolCallPart) -> Any:
        return amount, call.id

    assert list(sign(pay).schema["properties"]) == ["amount"]
    assert called(pay, {"amount": 1.5}, ToolCallPart("call_7", "pay")) == (Decimal("1.5"), "call_7")
    with pytest.raises(InvalidOutput, match="call"):
        called(pay, {"amount": 1, "call": {"id": "mine", "name": "x"}}, ToolCallPart("call_7", "pay"))


def test_recursive_types_are_definitions() -> None:
    schema = sign(grow).schema
    assert schema["properties"]["tree"] == {"$ref": "#/$defs/Leafy"}
    assert "Leafy" in schema["$defs"]
    assert called(grow, {"tree": {"leaves": [{"leaves": []}]}}) == 1


@dataclass
class Leafy:
    leaves: list["Leafy"] = field(default_factory=list)


def grow(tree: Leafy) -> int:
    return len(tree.leaves)


def test_nothing_to_take_is_an_empty_object() -> None:
    def now() -> None: ...

    assert sign(now).schema["properties"] == {}
    assert called(now, {}) is None


def test_a_lambda_with_a_name_is_a_tool() -> None:
    assert called(lambda: 3, {}) == 3


def test_strict_hosts_are_told_that_null_leaves_out() -> None:
    """They demand every property."""
    schema = sign(forecast, unit="of degrees").strict_schema
    assert schema["required"] == list(schema["properties"])
    assert schema["properties"]["unit"] == {
        "description": "of degrees",
        "anyOf": [{"type": "string", "enum": ["c", "f"]}, {"type": "null"}],
    }
    plain = sign(forecast).schema["properties"]
    assert schema["properties"]["when"] == plain["when"]
    assert schema["properties"]["span"] == {"anyOf": plain["span"]["anyOf"]}  # it takes None anyway
    assert called(forecast, {"place": {"city": "L"}, "when": "2026-01-31", "unit": None})["unit"] is Unit.CELSIUS


def test_methods_partials_and_callables_are_functions_too() -> None:
    class Shop:
        def buy(self, item: str, count: int = 1) -> Any:
            return item, count

        def __call__(self, item: str) -> Any:
            return item

    assert called(Shop().buy, {"item": "tea"}) == ("tea", 1)
    assert called(Shop(), {"item": "tea"}) == "tea"
    assert name_of_function(Shop()) == "Shop"
    assert name_of_function(functools.partial(grow)) == "grow"
    assert routine_of(functools.partial(functools.partial(grow))) is grow


def test_what_a_partial_has_filled_in_is_neither_asked_nor_shown() -> None:
    """It may be a key."""

    def query(text: str, token: str, limit: int = 3) -> Any:
        return text, token, limit

    ready = functools.partial(query, token="secret")
    assert "secret" not in str(sign(ready).schema)
    assert list(sign(ready).schema["properties"]) == ["text", "limit"]
    assert called(ready, {"text": "a"}) == ("a", "secret", 3)
    with pytest.raises(InvalidOutput, match="token"):
        called(ready, {"text": "a", "token": "mine"})


def test_a_wrapped_function_is_seen_through() -> None:
    @functools.wraps(grow)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return grow(*args, **kwargs)

    assert called(wrapper, {"tree": {}}) == 0


def test_what_it_returns_need_not_be_known() -> None:
    def read(name: str) -> "Frame":  # type: ignore[name-defined]  # noqa: F821
        return name

    assert called(read, {"name": "a"}) == "a"


def unknown_name(x: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821


def untyped(x) -> None: ...  # type: ignore[no-untyped-def]


def many(*words: str) -> None: ...


def any_names(**words: str) -> None: ...


def raw(a: str, data: bytes) -> None: ...


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (unknown_name, "'Nowhere'"),
        (untyped, r"untyped\(\): the parameter 'x' has no type"),
        (many, r"\*words"),
        (any_names, r"\*\*words"),
        (raw, r"raw\(\): the parameter 'data': bytes"),
        (print, "print"),
        (dict.fromkeys, "has no type|cannot be seen"),
    ],
)
def test_what_a_model_could_not_fill_is_refused(function: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        sign(function)


def test_the_one_text_is_known() -> None:
    def one(sql: str) -> None: ...
    def one_and_call(sql: str, call: ToolCallPart) -> None: ...
    def two(a: str, b: str) -> None: ...
    def number(a: int) -> None: ...
    def mixed(a: str, b: int) -> None: ...

    assert [sign(f).text_parameter for f in (one, one_and_call, two, number, mixed)] == ["sql", "sql", None, None, None]
