"""Sealed reasoning goes back to its author as it came, through files as well, and to nobody else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode, CompletionParameters, GeneratorInfo
from minillm.types import Severity, ToolDefinition, ToolResultPart
from tests.scripted_server import scripted

from .sealed_turns import ANTHROPIC, THOUGHT, TURNS, SealedTurn

TOOLS = [ToolDefinition(name, "About a tower", {"type": "object"}) for name in ("height_of", "age_of")]

SEALED = "reasoning.encrypted_content"


def as_bytes(body: Any) -> bytes:
    return json.dumps(body).encode()


async def whole(turn: SealedTurn, node: ChatNode, gen: GeneratorInfo) -> Any:
    return await node.complete(gen, tools=TOOLS, retry=0)


async def streamed(turn: SealedTurn, node: ChatNode, gen: GeneratorInfo) -> Any:
    async with node.stream(gen, tools=TOOLS, retry=0) as stream:
        return await stream.finish()


def answer(turn: SealedTurn, ask: Any) -> bytes:
    return turn.stream if ask is streamed else as_bytes(turn.whole)


def answered(reply: Any) -> ChatNode:
    """The calls with their results."""
    calls = reply.message.tool_calls
    assert [(call.name, call.parse_arguments()) for call in calls] == [
        ("height_of", {"tower": "North"}),
        ("age_of", {"tower": "South", "unit": "years"}),
    ]
    return reply.add_tool_results([ToolResultPart(call.id, call.name, "31") for call in calls])


def itself(leaf: ChatNode, folder: Path) -> ChatNode:
    return leaf


def through_thread_file(leaf: ChatNode, folder: Path) -> ChatNode:
    leaf.save_thread(folder / "thread.json")
    return ChatNode.from_thread_file(folder / "thread.json").leaf


def through_tree_file(leaf: ChatNode, folder: Path) -> ChatNode:
    root = leaf.get_root()
    root.save_tree(folder / "tree.jsonl")
    (loaded,) = ChatNode.from_tree_file(folder / "tree.jsonl").iter_leaves()
    return loaded


WAYS = pytest.mark.parametrize("ask", [whole, streamed])
PLACES = pytest.mark.parametrize("carry", [itself, through_thread_file, through_tree_file])
HOSTS = pytest.mark.parametrize("host", sorted(TURNS))


@PLACES
@WAYS
@HOSTS
async def test_it_goes_back_unmodified(
    host: str, ask: Any, carry: Callable[[ChatNode, Path], ChatNode], tmp_path: Path
) -> None:
    turn = TURNS[host]
    async with scripted(answer(turn, ask), as_bytes(turn.text)) as server:
        gen = turn.generator(server.url)
        reply = await ask(turn, ChatNode.root("You know towers.").add_user("Compare them."), gen)
        assert THOUGHT in reply.message.reasoning
        again = await carry(answered(reply), tmp_path).complete(gen, tools=TOOLS, retry=0)
    assert again.text == "Done."
    told = [(str(loss.severity), loss.reason) for loss in again.response.losses]
    assert told == [("note", "summaries of thoughts are not wanted back: it is left out")] * turn.summary
    assert turn.back(server.asked[1].body) == turn.wanted


@PLACES
async def test_an_anthropic_turn_with_everything_is_sent_as_the_first_time(
    carry: Callable[[ChatNode, Path], ChatNode], tmp_path: Path
) -> None:
    """Thinking, signature, redacted block, citations, two calls, and a prompt cached for an hour."""
    done = as_bytes(ANTHROPIC.text)
    async with scripted(ANTHROPIC.stream, done, done) as server:
        gen = ANTHROPIC.generator(server.url)
        root = ChatNode.root("You know towers.").cache_breakpoint(ttl="1h")
        reply = await streamed(ANTHROPIC, root.add_user("Compare them."), gen)
        leaf = answered(reply).cache_breakpoint()
        await leaf.complete(gen, tools=TOOLS, retry=0, attach=False)
        loaded = carry(leaf, tmp_path)
        await loaded.complete(gen, tools=TOOLS, retry=0)

    first, again = server.asked[1].body, server.asked[2].body
    assert again == first
    assert first["system"] == [
        {"type": "text", "text": "You know towers.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    ]
    assert first["messages"][1] == {"role": "assistant", "content": ANTHROPIC.wanted}
    assert first["messages"][2]["content"][-1]["cache_control"] == {"type": "ephemeral"}
    assert json.dumps(first).count("cache_control") == 2
    (kept,) = (node for node in loaded.path() if node.message.tool_calls)
    for usage in (reply.response.usage, kept.response.usage):
        assert usage.cache_write_tokens == {"5m": 1000, "1h": 2000}
        assert (usage.uncached_tokens, usage.cache_read_tokens, usage.output_tokens) == (12, 500, 88)


@PLACES
@WAYS
@pytest.mark.parametrize(("author", "reader"), [(a, b) for a in sorted(TURNS) for b in sorted(TURNS) if a != b])
async def test_no_other_host_is_sent_it(
    author: str, reader: str, ask: Any, carry: Callable[[ChatNode, Path], ChatNode], tmp_path: Path
) -> None:
    """Not the seal, and not its text as if it had been said: the whole block stays behind, with a note."""
    turn, other = TURNS[author], TURNS[reader]
    async with scripted(answer(turn, ask), as_bytes(other.text)) as server:
        reply = await ask(turn, ChatNode.root().add_user("Compare them."), turn.generator(server.url))
        leaf = carry(answered(reply), tmp_path)
        again = await leaf.complete(other.generator(server.url), tools=TOOLS, retry=0, unsupported="drop")
    _check_left_out(server.asked[1].raw, turn, again)


@WAYS
async def test_a_host_that_keeps_nothing_gets_the_sealed_form_without_ids(ask: Any) -> None:
    """``store=False``: the ids of items name nothing there, and the vendor answers them with 404."""
    turn = TURNS["responses"]
    async with scripted(answer(turn, ask), as_bytes(turn.text)) as server:
        gen = turn.generator(server.url)
        gen = gen.replace(defaults=CompletionParameters(store=False, extra={"include": [SEALED]}))
        reply = await ask(turn, ChatNode.root().add_user("Compare them."), gen)
        await answered(reply).complete(gen, tools=TOOLS, retry=0)
    assert [asked.body["include"] for asked in server.asked] == [[SEALED], [SEALED]]
    said = [{key: value for key, value in item.items() if key != "id"} for item in turn.wanted]
    assert turn.back(server.asked[1].body) == said


@WAYS
@HOSTS
@pytest.mark.parametrize("change", ["model", "host"])
async def test_neither_is_another_model_or_a_gateway_of_the_same_wire(host: str, ask: Any, change: str) -> None:
    turn = TURNS[host]
    async with scripted(answer(turn, ask), as_bytes(turn.text)) as server:
        gen = turn.generator(server.url)
        reply = await ask(turn, ChatNode.root().add_user("Compare them."), gen)
        endpoint = gen.endpoint
        other = (
            gen.replace(model="another-model")
            if change == "model"
            else GeneratorInfo.custom(
                gen.model, base_url=gen.base_url or "", wire=endpoint.wire, quirks=endpoint.quirks, api_key="key-1234"
            )
        )
        again = await answered(reply).complete(other, tools=TOOLS, retry=0, unsupported="drop")
    _check_left_out(server.asked[1].raw, turn, again)


@pytest.mark.parametrize("make", [GeneratorInfo.deepseek, GeneratorInfo.moonshot])
async def test_a_host_that_demands_reasoning_gets_an_empty_one_for_another_models_turn(make: Any) -> None:
    """They answer 400 to a turn with calls whose messages lack the field, wherever those came from."""
    done = as_bytes(TURNS["openrouter"].text)
    async with scripted(as_bytes(ANTHROPIC.whole), done, done) as server:
        root = ChatNode.root().add_user("Compare them.")
        reply = await whole(ANTHROPIC, root, ANTHROPIC.generator(server.url))
        other = make("m", base_url=server.url, api_key="key-1234")
        again = await whole(ANTHROPIC, answered(reply), other)
        await whole(ANTHROPIC, again.add_user("Thanks."), other)
    _check_left_out(server.asked[1].raw, ANTHROPIC, again)
    for asked in server.asked[1:]:
        turn = [message for message in asked.body["messages"] if message["role"] == "assistant"]
        assert [message["reasoning_content"] for message in turn] == [""] * len(turn)
        assert asked.body["messages"][0] == {"role": "user", "content": "Compare them."}


def _check_left_out(raw: bytes, turn: SealedTurn, again: Any) -> None:
    for secret in turn.secrets:
        assert json.dumps(secret)[1:-1].encode() not in raw
    # Text that nobody sealed may go to a host that takes others' reasoning, as reasoning; never as an answer.
    unsealed = f'"reasoning":"{THOUGHT}"' if turn.summary else THOUGHT
    assert raw.count(THOUGHT.encode()) == (raw.count(unsealed.encode()) if turn.summary else 0)
    assert b"height_of" in raw  # the calls themselves go along
    assert b"age_of" in raw
    told = [loss for loss in again.response.losses if "reasoning" in loss.what or "signature" in loss.what]
    assert told
    assert {loss.severity for loss in told} == {Severity.NOTE}
