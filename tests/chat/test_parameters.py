"""What a call may be told: every field as a keyword, and which word wins."""

from dataclasses import fields, replace
from typing import get_type_hints

import pytest

from minillm import (
    Budget,
    CompletionParameters,
    ConfigurationError,
    CostLedger,
    GeneratorInfo,
    MockModel,
    NodeCompletionParameters,
    Timeouts,
    ToolChoice,
    ToolDefinition,
)
from minillm.chat.parameters import BranchOptions, Call, Options, resolve
from minillm.policies.options import CallOptions, Transform
from minillm.types import UNSET, NativeTool, ReasoningConfig, ToolMode

WIRE = {field.name for field in fields(CompletionParameters)}
NODE = {field.name for field in fields(NodeCompletionParameters)} - {"params"}
MODEL = MockModel()


def test_options_are_the_fields_of_both():
    assert set(get_type_hints(Options)) == WIRE | NODE


def test_no_name_stands_in_both():
    assert not WIRE & NODE


def test_a_branch_takes_n_itself():
    assert set(get_type_hints(BranchOptions)) == set(get_type_hints(Options)) - {"n"}


def test_types_of_options_are_those_of_the_fields():
    """Without UNSET, which a keyword says by its absence."""
    options = get_type_hints(Options)
    for kind in (CompletionParameters, NodeCompletionParameters):
        for name, hint in get_type_hints(kind).items():
            if name != "params":
                assert options[name] | type(UNSET) == hint | type(UNSET), name


def test_every_option_of_a_call_is_a_field_of_the_node():
    """``timeouts`` in its three parts, ``output`` as an argument of its own; ``source`` is for calls without a tree."""
    call = {field.name for field in fields(CallOptions) if field.init} - {"timeouts", "output", "source"}
    assert call <= NODE
    times = {"connect_timeout", "first_byte_timeout", "idle_timeout"}
    rest = {field.name for field in fields(Call) if field.init} - {"parameters", "options"}
    assert call | times | rest | {"parse_json"} == NODE


def test_every_field_is_explained():
    for kind in (CompletionParameters, NodeCompletionParameters):
        for field in fields(kind):
            assert f"        {field.name}: " in kind.__doc__, field.name


def test_nothing_said_is_nothing_set():
    call = resolve(MODEL, None, {})
    assert call.parameters == CompletionParameters()
    assert call.options == CallOptions()


@pytest.mark.parametrize("name", sorted(NODE))
def test_every_field_of_the_node_arrives(name):
    """By keyword and by value alike."""
    value = {
        "tools": [ToolDefinition("f")],
        "tool_choice": "required",
        "system_prompt": "Be brief.",
        "format_kwargs": {"a": 1},
        "missing": "error",
        "on_cancel": "keep",
        "expect": "array",
        "force_prepend": "{",
        "transforms": [Transform()],
        "unsupported": "drop",
        "token_price": None,
        "budget": Budget(usd=1),
        "cost_callback": CostLedger(),
        "observe": print,
        "validate": bool,
        "attach": False,
        "track_cost": False,
        "exp_back_off": True,
    }.get(name, 3 if name.endswith(("timeout", "off", "time", "after")) or name in ("retry", "deadline") else True)
    by_keyword = resolve(MODEL, None, {name: value})
    by_value = resolve(MODEL, NodeCompletionParameters(**{name: value}), {})
    assert by_keyword == by_value
    if name != "token_price":
        assert by_keyword != Call()


def test_keyword_over_params_over_generator_over_row():
    from minillm.providers import Endpoint, Provider

    said = [
        CompletionParameters(**dict.fromkeys(names, level))
        for level, names in enumerate(
            [("temperature", "top_p", "seed", "max_tokens"), ("top_p", "seed", "max_tokens"), ("seed", "max_tokens")]
        )
    ]
    row = Provider(name="h", endpoints=(Endpoint(base_url="https://h.test"),), defaults=said[0])
    gen = GeneratorInfo(model="m", provider=row, defaults=said[1])
    for params in (said[2], NodeCompletionParameters(params=said[2])):
        call = resolve(gen, params, {"max_tokens": 3})
        found = [call.parameters.get(name) for name in ("temperature", "top_p", "seed", "max_tokens")]
        assert found == [0, 1, 2, 3]


