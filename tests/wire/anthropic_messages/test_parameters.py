"""Parameters of a request, both ways."""

from typing import Any

import pytest

from minillm.report import Report, Severity
from minillm.types import CompletionParameters, ReasoningConfig, ResponseFormat
from minillm.wire.anthropic_messages.parameters import decode_parameters, say_parameters
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding


def said(report: Report | None = None, **wanted: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    enc = Encoding("anthropic_messages", Quirks(), Report(strict=True) if report is None else report, asking=True)
    say_parameters(CompletionParameters(**wanted), out, enc)
    return out


SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"temperature": 0.5, "top_p": 1, "top_k": 3}, {"temperature": 0.5, "top_p": 1, "top_k": 3}),
        ({"stop_sequences": ["a"]}, {"stop": ("a",)}),
        ({"metadata": {"user_id": "u"}}, {"end_user": "u"}),
        ({"service_tier": "standard_only"}, {"service_tier": "standard_only"}),
        ({"thinking": {"type": "disabled"}}, {"reasoning": ReasoningConfig("none")}),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2000, "display": "omitted"}},
            {"reasoning": ReasoningConfig(budget_tokens=2000, exclude=True)},
        ),
        (
            {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "max"}},
            {"reasoning": ReasoningConfig("max", summary="auto")},
        ),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
            {"response_format": ResponseFormat("json_schema", SCHEMA)},
        ),
    ],
)
def test_parameters_mean_this_and_come_back(body: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert decode_parameters({"max_tokens": 9, **body}) == CompletionParameters(max_tokens=9, **wanted)
    assert said(max_tokens=9, **wanted) == {"max_tokens": 9, **body}


@pytest.mark.parametrize(
    "body",
    [
        {"max_tokens": "x", "temperature": "hot", "top_p": None, "stop_sequences": [1], "service_tier": "novel"},
        {"metadata": None, "thinking": None, "output_config": {}},
        {"metadata": {"user_id": None}, "output_config": {"format": {"type": "x"}, "effort": None}},
    ],
)
def test_what_is_not_as_it_must_be_says_nothing(body: dict[str, Any]) -> None:
    assert decode_parameters(body) == CompletionParameters()


def test_the_ceiling_is_demanded_and_a_budget_comes_on_top() -> None:
    assert said() == {"max_tokens": 4096}
    assert said(reasoning=ReasoningConfig(budget_tokens=1024))["max_tokens"] == 5120


@pytest.mark.parametrize(
    ("wanted", "severity"),
    [
        ({"seed": 1}, Severity.LOST),
        ({"min_p": 0.5}, Severity.LOST),
        ({"service_tier": "flex"}, Severity.LOST),
        ({"cache_key": "k"}, Severity.NOTE),
    ],
)
def test_parameters_without_a_word_are_reported_once(wanted: dict[str, Any], severity: Severity) -> None:
    report = Report()
    assert said(report, **wanted) == {"max_tokens": 4096}
    assert [(loss.path, loss.severity) for loss in report.losses] == [(f"parameters.{next(iter(wanted))}", severity)]
