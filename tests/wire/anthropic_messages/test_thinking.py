"""Thinking on Messages: which field a model takes, and what is told where it takes another."""

from typing import Any

import pytest

from minillm import ChatRequest, CompletionParameters, Message, ReasoningConfig
from minillm.report import Report
from minillm.types import Severity
from minillm.wire import get_codec

CODEC = get_codec("anthropic_messages")
ADAPTIVE = {"type": "adaptive"}


def asked(model: str, reasoning: Any, report: Report, **parameters: Any) -> dict[str, Any]:
    """What a request says of thinking, and of ``parameters``; the ceiling nobody set is test_ceiling's."""
    request = ChatRequest(
        model,
        (Message("user", "Hi"),),
        parameters=CompletionParameters(reasoning=reasoning, **parameters),
    )
    body = CODEC.encode_request(request, report=report)
    return {key: body[key] for key in ("thinking", "output_config", *parameters) if key in body}


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path.removeprefix("parameters.reasoning."), loss.severity) for loss in report.losses]


OLD = ["claude-3-7-sonnet-20250219", "claude-sonnet-4-20250514", "claude-opus-4-1", "claude-haiku-4-5-20251001"]
BOTH = ["claude-opus-4-6", "claude-sonnet-4.6"]
NEW = ["claude-sonnet-5", "claude-opus-5-5-20261001", "claude-haiku-5-5"]


@pytest.mark.parametrize("model", OLD)
@pytest.mark.parametrize(
    ("effort", "budget"),
    [("minimal", 1024), ("low", 2048), ("medium", 8192), ("high", 16384), ("xhigh", 24576), ("max", 24576)],
)
def test_older_models_take_a_budget_for_an_effort(model: str, effort: str, budget: int) -> None:
    report = Report()
    enabled = {"type": "enabled", "budget_tokens": budget}
    assert asked(model, effort, report) == {"thinking": enabled}
    assert told(report) == [("effort", Severity.NOTE)]


def test_a_ceiling_leaves_room_for_the_answer() -> None:
    report = Report()
    assert asked(OLD[0], "high", report, max_tokens=4000) == {
        "thinking": {"type": "enabled", "budget_tokens": 3000},
        "max_tokens": 4000,
    }
    assert asked(OLD[0], "high", report, max_tokens=1000) == {"max_tokens": 1000}
    assert told(report) == [("effort", Severity.NOTE), ("effort", Severity.LOST)]


def test_a_word_of_a_hosts_own_has_no_budget() -> None:
    report = Report()
    assert asked(OLD[0], "heroic", report) == {}
    assert told(report) == [("effort", Severity.LOST)]


@pytest.mark.parametrize("model", OLD)
def test_older_models_take_the_budget_that_was_given(model: str) -> None:
    report = Report(strict=True)
    config = ReasoningConfig("high", 2000)
    enabled = {"type": "enabled", "budget_tokens": 2000}
    assert asked(model, config, report) == {"thinking": enabled}


@pytest.mark.parametrize("model", [*BOTH, *NEW, "deepseek-chat", "claude-x"])
def test_others_take_an_effort(model: str) -> None:
    report = Report(strict=True)
    expected = {"thinking": ADAPTIVE, "output_config": {"effort": "high"}}
    assert asked(model, "high", report) == expected
    assert told(report) == []


@pytest.mark.parametrize("model", NEW)
def test_the_newest_take_no_budget(model: str) -> None:
    report = Report()
    assert asked(model, ReasoningConfig(budget_tokens=2000), report) == {"thinking": ADAPTIVE}
    assert told(report) == [("budget_tokens", Severity.DEGRADED)]
    both = asked(model, ReasoningConfig("low", 2000), report)
    assert both == {"thinking": ADAPTIVE, "output_config": {"effort": "low"}}


@pytest.mark.parametrize("model", [*OLD, *BOTH, "claude-sonnet-5"])
def test_none_turns_it_off(model: str) -> None:
    report = Report(strict=True)
    assert asked(model, "none", report) == {"thinking": {"type": "disabled"}}


@pytest.mark.parametrize("model", ["claude-opus-5-5", "claude-fable-5-1"])
def test_some_cannot_be_kept_from_it(model: str) -> None:
    report = Report()
    expected = {"thinking": ADAPTIVE, "output_config": {"effort": "low"}}
    assert asked(model, "none", report) == expected
    assert told(report) == [("effort", Severity.DEGRADED)]


@pytest.mark.parametrize("model", [*OLD, *BOTH, *NEW])
@pytest.mark.parametrize(
    "said",
    [
        {"thinking": {"type": "enabled", "budget_tokens": 2000}},
        {"thinking": {"type": "disabled"}},
        {"thinking": ADAPTIVE},
        {"thinking": ADAPTIVE, "output_config": {"effort": "high"}},
        {"thinking": {"type": "adaptive", "display": "omitted"}},
        {"output_config": {"effort": "low"}},
    ],
)
def test_a_body_of_this_wire_goes_back_as_it_came(model: str, said: dict[str, Any]) -> None:
    """Whatever the model: who wrote it may know better."""
    body = {"model": model, "max_tokens": 5000, "messages": [{"role": "user", "content": "Hi"}], **said}
    assert CODEC.encode_request(CODEC.decode_request(body), report=Report(strict=True)) == body
