"""Exact counts: each wire's own endpoint, with the keys, headers and errors of every other call."""

import json

import pytest

from minillm import (
    AuthenticationError,
    ConfigurationError,
    DecodeError,
    GeneratorInfo,
    MockTransport,
)
from minillm.client.counting import count_tokens
from minillm.policies.options import CallOptions
from minillm.types import ChatRequest, CompletionParameters, Message, ToolDefinition

REQUEST = ChatRequest(
    None,
    (Message("system", "Terse."), Message("user", "Hi")),
    (ToolDefinition("add", "Adds.", {"type": "object"}),),
    parameters=CompletionParameters(max_tokens=9, temperature=0.5),
)
KEY = {"api_key": "k-canary-123456"}


async def counted(gen, answer):
    transport = MockTransport.json(answer)
    number = await count_tokens(gen.replace(transport=transport), REQUEST, CallOptions())
    (sent,) = transport.requests
    return number, sent, json.loads(sent.body)


async def test_anthropic():
    """The body without what only an answer needs: the endpoint refuses it."""
    number, sent, body = await counted(GeneratorInfo.anthropic("claude-x", **KEY), {"input_tokens": 14})
    assert (number, sent.url) == (14, "https://api.anthropic.com/v1/messages/count_tokens")
    assert set(body) == {"model", "system", "messages", "tools"}
    assert sent.headers["x-api-key"] == "k-canary-123456"


async def test_gemini():
    """Inside the whole request, else instructions and tools would not be counted."""
    number, sent, body = await counted(GeneratorInfo.gemini("gemini-x", **KEY), {"totalTokens": 31})
    assert number == 31
    assert sent.url == "https://generativelanguage.googleapis.com/v1beta/models/gemini-x:countTokens"
    inner = body["generateContentRequest"]
    assert inner["model"] == "models/gemini-x"
    assert {"contents", "systemInstruction", "tools"} <= set(inner)


async def test_gemini_on_vertex():
    gen = GeneratorInfo.vertex_gemini("gemini-x", project="p", location="us-east5", api_key=lambda: "token-123456")
    number, sent, body = await counted(gen, {"totalTokens": 31, "totalBillableCharacters": 5})
    assert number == 31
    assert sent.url.endswith("/projects/p/locations/us-east5/publishers/google/models/gemini-x:countTokens")
    assert {"contents", "systemInstruction", "tools"} <= set(body)


@pytest.mark.parametrize("wire", [None, "openai_responses"])
async def test_openai_counts_on_responses(wire):
    answer = {"object": "response.input_tokens", "input_tokens": 11}
    number, sent, body = await counted(GeneratorInfo.openai("gpt-x", wire=wire, **KEY), answer)
    assert (number, sent.url) == (11, "https://api.openai.com/v1/responses/input_tokens")
    assert set(body) == {"model", "instructions", "input", "tools"}


async def test_a_server_of_ones_own_that_speaks_such_a_wire_is_asked():
    gen = GeneratorInfo.custom("m", base_url="http://127.0.0.1:9/v1", wire="anthropic_messages", **KEY)
    number, sent, _ = await counted(gen, {"input_tokens": 2})
    assert (number, sent.url) == (2, "http://127.0.0.1:9/v1/messages/count_tokens")


@pytest.mark.parametrize(
    "gen",
    [
        GeneratorInfo.groq("m", **KEY),
        GeneratorInfo.openai("m", base_url="https://gateway.test/v1", **KEY),
        GeneratorInfo.vertex_anthropic("m", project="p", location="us", api_key=lambda: "token-123456"),
    ],
    ids=["groq", "gateway", "vertex"],
)
async def test_a_host_that_does_not_count_says_so_before_anything_is_sent(gen):
    transport = MockTransport.json({})
    with pytest.raises(ConfigurationError, match=r"no endpoint that counts tokens on .*; estimate\(\) needs none"):
        await count_tokens(gen.replace(transport=transport), REQUEST, CallOptions())
    assert transport.requests == []


@pytest.mark.parametrize(
    "answer", [{}, [], {"input_tokens": None}, {"input_tokens": "3"}, {"input_tokens": -1}, {"input_tokens": True}]
)
async def test_an_answer_without_a_number_is_told(answer):
    with pytest.raises(DecodeError, match="input_tokens"):
        await counted(GeneratorInfo.anthropic("claude-x", **KEY), answer)


async def test_refusals_are_typed_and_show_no_key():
    body = {"type": "error", "error": {"type": "authentication_error", "message": "bad key k-canary-123456"}}
    transport = MockTransport.json(body, status=401)
    gen = GeneratorInfo.anthropic("claude-x", transport=transport, **KEY)
    with pytest.raises(AuthenticationError) as caught:
        await count_tokens(gen, REQUEST, CallOptions(deadline=5))
    assert "k-canary" not in str(caught.value)
    assert caught.value.host == "anthropic"
