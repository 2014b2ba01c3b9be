"""The tool loop: the model calls functions, side by side and round after round, until it answers.

Run: python examples/22_tool_loop.py [provider:model]; without one it plays a script and needs no key.
"""

import asyncio
import sys

from minillm import ChatNode, GeneratorInfo, Message, MockModel, RunLimits, ToolCallPart, tool
from minillm.chat import CallFinished, CallStarted, RoundStarted, RunEnded
from minillm.types import TextDelta


@tool(timeout=5)
async def rooms_in(town: str) -> list[str]:
    """The rooms that are free in a town."""
    return {"Lagos": ["sea", "attic"], "Sagres": ["cliff"]}[town]


@tool
async def price_of(room: str, nights: int) -> float:
    """The price of a room, in euros."""
    return {"sea": 61.5, "attic": 40.0, "cliff": 75.0}[room] * nights


async def main(model: str = "") -> None:
    gen = GeneratorInfo.from_name(model) if model else MockModel(SCRIPT)
    node = ChatNode.root("You book rooms. Look before you answer.")
    question = "Two nights in Lagos or Sagres, as cheap as can be?"
    limits = RunLimits(rounds=8, calls=20, seconds=60)
    async with node.run(gen, user=question, tools=[rooms_in, price_of], limits=limits) as run:
        async for event in run:
            match event:
                case RoundStarted(round=number):
                    print(f"round {number}")
                case TextDelta(delta=text):
                    print(text, end="")
                case CallStarted(call=call):
                    print(f"  {call.name}({call.arguments})")
                case CallFinished(call=call, result=result):
                    print(f"  {call.name} -> {'failed: ' if result.is_error else ''}{result.text}")
                case RunEnded(reason=reason):
                    print(f"\nended: {reason}")
    print(f"{run.rounds} rounds, {run.calls} calls, {len(run.node.path())} nodes, cost {run.cost.usd}")


def call(id: str, name: str, arguments: str) -> ToolCallPart:
    return ToolCallPart(id, name, arguments)


SCRIPT = [
    Message("assistant", [call("1", "rooms_in", '{"town":"Lagos"}'), call("2", "rooms_in", '{"town":"Faro"}')]),
    Message("assistant", [call("3", "price_of", '{"room":"attic","nights":2}')]),
    "The attic in Lagos, for 80 euros.",
]

asyncio.run(main(*sys.argv[1:]))
