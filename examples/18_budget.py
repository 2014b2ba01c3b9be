"""Spending that ends before the money does, and asking no faster than the host allows.

Run: python examples/18_budget.py  (needs no model: a small host in this file answers and bills)
"""

import asyncio
import json

from minillm import Budget, BudgetExceeded, ChatNode, GeneratorInfo, MockTransport, RateLimits, TokenPrice
from minillm.transport import MockResponse

PRICE = TokenPrice(input=1, output=10)  # USD per million tokens


def host(request) -> MockResponse:
    """Answers with 40 tokens, and says how many requests are left of this minute."""
    message = {"role": "assistant", "content": "A lighthouse that dreams of trains."}
    usage = {"prompt_tokens": len(json.loads(request.body)["messages"]) * 10, "completion_tokens": 40}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}
    headers = {"x-ratelimit-limit-requests": "600", "x-ratelimit-remaining-requests": "580"}
    return MockResponse.json(body, headers=headers)


async def main() -> None:
    gen = GeneratorInfo.openai("gpt-5.4", api_key="none", transport=MockTransport(host), price=PRICE)
    writer = ChatNode.root("You invent stories.")

    # The most that each may cost is set aside before it is sent; what it did not cost is given back.
    with Budget(usd="0.003", name="stories") as purse:
        print(f"may cost at most ${writer.estimate(gen, user='One more.', max_tokens=60).usd.upper:.4f} each")
        asked = 0
        try:
            while True:
                await writer.chat("One more.", gen, max_tokens=60)
                asked += 1
        except BudgetExceeded as error:
            print(f"after {asked}: {error.unit} {error.limit}, spent {error.spent}, needed {error.needed:.4f}")
    assert purse.spent.usd <= purse.usd

    # Purses nest, and a subtree may have one: both pay.
    writer.budget = Budget(calls=3, name="this subtree")
    with Budget(usd=1) as wide:
        branch = await writer.branch(gen, user="Another.", n=5, max_tokens=60)
    print(f"{len(branch)} answered, {len(branch.errors)} refused; {wide.spent.calls} calls, ${wide.spent.usd}")
    writer.budget = None

    # Limits that are given hold from the first call; others are learned from what the host says in its headers.
    paced = gen.replace(limits=RateLimits(requests_per_minute=600, concurrency=2))
    replies = await writer.branch(paced, user="And now?", n=4, max_tokens=60)
    print(f"{len(replies)} paced; {replies[0].response.rate_limits['requests'].remaining} left of this minute")


asyncio.run(main())
