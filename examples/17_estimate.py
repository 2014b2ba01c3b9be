"""What a call will take before it is made, and how the estimate gets better with every bill.

Run: python examples/17_estimate.py  (needs no model: a small host in this file counts)
"""

import asyncio
import json

from minillm import ChatNode, FilePart, GeneratorInfo, MockTransport, tool
from minillm.cost import default_calibration, use_price_table
from minillm.transport import MockResponse

PRICES = {"openai": {"gpt-5.4": {"input": 2.5, "output": 15, "tiers": [{"above": 272_000, "input": 5}]}}}


def host(request) -> MockResponse:
    """Counts a token for every four characters of the body, and 80 of its own."""
    usage = {"prompt_tokens": 80 + len(request.body) // 4, "completion_tokens": 40}
    message = {"role": "assistant", "content": "Take the path along the river."}
    return MockResponse.json({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})


@tool
def distance(start: str, end: str) -> str:
    """How far it is between two places, in kilometres."""
    return json.dumps({"from": start, "to": end, "km": 12})


async def main() -> None:
    use_price_table(PRICES)
    gen = GeneratorInfo.openai("gpt-5.4", api_key="no key needed", transport=MockTransport(host))
    guide = ChatNode.root("You know every path of the valley. " * 20)

    plain = guide.estimate(gen, user="How do I get to the mill?", max_tokens=200)
    print(plain)
    tools = guide.estimate(gen, user="How do I get to the mill?", max_tokens=200, tools=[distance])
    print(f"a tool adds {tools.input.likely - plain.input.likely} tokens")
    assert plain.usd.upper is not None and plain.usd.upper < 0.01

    # Every reply that reports its tokens teaches the calibration of this process.
    for place in ("mill", "ford", "inn"):
        reply = await guide.chat(f"How do I get to the {place}?", gen, max_tokens=200)
    after = guide.estimate(gen, user="How do I get to the mill?", max_tokens=200)
    print(f"then {after.input.likely} in and {after.output.likely} out; counted: {reply.response.usage.input_tokens}")
    print(default_calibration())

    # Where the host adds text that nobody here can see, there is no upper bound.
    unseen = guide.estimate(gen, user=["What does the map say?", FilePart(file_id="file-1")])
    print(f"upper bound: {unseen.input.upper} ({', '.join(unseen.unseen)})")


asyncio.run(main())
