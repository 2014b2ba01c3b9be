"""Answers as Python objects, and JSON out of a text that is not quite JSON.

Run: python examples/04_json.py [provider:model]
"""

import asyncio
import sys
from dataclasses import dataclass

from minillm import ChatNode, GeneratorInfo, InvalidOutput
from minillm.json import repair_json


@dataclass
class Landmark:
    name: str
    city: str
    country: str


async def main(model: str = "local") -> None:
    gen = GeneratorInfo.from_name(model)
    root = ChatNode.root("You are a helpful guide.")
    try:
        reply = await root.chat("Describe the Eiffel Tower.", gen, output=Landmark, max_tokens=100)
    except InvalidOutput as error:  # a small model may miss; that is told, never passed off as a Landmark
        print("no Landmark:", error)
    else:
        landmark = reply.output  # type checkers know that this is a Landmark
        print(f"{landmark.name!r} stands in {landmark.city!r}, {landmark.country!r}")

    # The same ladder works on any text: fences, prose around it, missing brackets, trailing commas.
    found = repair_json('Sure! ```json\n{"name": "Rome", "hills": [1, 2, 3,], "river": "Tib')
    print(found.text, "(repaired)" if found.changed else "(valid)")


asyncio.run(main(*sys.argv[1:]))
