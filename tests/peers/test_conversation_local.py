"""The real local model on its three wires: text, several turns, streams, and a tool called and answered.

Nothing here looks at what the model says, only at the structure of it, and at how many tokens the server
counted: the same conversation must come to the same prompt whatever wire it went by.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from minillm import ChatNode, GeneratorInfo
from minillm.types import ToolCallPart, ToolDefinition, ToolResultPart
from tests.local.conftest import demand_model

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="module")]

LOCAL_WIRES = ("openai_chat_completions", "openai_responses", "anthropic_messages")
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = ToolDefinition("get_weather", "The weather in a city", CITY)
POLITE = "You are a helpful assistant."

Ask = Callable[..., Awaitable[Any]]


async def whole(node: ChatNode, gen: GeneratorInfo, **options: Any) -> Any:
    return await node.complete(gen, temperature=0.0, retry=0, **options)


async def streamed(node: ChatNode, gen: GeneratorInfo, **options: Any) -> Any:
    async with node.stream(gen, temperature=0.0, retry=0, **options) as stream:
        heard = "".join([chunk.delta async for chunk in stream])
        reply = await stream.finish()
    assert heard == reply.text
    return reply


WAYS = pytest.mark.parametrize("ask", [whole, streamed])
WIRES = pytest.mark.parametrize("wire", LOCAL_WIRES)


def generator(wire: str) -> GeneratorInfo:
    demand_model()
    return GeneratorInfo.local(wire=wire)


@WAYS
@WIRES
async def test_several_turns(wire: str, ask: Ask) -> None:
    gen = generator(wire)
    node, prompts = ChatNode.root(POLITE), []
    for question in ("What is the capital of France?", "And of Italy?", "Which is older?"):
        node = await ask(node.add_user(question), gen, max_tokens=12)
        response = node.response
        assert node.text
        assert response.finish_reason in ("stop", "length")
        assert 0 < response.usage.output_tokens <= 12
        assert node.message.origin == ("local", gen.model)
        prompts.append(response.usage.input_tokens)
    assert prompts == sorted(set(prompts))  # each prompt holds all that was said before
    assert [each.message.role for each in node.path()] == ["system", *("user", "assistant") * 3]


@WAYS
async def test_a_conversation_is_the_same_prompt_on_every_wire(ask: Ask) -> None:
    """By the server's own count of its tokens, tools, calls and results included."""
    question = ChatNode.root(POLITE).add_user("What is the weather in Lisbon?")
    call = question.add_assistant([ToolCallPart("call_1", "get_weather", '{"city": "Lisbon"}')])
    result = call.add_tool_results([ToolResultPart("call_1", "get_weather", "Sunny, 24 degrees")])
    after = result.add_assistant("It is sunny.").add_user("And in Porto?")
    for node in (question, result, after):
        counts = set()
        for wire in LOCAL_WIRES:
            reply = await ask(node, generator(wire), tools=[WEATHER], max_tokens=1, attach=False)
            counts.add(reply.response.usage.input_tokens)
        assert len(counts) == 1, counts


@WAYS
@WIRES
async def test_a_tool_is_called_and_answered(wire: str, ask: Ask) -> None:
    gen = generator(wire)
    called = await _called(gen, ask)
    (call,) = called.message.tool_calls
    assert called.response.finish_reason == "tool_calls"
    assert call.id
    assert call.name == "get_weather"
    assert isinstance(call.parse_arguments()["city"], str)
    assert not call.incomplete

    results = called.add_tool_results([ToolResultPart(call.id, call.name, "Sunny, 24 degrees")])
    answer = await ask(results, gen, tools=[WEATHER], max_tokens=40)
    assert answer.text
    assert not answer.message.tool_calls
    assert answer.response.usage.input_tokens > called.response.usage.input_tokens
    assert [node.message.role for node in answer.path()] == ["system", "user", "assistant", "tool", "assistant"]


async def _called(gen: GeneratorInfo, ask: Ask) -> Any:
    """A reply with a call: a model of 135 million parameters may miss once, not for every city."""
    for city in ("Lisbon", "Rome", "Paris"):
        question = ChatNode.root(POLITE).add_user(f"What is the weather in {city}?")
        reply = await ask(question, gen, tools=[WEATHER], max_tokens=80)
        if reply.message.tool_calls:
            return reply
    pytest.fail("no question made the model call its tool")
