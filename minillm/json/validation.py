"""A value against a JSON schema, by the optional package ``jsonschema``."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from itertools import islice
from typing import Any

from ..errors import ConfigurationError, InvalidOutput
from .place import place

__all__ = ["require_validator", "validate"]


def require_validator() -> None:
    """See that values can be checked against a schema.

    Raises:
        ConfigurationError: ``jsonschema`` is not installed.
    """
    if find_spec("jsonschema") is None:
        raise ConfigurationError(
            "a JSON schema can only be checked with jsonschema: python -m pip install 'minillm-tree[schema]'"
        )


def validate(value: Any, schema: Mapping[str, Any]) -> None:
    """Check a value against a JSON schema; references to other documents are never fetched.

    Raises:
        InvalidOutput: the value does not fit; ``.path`` names the first place that does not.
        ConfigurationError: the schema itself is wrong, or ``jsonschema`` is not installed.
    """
    require_validator()
    from jsonschema.exceptions import SchemaError, best_match  # type: ignore[import-untyped, unused-ignore]
    from jsonschema.validators import Draft202012Validator, validator_for  # type: ignore[import-untyped, unused-ignore]
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    schema = dict(schema)
    kind: Any = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
        # An empty registry: the default one would open the address a "$ref" names.
        errors = [*islice(kind(schema, registry=Registry()).iter_errors(value), _MOST_ERRORS)]
        error = best_match(errors)
    except SchemaError as wrong:
        where = place(wrong.absolute_path) or "its root"
        raise ConfigurationError(f"not a JSON schema, at {where}: {wrong.message}") from wrong
    except Unresolvable as wrong:
        raise ConfigurationError(f"the JSON schema refers to {wrong.ref!r}, which is not in it") from wrong
    except RecursionError:
        raise InvalidOutput("nested too deep to be checked against the schema") from None
    if error is not None:
        hint = "\n".join(dict.fromkeys(_line(one) for one in (error, *errors[:_MOST_LINES])))
        raise InvalidOutput(_line(error), path=place(error.absolute_path), hint=hint)


_MOST_ERRORS = 100  # of an array of wrong items each has its own
_MOST_LINES = 10


def _line(error: Any) -> str:
    return f"{place(error.absolute_path) or 'the value'} {_expected(error)}"


def _expected(error: Any) -> str:
    """What the schema wants; jsonschema's own words would quote the answer."""
    say = _WORDS.get(error.validator)
    if say is not None:
        return say(error)
    return f"does not satisfy {error.validator!r}: {error.validator_value!r}"


def _missing(error: Any) -> str:
    names = [name for name in error.validator_value if name not in error.instance]
    return f"lacks {', '.join(map(repr, names))}"


_WORDS: dict[str, Callable[[Any], str]] = {
    "type": lambda error: f"is not of type {error.validator_value!r}",
    "required": _missing,
    "enum": lambda error: f"is none of {error.validator_value!r}",
    "const": lambda error: f"is not {error.validator_value!r}",
    "additionalProperties": lambda _: "has members that the schema does not allow",
    "unevaluatedProperties": lambda _: "has members that the schema does not allow",
    "anyOf": lambda _: "fits none of the forms allowed",
    "oneOf": lambda _: "does not fit exactly one of the forms allowed",
    "not": lambda _: "fits a form that is not allowed",
    "uniqueItems": lambda _: "holds equal items",
}
