"""What a typed function takes, as a schema for the model; what the model sent, as the function's arguments."""

import dataclasses
import functools
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_type_hints

from ..errors import ConfigurationError, InvalidOutput
from ..json.fields import peel
from ..json.output import build_output
from ..json.schema import json_schema_of
from ..types import ToolCallPart

__all__ = ["FunctionSignature", "name_of_function", "routine_of"]

_UNLISTED: dict[Any, str] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}


class FunctionSignature:
    """The parameters of a function.

    One whose type is :class:`ToolCallPart` is given the call itself, and the model does not see it.

    Args:
        function: typed in every parameter, by names that its module knows.
        described: descriptions by name, where the type's own metadata has none.

    Raises:
        ConfigurationError: a parameter has no type, or one without a form in JSON; ``*args`` or ``**kwargs``.
    """

    def __init__(self, function: Callable[..., Any], described: Mapping[str, str]) -> None:
        self.name = name_of_function(function)
        try:
            self._signature = inspect.signature(function)
        except (TypeError, ValueError):
            raise ConfigurationError(f"{self.name}: its parameters cannot be seen; wrap it in a def") from None
        hints = self._hints(function)
        self._types: dict[str, Any] = {}
        self._call: str | None = None
        given = _given(function)
        for parameter in self._signature.parameters.values():
            if parameter.name not in given:
                self._add(parameter, hints, described)
        self._model: Any = self._as_model()
        self.schema = self._schema()

    def _hints(self, function: Callable[..., Any]) -> dict[str, Any]:
        plain = routine_of(function)
        names = getattr(inspect.unwrap(plain), "__globals__", {})
        try:
            # Without what it returns: that is often a name for type checkers alone.
            said = {name: kind for name, kind in inspect.get_annotations(plain).items() if name != "return"}
            return get_type_hints(types.SimpleNamespace(__annotations__=said), names, include_extras=True)
        except NameError as error:
            raise ConfigurationError(
                f"{self.name}(): the name {error.name!r} in its annotations is not defined where the function is; "
                "define both at the top of a module"
            ) from error

    def _add(self, parameter: inspect.Parameter, hints: Mapping[str, Any], described: Mapping[str, str]) -> None:
        name = parameter.name
        stars = _UNLISTED.get(parameter.kind)
        if stars is not None:
            raise ConfigurationError(
                f"{self.name}(): {stars}{name} says nothing to a model: name and type each parameter"
            )
        if name not in hints:
            raise ConfigurationError(
                f"{self.name}(): the parameter {name!r} has no type; a method becomes a tool by tool(instance.method)"
            )
        if peel(hints[name]).type is ToolCallPart:
            self._call = name
        elif name in described:
            # Behind metadata of its own, if it has any, and before the docstring of its type, which says less.
            self._types[name] = Annotated[hints[name], described[name]]
        else:
            self._types[name] = hints[name]

    def _as_model(self) -> Any:
        """A dataclass of the same members: schemas are made of types, and so are values."""
        members = [(name, kind, _field(self._signature.parameters[name])) for name, kind in self._types.items()]
        return dataclasses.make_dataclass(self.name, members, kw_only=True)

    def _schema(self) -> dict[str, Any]:
        try:
            return json_schema_of(self._model)
        except ConfigurationError:
            for name, kind in self._types.items():
                try:
                    json_schema_of(kind)
                except ConfigurationError as error:
                    raise ConfigurationError(f"{self.name}(): the parameter {name!r}: {error.message}") from error
            raise

    @property
    def strict_schema(self) -> dict[str, Any]:
        """The schema for hosts that demand every property: what may be left out may be null, which :meth:`bind`
        takes for absent (https://platform.openai.com/docs/guides/structured-outputs, "All fields must be required").
        """
        members: dict[str, Any] = {}
        for name, schema in self.schema["properties"].items():
            said = {key: value for key, value in schema.items() if key != "default"}  # such hosts do not know it
            members[name] = _or_null(said) if self._is_absent(name) else said
        return {**self.schema, "properties": members, "required": list(members)}

    @property
    def text_parameter(self) -> str | None:
        """The one parameter, where there is one only and it is a ``str``: what a custom tool takes."""
        names = [name for name, kind in self._types.items() if peel(kind).type is str]
        return names[0] if len(names) == len(self._types) == 1 else None

    def bind(self, value: Any, call: ToolCallPart | None = None) -> inspect.BoundArguments:
        """The function's arguments: dataclasses, enums, dates and whatever its types ask for.

        A null for a parameter that has a default, and takes no None, counts as not sent: hosts that demand
        every property make models send it.

        Args:
            value: the JSON object that the model sent.
            call: for the parameter that asks for it.

        Raises:
            InvalidOutput: the value does not fit; ``.path`` names the place.
        """
        if isinstance(value, dict):
            value = {name: item for name, item in value.items() if item is not None or not self._is_absent(name)}
        built = build_output(self._model, value)
        arguments = {name: getattr(built, name) for name in value}
        if self._call is not None:
            arguments[self._call] = call
        order = [name for name in self._signature.parameters if name in arguments]
        bound = inspect.BoundArguments(self._signature, {name: arguments[name] for name in order})  # type: ignore[arg-type, unused-ignore]
        bound.apply_defaults()  # else what follows an absent positional one could not be placed
        return bound

    def _is_absent(self, name: str) -> bool:
        """Whether null stands for nothing here."""
        parameter = self._signature.parameters.get(name)
        if parameter is None or name not in self._types or parameter.default is inspect.Parameter.empty:
            return False
        try:
            build_output(self._types[name], None)
        except InvalidOutput:
            return True
        return False


def _field(parameter: inspect.Parameter) -> Any:
    default = parameter.default
    if default is inspect.Parameter.empty:
        return dataclasses.field()
    if type(default).__hash__ is not None:
        return dataclasses.field(default=default)
    return dataclasses.field(default_factory=lambda: default)  # never called: the function has its own default


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    inside = dict(schema)
    outside = {"description": inside.pop("description")} if "description" in inside else {}
    return {**outside, "anyOf": [inside, {"type": "null"}]}


def _given(function: Any) -> set[str]:
    """What ``functools.partial`` has filled in: neither asked of the model nor shown to it."""
    names: set[str] = set()
    while isinstance(function, functools.partial):
        names.update(function.keywords)
        function = function.func
    return names


def routine_of(function: Any) -> Any:
    """The def behind a partial or an object with ``__call__``: it carries the annotations and the docstring."""
    while isinstance(function, functools.partial):
        function = function.func
    return function if inspect.isroutine(function) else type(function).__call__


def name_of_function(function: Any) -> str:
    """Its name, for the model and for errors."""
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", None) or type(function).__name__)
