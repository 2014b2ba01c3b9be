"""From what was asked to what this host is asked, and the losses on the way."""

import json
import warnings
from dataclasses import fields, replace

import pytest

from minillm import (
    ChatRequest,
    CompletionParameters,
    EncodeError,
    GeneratorInfo,
    LossWarning,
    Message,
    MockTransport,
    ReasoningPart,
)
from minillm.client import HTTPModel
from minillm.client.adapt import adapt
from minillm.policies.options import CallOptions

from .hosts import PIECES, REQUEST, ok, whole

# Perplexity takes no seed, and says so on its row.
SEEDED = ChatRequest(None, (Message("user", "Hi"),), parameters=CompletionParameters(seed=7, temperature=0.5))


def perplexity(**options):
    transport = MockTransport(lambda _: ok())
    gen = GeneratorInfo.perplexity("sonar", api_key="k-123456", transport=transport)
    return transport, HTTPModel(gen, CallOptions(**options))


def body(transport):
    return json.loads(transport.requests[-1].body)


async def test_what_the_host_does_not_take_is_warned_about_by_default():
    transport, model = perplexity()
    with pytest.warns(LossWarning, match="perplexity:sonar cannot take: .*seed"):
        response = await model.complete(SEEDED)
    assert "seed" not in body(transport)
    assert body(transport)["temperature"] == 0.5
    assert [loss.path for loss in response.losses] == ["parameters.seed"]


async def test_it_may_be_dropped_without_a_word_but_never_in_silence():
    """The response still tells."""
    transport, model = perplexity(unsupported="drop")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        response = await model.complete(SEEDED)
    assert response.losses
    assert "seed" not in body(transport)


async def opened(model):
    async with model.stream(SEEDED):
        pytest.fail("it must not open")


async def completed(model):
    await model.complete(SEEDED)


@pytest.mark.parametrize("ask", [completed, opened])
async def test_it_may_be_an_error_and_nothing_is_sent(ask):
    transport, model = perplexity(unsupported="error")
    with pytest.raises(EncodeError, match="'warn' or 'drop' sends the rest") as caught:
        await ask(model)
    assert caught.value.path == "parameters.seed"
    assert transport.requests == []


async def test_losses_are_on_a_streams_response_too():
    transport = MockTransport.sse(PIECES)
    gen = GeneratorInfo.perplexity("sonar", api_key="k-123456", transport=transport)
    async with HTTPModel(gen, CallOptions(unsupported="drop")).stream(SEEDED) as stream:
        assert stream.losses
        assert (await stream.collect()).losses == stream.losses


async def test_what_is_only_a_note_never_fails_a_call():
    """Another model's thinking is left out, and that is as it should be."""
    transport = MockTransport([ok()])
    gen = GeneratorInfo.openai("m", api_key="k-123456", transport=transport)
    thinking = Message("assistant", [ReasoningPart("hm", sealed="x")], origin=("anthropic", "claude"))
    request = ChatRequest(None, (Message("user", "Hi"), thinking, Message("user", "And?")))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await HTTPModel(gen, CallOptions(unsupported="error")).complete(request)


def adapted(request=REQUEST, *, stream=False, **options):
    return adapt(request, GeneratorInfo.openai("m"), CallOptions(**options), stream=stream)


def test_the_generators_model_is_asked_unless_the_request_names_one():
    assert adapted().model == "m"
    assert adapted(ChatRequest("other")).model == "other"


def test_usage_is_asked_for_unless_told_otherwise():
    assert adapted().include_usage is True
    assert adapted(track_cost=True).include_usage is True
    assert adapted(track_cost=False).include_usage is None
    assert adapted(ChatRequest("m", include_usage=False)).include_usage is False


def test_a_request_that_fits_already_is_the_same_object():
    """Building it anew costs more than all the rest of this step."""
    request = ChatRequest("m", include_usage=True)
    assert adapted(request) is request
    assert adapted(request, stream=True) == ChatRequest("m", stream=True, include_usage=True)


@pytest.mark.parametrize("track_cost", [None, True, False])
async def test_streams_ask_for_usage_where_the_host_understands_it(track_cost):
    transport = MockTransport(lambda _: ok())
    gen = GeneratorInfo.openai("m", api_key="k-123456", transport=transport)
    async with HTTPModel(gen, CallOptions(track_cost=track_cost)).stream(REQUEST) as stream:
        await stream.collect()
    assert body(transport).get("stream_options") == (None if track_cost is False else {"include_usage": True})
    assert whole()["usage"]


def test_what_is_filled_in_leaves_all_else_as_it_was():
    """It is made field by field: one that is added to requests must be carried along."""
    given = {item.name: object() for item in fields(ChatRequest)}
    request = ChatRequest(**{**given, "model": None, "stream": False, "include_usage": None})
    gen = GeneratorInfo.perplexity("sonar", api_key="k-123456")
    assert adapt(request, gen, CallOptions(), stream=True) == replace(
        request, model="sonar", stream=True, include_usage=True
    )
    assert adapt(request, gen, CallOptions(), stream=True).native is request.native
