"""Rows that depend on what the user says, seen from what is sent."""

import contextlib
from collections.abc import Callable

import pytest

from minillm import ChatNode, ConnectError, GeneratorInfo, MockTransport
from minillm.transport import HTTPRequest

KEY = "key-of-the-test-1234"


async def sent_by(generator: GeneratorInfo, *, stream: bool = False) -> HTTPRequest:
    transport = MockTransport([ConnectError("as far as this goes")])
    node, reached = ChatNode.root("Be brief.").add_user("Hi"), generator.replace(transport=transport)
    with contextlib.suppress(ConnectError):
        if stream:
            await node.stream(reached, retry=0).__aenter__()
        else:
            await node.complete(reached, retry=0)
    return transport.requests[0]


CASES: list[tuple[Callable[[], GeneratorInfo], bool, str, str]] = [
    (
        lambda: GeneratorInfo.vertex_gemini("gemini-3-pro", project="p", api_key=lambda: KEY),
        True,
        (
            "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global"
            "/publishers/google/models/gemini-3-pro:streamGenerateContent?alt=sse"
        ),
        "authorization",
    ),
    (
        lambda: GeneratorInfo.vertex_anthropic("claude", project="p", location="us-east5", api_key=lambda: KEY),
        False,
        (
            "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5"
            "/publishers/anthropic/models/claude:rawPredict"
        ),
        "authorization",
    ),
    (
        lambda: GeneratorInfo.azure("mine", resource="res", api_version="2025-04-01-preview", api_key=KEY),
        False,
        "https://res.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2025-04-01-preview",
        "api-key",
    ),
    (
        lambda: GeneratorInfo.azure("mine", resource="res", wire="openai_responses", api_key=KEY),
        False,
        "https://res.openai.azure.com/openai/v1/responses",
        "api-key",
    ),
    (
        lambda: GeneratorInfo.gemini("gemini-3-pro", api_key=KEY),
        False,
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent",
        "x-goog-api-key",
    ),
    (
        lambda: GeneratorInfo.anthropic("claude", api_key=KEY),
        True,
        "https://api.anthropic.com/v1/messages",
        "x-api-key",
    ),
    (
        lambda: GeneratorInfo.custom("m", base_url="http://127.0.0.1:9/v1", wire="anthropic_messages", api_key=KEY),
        False,
        "http://127.0.0.1:9/v1/messages",
        "x-api-key",
    ),
    (
        lambda: GeneratorInfo.openai("gpt-5.4", wire="openai_responses", api_key=KEY),
        False,
        "https://api.openai.com/v1/responses",
        "authorization",
    ),
]


@pytest.mark.parametrize(("make", "stream", "url", "header"), CASES)
async def test_each_endpoint_is_addressed_and_signed_as_its_vendor_documents(
    make: Callable[[], GeneratorInfo], stream: bool, url: str, header: str
) -> None:
    request = await sent_by(make(), stream=stream)
    assert request.url == url
    assert KEY in request.headers[header]
    assert KEY not in request.url


async def test_anthropic_is_told_its_version() -> None:
    request = await sent_by(GeneratorInfo.anthropic("claude", api_key=KEY))
    assert request.headers["anthropic-version"] == "2023-06-01"
