"""Sample several answers to one question, keep the best, and go on from there.

Run: python examples/02_branching.py [provider:model]
"""

import asyncio
import sys

from minillm import ChatNode, GeneratorInfo


async def main(model: str = "local") -> None:
    gen = GeneratorInfo.from_name(model)
    question = ChatNode.root("You write one short line.").add_user("A motto for a bakery?")

    # Four siblings at once, taken as they finish. Leaving the block early would cancel the others.
    async with question.branch(gen, n=4, temperature=1.0, max_tokens=24) as mottos:
        async for motto in mottos:
            print("*", motto.text.strip())

    # They are ordinary nodes: score them as you like, and cut off what you do not want.
    best = min(question.children, key=lambda node: len(node.message.text))
    for sibling in question.children:
        if sibling is not best:
            sibling.detach()

    reply = await best.chat("Why would that make people hungry?", gen, max_tokens=40)
    print("kept:", best.message.text.strip())
    print("why: ", reply.text.strip())
    print("path:", " > ".join(node.message.role for node in reply.path()))


asyncio.run(main(*sys.argv[1:]))
