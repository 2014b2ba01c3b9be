"""Parameters of a request, both ways."""

from typing import Any

import pytest

from minillm.report import Report, Severity
from minillm.types import CompletionParameters, ReasoningConfig, ResponseFormat
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.gemini_generate_content.parameters import decode_parameters, say_parameters


def said(report: Report | None = None, model: str | None = "gemini-3", **wanted: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    report = Report(strict=True) if report is None else report
    enc = Encoding("gemini_generate_content", Quirks(), report, asking=True)
    say_parameters(CompletionParameters(**wanted), model, out, enc)
    return out


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({"temperature": 0.5, "topP": 1, "topK": 3}, {"temperature": 0.5, "top_p": 1, "top_k": 3}),
        ({"maxOutputTokens": 9, "stopSequences": ["a"]}, {"max_tokens": 9, "stop": ("a",)}),
        ({"seed": 1, "candidateCount": 2}, {"seed": 1, "n": 2}),
        ({"responseLogprobs": True, "logprobs": 2}, {"logprobs": True, "top_logprobs": 2}),
        ({"responseModalities": ["TEXT", "IMAGE"]}, {"modalities": ("text", "image")}),
        ({"responseMimeType": "application/json"}, {"response_format": ResponseFormat("json")}),
        ({"thinkingConfig": {"thinkingLevel": "LOW"}}, {"reasoning": ReasoningConfig("low")}),
        (
            {"thinkingConfig": {"thinkingBudget": 8, "includeThoughts": True}},
            {"reasoning": ReasoningConfig(budget_tokens=8, summary="auto")},
        ),
    ],
)
def test_parameters_mean_this_and_come_back(config: dict[str, Any], wanted: dict[str, Any]) -> None:
    body = {"generationConfig": config}
    assert decode_parameters(body) == CompletionParameters(**wanted)
    assert said(**wanted) == body


@pytest.mark.parametrize(
    "config", [None, 1, {"temperature": "hot", "topK": None}, {"stopSequences": [1], "responseModalities": "TEXT"}]
)
def test_what_is_not_as_it_must_be_says_nothing(config: Any) -> None:
    assert decode_parameters({"generationConfig": config}) == CompletionParameters()


def test_models_before_3_take_a_budget_in_place_of_a_level() -> None:
    report = Report(strict=True)
    found = said(report, "gemini-2.5-flash", reasoning="low")
    assert found == {"generationConfig": {"thinkingConfig": {"thinkingBudget": 1024}}}
    assert [(loss.path, loss.severity) for loss in report.losses] == [("parameters.reasoning.effort", Severity.NOTE)]


def test_a_parameter_without_a_word_is_reported_once() -> None:
    report = Report()
    assert said(report, min_p=0.5) == {}
    assert [(loss.path, loss.severity) for loss in report.losses] == [("parameters.min_p", Severity.LOST)]
