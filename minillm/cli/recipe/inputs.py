"""What was typed for a recipe, as values: inputs, and models by name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import ConfigurationError, DecodeError
from ...json import loads
from ...recipes import Recipe
from ...stack import Model
from ..generator_choice import choose

__all__ = ["chosen_models", "read_inputs"]


def chosen_models(typed: Sequence[str]) -> dict[str, Model]:
    """``name=provider:model`` of each.

    Raises:
        ConfigurationError: not of that form, no such provider, or no key for it.
    """
    return {name: choose(value) for name, value in (_split(one, "--model") for one in typed)}


def read_inputs(recipe: Recipe, typed: Sequence[str], file: str | None) -> dict[str, Any] | None:
    """All inputs that were given, those typed over those of the file; None where none was.

    Raises:
        ConfigurationError: not of the form name=value, or no JSON where no text is wanted.
        OSError: a file cannot be read.
    """
    if not typed and file is None:
        return None
    values = {} if file is None else _file(file)
    for name, value in (_split(one, "--input") for one in typed):
        values[name] = _value(recipe.needs.inputs, name, value)
    return values


def _split(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise ConfigurationError(f"{option} takes name=value, and what was typed has no {'=' if name else 'name'}")
    return name, value


def _file(path: str) -> dict[str, Any]:
    try:
        values = loads(Path(path).read_bytes())
    except DecodeError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if not isinstance(values, dict):
        raise ConfigurationError(f"{path}: must hold one JSON object, of inputs by name")
    return values


def _value(declared: Mapping[str, Any], name: str, value: str) -> Any:
    kind = declared[name].type if name in declared else "text"
    if value.startswith("@"):
        try:
            value = Path(value[1:]).read_text("utf-8")
        except UnicodeDecodeError:
            raise ConfigurationError(f"the input {name!r}: {value[1:]} is not UTF-8 text") from None
    if kind == "text":
        return value
    try:
        return loads(value)
    except DecodeError:
        if kind == "any":
            return value
        raise ConfigurationError(f"the input {name!r} must be JSON, and of the type {kind}") from None
