"""From what was said of a call to what goes on the wire, and to what its policies obey."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final

from ..client.defaults import defaults_of
from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..policies.options import CallOptions
from ..routing import Model, RoutePlan
from ..transport import Timeouts
from ..types import CompletionParameters, ResponseFormat
from .kinds import check
from .unknown import unknown_options

__all__ = [
    "CALL_OPTIONS",
    "TIMEOUTS",
    "WIRE_OPTIONS",
    "call_options",
    "check_known",
    "check_settings",
    "own_defaults",
    "response_format",
    "wire_parameters",
]

#: What goes on the wire.
WIRE_OPTIONS: Final = frozenset(item.name for item in fields(CompletionParameters))
#: What the policies obey.
CALL_OPTIONS: Final = frozenset(item.name for item in fields(CallOptions) if item.init)
#: Keyword -> the field of :class:`Timeouts` that it sets.
TIMEOUTS: Final = {"connect_timeout": "connect", "first_byte_timeout": "first_byte", "idle_timeout": "idle"}


def own_defaults(model: Model) -> CompletionParameters:
    """What is set for every call to the model, its host's row included; of a plan nothing: each route fills in its own.

    Raises:
        ConfigurationError: they are no parameters, or one has an impossible value.
    """
    if isinstance(model, RoutePlan):
        for generator in model.generators:
            own_defaults(generator)  # checked
        return CompletionParameters()
    if not isinstance(model, GeneratorInfo):
        return CompletionParameters()
    checked: CompletionParameters | None = model.prepared.get("checked_defaults")
    if checked is None:
        if not isinstance(model.defaults, CompletionParameters):
            raise ConfigurationError(
                f"the defaults of {model.name} must be CompletionParameters, not {type(model.defaults).__name__}; "
                "settings of a node go into params= of the call"
            )
        check(model.defaults.set_fields(), f"the default of {model.name}: ")
        checked = model.prepared["checked_defaults"] = defaults_of(model)
    return checked


def check_known(options: Mapping[str, Any], known: frozenset[str]) -> None:
    """Raises ConfigurationError where a keyword is no option, and says which was probably meant."""
    unknown = options.keys() - known
    if unknown:
        raise ConfigurationError(unknown_options(unknown, known))


def wire_parameters(parameters: CompletionParameters, options: Mapping[str, Any]) -> CompletionParameters:
    """``parameters`` under the keywords that go on the wire.

    Raises:
        ConfigurationError: one has an impossible value.
    """
    on_wire = {name: value for name, value in options.items() if name in WIRE_OPTIONS}
    if on_wire:
        parameters = parameters.merged(CompletionParameters(**on_wire))
    check(parameters.set_fields())
    return parameters


def call_options(model: Model, said: Mapping[str, Any], output: Any = None) -> CallOptions:
    """What the policies obey, out of what was said; ``said`` may hold more.

    Raises:
        ConfigurationError: an option has an impossible value.
    """
    settings: dict[str, Any] = {name: said[name] for name in said if name in CALL_OPTIONS}
    if said.get("parse_json") and settings.get("expect") is None:
        settings["expect"] = "any"
    if "transforms" in settings:
        settings["transforms"] = tuple(settings["transforms"] or ())
    limits = {TIMEOUTS[name]: said[name] for name in TIMEOUTS if name in said}
    if limits:
        base = model.timeouts if isinstance(model, GeneratorInfo | RoutePlan) else Timeouts()
        settings["timeouts"] = Timeouts(
            limits.get("connect", base.connect),
            limits.get("first_byte", base.first_byte),
            limits.get("idle", base.idle),
        )
    if output is not None:
        settings["output"] = output
    return CallOptions(**settings)


def check_settings(said: Mapping[str, Any]) -> None:
    """Raises ConfigurationError for what CallOptions does not see: seconds, and the callback."""
    for name in TIMEOUTS:
        seconds = said.get(name)
        if seconds is not None and not seconds > 0:
            raise ConfigurationError(f"{name} must be a number of seconds above 0, or None, not {seconds!r}")
    callback: Callable[..., Any] | None = said.get("cost_callback")
    if callback is not None and not callable(callback):
        raise ConfigurationError(f"cost_callback must be callable with a CostInfo, not {type(callback).__name__}")


def response_format(output: Any) -> ResponseFormat:
    """What a host is asked for where the answer must fit ``output``, a type or a schema."""
    from ..json.answer import answer_schema

    asked = answer_schema(output)
    # Unset where strict mode could not say it: hosts that know the mode then follow the schema as well as they can.
    return ResponseFormat("json_schema", asked.schema, name=asked.name, strict=asked.strict or None)
