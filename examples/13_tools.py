"""Typed functions as tools: run at once when the model asks, their arguments seen as they stream.

Run: python examples/13_tools.py [provider:model]; without one it plays a script and needs no key.
"""

import asyncio
import sys
from dataclasses import dataclass
from typing import Annotated, Literal

from minillm import ChatNode, GeneratorInfo, Message, MockModel, ToolCallPart, execute_calls, tool
from minillm.json import FieldDelta
from minillm.tools import stream_arguments


@dataclass
class Stay:
    town: str
    nights: Annotated[int, "at least one"] = 1


@tool
async def price_of(room: Literal["sea", "attic"], stay: Stay) -> float:
    """The price of a room, in euros."""
    return {"sea": 61.5}[room] * stay.nights


def write_note(text: str, call: ToolCallPart) -> None:
    """Writes a note for the guest."""
    print(f"\nwritten once for {call.id}")


async def main(model: str = "") -> None:
    gen = GeneratorInfo.from_name(model) if model else MockModel(SCRIPT)
    tools = [price_of, write_note]
    node = ChatNode.root().add_user("Two nights in Lagos: what do the rooms cost? Write me a note.")
    while True:
        async with node.stream(gen, tools=tools) as stream:
            async for _call, field in stream_arguments(stream.events()):
                match field:
                    case FieldDelta(("text",), delta):
                        print(delta, end="")
        if not stream.node.message.tool_calls:
            break
        results = await execute_calls(stream.node.message.tool_calls, tools)
        for result in results:
            print("failed:" if result.is_error else "result:", result.name, result.text)
        print("repaired:", [call.id for call in results.repaired])
        node = stream.node.add_tool_results(results)
    print("answer:", stream.text)


SEA = ToolCallPart("call_1", "price_of", '{"room": "sea", "stay": {"town": "Lagos", "nights": 2},}')
ATTIC = ToolCallPart("call_2", "price_of", '{"room": "attic", "stay": {"town": "Lagos"}}')
NOTE = ToolCallPart("call_3", "write_note", '{"text": "123 euros \\ud83d\\ude0e"}')
SCRIPT = [Message("assistant", [SEA, ATTIC]), Message("assistant", [NOTE]), "The sea room, for 123 euros."]

asyncio.run(main(*sys.argv[1:]))
