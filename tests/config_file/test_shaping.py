"""Values become dataclasses, or every fault is told with its key."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.config_file import BadValue, Bounds, ConfigFileError, Document, NonEmpty, Problem, parse_config
from minillm.config_file.shaping import Shaper


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Ask:
    kind: Literal["ask"]
    prompt: Annotated[str, NonEmpty()]
    retries: Annotated[int, Bounds(at_least=0, at_most=5)] = 0


@dataclass(frozen=True)
class Call:
    kind: Literal["call"]
    function: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Everything:
    text: str = ""
    flag: bool = False
    count: int = 0
    ratio: float = 0.0
    price: Decimal = Decimal(0)
    file: Path | None = None
    colour: Colour = Colour.RED
    mode: Literal["fast", 2] = "fast"
    day: dt.date | None = None
    pair: tuple[int, str] = (0, "")
    names: Sequence[str] = ()
    set: frozenset[int] = frozenset()
    limits: Mapping[str, float] = field(default_factory=dict)
    one_or_many: str | list[str] = ""
    number_or_table: Annotated[int, Bounds(at_least=1)] | Ask | None = None
    steps: tuple[Ask | Call, ...] = ()
    free: Any = None
    from_: str = field(default="", metadata={"key": "from"})


def shaped(values: dict[str, Any]) -> Everything:
    return Document(values).shape(Everything)


def complaints(values: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ConfigFileError) as caught:
        shaped(values)
    return [(problem.key, problem.message) for problem in caught.value.problems]


def test_every_kind_of_field():
    """Out of TOML, with the types the dataclass says."""
    text = """
        text = "x"
        flag = true
        count = 3
        ratio = 2
        price = 0.10
        file = "a/b"
        colour = "blue"
        mode = 2
        day = 2026-11-22
        pair = [1, "b"]
        names = ["n"]
        set = [1, 1, 2]
        limits.a = 0.5
        one_or_many = ["a", "b"]
        number_or_table = { kind = "ask", prompt = "hi" }
        free = { a = [1.5] }
        from = "there"
        [[steps]]
        kind = "call"
        function = "f"
        arguments = { x = 0.5 }
        """
    assert parse_config(text, Everything) == Everything(
        text="x",
        flag=True,
        count=3,
        ratio=2.0,
        price=Decimal("0.10"),
        file=Path("a/b"),
        colour=Colour.BLUE,
        mode=2,
        day=dt.date(2026, 11, 22),
        pair=(1, "b"),
        names=("n",),
        set=frozenset({1, 2}),
        limits={"a": 0.5},
        one_or_many=["a", "b"],
        number_or_table=Ask("ask", "hi"),
        steps=(Call("call", "f", {"x": 0.5}),),
        free={"a": [1.5]},
        from_="there",
    )


def test_defaults_and_nulls():
    """What is absent has its default; JSON's null fills an optional field."""
    assert shaped({}) == Everything()
    assert shaped({"file": None, "number_or_table": None}) == Everything()


@pytest.mark.parametrize(
    ("values", "key", "words"),
    [
        ({"txt": "x"}, "txt", 'unknown key; did you mean "text"?; allowed: text, flag'),
        ({"from_": "x"}, "from_", 'did you mean "from"?'),
        ({"text": 1}, "text", "is the number 1; allowed: a text"),
        ({"text": None}, "text", "is null; allowed: a text"),
        ({"flag": 1}, "flag", "is the number 1; allowed: true or false"),
        ({"flag": "true"}, "flag", 'is the text "true"; allowed: true or false'),
        ({"count": True}, "count", "is true; allowed: a whole number"),
        ({"count": Decimal("1.5")}, "count", "is the number 1.5; allowed: a whole number"),
        ({"ratio": "1"}, "ratio", 'is the text "1"; allowed: a number'),
        ({"ratio": True}, "ratio", "is true; allowed: a number"),
        ({"ratio": 10**400}, "ratio", "is a huge number; allowed: a number"),
        ({"ratio": Decimal("Infinity")}, "ratio", "is the number Infinity; allowed: a number"),
        ({"price": Decimal("NaN")}, "price", "allowed: a number"),
        ({"file": ""}, "file", "allowed: a path"),
        ({"file": "a\0b"}, "file", "allowed: a path"),
        ({"file": 3}, "file", "is the number 3; allowed: a path"),
        ({"colour": "rde"}, "colour", 'is the text "rde"; did you mean "red"?; allowed: "red", "blue"'),
        ({"colour": 1}, "colour", "is the number 1; allowed"),
        ({"mode": True}, "mode", 'is true; allowed: "fast", 2'),
        ({"mode": [1]}, "mode", "is a list; allowed"),
        ({"day": "2026-11-22"}, "day", "allowed: a date"),
        ({"pair": [1]}, "pair", "has 1 items; allowed: exactly 2"),
        ({"pair": ["b", "c"]}, "pair[0]", 'is the text "b"; allowed: a whole number'),
        ({"names": "n"}, "names", 'is the text "n"; allowed: a list (a text each)'),
        ({"names": ["a", 1]}, "names[1]", "is the number 1; allowed: a text"),
        ({"set": [[]]}, "set[0]", "is a list; allowed: a whole number"),
        ({"limits": []}, "limits", "is a list; allowed: a table"),
        ({"limits": {"a": "b"}}, "limits.a", "allowed: a number"),
        ({"one_or_many": 1}, "one_or_many", "is the number 1; allowed: a text or a list (a text each)"),
        ({"one_or_many": [1]}, "one_or_many[0]", "is the number 1; allowed: a text"),
        ({"number_or_table": 0}, "number_or_table", "is 0; allowed: at least 1"),
        ({"number_or_table": {"kind": "ask"}}, "number_or_table", 'the key "prompt" is missing: a text'),
        ({"steps": [{}]}, "steps[0]", 'the key "kind" is missing: "ask" or "call"'),
        ({"steps": [{"kind": "aks"}]}, "steps[0].kind", 'did you mean "ask"?; allowed: "ask", "call"'),
        ({"steps": [{"kind": ["ask"]}]}, "steps[0].kind", "is a list; allowed"),
        ({"steps": [{"kind": "ask", "prompt": " "}]}, "steps[0].prompt", "is empty"),
        ({"steps": [{"kind": "ask", "prompt": "x", "retries": 6}]}, "steps[0].retries", "at least 0 and at most 5"),
        ({"steps": [3]}, "steps[0]", "is the number 3; allowed: a table"),
        ({"free": [{"x": Decimal("Infinity")}]}, "free[0].x", "allowed: a number"),
    ],
)
def test_one_fault(values, key, words):
    """Its key, what was found, what is allowed."""
    [(found_key, message)] = complaints(values)
    assert found_key == key
    assert words in message


