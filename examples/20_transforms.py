"""Changes on the way out and on the way back: thoughts out of the text, a secret out of both, a function of one's own.

Run: python examples/20_transforms.py  (needs no model: one in this file answers)
"""

import asyncio
from dataclasses import replace

from minillm import ChatNode, MockModel
from minillm.transforms import redact, think_tags
from minillm.types import ChatRequest

PIN = "4711"


def answer(request: ChatRequest) -> str:
    """Thinks aloud, between tags, and repeats what it was told."""
    asked = request.messages[-1].text
    return f"<think>They said {asked!r}.</think>At {request.parameters.temperature} degrees: the door opens with {PIN}."


def calmly(request: ChatRequest) -> ChatRequest:
    """A function of a request is a transform."""
    return replace(request, parameters=replace(request.parameters, temperature=0.2))


async def main() -> None:
    model = MockModel(answer)
    # Requests go through from left to right, answers from right to left: tags are read first, then secrets.
    both_ways = [calmly, redact(PIN), think_tags()]

    root = ChatNode.root("You keep the door.")
    reply = await root.chat(f"My PIN is {PIN}.", model, transforms=both_ways)
    print("sent:   ", model.requests[0].messages[-1].text)
    print("thought:", reply.message.reasoning)
    print("said:   ", reply.text)

    async with root.stream(model, user="And now?", transforms=both_ways) as stream:
        print("stream: ", [chunk.delta async for chunk in stream])
    print("tree:   ", root.children[0].text)


asyncio.run(main())
