"""An answer as it is written, and one that is cut short.

Run: python examples/03_streaming.py [provider:model]
"""

import asyncio
import sys

from minillm import ChatNode, GeneratorInfo


async def main(model: str = "local") -> None:
    gen = GeneratorInfo.from_name(model)
    root = ChatNode.root("You are a storyteller.")

    async with root.stream(gen, user="Tell me about a fox and a river.", max_tokens=60) as stream:
        async for chunk in stream:
            print(chunk.delta, end="", flush=True)
    story = stream.node  # on the tree, like any reply
    print(f"\n[{story.response.finish_reason} after {story.attempts[0].duration:.1f} s]\n")

    # Leaving the block closes the connection at once, so the model stops working. What came until then
    # is discarded, or with on_cancel="keep" put on the tree.
    async with story.stream(gen, user="And then?", max_tokens=200, on_cancel="keep") as stream:
        async for chunk in stream:
            print(chunk.delta, end="", flush=True)
            if len(stream.text) > 80:
                break
    print(f"\n[{stream.node.response.finish_reason} after {len(stream.node.text)} characters]")


asyncio.run(main(*sys.argv[1:]))
