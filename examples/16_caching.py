"""Warm a host's prompt cache once, then ask many questions that read it.

Run: python examples/16_caching.py  (needs no model: a small host in this file keeps the cache)
"""

import asyncio
import json

from minillm import ChatNode, GeneratorInfo, TokenPrice
from minillm.transport import MockResponse, MockTransport
from minillm.tree import subtree_cost

HANDBOOK = "Article 1. Whoever finds a wreck shall tell the harbour master. " * 150
cached: set[str] = set()


def host(request) -> MockResponse:
    """Anthropic's counts: what stands before a mark is written to the cache once, and read from then on."""
    asked = json.loads(request.body)
    marked = "".join(block["text"] for block in asked["system"] if "cache_control" in block)
    tokens, known = len(marked) // 4, marked in cached
    cached.add(marked)
    usage = {"input_tokens": 12, "output_tokens": min(asked["max_tokens"], 4)}
    usage |= {"cache_read_input_tokens": tokens * known, "cache_creation_input_tokens": tokens * (not known)}
    usage["cache_creation"] = {"ephemeral_5m_input_tokens": tokens * (not known), "ephemeral_1h_input_tokens": 0}
    content = [{"type": "text", "text": "Tell the harbour master."}] if asked["max_tokens"] else []
    return MockResponse.json({"content": content, "stop_reason": "end_turn", "usage": usage})


async def main() -> None:
    price = TokenPrice(input=5, output=25, cache_read="0.5", cache_write={"5m": "6.25", "1h": 10})
    gen = GeneratorInfo.anthropic("claude-opus-5", api_key="no key needed", price=price, transport=MockTransport(host))

    # The handbook is what all questions share: mark its end.
    handbook = ChatNode.root(HANDBOOK).cache_breakpoint()

    state = await handbook.ensure_cached(gen)
    print(f"{state.outcome}: {state.written_tokens} tokens for ${state.cost.usd}")
    state = await handbook.ensure_cached(gen)
    print(f"{state.outcome}: ${state.cost.usd}")

    questions = [handbook.add_user(f"What about wreck number {number}?") for number in range(3)]
    replies = await asyncio.gather(*(question.complete(gen) for question in questions))
    for reply in replies:
        print(f"read {reply.response.usage.cache_read_tokens} tokens: ${reply.cost.usd}")
    without = price.input * sum(reply.response.usage.input_tokens for reply in replies) / 1_000_000
    print(f"the three prompts would have cost ${without} without a cache")

    # The warming is on the handbook's own bill.
    print(f"the whole tree: ${subtree_cost(handbook).usd}")


asyncio.run(main())
