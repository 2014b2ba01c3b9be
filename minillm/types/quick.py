"""Frozen values that cost about as much to make as open ones.

The ``__init__`` of a frozen dataclass cannot say ``self.field = value``, since nobody may: it goes through
``object.__setattr__`` for each field, and four fifths of its time with it. Here a new object is, until its
fields are filled in, of a subclass that differs in nothing but that it may be written to. Nobody else sees it
by then, and what comes out is what came out before: of the same class, frozen, with the same signature.

The code is made when a class makes its first value: an import would pay for all of them.
"""

import sys
from collections.abc import Callable
from dataclasses import MISSING, fields, replace
from functools import update_wrapper
from inspect import signature
from typing import Any, ParamSpec, TypeVar

__all__ = ["changed", "maker", "quick"]

P = ParamSpec("P")
T = TypeVar("T")

_OPEN = {
    "__slots__": (),
    "__init__": object.__init__,
    "__setattr__": object.__setattr__,
    "__delattr__": object.__delattr__,
}

_INIT = """
def __init__(self, {arguments}):
    if type(self) is not kind:  # a subclass, which may have fields of its own
        return full(**locals())
    switch(self, opened)
    {stores}
    self.__class__ = kind
    {finish}
"""

_MAKE = """
def make({arguments}):
    self = opened()
    {stores}
    self.__class__ = kind
    {finish}
    return self
"""

_CHANGED = """
def changed(value, changes):
    self = opened()
    {stores}
    for name, new in changes.items():
        setattr(self, name, new)
    self.__class__ = kind
    {finish}
    return self
"""

_switch = object.__dict__["__class__"].__set__

_quick: dict[type[Any], tuple[Any, str]] = {}  # the __init__ of the dataclass, and when a value is settled
_changers: dict[type[Any], Callable[[Any, dict[str, Any]], Any]] = {}  # made when first asked for


def quick(*, settled: str = "False") -> Callable[[type[T]], type[T]]:
    """Makes a frozen dataclass with slots quick to construct; stands above ``@dataclass``.

    Args:
        settled: an expression over the fields' names; where it is true, ``__post_init__`` would do nothing and
            is not called.

    Raises:
        TypeError: the class is no frozen dataclass with slots, or its ``__init__`` does more than to take its fields.
    """

    def quickened(kind: type[T]) -> type[T]:
        cls: Any = kind
        full = cls.__init__
        _check(cls)

        def first(self: Any, *arguments: Any, **named: Any) -> None:
            init = _filling(_INIT, cls)
            if cls.__init__ is first:
                cls.__init__ = init
            init(self, *arguments, **named)

        cls.__init__ = update_wrapper(first, full)
        _quick[cls] = full, settled
        return kind

    return quickened


def maker(kind: Callable[P, T]) -> Callable[P, T]:
    """A function that makes values of a quick class, from the same arguments for half the price of calling the class.

    For what is made many times a request.
    """
    return _filling(_MAKE, kind)  # type: ignore[no-any-return]


def changed(value: T, **changes: Any) -> T:
    """What :func:`dataclasses.replace` gives, for a fifth of its price where the class of ``value`` is quick."""
    kind: Any = type(value)
    changer = _changers.get(kind)
    if changer is None:
        if kind not in _quick:
            return replace(value, **changes)  # type: ignore[type-var]
        changer = _changers[kind] = _changer(kind)
    return changer(value, changes)  # type: ignore[no-any-return]


def _check(kind: Any) -> None:
    taken = all(item.init for item in fields(kind))
    if not kind.__dataclass_params__.frozen or kind.__dictoffset__ or not taken:
        raise TypeError(f"{kind.__name__} is no frozen dataclass with slots")


def _filling(template: str, kind: Any) -> Any:
    """A function that takes what the ``__init__`` of the dataclass takes, and leaves the same behind."""
    full, settled = _quick[kind]
    positional = [item.name for item in fields(kind) if not item.kw_only]
    named = [item.name for item in fields(kind) if item.kw_only]
    factories = {item.name: item.default_factory for item in fields(kind) if item.default_factory is not MISSING}
    # Where a default is made anew for each value, dataclasses puts one object in its place.
    absent = signature(full).parameters[next(iter(factories))].default if factories else None
    given = {name: f"factories[{name!r}]() if {name} is absent else {name}" for name in factories}
    source = template.format(
        arguments=", ".join([*positional, *(["*", *named] if named else [])]),
        stores="; ".join(f"self.{name} = {given.get(name, name)}" for name in positional + named),
        finish=_finish(kind) if settled == "False" else f"if not ({settled}): {_finish(kind)}",
    )
    names = _run(source, kind, full=full, switch=_switch, absent=absent, factories=factories)
    made = names["__init__" if template is _INIT else "make"]
    made.__defaults__, made.__kwdefaults__ = full.__defaults__, full.__kwdefaults__
    return update_wrapper(made, full)


def _changer(kind: Any) -> Any:
    stores = "; ".join(f"self.{item.name} = value.{item.name}" for item in fields(kind))
    return _run(_CHANGED.format(stores=stores, finish=_finish(kind)), kind)["changed"]


def _finish(kind: Any) -> str:
    return "self.__post_init__()" if hasattr(kind, "__post_init__") else ""


def _run(source: str, kind: Any, **more: Any) -> dict[str, Any]:
    """What a source defines, which sees what the module of the class sees."""
    opened = type(f"_Open{kind.__name__}", (kind,), dict(_OPEN))
    names = {**vars(sys.modules[kind.__module__]), "kind": kind, "opened": opened, **more}
    exec(source, names)  # noqa: S102  as dataclasses makes what it makes
    return names