def test_a_keyword_wins_over_the_same_field_of_params():
    call = resolve(MODEL, NodeCompletionParameters(retry=1, attach=False), {"retry": 2})
    assert (call.options.retry, call.attach) == (2, False)


def test_none_is_deliberately_nothing():
    """It stops what would be inherited."""
    gen = GeneratorInfo.openai("m", defaults=CompletionParameters(temperature=1.0, top_p=0.5))
    parameters = resolve(gen, None, {"temperature": None}).parameters
    assert parameters.temperature is None
    assert parameters.top_p == 0.5


def test_extra_keys_of_all_levels_are_united():
    gen = GeneratorInfo.openai("m", defaults=CompletionParameters(extra={"a": 1, "b": 1}))
    call = resolve(gen, CompletionParameters(extra={"b": 2, "c": 2}), {"extra": {"c": 3}})
    assert call.parameters.extra == {"a": 1, "b": 2, "c": 3}


def test_values_that_cannot_be_hashed_work_as_well():
    """Settings are remembered by their values where those can be."""
    for _ in range(2):
        call = resolve(MODEL, None, {"stop": ["a"], "extra": {"a": {}}, "transforms": [Transform()], "retry": 1})
        assert call.parameters.stop == ("a",)
        assert call.options.transforms == (Transform(),)


def test_one_calls_settings_are_not_anothers():
    assert resolve(MODEL, None, {"temperature": 0.5}).parameters.temperature == 0.5
    assert resolve(MODEL, None, {"temperature": 0.7}).parameters.temperature == 0.7
    assert resolve(MODEL, None, {"retry": 1}).options.retry == 1
    assert resolve(MODEL, None, {"retry": 2}).options.retry == 2


@pytest.mark.parametrize("values", [(1, 1.0), (1.0, 1), (0, 0.0)])
def test_equal_values_of_different_types_are_different_settings(values):
    """1 == 1.0 == True, but they go out as they were written."""
    gen = GeneratorInfo.openai("m")
    for value in values:
        found = resolve(gen, None, {"temperature": value}).parameters.temperature
        assert (found, type(found)) == (value, type(value))
    with pytest.raises(ConfigurationError, match="temperature must be a finite number, not True"):
        resolve(gen, None, {"temperature": True})


def test_equal_objects_that_go_out_otherwise_are_different_settings():
    gen = GeneratorInfo.openai("m")
    for value in (1, True, 1.0):
        call = resolve(gen, None, {"tools": (ToolDefinition("f", parameters={"const": value}),)})
        (tool,) = call.tools
        assert type(tool.parameters["const"]) is type(value)


def test_the_same_settings_are_settled_once():
    gen = GeneratorInfo.openai("m")
    options = {"temperature": 0.5, "retry": 1, "reasoning": "low", "seed": None}
    assert resolve(gen, None, dict(options)) is resolve(gen, None, dict(options))


def test_settings_that_are_kept_as_params_are_read_once():
    """Whatever they hold: functions, ledgers and purses too, and beside plain keywords."""
    gen = GeneratorInfo.custom("m", base_url="http://127.0.0.1:1")
    params = NodeCompletionParameters(validate=bool, transforms=(Transform(),), params=CompletionParameters(seed=1))
    call = resolve(gen, params, {"retry": 1}, int)
    assert resolve(gen, params, {"retry": 1}, int) is call
    assert resolve(gen, params, {"retry": 2}, int).options.retry == 2
    assert resolve(gen, params, {"retry": 1}, str).options.output is str
    assert resolve(gen, params, {"retry": 1}).options.output is None
    assert resolve(gen, None, {"retry": 1}, int).options.validate is None
    other = NodeCompletionParameters(validate=len)
    assert resolve(gen, other, {"retry": 1}, int).options.validate is len


