"""A quick class is what it was before, but for the time it takes."""

import copy
import inspect
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from threading import Barrier
from typing import Any, get_type_hints

import pytest

import minillm
from minillm.types.quick import _quick, changed, maker, quick


@quick()
@dataclass(frozen=True, slots=True)
class Point:
    """As most are."""

    x: int
    y: int = 2
    tag: str | None = field(default=None, kw_only=True)


@quick(settled="type(items) is tuple")
@dataclass(frozen=True, slots=True)
class Row:
    items: Any = ()

    def __post_init__(self) -> None:
        if isinstance(self.items, list):
            object.__setattr__(self, "items", tuple(self.items))
        elif not isinstance(self.items, tuple):
            raise TypeError("no row")


@quick()
@dataclass(frozen=True, slots=True)
class Boxed:
    box: dict[str, int] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True, slots=True)
class Slow:
    x: int
    y: int = 2
    tag: str | None = field(default=None, kw_only=True)


@quick()
@dataclass(frozen=True, slots=True)
class Shelf:
    name: str
    boxes: dict = field(default_factory=dict)
    width: int = 1


@dataclass(frozen=True, slots=True)
class Deep(Point):
    z: int = 3


class Roomy(Point):
    """With a dictionary."""


@pytest.mark.parametrize(
    ("arguments", "named"), [((1,), {}), ((1, 5), {}), ((1, 5), {"tag": "t"}), ((), {"y": 7, "x": 1}), ((None,), {})]
)
def test_it_takes_what_the_dataclass_takes(arguments, named):
    ours, theirs = Point(*arguments, **named), Slow(*arguments, **named)
    assert type(ours) is Point
    assert [getattr(ours, item.name) for item in fields(ours)] == [
        getattr(theirs, item.name) for item in fields(theirs)
    ]
    assert repr(ours) == repr(theirs).replace("Slow", "Point")
    assert hash(ours) == hash(theirs)
    assert ours == Point(*arguments, **named)


@pytest.mark.parametrize(("arguments", "named"), [((), {}), ((1, 2, "t"), {}), ((1,), {"z": 1}), ((1,), {"x": 1})])
def test_it_refuses_what_the_dataclass_refuses(arguments, named):
    with pytest.raises(TypeError) as theirs:
        Slow(*arguments, **named)
    with pytest.raises(TypeError) as ours:
        Point(*arguments, **named)
    assert str(ours.value) == str(theirs.value).replace("Slow", "Point")


def test_defaults_that_are_made_are_made_anew():
    first, second = Boxed(), Boxed()
    assert first.box == second.box == {}
    assert first.box is not second.box
    assert Boxed(box={"a": 1}).box == {"a": 1}
    assert changed(first).box is first.box


def test_those_that_may_be_given_by_their_place_too():
    first, second = Shelf("a"), Shelf("a")
    assert first.boxes == second.boxes == {}
    assert first.boxes is not second.boxes
    assert Shelf("a", {"b": 1}, 2) == Shelf("a", boxes={"b": 1}, width=2) != Shelf("a")


def test_what_was_made_is_frozen():
    point = Point(1)
    for made in (point, changed(point, y=5), copy.copy(point), replace(point, x=3)):
        with pytest.raises(FrozenInstanceError):
            made.x = 2
        with pytest.raises(FrozenInstanceError):
            del made.x
        assert not hasattr(made, "__dict__")


def test_its_signature_is_the_dataclass_s_own():
    assert inspect.signature(Point).parameters == inspect.signature(Slow).parameters
    assert str(inspect.signature(Point)) == str(inspect.signature(Slow))
    assert get_type_hints(Point.__init__) == get_type_hints(Slow.__init__)
    assert Point.__init__.__qualname__.endswith("__init__")
    assert Point.__match_args__ == Slow.__match_args__


