"""What was said of a call becomes what goes on the wire and what the policies obey, with a tree or without."""

from dataclasses import fields

import pytest

from minillm import CompletionParameters, ConfigurationError, GeneratorInfo, MockModel, Timeouts, Transform, fallback
from minillm.calling.settings import (
    CALL_OPTIONS,
    TIMEOUTS,
    WIRE_OPTIONS,
    call_options,
    check_known,
    check_settings,
    own_defaults,
    response_format,
    wire_parameters,
)
from minillm.policies.options import CallOptions

GEN = GeneratorInfo.custom("m", base_url="http://127.0.0.1:1/v1", defaults=CompletionParameters(temperature=0.5))


def test_the_names_are_those_of_the_values():
    """A field that is added is an option."""
    assert {field.name for field in fields(CompletionParameters)} == WIRE_OPTIONS
    assert {field.name for field in fields(CallOptions) if field.init} == CALL_OPTIONS
    assert set(TIMEOUTS.values()) == {field.name for field in fields(Timeouts)} & set(TIMEOUTS.values())


def test_defaults_are_the_generators_and_of_a_plan_each_routes_own():
    """A plan and a model of another kind set nothing themselves."""
    assert own_defaults(GEN).temperature == 0.5
    assert own_defaults(fallback([GEN])) == own_defaults(MockModel(["x"])) == CompletionParameters()


def test_bad_defaults_of_a_route_are_told_before_anything_is_sent():
    """With the name of the generator."""
    bad = GEN.replace(defaults=CompletionParameters(temperature="hot"))  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"the default of custom:m: temperature"):
        own_defaults(fallback([GEN, bad]))


def test_a_keyword_wins_over_parameters_and_none_is_kept():
    """None is deliberately not sent."""
    made = wire_parameters(CompletionParameters(temperature=1.0, seed=3), {"temperature": None, "retry": 2})
    assert made.temperature is None
    assert made.seed == 3


def test_what_a_keyword_cannot_be_is_refused():
    """By its own name."""
    with pytest.raises(ConfigurationError, match="temperature must be a finite number"):
        wire_parameters(CompletionParameters(), {"temperature": "hot"})
    with pytest.raises(ConfigurationError, match="did you mean 'retry'"):
        check_known({"retri": 1}, frozenset({"retry"}))
    with pytest.raises(ConfigurationError, match="idle_timeout"):
        check_settings({"idle_timeout": 0})
    with pytest.raises(ConfigurationError, match="cost_callback"):
        check_settings({"cost_callback": 3})


def test_policies_get_their_options():
    """Times a call does not set are the model's own; a function of a request is a transform; parse_json is any JSON."""
    change = Transform(request=lambda request: request)
    slow = GEN.replace(timeouts=Timeouts(connect=99))
    made = call_options(slow, {"retry": 1, "idle_timeout": 3.0, "transforms": [change], "parse_json": True}, int)
    assert (made.retry, made.expect, made.output, made.transforms) == (1, "any", int, (change,))
    assert made.timeouts == Timeouts(connect=99, idle=3.0)
    assert call_options(GEN, {}) == CallOptions()


def test_a_type_is_asked_for_as_a_schema():
    """With an object at its root."""
    made = response_format(list[int])
    assert made.kind == "json_schema"
    assert made.schema["type"] == "object"
