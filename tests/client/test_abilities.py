"""Functions, thinking and parameters that a model does not take: left out, told, and judged as losses are."""

import json

import pytest

from minillm import (
    ChatRequest,
    CompletionParameters,
    EncodeError,
    GeneratorInfo,
    LossWarning,
    Message,
    MockTransport,
    ToolChoice,
    ToolDefinition,
)
from minillm.client import HTTPModel
from minillm.client.abilities import fitted_abilities
from minillm.policies.options import CallOptions
from minillm.providers import Capabilities
from minillm.report import Report

TOOL = ToolDefinition("f", parameters={"type": "object", "properties": {}})


def fitted(gen, **said):
    report = Report()
    request = ChatRequest(gen.model, (Message("user", "Hi"),), **said)
    return request, fitted_abilities(request, gen, gen.capabilities, report), report.losses


def test_sampling_of_models_that_fix_it():
    asked = CompletionParameters(temperature=0.2, top_p=None, max_tokens=9)
    request, kept, losses = fitted(GeneratorInfo.openai("o3-mini"), parameters=asked)
    assert kept.parameters.temperature is None
    assert kept.parameters.max_tokens == 9
    assert [(loss.path, loss.severity) for loss in losses] == [("parameters.temperature", "lost")]
    assert "o3-mini at OpenAI does not take it" in losses[0].reason
    assert request.parameters is asked


def test_functions_where_none_are_offered():
    _, kept, losses = fitted(GeneratorInfo.perplexity("sonar"), tools=(TOOL,), tool_choice=ToolChoice("auto"))
    assert (kept.tools, kept.tool_choice) == ((), None)
    assert "sonar at Perplexity is offered none" in losses[0].reason


def test_thinking_where_there_is_none():
    gen = GeneratorInfo.openai("m", takes=Capabilities(reasoning=False))
    _, kept, losses = fitted(gen, parameters=CompletionParameters(reasoning="high"))
    assert kept.parameters.reasoning is None
    assert [loss.path for loss in losses] == ["parameters.reasoning"]


def test_nothing_to_leave_out_is_the_same_object():
    for gen in (
        GeneratorInfo.openai("o3"),
        GeneratorInfo.anthropic("claude-x"),
        GeneratorInfo.custom("m", base_url="https://h.test"),
    ):
        request, kept, losses = fitted(gen, parameters=CompletionParameters(max_tokens=5, temperature=None))
        assert kept is request
        assert losses == ()


def test_a_quirk_of_the_dialect_is_the_codecs_to_tell():
    """Else it would be told twice."""
    request, kept, losses = fitted(GeneratorInfo.openai("o3"), parameters=CompletionParameters(top_k=3))
    assert kept is request
    assert losses == ()


@pytest.mark.parametrize("unsupported", ["warn", "error", "drop"])
async def test_it_is_judged_as_every_loss_is(unsupported):
    answer = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}
    transport = MockTransport.json(answer)
    gen = GeneratorInfo.openai("o3", api_key="k-123456", transport=transport)
    model = HTTPModel(gen, CallOptions(unsupported=unsupported))
    request = ChatRequest(None, (Message("user", "Hi"),), parameters=CompletionParameters(temperature=0.2))
    if unsupported == "error":
        with pytest.raises(EncodeError, match="temperature"):
            await model.complete(request)
        assert transport.requests == []
        return
    if unsupported == "warn":
        with pytest.warns(LossWarning, match="temperature"):
            response = await model.complete(request)
    else:
        response = await model.complete(request)
    assert "temperature" not in json.loads(transport.requests[0].body)
    assert [loss.path for loss in response.losses] == ["parameters.temperature"]
