"""Answers as Python objects: of any type, shown while they grow, asked for again where they do not fit.

Run: python examples/14_structured_output.py [provider:model]
"""

import asyncio
import sys
from dataclasses import dataclass
from typing import Literal

from minillm import ChatNode, GeneratorInfo, InvalidOutput, MockModel


@dataclass
class Landmark:
    """A place worth a visit."""

    name: str
    city: str
    kind: Literal["tower", "bridge", "church"]


def is_in_europe(landmark: Landmark) -> None:
    if landmark.city not in {"Paris", "London", "Rome"}:
        raise ValueError(f"{landmark.city} is not in Europe")


async def main(model: str = "local") -> None:
    gen = GeneratorInfo.from_name(model)
    root = ChatNode.root("You are a helpful guide.")

    # Hosts are held to the schema where they can be; elsewhere they are asked in words.
    question = root.add_user("Describe the Eiffel Tower.")
    async with question.stream(gen, output=Landmark, max_tokens=200, temperature=0) as stream:
        try:
            async for value in stream.partials():  # a dict that grows; nothing of it is checked yet
                print("so far:", ", ".join(value) or "nothing")
            print("kind:  ", stream.node.output.kind)
        except InvalidOutput as error:  # a stream is never asked again: what was shown cannot be taken back
            print("no Landmark:", error)

    # What is no object travels in one, and comes out of it again.
    reply = await question.complete(gen, output=bool, max_tokens=50, temperature=0)
    print("a bool:", reply.output in (True, False), "in", "".join(reply.text.split()))

    # An answer that does not fit is shown to the model with what is wrong with it. A scripted model, to see how:
    scripted = MockModel(
        [
            '{"name": "Tokyo Tower", "city": "Tokyo", "kind": "tower"}',
            '{"name": "Tower Bridge", "city": "London", "kind": "bridge"}',
        ]
    )
    reply = await root.chat("Name a landmark.", scripted, output=Landmark, validate=is_in_europe)
    print("asked again, since", scripted.requests[1].messages[-1].text.splitlines()[1])
    print("then:  ", reply.output.name, "after", len(reply.attempts), "attempts, which are on the bill")


asyncio.run(main(*sys.argv[1:]))
