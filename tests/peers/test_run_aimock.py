"""aimock leads three rounds of two calls side by side on all four wires, and reads what came back by itself."""

from typing import Any

import anyio
import pytest

from minillm import ChatNode, GeneratorInfo, tool
from minillm.chat import CallFinished, StopReason
from minillm.wire import WIRES
from tests.peers.harness import fetch, fetch_json

pytestmark = pytest.mark.peers


@tool
async def height_of(tower: str) -> str:
    """In metres."""
    await anyio.sleep(0.01)  # so that the second result is there before the first
    return f"{tower} is 31 m high"


@tool
async def age_of(tower: str) -> str:
    """In years."""
    return f"{tower} is 150 years old"


IDS = [f"call_{kind}_{turn}" for turn in range(3) for kind in ("height", "age")]


@pytest.mark.parametrize("iterated", [False, True], ids=["awaited", "iterated"])
@pytest.mark.parametrize("wire", sorted(WIRES))
async def test_three_rounds(aimock: str, wire: str, iterated: bool) -> None:
    fetch(f"{aimock}/__aimock/reset/journal", {})
    version = "v1beta" if wire == "gemini_generate_content" else "v1"
    gen = GeneratorInfo.custom("m", base_url=f"{aimock}/{version}", wire=wire, api_key="x")
    node = ChatNode.root("You know towers.").add_user("A tour of towers, please.")
    run = node.run(gen, tools=[height_of, age_of], retry=0)
    finished = []
    if iterated:
        async with run:
            finished = [event.call.id async for event in run if isinstance(event, CallFinished)]
    else:
        await run
        finished = [event.call.id for event in run.finished]

    assert (run.stop_reason, run.rounds, run.calls, run.reply.text) == (StopReason.DONE, 4, 6, "Three towers seen.")
    assert sorted(finished) == sorted(IDS)
    assert finished[:2] == ["call_age_0", "call_height_0"]
    assert [reply.text for reply in run.replies] == ["Round 1.", "Round 2.", "Round 3.", "Three towers seen."]
    assert run.cost.usage is not None
    assert (run.cost.usage.input_tokens, run.cost.usage.output_tokens) == (40 + 50 + 60 + 70, 4 * 9)
    _check_what_it_read(aimock)


def _check_what_it_read(aimock: str) -> None:
    """Its own view of the last request, whatever wire it came on."""
    journal = fetch_json(f"{aimock}/__aimock/journal")
    entries = journal if isinstance(journal, list) else journal["entries"]
    assert [entry["response"]["status"] for entry in entries] == [200] * 4
    messages: list[Any] = entries[-1]["body"]["messages"]
    calls = [call["id"] for message in messages for call in message.get("tool_calls") or []]
    results = [message for message in messages if message["role"] == "tool"]
    assert calls == IDS
    assert [message["tool_call_id"] for message in results] == IDS
    assert "North is 31 m high" in results[0]["content"]  # for Gemini it stands in an object
    assert "North is 150 years old" in results[1]["content"]
