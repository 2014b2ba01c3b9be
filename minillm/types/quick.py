"""Frozen values that cost about as much to make as open ones.

The ``__init__`` of a frozen dataclass cannot say ``self.field = value``, since nobody may: it goes through
``object.__setattr__`` for each field, and four fifths of its time with it. Here a new object is, until its
fields are filled in, of a subclass that differs in nothing but that it may be written to. Nobody else sees it
by then, and what comes out is what came out before: of the same class, frozen, with the same signature.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from functools import update_wrapper
from inspect import signature
from typing import Any, TypeVar

__all__ = ["changed", "quick"]

T = TypeVar("T")

_OPEN = {
    "__slots__": (),
    "__init__": object.__init__,
    "__setattr__": object.__setattr__,
    "__delattr__": object.__delattr__,
}

_INIT = """
def make(kind, opened, full, switch, absent, factories):
    def __init__(self, {arguments}):
        if type(self) is not kind:  # a subclass, which may have fields of its own
            return full(self, {passed})
        switch(self, opened)
        {stores}
        self.__class__ = kind
        {finish}
    return __init__
"""

_CHANGED = """
def make(kind, opened):
    def changed(value, changes):
        self = opened()
        {stores}
        for name, new in changes.items():
            setattr(self, name, new)
        self.__class__ = kind
        {finish}
        return self
    return changed
"""

_switch = object.__dict__["__class__"].__set__

_opened: dict[type[Any], type[Any]] = {}  # of each quick class
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
        positional, named = _arguments(cls)
        factories = {item.name: item.default_factory for item in fields(cls) if item.default_factory is not MISSING}
        absent = _default(full, next(iter(factories))) if factories else None  # one object of dataclasses' own
        opened = _opened[cls] = type(f"_Open{cls.__name__}", (cls,), dict(_OPEN))
        source = _INIT.format(
            arguments=", ".join([*positional, *(["*", *named] if named else [])]),
            passed=", ".join([*positional, *(f"{name}={name}" for name in named)]),
            stores="; ".join(f"self.{name} = {_given(name, factories)}" for name in positional + named),
            finish=_finish(cls) if settled == "False" else f"if not ({settled}): {_finish(cls)}",
        )
        init = _compiled(source, cls)(cls, opened, full, _switch, absent, factories)
        init.__defaults__, init.__kwdefaults__ = full.__defaults__, full.__kwdefaults__
        cls.__init__ = update_wrapper(init, full)
        return kind

    return quickened


def changed(value: T, **changes: Any) -> T:
    """What :func:`dataclasses.replace` gives, for a fifth of its price where the class of ``value`` is quick."""
    kind: Any = type(value)
    changer = _changers.get(kind)
    if changer is None:
        if kind not in _opened:
            return replace(value, **changes)  # type: ignore[type-var]
        changer = _changers[kind] = _changer(kind)
    return changer(value, changes)  # type: ignore[no-any-return]


def _changer(kind: Any) -> Any:
    stores = "; ".join(f"self.{item.name} = value.{item.name}" for item in fields(kind))
    return _compiled(_CHANGED.format(stores=stores, finish=_finish(kind)), kind)(kind, _opened[kind])


def _given(name: str, factories: Mapping[str, Any]) -> str:
    return f"factories[{name!r}]() if {name} is absent else {name}" if name in factories else name


def _finish(kind: Any) -> str:
    return "self.__post_init__()" if hasattr(kind, "__post_init__") else ""


def _arguments(kind: Any) -> tuple[list[str], list[str]]:
    """The names of those that may be given by their place, and of those that may not."""
    code = kind.__init__.__code__
    names, first = list(code.co_varnames), code.co_argcount
    positional, named = names[1:first], names[first : first + code.co_kwonlyargcount]
    plain = {item.name for item in fields(kind) if item.init}
    if not kind.__dataclass_params__.frozen or kind.__dictoffset__ or plain != {*positional, *named}:
        raise TypeError(f"{kind.__name__} is no frozen dataclass with slots")
    return positional, named


def _default(init: Any, name: str) -> Any:
    """What an argument is where none is given."""
    return signature(init).parameters[name].default


def _compiled(source: str, kind: Any) -> Any:
    """The function ``make`` of a source, which sees what the module of the class sees."""
    made: dict[str, Any] = {}
    exec(source, vars(sys.modules[kind.__module__]), made)  # noqa: S102  as dataclasses makes what it makes
    return made["make"]