def test_all_faults_are_told():
    """Nobody mends a file ten times."""
    values = {"txt": 1, "count": "1", "steps": [{"kind": "ask"}, {"kind": "call", "function": 1, "y": 2}]}
    assert sorted(key for key, _ in complaints(values)) == [
        "count",
        "steps[0]",
        "steps[1].function",
        "steps[1].y",
        "txt",
    ]


@dataclass(frozen=True)
class Window:
    low: int
    high: int
    name: str = ""

    def __post_init__(self) -> None:
        if self.high < self.low:
            raise BadValue(f"is below low, which is {self.low}", "high")
        if self.name == "bad":
            raise ValueError("is bad as a whole")


@dataclass(frozen=True)
class Windows:
    windows: list[Window]


def test_checks_of_the_dataclass_itself_have_their_line():
    """A BadValue names its key, another ValueError speaks of the table."""
    text = "[[windows]]\nlow = 1\nhigh = 0\n[[windows]]\nlow=1\nhigh=1\nname='bad'\n"
    with pytest.raises(ConfigFileError) as caught:
        parse_config(text, Windows, name="w.toml")
    assert str(caught.value).splitlines() == [
        "w.toml:3:1: windows[0].high: is below low, which is 1",
        "w.toml:4:1: windows[1]: is bad as a whole",
    ]


def test_relative_paths_are_of_the_files_folder(tmp_path):
    """A file can be used from anywhere; absolute paths stay."""
    assert Shaper("/etc/x").value(Path, "a.png", ()) == Path("/etc/x/a.png")
    assert Shaper("/etc/x").value(Path, "/a.png", ()) == Path("/a.png")
    assert Shaper().value(Path, "a.png", ()) == Path("a.png")


def test_a_field_no_file_can_hold_is_a_fault_of_the_program():
    """Not one of the file."""

    @dataclass
    class Odd:
        x: complex = 0j

    with pytest.raises(TypeError, match="complex"):
        parse_config("x = 1", Odd)
    with pytest.raises(TypeError, match="no dataclass"):
        parse_config("x = 1", int)


NAMES = st.text(st.characters(codec="utf-8"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
ASKS = st.builds(Ask, st.just("ask"), NAMES.filter(str.strip), st.integers(0, 5))
CALLS = st.builds(Call, st.just("call"), NAMES, st.dictionaries(NAMES, JSON, max_size=2))
WHOLE = st.builds(
    Everything,
    text=NAMES,
    flag=st.booleans(),
    count=st.integers(),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    colour=st.sampled_from(Colour),
    mode=st.sampled_from(["fast", 2]),
    pair=st.tuples(st.integers(), NAMES),
    names=st.lists(NAMES, max_size=3).map(tuple),
    limits=st.dictionaries(NAMES, st.floats(-1e300, 1e300), max_size=3),
    one_or_many=NAMES | st.lists(NAMES, max_size=2),
    number_or_table=st.none() | st.integers(1) | ASKS,
    steps=st.lists(ASKS | CALLS, max_size=3).map(tuple),
    free=JSON,
)


@given(WHOLE)
def test_what_was_written_comes_back(config):
    """A dataclass as JSON, read again, is the same."""
    values = asdict(config)
    for absent in ("price", "day", "file", "set", "from_"):
        del values[absent]
    text = json.dumps(values)
    assert parse_config(text, Everything, format="json") == config


KEYS = st.sampled_from([*Everything.__dataclass_fields__, "from", "kind", "prompt", "function", "arguments", "x"])
NEARLY = st.recursive(
    JSON | st.sampled_from(["ask", "call", "fast", "red", 2]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(KEYS, NEARLY, max_size=5))
def test_any_values_are_a_config_or_a_config_error(values):
    """Nothing else comes out, and each problem has a line."""
    problems: Sequence[Problem] = ()
    try:
        parse_config(json.dumps(values), Everything, format="json", name="f.json")
    except ConfigFileError as error:
        problems = error.problems
    assert all(problem.line and problem.column and problem.message for problem in problems)
