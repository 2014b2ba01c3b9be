"""Three rounds of two calls side by side on each of four hosts: whole turns go back, results in the calls' order."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import anyio
import pytest

from minillm import ChatNode, RunLimits, RunStopped, tool
from minillm.chat import CallFinished, RoundStarted, Run
from minillm.types import ReasoningDelta, ToolCallDelta
from tests.chat.sealed_turns import THOUGHT, TURNS
from tests.scripted_server import scripted

ROUNDS = 3
# No bills are looked up behind our back: the server's answers are counted.
QUIET: dict[str, Any] = {"retry": 0, "track_cost": False}
IDS = ("toolu_height", "toolu_age", "call_fc_1", "call_fc_2", "fc-1", "fc-2", "call_1", "call_2")
Body = Mapping[str, Any]


def of_round(text: str, number: int) -> str:
    """The same turn with ids of its own, as no host uses one twice."""
    for id in IDS:
        text = text.replace(f'"{id}"', f'"{id}_{number}"')
    return text


def turns_in_anthropic(body: Body) -> list[Any]:
    return [message["content"] for message in body["messages"] if message["role"] == "assistant"]


def turns_in_responses(body: Body) -> list[Any]:
    items = [item for item in body["input"] if item.get("type") in ("reasoning", "function_call")]
    return [items[at : at + 3] for at in range(0, len(items), 3)]


def turns_in_gemini(body: Body) -> list[Any]:
    return [content["parts"] for content in body["contents"] if content["role"] == "model"]


def turns_in_chat(body: Body) -> list[Any]:
    said = [message for message in body["messages"] if message["role"] == "assistant"]
    return [{name: message.get(name) for name in ("reasoning_details", "tool_calls")} for message in said]


def results_in_anthropic(body: Body) -> list[Any]:
    blocks = [block for message in body["messages"] if message["role"] == "user" for block in message["content"]]
    return [block["tool_use_id"] for block in blocks if isinstance(block, dict) and block["type"] == "tool_result"]


def results_in_responses(body: Body) -> list[Any]:
    return [item["call_id"] for item in body["input"] if item.get("type") == "function_call_output"]


def results_in_gemini(body: Body) -> list[Any]:
    parts = [part for content in body["contents"] for part in content["parts"]]
    return [part["functionResponse"]["id"] for part in parts if "functionResponse" in part]


def results_in_chat(body: Body) -> list[Any]:
    return [message["tool_call_id"] for message in body["messages"] if message["role"] == "tool"]


READERS: Mapping[str, tuple[Callable[[Body], list[Any]], Callable[[Body], list[Any]]]] = {
    "anthropic": (turns_in_anthropic, results_in_anthropic),
    "responses": (turns_in_responses, results_in_responses),
    "gemini": (turns_in_gemini, results_in_gemini),
    "openrouter": (turns_in_chat, results_in_chat),
}


def towers() -> list[Any]:
    """Two tools of which the first waits for the second: results never come in the order of the calls."""
    second = anyio.Event()

    @tool
    async def height_of(tower: str) -> int:
        nonlocal second
        await second.wait()
        second = anyio.Event()
        return 31

    @tool
    async def age_of(tower: str, unit: str) -> int:
        second.set()
        return 150

    return [height_of, age_of]


async def awaited(run: Run[Any, ChatNode]) -> list[Any]:
    await run
    return []


async def iterated(run: Run[Any, ChatNode]) -> list[Any]:
    async with run:
        return [event async for event in run]


@pytest.mark.parametrize("use", [awaited, iterated])
@pytest.mark.parametrize("host", sorted(TURNS))
async def test_whole_turns_go_back_and_results_in_the_order_of_their_calls(host: str, use: Any) -> None:
    turn = TURNS[host]
    first = turn.stream.decode() if use is iterated else json.dumps(turn.whole)
    last = json.dumps(turn.text).encode()
    answers = [of_round(first, number).encode() for number in range(ROUNDS)]
    async with scripted(*answers, last) as server:
        run = ChatNode.root("You know towers.").run(
            turn.generator(server.url), user="Compare them.", tools=towers(), **QUIET
        )
        events = await use(run)
    assert (run.reply.text, run.rounds, run.calls) == ("Done.", 4, 6)

    read_turns, read_results = READERS[host]
    wanted = [json.loads(of_round(json.dumps(turn.wanted), number)) for number in range(ROUNDS)]
    for number, asked in enumerate(server.asked):
        assert read_turns(asked.body) == wanted[:number]
        calls = [call.id for reply in run.replies[:number] for call in reply.message.tool_calls]
        assert read_results(asked.body) == calls
    on_tree = [result.name for node in run.reply.path() for result in node.message.tool_results]
    assert on_tree == ["age_of", "height_of"] * 3  # as they came

    assert len(run.attempts) == 4
    assert run.cost.usage is not None
    assert run.cost.usage.output_tokens == sum(reply.response.usage.output_tokens for reply in run.replies)
    if use is iterated:
        assert sum(isinstance(event, RoundStarted) for event in events) == 4
        assert sum(isinstance(event, CallFinished) for event in events) == 6
        in_pieces = host != "gemini"  # it sends a call whole
        assert (sum(isinstance(event, ToolCallDelta) for event in events) >= 6) is in_pieces
        thoughts = "".join(event.delta for event in events if isinstance(event, ReasoningDelta))
        assert thoughts.count(THOUGHT) == ROUNDS


@pytest.mark.parametrize("host", sorted(TURNS))
async def test_going_on_from_a_file_sends_what_the_run_would_have_sent(host: str) -> None:
    """Left after the second round, saved, loaded, and gone on with: the host cannot tell."""
    turn = TURNS[host]
    whole = [of_round(json.dumps(turn.whole), number).encode() for number in range(ROUNDS)]
    last = json.dumps(turn.text).encode()
    async with scripted(*whole, last) as server:
        await ChatNode.root("You know towers.").run(
            turn.generator(server.url), user="Compare.", tools=towers(), **QUIET
        )
    async with scripted(*whole, last) as again:
        gen = turn.generator(again.url)
        with pytest.raises(RunStopped) as stopped:
            await ChatNode.root("You know towers.").run(
                gen, user="Compare.", tools=towers(), limits=RunLimits(rounds=2), **QUIET
            )
        (leaf,) = ChatNode.from_tree_json(stopped.value.node.get_root().to_tree_json()).iter_leaves()
        assert (await leaf.run(gen, tools=towers(), **QUIET)).text == "Done."
    assert [asked.body for asked in again.asked] == [asked.body for asked in server.asked]
