"""A conversation in a file: one thread, or the whole tree with every branch.

Run: python examples/06_save_load.py [provider:model]
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from minillm import ChatNode, GeneratorInfo, format_conversation


async def talk(model: str, folder: Path) -> None:
    gen = GeneratorInfo.from_name(model)
    root = ChatNode.root("You are a guide to {city}.")
    root.format_kwargs["city"] = "Lisbon"  # filled in when a request is made
    replies = await root.branch(gen, user="What should I see first?", n=2, max_tokens=32)

    replies[0].save_thread(folder / "thread.json")  # from the root to this reply
    root.save_tree(folder / "tree.jsonl")  # every node, with the tokens, cost and time of each reply

    thread = ChatNode.from_thread_file(folder / "thread.json")
    print(format_conversation(thread.leaf))
    again = await thread.leaf.chat("And after that?", gen, max_tokens=32)
    print("going on:", again.text)

    tree = ChatNode.from_tree_file(folder / "tree.jsonl")
    print(f"the tree has {tree.node_count()} nodes, the loaded thread {len(again.path())}")


def main(model: str = "local") -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(talk(model, Path(folder)))


main(*sys.argv[1:])