def test_subclasses_with_fields_or_room_of_their_own_are_made_in_full():
    deep, roomy = Deep(1, 5, 9, tag="t"), Roomy(1, tag="t")
    assert (deep.x, deep.y, deep.z, deep.tag, type(deep)) == (1, 5, 9, "t", Deep)
    assert (roomy.x, roomy.y, roomy.tag, type(roomy)) == (1, 2, "t", Roomy)
    assert changed(deep, z=4) == Deep(1, 5, 4, tag="t")
    assert type(changed(roomy, x=4)) is Roomy
    with pytest.raises(FrozenInstanceError):
        deep.z = 1


def test_what_is_checked_after_the_fields_still_is():
    assert Row((1,)).items == Row([1]).items == (1,)
    assert changed(Row(), items=[1]) == Row([1])
    for wrong in (lambda: Row("ab"), lambda: changed(Row(), items="ab")):
        with pytest.raises(TypeError, match="no row"):
            wrong()


def test_a_change_leaves_the_first_alone_and_takes_no_unknown_name():
    point = Point(1, tag="t")
    assert changed(point, x=2) == Point(2, tag="t")
    assert changed(point) == point == Point(1, tag="t")
    assert changed(Slow(1), y=3) == Slow(1, 3)
    for unknown in ({"z": 1}, {"w": 1}):
        with pytest.raises(AttributeError):
            changed(point, **unknown)


def test_copies_and_pickles_come_back():
    point = Point(1, tag="t")
    for back in (copy.copy(point), copy.deepcopy([point])[0], pickle.loads(pickle.dumps(point))):
        assert back == point
        assert type(back) is Point


def test_only_frozen_classes_with_slots_can_be_quick():
    for wrong in (
        dataclass(type("Open", (), {"__annotations__": {"x": int}})),
        dataclass(frozen=True)(type("Roomy", (), {"__annotations__": {"x": int}})),
    ):
        with pytest.raises(TypeError, match="no frozen dataclass with slots"):
            quick()(wrong)


def values() -> list[Any]:
    """One of each quick class of the package, all defaults but where there is none."""
    made = []
    for kind in _quick:
        if kind.__module__.startswith("minillm."):
            needed = [p for p in inspect.signature(kind).parameters.values() if p.default is p.empty]
            made.append(kind(**{p.name: "user" for p in needed}))
    return made


@pytest.mark.parametrize("value", values(), ids=lambda value: type(value).__name__)
def test_each_quick_class_makes_what_its_own_dataclass_would(value):
    kind: Any = type(value)
    assert is_dataclass(kind)
    given = {item.name: getattr(value, item.name) for item in fields(kind)}
    in_full = object.__new__(kind)
    kind.__init__.__wrapped__(in_full, **given)
    for made in (value, kind(**given), changed(value), replace(value), pickle.loads(pickle.dumps(value))):
        assert type(made) is kind
        assert made == in_full
        assert repr(made) == repr(in_full)
        assert {item.name: getattr(made, item.name) for item in fields(kind)} == given


def test_requests_are_quick():
    assert minillm.ChatRequest in _quick


def test_a_maker_makes_what_the_class_makes():
    point, row, shelf = maker(Point), maker(Row), maker(Shelf)
    assert point(1) == Point(1)
    assert point(x=1, tag="t") == Point(1, tag="t")
    assert type(point(1)) is Point
    assert row([1]) == Row((1,))
    assert shelf("a").boxes is not shelf("a").boxes
    with pytest.raises(FrozenInstanceError):
        point(1).x = 2
    with pytest.raises(TypeError):
        point(1, 2, "t")
    with pytest.raises(TypeError, match="no row"):
        row("ab")


def test_many_threads_may_make_the_first_value_at_once():
    """The code is made by whoever comes first; those who come meanwhile get the same values."""

    @quick()
    @dataclass(frozen=True, slots=True)
    class Fresh:
        x: int
        box: list[int] = field(default_factory=list)

    together = Barrier(16)

    def made(number: int) -> Fresh:
        together.wait()
        return Fresh(number)

    with ThreadPoolExecutor(16) as threads:
        values = list(threads.map(made, range(16)))
    assert [(type(each), each.x, each.box) for each in values] == [(Fresh, number, []) for number in range(16)]
    assert len({id(each.box) for each in values}) == 16
