"""Watching what happens: a hook, and the logger as lines of JSON. Spans are one line more (docs/observability.md).

Run: python examples/26_observing.py  (needs no model: a small host in this file answers)
"""

import asyncio
import io
import json
import logging

from minillm import ChatNode, GeneratorInfo, MockTransport, TokenPrice, ToolCallPart, execute_calls, observe, tool
from minillm.observe import RequestEnded, RetryScheduled, ToolEnded
from minillm.transport import MockResponse

BODY = {
    "id": "chatcmpl-1",
    "model": "gpt-5.4-2026",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "By river."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 20, "completion_tokens": 5},
}


@tool
def depth_of(river: str) -> str:
    return f"{river}: 8 m"


def told(event: observe.Event) -> None:
    """A hook takes one event. It never sees what was said, unless it was added with content=True."""
    match event:
        case RetryScheduled(error_type=kind, status=status):
            print(f"hook: {kind} {status}, asked again")
        case RequestEnded(usage=usage, cost=cost, attempts=attempts):
            print(f"hook: {usage.input_tokens} in, {usage.output_tokens} out, ${cost.usd}, {len(attempts)} attempts")
        case ToolEnded(tool=name):
            print(f"hook: {name} ended")


async def main() -> None:
    answers = [MockResponse.json({"error": {"message": "slow down"}}, 429), *[MockResponse.json(BODY)] * 3]
    gen = GeneratorInfo.openai("gpt-5.4", api_key="none", transport=MockTransport(answers), price=TokenPrice(1, 10))
    root = ChatNode.root("Be brief.")

    with observe.watching(told):  # this block and its tasks; observe.add(told) is for the whole process
        await root.chat("How do I get to the sea?", gen, back_off_time=0)
        await execute_calls([ToolCallPart("call_1", "depth_of", '{"river": "Tagus"}')], [depth_of])

    lines = logging.StreamHandler(sink := io.StringIO())
    lines.setFormatter(observe.JSONFormatter())
    observe.LOGGER.addHandler(lines)
    observe.LOGGER.setLevel(logging.INFO)
    await root.chat("And back?", gen)
    line = json.loads(sink.getvalue())
    print("log: ", {name: line[name] for name in ("level", "event", "input_tokens", "usd", "finish_reasons")})


asyncio.run(main())
