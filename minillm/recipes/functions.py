"""The functions that expressions may call: pure, on JSON values. What does not fit is an Unfit that quotes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import MiniLLMError

__all__ = ["FUNCTIONS", "Function", "Unfit", "as_text", "kind_of"]


class Unfit(Exception):
    """A value that a function cannot take."""


@dataclass(frozen=True, slots=True)
class Function:
    """Args: the least and most arguments it takes, and what a page says of it."""

    run: Callable[..., Any]
    least: int
    most: int
    meaning: str

    @property
    def takes(self) -> str:
        if self.least == self.most:
            return f"{self.least} argument{'s' if self.least != 1 else ''}"
        return f"{self.least} to {self.most} arguments"


_KINDS = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "a text"}


def kind_of(value: Any) -> str:
    """What sort of value it is, in words."""
    return _KINDS.get(type(value), "a list" if isinstance(value, list) else "a table")


def as_text(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    from ..json import dumps

    return dumps(value).decode()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(f"a text is needed, not {kind_of(value)}")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unfit(f"a list is needed, not {kind_of(value)}")
    return value


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit(f"a table is needed, not {kind_of(value)}")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise Unfit(f"a whole number is needed, not {kind_of(value)}")
    return value


def _length(value: Any) -> int:
    if not isinstance(value, (str, list, dict)):
        raise Unfit(f"a text, list or table is needed, not {kind_of(value)}")
    return len(value)


def _numbers(values: Any) -> list[Any]:
    for value in _list(values):
        if type(value) not in (int, float):
            raise Unfit(f"numbers are needed, not {kind_of(value)}")
    return list(values)


def _extreme(choose: Callable[..., Any]) -> Callable[[Any], Any]:
    def run(values: Any) -> Any:
        numbers = _numbers(values)
        if not numbers:
            raise Unfit("the list is empty")
        return choose(numbers)

    return run


def _at_end(at: int) -> Callable[[Any], Any]:
    def run(values: Any) -> Any:
        if not _list(values):
            raise Unfit("the list is empty")
        return values[at]

    return run


def _parsed(text: Any) -> Any:
    from ..json import repair_json

    try:
        return repair_json(_text(text)).value
    except MiniLLMError:
        raise Unfit("there is no JSON in the text") from None


def _number(value: Any) -> int | float:
    if type(value) in (int, float):
        return value  # type: ignore[no-any-return]
    text = _text(value).strip()
    try:
        number = float(text)
    except ValueError:
        raise Unfit("the text is no number") from None
    if number - number != 0.0 or len(text) > 40:
        raise Unfit("the text is no number")
    return int(text) if text.lstrip("+-").isdecimal() else number


def _sorted(values: Any, key: Any = None) -> list[Any]:
    items = _list(values)
    keys = [_table(item).get(_text(key)) if key is not None else item for item in items]
    if not (all(isinstance(k, str) for k in keys) or all(type(k) in (int, float) for k in keys)):
        raise Unfit("only texts alone, or numbers alone, have an order")
    order: list[tuple[Any, int]] = sorted((each, at) for at, each in enumerate(keys))
    return [items[at] for _, at in order]


def _unique(values: Any) -> list[Any]:
    seen = {as_text([value]): value for value in reversed(_list(values))}
    return list(reversed(seen.values()))


def _replaced(text: Any, old: Any, new: Any) -> str:
    if not _text(old):
        raise Unfit("an empty text cannot be replaced")
    return _text(text).replace(old, _text(new))


def _split(text: Any, separator: Any = None) -> list[str]:
    if separator is None:
        return [line for line in _text(text).splitlines() if line.strip()]
    if not _text(separator):
        raise Unfit("an empty text separates nothing")
    return _text(text).split(separator)


def _part(value: Any, start: Any, end: Any = None) -> Any:
    if not isinstance(value, (str, list)):
        raise Unfit(f"a text or list is needed, not {kind_of(value)}")
    return value[_whole(start) : None if end is None else _whole(end)]


def _merged(*tables: Any) -> dict[str, Any]:
    return {key: value for table in tables for key, value in _table(table).items()}


def _flat(values: Any) -> list[Any]:
    return [item for inner in _list(values) for item in (inner if isinstance(inner, list) else [inner])]


def _range(count: Any) -> list[int]:
    if not 0 <= _whole(count) <= 10_000:
        raise Unfit("a number from 0 to 10000 is needed")
    return list(range(count))


FUNCTIONS: dict[str, Function] = {
    "len": Function(_length, 1, 1, "how many characters, items or keys"),
    "lower": Function(lambda text: _text(text).lower(), 1, 1, "in small letters"),
    "upper": Function(lambda text: _text(text).upper(), 1, 1, "in capitals"),
    "trim": Function(lambda text: _text(text).strip(), 1, 1, "without white space around it"),
    "split": Function(_split, 1, 2, "at a separator; without one the lines that are not blank"),
    "join": Function(
        lambda values, by=", ": _text(by).join(map(as_text, _list(values))), 1, 2, "as one text (by `, `)"
    ),
    "replace": Function(_replaced, 3, 3, "a text with every `old` made `new`"),
    "starts_with": Function(lambda text, with_: _text(text).startswith(_text(with_)), 2, 2, "whether a text begins so"),
    "ends_with": Function(lambda text, with_: _text(text).endswith(_text(with_)), 2, 2, "whether a text ends so"),
    "text": Function(as_text, 1, 1, "as text; what is no text as JSON"),
    "json": Function(_parsed, 1, 1, "the JSON in a text, repaired where it must be"),
    "number": Function(_number, 1, 1, "a text as a number"),
    "round": Function(
        lambda value, digits=0: round(_number(value), _whole(digits)) if digits else round(_number(value)),
        1,
        2,
        "to so many digits (0)",
    ),
    "sum": Function(lambda values: sum(_numbers(values)), 1, 1, "of a list of numbers"),
    "min": Function(_extreme(min), 1, 1, "the smallest of a list of numbers"),
    "max": Function(_extreme(max), 1, 1, "the largest of a list of numbers"),
    "first": Function(_at_end(0), 1, 1, "the first item"),
    "last": Function(_at_end(-1), 1, 1, "the last item"),
    "part": Function(_part, 2, 3, "of a text or list, from a place up to before another"),
    "sort": Function(_sorted, 1, 2, "texts or numbers in order; tables by a key"),
    "reverse": Function(lambda values: list(reversed(_list(values))), 1, 1, "the other way round"),
    "unique": Function(_unique, 1, 1, "each value once, where it came first"),
    "flat": Function(_flat, 1, 1, "lists in a list as one list"),
    "range": Function(_range, 1, 1, "0, 1, 2 ... so many"),
    "keys": Function(lambda table: list(_table(table)), 1, 1, "of a table"),
    "values": Function(lambda table: list(_table(table).values()), 1, 1, "of a table"),
    "merge": Function(_merged, 1, 20, "tables into one; later ones win"),
    # Its first argument may fail, which the others never see: evaluation knows it by name.
    "default": Function(
        lambda value, otherwise: otherwise if value is None else value, 2, 2, "otherwise, where it is null or missing"
    ),
}
