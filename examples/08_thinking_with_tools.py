"""A model that thinks, calls tools, and goes on from its own sealed thoughts in the next turns.

Run: python examples/08_thinking_with_tools.py [provider:model]; without one it plays a script and needs no key.
"""

import asyncio
import json
import sys

from minillm import ChatNode, GeneratorInfo, MockTransport, ToolDefinition
from minillm.transport import MockResponse

HEIGHTS = {"North": "31 m", "South": "24 m"}
TOWER = {"type": "object", "properties": {"tower": {"enum": [*HEIGHTS]}}, "required": ["tower"]}
HEIGHT_OF = ToolDefinition("height_of", "The height of a lighthouse.", TOWER)


async def main(model: str = "") -> None:
    script = MockTransport([MockResponse.json(answer) for answer in ANSWERS])
    scripted = GeneratorInfo.anthropic("claude-sonnet-5", api_key="none", transport=script)
    gen = GeneratorInfo.from_name(model) if model else scripted

    reply = await ChatNode.root().chat("Which lighthouse is higher?", gen, tools=[HEIGHT_OF], reasoning="low")
    while calls := reply.message.tool_calls:
        print("thinks: ", reply.message.reasoning)
        results = {call.id: HEIGHTS[call.parse_arguments()["tower"]] for call in calls}
        print("calls:  ", ", ".join(f"{call.name}({call.arguments}) = {results[call.id]}" for call in calls))
        reply = await reply.add_tool_results(results).complete(gen, tools=[HEIGHT_OF], reasoning="low")
    print("answers:", reply.text)

    # The thoughts stand on the tree with their signatures, and in its files. They go back to the model that had
    # them, as its host demands. Sent to any other they are left out, and the reply's losses say so.
    loaded = ChatNode.from_thread_json(reply.to_thread_json()).leaf
    reply = await loaded.chat("By how much?", gen, tools=[HEIGHT_OF], reasoning="low")
    print("answers:", reply.text)
    if script.requests:
        for block in json.loads(script.requests[-1].body)["messages"][1]["content"]:
            print("sent back:", block)


def answer(stop: str, *content: dict) -> dict:
    usage = {"input_tokens": 400, "output_tokens": 80}
    return {"id": "msg_1", "role": "assistant", "content": content, "stop_reason": stop, "usage": usage}


def tool_use(tower: str) -> dict:
    return {"type": "tool_use", "id": f"toolu_{tower}", "name": "height_of", "input": {"tower": tower}}


THOUGHT = {"type": "thinking", "thinking": "I need both heights to compare.", "signature": "EqQBCkYIBBgCKkDx"}
ANSWERS = [
    answer("tool_use", THOUGHT, *map(tool_use, HEIGHTS)),
    answer("end_turn", {"type": "text", "text": "North, with 31 m."}),
    answer("end_turn", {"type": "text", "text": "By 7 m."}),
]

asyncio.run(main(*sys.argv[1:]))