@pytest.mark.parametrize("name", ["tools", "transforms", "tool_choice", "extra"])
def test_what_changes_inside_of_params_is_seen_by_the_next_call(name):
    """They are frozen, but a list in them is not."""
    gen = GeneratorInfo.openai("m", defaults=CompletionParameters(extra={"z": 0}))
    f, g = ToolDefinition("f"), ToolDefinition("g")
    held = {"tools": [f], "transforms": [Transform()], "tool_choice": ["f"], "extra": {"a": 1}}[name]
    wire = CompletionParameters(extra=held if name == "extra" else UNSET)
    node = {"tools": (f, g), name: held}
    node.pop("extra", None)
    params = NodeCompletionParameters(params=wire, **node)
    before = resolve(gen, params, {})
    if isinstance(held, dict):
        held["b"] = 2
    else:
        held.append({"tools": g, "transforms": Transform(), "tool_choice": "g"}[name])
    after = resolve(gen, params, {})
    assert (before.parameters, before.tools, before.tool_choice, before.options.transforms) != (
        after.parameters, after.tools, after.tool_choice, after.options.transforms,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["temperature", "retry", "expect", "attach", "stop"])
def test_unset_said_aloud_is_nothing_said(name):
    gen = GeneratorInfo.openai("m", defaults=CompletionParameters(temperature=1.0))
    for model in (gen, MODEL):
        assert resolve(model, None, {name: UNSET}) == resolve(model, None, {})


def test_defaults_that_are_no_parameters_are_told():
    gen = GeneratorInfo.openai("m", defaults=NodeCompletionParameters(retry=0))
    with pytest.raises(ConfigurationError, match=r"defaults of openai:m must be CompletionParameters, not NodeComp"):
        resolve(gen, None, {})
    gen = GeneratorInfo.openai("m", defaults=CompletionParameters(max_tokens="many"))
    with pytest.raises(ConfigurationError, match=r"the default of openai:m: max_tokens must be a whole number"):
        resolve(gen, None, {})


def test_an_unknown_option_is_told_with_its_neighbour():
    with pytest.raises(ConfigurationError, match=r"'temprature' .did you mean 'temperature'.*extra="):
        resolve(MODEL, None, {"temprature": 1})


@pytest.mark.parametrize("params", [{"temperature": 1}, "fast", CallOptions()])
def test_params_of_another_kind_are_refused(params):
    with pytest.raises(ConfigurationError, match="params must be"):
        resolve(MODEL, params, {})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("missing", "raise"),
        ("on_cancel", "forget"),
        ("unsupported", "ignore"),
        ("expect", "list"),
        ("retry", -1),
        ("retry", 1.5),
        ("deadline", -1),
        ("back_off_time", "soon"),
        ("connect_timeout", 0),
        ("idle_timeout", "long"),
        ("first_byte_timeout", -5),
        ("cost_callback", 3),
        ("format_kwargs", ["a"]),
        ("tools", [len]),
        ("tool_choice", "sometimes"),
    ],
)
def test_impossible_values_are_told_by_name(option, value):
    with pytest.raises(ConfigurationError, match=option):
        resolve(MODEL, None, {option: value})
    with pytest.raises(ConfigurationError, match=option):
        resolve(MODEL, NodeCompletionParameters(**{option: value}), {})


def test_each_timeout_replaces_its_part_of_the_generators():
    gen = GeneratorInfo.openai("m", timeouts=Timeouts(1, 2, 3))
    assert resolve(gen, None, {"idle_timeout": 9}).options.timeouts == Timeouts(1, 2, 9)
    assert resolve(gen, None, {"connect_timeout": None}).options.timeouts == Timeouts(None, 2, 3)
    assert resolve(MODEL, None, {"idle_timeout": 9}).options.timeouts == replace(Timeouts(), idle=9)
    assert resolve(gen, None, {}).options.timeouts is None


def test_parse_json_is_any_json():
    assert resolve(MODEL, None, {"parse_json": True}).options.expect == "any"
    assert resolve(MODEL, None, {"parse_json": True, "expect": "array"}).options.expect == "array"
    assert resolve(MODEL, None, {"parse_json": False}).options.expect is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, None),
        ("auto", ToolChoice()),
        ("required", ToolChoice(ToolMode.REQUIRED)),
        ("look", ToolChoice.tool("look")),
        (ToolChoice.tool("x"), ToolChoice.tool("x")),
    ],
)
def test_a_choice_of_tools_may_be_a_word(said, meant):
    tools = [ToolDefinition("look"), NativeTool("w", {})]
    assert resolve(MODEL, None, {"tools": tools, "tool_choice": said}).tool_choice == meant


def test_an_effort_may_be_a_word():
    assert resolve(MODEL, None, {"reasoning": "low"}).parameters.reasoning == ReasoningConfig("low")
