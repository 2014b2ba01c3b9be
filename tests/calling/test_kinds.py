"""The kind of each option: what does not fit is told by its name, and what fits is let through."""

import re
from dataclasses import fields
from decimal import Decimal

import pytest

from minillm import (
    ChatNode,
    CompletionParameters,
    ConfigurationError,
    MockModel,
    NodeCompletionParameters,
    ReasoningConfig,
    ResponseFormat,
    TokenPrice,
    Transform,
)
from minillm.calling.kinds import _KINDS, _NEVER_NONE, check

#: These are looked at where they are used.
ELSEWHERE = {
    *("tools", "tool_choice", "format_kwargs", "missing", "on_cancel", "cache", "expect", "unsupported"),
    *("cost_callback", "validate", "correction", "budget", "observe", "params"),
}

NUMBERS = ("0.5", True, float("nan"), float("inf"), Decimal("0.5"), [1], 1j)
WRONG = {
    **dict.fromkeys(("temperature", "top_p", "min_p", "deadline", "idle_timeout", "back_off_time"), NUMBERS),
    **dict.fromkeys(("max_tokens", "top_k", "n", "retry"), ("1", True, 1.5, -1)),
    "seed": ("1", True, 1.5),
    "stop": (5, [5], {"a"}, {"a": 1}, b"x"),
    "logit_bias": ({1: 2}, {"1": "2"}, [("1", 2)]),
    "logprobs": (1, "yes"),
    "response_format": ({"type": "json_object"}, "json"),
    "reasoning": (
        True,
        5,
        {"effort": "low"},
        ReasoningConfig(effort=3),
        ReasoningConfig(budget_tokens="1"),
        ReasoningConfig(exclude=1),
    ),
    "verbosity": (1,),
    "modalities": ([1], 5),
    "metadata": ([("a", 1)], {1: 2}),
    "extra": ("a", {1: 2}),
    "system_prompt": (5, ["You"], ChatNode.root("You")),
    "force_prepend": (5, b"x"),
    "attach": (0, "no", None),
    "merge_contiguous": ("user", None),
    "exp_back_off": (1, None),
    "transforms": (Transform(), [1], len),
    "token_price": (5, (1, 2)),
}
RIGHT = {
    "temperature": (0, 0.5, None),
    "max_tokens": (0, 5, None),
    "seed": (-5, None),
    "stop": ("a", ["a"], ("a",), [], None),
    "logit_bias": ({"1": 2}, {}, None),
    "response_format": (ResponseFormat(), None),
    "reasoning": ("low", "their own word", ReasoningConfig("high", 5, "auto", False), None),
    "metadata": ({}, {"a": 1}, None),
    "system_prompt": ("", "You", None),
    "attach": (True, False),
    "retry": (0, 5),
    "deadline": (5, 0.5, None),
    "transforms": ([], [Transform()], (Transform(),), [len], None),
    "token_price": (TokenPrice(1, 2), None),
}


def cases(table):
    return [(name, value) for name, values in table.items() for value in values]


@pytest.mark.parametrize(("name", "value"), cases(WRONG))
async def test_what_does_not_fit_is_told_by_name_and_nothing_is_sent(name, value):
    """By each way it can be said."""
    model = MockModel(["never"])
    node = ChatNode.root("S").add_user("Hi")
    with pytest.raises(ConfigurationError, match=rf"^{name} must be .*, not "):
        await node.complete(model, **{name: value})
    wire = name in {field.name for field in fields(CompletionParameters)}
    params = CompletionParameters(**{name: value}) if wire else NodeCompletionParameters(**{name: value})
    with pytest.raises(ConfigurationError, match=rf"^{name} must be"):
        await node.complete(model, params)
    assert model.requests == []


@pytest.mark.parametrize(("name", "value"), cases(RIGHT))
def test_what_fits_is_let_through(name, value):
    ChatNode.root("S").add_user("Hi").build_request(MockModel(), **{name: value})


def test_a_text_is_not_shown():
    """It may be a prompt."""
    with pytest.raises(ConfigurationError, match=re.escape("temperature must be a finite number, not str")):
        check({"temperature": "my secret prompt"})


def test_every_option_has_a_kind():
    known = {field.name for kind in (CompletionParameters, NodeCompletionParameters) for field in fields(kind)}
    assert known - ELSEWHERE == set(_KINDS)
    assert set(_KINDS) >= _NEVER_NONE


def test_whose_it_is_is_told():
    with pytest.raises(ConfigurationError, match=r"^the default of x: top_k must be"):
        check({"top_k": "5"}, "the default of x: ")
