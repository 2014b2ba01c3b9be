"""Parameters of a request, both ways; what this wire has no word for is reported."""

from typing import Any

import pytest

from minillm.report import Report, Severity
from minillm.types import CompletionParameters, ReasoningConfig, ResponseFormat
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.openai_responses.parameters import decode_parameters, say_parameters

WIRE = "openai_responses"


def said(report: Report | None = None, quirks: Quirks | None = None, **wanted: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    enc = Encoding(WIRE, quirks or Quirks(), Report(strict=True) if report is None else report, asking=True)
    say_parameters(CompletionParameters(**wanted), out, enc)
    return out


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"max_output_tokens": 9, "temperature": 0.5, "top_p": 1}, {"max_tokens": 9, "temperature": 0.5, "top_p": 1}),
        ({"store": False, "metadata": {"a": "b"}}, {"store": False, "metadata": {"a": "b"}}),
        ({"prompt_cache_key": "k", "safety_identifier": "u"}, {"cache_key": "k", "end_user": "u"}),
        (
            {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
            {"logprobs": True, "top_logprobs": 2},
        ),
        ({"reasoning": {"effort": "low"}}, {"reasoning": ReasoningConfig("low")}),
        (
            {"reasoning": {"effort": "high", "summary": "detailed"}},
            {"reasoning": ReasoningConfig("high", summary="detailed")},
        ),
        ({"text": {"verbosity": "low"}}, {"verbosity": "low"}),
        ({"text": {"format": {"type": "json_object"}}}, {"response_format": ResponseFormat("json")}),
        (
            {"text": {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": True}}},
            {"response_format": ResponseFormat("json_schema", SCHEMA, "n", None, strict=True)},
        ),
        ({"parallel_tool_calls": False}, {"parallel_tool_calls": False}),
        ({"service_tier": "flex"}, {"service_tier": "flex"}),
    ],
)
def test_parameters_mean_this_and_come_back(body: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert decode_parameters(body) == CompletionParameters(**wanted)
    assert said(**wanted) == body


@pytest.mark.parametrize(
    "body",
    [
        {"max_output_tokens": "x", "temperature": "hot", "top_p": None, "store": 1, "metadata": []},
        {"reasoning": "low", "text": "plain", "include": "all", "service_tier": 1},
        {"text": {"format": {"type": "novel"}}},
        {"text": {"format": {"type": "json_schema"}}},
    ],
)
def test_what_is_not_as_it_must_be_says_nothing(body: dict[str, Any]) -> None:
    assert decode_parameters(body) == CompletionParameters()


@pytest.mark.parametrize(
    ("wanted", "severity"),
    [
        ({"top_k": 3}, Severity.LOST),
        ({"seed": 1}, Severity.LOST),
        ({"n": 2}, Severity.LOST),
        ({"stop": ["a"]}, Severity.LOST),
        ({"frequency_penalty": 0.5}, Severity.LOST),
        ({"logit_bias": {"1": 2}}, Severity.LOST),
        ({"service_tier": "standard_only"}, Severity.LOST),
        ({"prediction": {"type": "content"}}, Severity.NOTE),
    ],
)
def test_parameters_without_a_word_are_reported_once(wanted: dict[str, Any], severity: Severity) -> None:
    report = Report()
    assert said(report, **wanted) == {}
    assert told(report) == [(f"parameters.{next(iter(wanted))}", severity)]


@pytest.mark.parametrize("wanted", [{"n": 1}, {"frequency_penalty": 0}, {"modalities": ("text",)}, {"seed": None}])
def test_what_says_nothing_is_no_loss(wanted: dict[str, Any]) -> None:
    assert said(**wanted) == {}


def test_what_a_host_does_not_take_is_not_sent() -> None:
    report = Report()
    assert said(report, Quirks(unsupported=frozenset({"temperature"})), temperature=1) == {}
    assert told(report) == [("parameters.temperature", Severity.LOST)]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("none", {"effort": "none"}),
        (ReasoningConfig(exclude=False), {"summary": "auto"}),
        (ReasoningConfig("low", summary="auto", exclude=True), {"effort": "low"}),
    ],
)
def test_wishes_to_think(config: Any, expected: dict[str, Any]) -> None:
    assert said(reasoning=config)["reasoning"] == expected


def test_a_budget_of_thinking_is_lost() -> None:
    report = Report()
    assert said(report, reasoning=ReasoningConfig(budget_tokens=1024)) == {}
    assert told(report) == [("parameters.reasoning.budget_tokens", Severity.LOST)]


def test_a_schema_has_a_name() -> None:
    """The vendor demands one."""
    body = said(response_format=ResponseFormat("json_schema", SCHEMA, description="d", strict=False))
    assert body["text"]["format"] == {
        "type": "json_schema",
        "name": "answer",
        "schema": SCHEMA,
        "description": "d",
        "strict": False,
    }
    assert said(response_format=ResponseFormat("text")) == {"text": {"format": {"type": "text"}}}


def test_parallel_calls_are_only_spoken_of_where_there_are_tools() -> None:
    assert said(parallel_tool_calls=True) == {}
