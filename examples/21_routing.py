"""Several models for one call: another where one fails, a second where one is slow, and what that did.

Run: python examples/21_routing.py  (needs no model: small hosts in this file answer, fail and dawdle)
"""

import asyncio
import json

from minillm import ChatNode, GeneratorInfo, MockTransport, TokenPrice, fallback, hedge
from minillm.transport import MockResponse

USAGE = {"prompt_tokens": 20, "completion_tokens": 10}


def frames(*texts: str, end: bool = True) -> MockResponse:
    """A stream that says these texts, and breaks off where it has no end."""
    events = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    last = [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE}, "[DONE]"]
    return MockResponse.sse([*events, *(last if end else ())])


def host(fault: str, price: int) -> GeneratorInfo:
    """A generator whose host has this fault."""

    async def answer(request) -> MockResponse:
        if fault == "down":
            return MockResponse.json({"error": {"message": "overloaded"}}, status=503)
        if fault == "slow":
            await asyncio.sleep(60)
        if fault == "cut" and json.loads(request.body).get("stream"):
            return frames("The fox ", "sa", end=False)
        if json.loads(request.body).get("stream"):
            return frames("The fox ", "swam home.")
        choice = {"index": 0, "message": {"role": "assistant", "content": "By river."}, "finish_reason": "stop"}
        return MockResponse.json({"choices": [choice], "usage": USAGE})

    transport, price_ = MockTransport(answer), TokenPrice(input=price, output=price)
    return GeneratorInfo.custom(fault, base_url="http://127.0.0.1", name=fault, transport=transport, price=price_)


async def main() -> None:
    down, slow, cut, well = host("down", 9), host("slow", 9), host("cut", 2), host("well", 1)
    root = ChatNode.root("You tell stories.")

    plan = fallback([down, well], retry=0, on_route=lambda event: print("  ", event.news, event.route))
    reply = await root.chat("How does the fox travel?", plan)
    print([f"{attempt.host} {attempt.status or ''}" for attempt in reply.attempts], reply.text)

    first_begun = hedge([slow, well], after=0.05)
    reply = await root.chat("And the hare?", first_begun)
    print([f"{attempt.host} {attempt.outcome}" for attempt in reply.attempts], "known so far:", reply.cost.known_usd)

    async with root.stream(fallback([cut, well], midstream="restart"), user="The end?") as stream:
        print([chunk.delta async for chunk in stream])
    for node in stream.node.parent.children:  # what was cut is a sibling, with its own bill
        print(f"{node.response.finish_reason}: {node.text!r} by {node.attempts[0].host}")


asyncio.run(main())
