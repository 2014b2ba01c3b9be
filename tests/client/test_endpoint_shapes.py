"""Every shape of endpoint, from the tree to a socket: path, query, signature, versions and body, whole and streamed.

The addresses are the rows' own; only the machine behind them is this one.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from minillm import ChatNode, GeneratorInfo, TimeoutExceeded
from minillm.transport import HTTPRequest, HTTPResponse, default_transport
from tests.scripted_server import Asked, events, scripted

KEY = "key-of-the-test-1234"
BEARER = {"Authorization": f"Bearer {KEY}"}


def token() -> str:
    return KEY


async def fetched_token() -> str:
    return KEY


@dataclass
class ToThisMachine:
    """Keeps which host was meant, and sends to a local server."""

    local: str
    meant: list[str] = field(default_factory=list)

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        parts = urlsplit(request.url)
        self.meant.append(f"{parts.scheme}://{parts.netloc}")
        query = f"?{parts.query}" if parts.query else ""
        return await default_transport().send(replace(request, url=f"{self.local}{parts.path}{query}"))


@dataclass(frozen=True)
class Shape:
    """An endpoint as its vendor documents it.

    Args:
        streamed: the path of a stream, where it is another one.
        body: what the body must hold; ``None`` for a key that must not be there.
    """

    make: Callable[[], GeneratorInfo]
    host: str
    path: str
    streamed: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: BEARER)
    body: Mapping[str, Any] = field(default_factory=dict)


ANTHROPIC = {"anthropic-version": "2023-06-01"}
VERTEX = "/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-5"
VERTEX_GEMINI = "/v1beta1/projects/p/locations/global/publishers/google/models/gemini-3"
AZURE = "https://res.openai.azure.com"

SHAPES = {
    "chat_v1": Shape(
        lambda: GeneratorInfo.openai("m", api_key=KEY),
        "https://api.openai.com",
        "/v1/chat/completions",
        body={"model": "m"},
    ),
    "chat_without_v1": Shape(
        lambda: GeneratorInfo.deepseek("m", api_key=KEY), "https://api.deepseek.com", "/chat/completions"
    ),
    "cloudflare_workers_ai": Shape(
        lambda: GeneratorInfo.cloudflare("@cf/meta/llama", account_id="acc", api_key=KEY),
        "https://api.cloudflare.com",
        "/client/v4/accounts/acc/ai/v1/chat/completions",
        body={"model": "@cf/meta/llama"},
    ),
    "responses": Shape(
        lambda: GeneratorInfo.openai("m", wire="openai_responses", api_key=KEY),
        "https://api.openai.com",
        "/v1/responses",
        body={"model": "m"},
    ),
    "azure_v1": Shape(
        lambda: GeneratorInfo.azure("mine", resource="res", api_key=KEY),
        AZURE,
        "/openai/v1/chat/completions",
        headers={"api-key": KEY},
        body={"model": "mine"},
    ),
    "azure_v1_responses": Shape(
        lambda: GeneratorInfo.azure("mine", resource="res", wire="openai_responses", api_key=KEY),
        AZURE,
        "/openai/v1/responses",
        headers={"api-key": KEY},
    ),
    "azure_dated": Shape(
        lambda: GeneratorInfo.azure("mine", resource="res", api_version="2025-04-01-preview", api_key=KEY),
        AZURE,
        "/openai/deployments/mine/chat/completions?api-version=2025-04-01-preview",
        headers={"api-key": KEY},
    ),
    "gemini_api": Shape(
        lambda: GeneratorInfo.gemini("gemini-3", api_key=KEY),
        "https://generativelanguage.googleapis.com",
        "/v1beta/models/gemini-3:generateContent",
        "/v1beta/models/gemini-3:streamGenerateContent?alt=sse",
        {"x-goog-api-key": KEY},
        {"model": None, "stream": None},
    ),
    "gemini_on_vertex": Shape(
        lambda: GeneratorInfo.vertex_gemini("gemini-3", project="p", api_key=token),
        "https://aiplatform.googleapis.com",
        f"{VERTEX_GEMINI}:generateContent",
        f"{VERTEX_GEMINI}:streamGenerateContent?alt=sse",
        body={"model": None, "stream": None},
    ),
    "anthropic": Shape(
        lambda: GeneratorInfo.anthropic("claude-5", api_key=KEY),
        "https://api.anthropic.com",
        "/v1/messages",
        headers={"x-api-key": KEY, **ANTHROPIC},
        body={"model": "claude-5", "anthropic_version": None},
    ),
    "anthropic_on_vertex": Shape(
        lambda: GeneratorInfo.vertex_anthropic("claude-5", project="p", location="us-east5", api_key=fetched_token),
        "https://us-east5-aiplatform.googleapis.com",
        f"{VERTEX}:rawPredict",
        f"{VERTEX}:streamRawPredict",
        body={"model": None, "anthropic_version": "vertex-2023-10-16"},
    ),
    "perplexity_sonar": Shape(
        lambda: GeneratorInfo.perplexity("sonar", api_key=KEY),
        "https://api.perplexity.ai",
        "/chat/completions",
        body={"model": "sonar", "stream_options": None},
    ),
    "perplexity_agent": Shape(
        lambda: GeneratorInfo.perplexity("perplexity/sonar", wire="openai_responses", api_key=KEY),
        "https://api.perplexity.ai",
        "/v1/responses",
    ),
    "xai_responses": Shape(
        lambda: GeneratorInfo.xai("grok-5", wire="openai_responses", api_key=KEY), "https://api.x.ai", "/v1/responses"
    ),
    "xai_messages": Shape(
        lambda: GeneratorInfo.xai("grok-5", wire="anthropic_messages", api_key=KEY),
        "https://api.x.ai",
        "/v1/messages",
        headers={**BEARER, **ANTHROPIC},
    ),
    "openrouter_responses": Shape(
        lambda: GeneratorInfo.openrouter("a/b", wire="openai_responses", api_key=KEY),
        "https://openrouter.ai",
        "/api/v1/responses",
        body={"model": "a/b"},
    ),
    "openrouter_messages": Shape(
        lambda: GeneratorInfo.openrouter("a/b", wire="anthropic_messages", api_key=KEY),
        "https://openrouter.ai",
        "/api/v1/messages",
        headers={**BEARER, **ANTHROPIC},
    ),
}

# ------------------------------------------------------------------ "Hello." as each wire says it, whole and streamed

_USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
_CHAT = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
_TURN = {"id": "r", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
_COUNTS = {"input_tokens": 5, "output_tokens": 2}
_ITEM = {
    "id": "i",
    "type": "message",
    "status": "completed",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Hello.", "annotations": []}],
}
_RESPONSE = {"id": "r", "object": "response", "created_at": 1, "model": "m", "status": "completed", "error": None}
_ANSWERED = {**_RESPONSE, "output": [_ITEM], "usage": {**_COUNTS, "total_tokens": 7}}
_CANDIDATE = {"content": {"role": "model", "parts": [{"text": "Hello."}]}, "finishReason": "STOP", "index": 0}
_GEMINI = {
    "candidates": [_CANDIDATE],
    "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7},
}


def _chat(key: str, finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    return {**_CHAT, "choices": [{"index": 0, key: message, "finish_reason": finish}]}


HELLO: dict[str, tuple[Mapping[str, Any], bytes]] = {
    "openai_chat_completions": (
        {**_chat("message", role="assistant", content="Hello."), "usage": _USAGE},
        events(_chat("delta", None, content="Hel"), {**_chat("delta", content="lo."), "usage": _USAGE}, done=True),
    ),
    "openai_responses": (
        _ANSWERED,
        events(
            {"type": "response.created", "response": {**_RESPONSE, "status": "in_progress", "output": []}},
            {"type": "response.output_item.added", "output_index": 0, "item": {**_ITEM, "content": []}},
            {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Hello."},
            {"type": "response.output_item.done", "output_index": 0, "item": _ITEM},
            {"type": "response.completed", "response": _ANSWERED},
        ),
    ),
    "anthropic_messages": (
        {**_TURN, "content": [{"type": "text", "text": "Hello."}], "stop_reason": "end_turn", "usage": _COUNTS},
        events(
            {"type": "message_start", "message": {**_TURN, "content": [], "stop_reason": None, "usage": _COUNTS}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello."}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
            {"type": "message_stop"},
        ),
    ),
    "gemini_generate_content": (_GEMINI, events(_GEMINI)),
}


async def whole(node: ChatNode, gen: GeneratorInfo) -> Any:
    return await node.complete(gen, retry=0)


async def streamed(node: ChatNode, gen: GeneratorInfo) -> Any:
    async with node.stream(gen, retry=0) as stream:
        return await stream.finish()


@pytest.mark.parametrize("ask", [whole, streamed])
@pytest.mark.parametrize("name", SHAPES)
async def test_the_endpoint_is_asked_as_its_vendor_documents(name: str, ask: Any) -> None:
    shape = SHAPES[name]
    generator = shape.make()
    body, stream = HELLO[generator.endpoint.wire]
    async with scripted(stream if ask is streamed else json.dumps(body).encode()) as server:
        transport = ToThisMachine(server.url)
        reply = await ask(ChatNode.root("Be brief.").add_user("Hi"), generator.replace(transport=transport))
    assert (reply.text, str(reply.response.finish_reason)) == ("Hello.", "stop")
    assert (reply.response.usage.input_tokens, reply.response.usage.output_tokens) == (5, 2)
    assert reply.message.origin == (generator.provider.name, generator.model)
    assert transport.meant == [shape.host]
    (asked,) = server.asked
    _check(asked, shape, stream=ask is streamed)


def _check(asked: Asked, shape: Shape, *, stream: bool) -> None:
    assert asked.path == (shape.streamed or shape.path if stream else shape.path)
    assert KEY not in asked.path
    assert KEY.encode() not in asked.raw
    sent = {name.lower(): value for name, value in asked.headers.items()}
    assert shape.headers.items() <= {**asked.headers, **sent}.items()
    assert [name for name, value in sent.items() if KEY in value] == [
        name.lower() for name, value in shape.headers.items() if KEY in value
    ]
    for key, value in shape.body.items():
        assert asked.body.get(key) == value
        assert value is not None or key not in asked.body
    if shape.streamed is None:
        assert asked.body.get("stream", False) is stream


@pytest.mark.parametrize("make", [GeneratorInfo.vertex_anthropic, GeneratorInfo.vertex_gemini])
async def test_a_vertex_token_is_fetched_for_each_request(make: Any) -> None:
    """They last an hour; the callable knows when the next one is due."""
    tokens = iter(["ya29.first-token", "ya29.second-token"])

    async def fresh() -> str:
        return next(tokens)

    generator = make("m-1", project="p", api_key=fresh)
    answer = json.dumps(HELLO[generator.endpoint.wire][0]).encode()
    async with scripted(answer, answer) as server:
        gen = generator.replace(transport=ToThisMachine(server.url))
        reply = await ChatNode.root().chat("Hi", gen, retry=0)
        await reply.chat("And again?", gen, retry=0, deadline=30)
    signed = [{name.lower(): value for name, value in asked.headers.items()} for asked in server.asked]
    assert [headers["authorization"] for headers in signed] == ["Bearer ya29.first-token", "Bearer ya29.second-token"]


async def test_the_models_own_words_say_their_type_on_responses() -> None:
    """It may be left out at OpenAI, but llama.cpp cannot tell what the item is."""
    generator = GeneratorInfo.openai("m", wire="openai_responses", api_key=KEY)
    async with scripted(json.dumps(_ANSWERED).encode()) as server:
        node = ChatNode.root().add_user("Hi").add_assistant("Hello.").add_user("And?")
        await node.complete(generator.replace(transport=ToThisMachine(server.url)), retry=0)
    assert server.asked[0].body["input"] == [
        {"role": "user", "content": "Hi"},
        {"type": "message", "role": "assistant", "content": "Hello."},
        {"role": "user", "content": "And?"},
    ]


async def test_the_deadline_stands_over_the_token_too() -> None:
    async def never() -> str:
        await asyncio.Event().wait()
        raise AssertionError

    gen = GeneratorInfo.vertex_gemini("m", project="p", api_key=never, transport=ToThisMachine("http://127.0.0.1:9"))
    with pytest.raises(TimeoutExceeded, match="deadline"):
        await ChatNode.root().chat("Hi", gen, deadline=0.05)


async def test_an_error_of_the_callable_is_raised_as_it_is() -> None:
    async def refused() -> str:
        raise PermissionError("log in again")

    gen = GeneratorInfo.vertex_gemini("m", project="p", api_key=refused, transport=ToThisMachine("http://127.0.0.1:9"))
    with pytest.raises(PermissionError, match="log in again"):
        await ChatNode.root().chat("Hi", gen)
