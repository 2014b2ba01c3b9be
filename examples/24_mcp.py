"""The tools of an MCP server, here one of its own, beside a local function (extra: mcp).

Run: python examples/24_mcp.py [provider:model]; without one it plays a script and needs no key.
"""

import asyncio
import sys

from minillm import ChatNode, GeneratorInfo, Message, MockModel, ToolCallPart, ToolResultPart, tool
from minillm.tools import mcp

SERVER = """
from mcp.server.mcpserver import Context, MCPServer
server = MCPServer("lighthouses", log_level="ERROR")

@server.tool()
async def height_of(tower: str, ctx: Context) -> str:
    "The height of a lighthouse."
    await ctx.report_progress(1, 1, "measured " + tower)
    return {"North": "31 m", "South": "24 m"}[tower]

server.run()
"""


@tool
def add(metres: list[int]) -> int:
    """The sum."""
    return sum(metres)


def show(progress: mcp.Progress) -> None:
    print("progress:", progress.message)


async def main(model: str = "") -> None:
    gen = GeneratorInfo.from_name(model) if model else MockModel(SCRIPT)
    async with mcp.stdio(sys.executable, "-c", SERVER, prefix="sea_", on_progress=show) as server:
        tools = [add, *server.tools()]
        print("offered:", *(each.name for each in tools))
        reply = await ChatNode.root().run(gen, user="How high are North and South, one on the other?", tools=tools)
    for node in reply.path():
        for part in node.message.parts:
            if isinstance(part, ToolResultPart):
                print("result:", part.name, part.text)
    print("answer:", reply.text)


NORTH = ToolCallPart("call_1", "sea_height_of", '{"tower": "North"}')
SOUTH = ToolCallPart("call_2", "sea_height_of", '{"tower": "South"}')
SUM = ToolCallPart("call_3", "add", '{"metres": [31, 24]}')
SCRIPT = [Message("assistant", [NORTH, SOUTH]), Message("assistant", [SUM]), "55 metres."]

asyncio.run(main(*sys.argv[1:]))
