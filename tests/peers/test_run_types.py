"""The official SDKs' own types as judges of what a run of three rounds sends, on all four wires."""

import json
from typing import Any

import pytest

from minillm import ChatNode
from tests.chat.sealed_turns import TURNS, SealedTurn
from tests.chat.test_run_on_wires import QUIET, ROUNDS, of_round, towers
from tests.peers.test_rewritten_types import judged
from tests.scripted_server import scripted

pytestmark = pytest.mark.peers

WIRES = {
    "anthropic": "anthropic_messages",
    "gemini": "gemini_generate_content",
    "openrouter": "openai_chat_completions",
    "responses": "openai_responses",
}
# The seal was made up, and is no base64; the field is OpenRouter's, whose SDK is another.
KNOWN = ("thoughtSignature: Data should be valid base64", "reasoning_details: unknown to the SDK")


async def sent(turn: SealedTurn) -> list[Any]:
    """The body of every round."""
    answers = [of_round(json.dumps(turn.whole), number).encode() for number in range(ROUNDS)]
    async with scripted(*answers, json.dumps(turn.text).encode()) as server:
        gen = turn.generator(server.url)
        await ChatNode.root("You know towers.").run(gen, user="Compare them.", tools=towers(), **QUIET)
    return [asked.body for asked in server.asked]


async def test_every_round_fits_the_types_of_its_sdk() -> None:
    bodies = [(host, body) for host in sorted(TURNS) for body in await sent(TURNS[host])]
    assert len(bodies) == len(TURNS) * (ROUNDS + 1)
    found = judged([{"wire": WIRES[host], "kind": "request", "value": body} for host, body in bodies])
    told = [(host, fault) for (host, _), faults in zip(bodies, found, strict=True) for fault in faults]
    assert [(host, fault) for host, fault in told if not any(known in fault for known in KNOWN)] == []
