"""What holds for all calls of a run; what is no rule is named."""

from typing import Any

import pytest

from minillm import ConfigurationError, NodeCompletionParameters, RunLimits, tool
from minillm.chat.run_rules import rules_of


@tool
def add(a: int, b: int) -> int:
    return a + b


def test_nothing_said_has_defaults() -> None:
    rules = rules_of({}, None)
    assert (rules.offered, rules.tools, rules.approve, rules.limits, rules.on_interrupted) == (
        (),
        {},
        None,
        RunLimits(),
        "ask",
    )


def test_tools_of_the_call_win_over_those_of_its_parameters() -> None:
    params = NodeCompletionParameters(tools=[add])
    assert rules_of({}, params).tools == {"add": add}
    assert rules_of({}, params).offered == (add,)
    assert rules_of({"tools": None}, params).tools == {}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"limits": 5}, "RunLimits"),
        ({"approve": "yes"}, "approve must be a function"),
        ({"on_interrupted": "ignore"}, "'ask', 'rerun' or 'error'"),
        ({"tools": [add, add]}, "two tools"),
    ],
)
def test_what_is_no_rule_is_named(said: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        rules_of(said, None)
