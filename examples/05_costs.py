"""What a conversation costs: every request is on the bill, and what is not known is not called 0.

Run: python examples/05_costs.py [provider:model]
"""

import asyncio
import sys
from decimal import Decimal

from minillm import ChatNode, CostLedger, GeneratorInfo, TokenPrice


async def main(model: str = "local") -> None:
    gen = GeneratorInfo.from_name(model)
    root = ChatNode.root("You are terse.")

    reply = await root.chat("Say hello.", gen, max_tokens=16)
    print(f"without a price: {reply.cost.resolution}, usd={reply.cost.usd}")

    # USD per million tokens. A rate that is needed and not given leaves the sum unknown.
    price = TokenPrice(input=Decimal("0.15"), output=Decimal("0.60"), cache_read=Decimal("0.075"))
    priced = gen.replace(price=price)
    ledger = CostLedger()  # is told of every call, failed ones too
    colours = await root.branch(priced, user="Name a colour.", n=3, max_tokens=16, cost_callback=ledger)

    for colour in colours:
        if usage := colour.response.usage:  # None where the host does not report it
            print(f"{usage.input_tokens} in, {usage.output_tokens} out: ${colour.cost.usd}")
    print(f"{len(ledger)} calls: ${ledger.total.usd}")


asyncio.run(main(*sys.argv[1:]))
