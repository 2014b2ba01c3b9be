"""Best of n: sample siblings, score them, keep the best, compare, and write it all to a journal. No model is asked.

Run: python examples/11_best_of_n_tree.py
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from minillm import ChatNode, MockModel
from minillm.tree import best_leaf, diff, format_tree, journal, prune, score

SLOGANS = ["Bread.", "Warm bread, warm people.", "We bake, you wake.", "Rise and dine with us every single morning."]


async def main(folder: Path) -> None:
    model = MockModel(SLOGANS)  # a GeneratorInfo stands here in earnest
    root = ChatNode.root("You write slogans.")
    question = root.add_user("One for a bakery?")

    # Every node, score and cut is in the file as soon as it happens: a program that is killed loses a line at most.
    with journal(root, folder / "slogans.jsonl"):
        for reply in await question.branch(model, n=4):
            score(reply, -abs(len(reply.text) - 20))  # the nearer to 20 letters, the better

        best = best_leaf(question)
        print("best:", best.text, best.metadata["score"])

        first = question.children[0]
        print(diff(first, best))

        kept = set(best.path())
        dropped = prune(root, lambda node: node not in kept)
        print(f"dropped {len(dropped)}")

    print(format_tree(ChatNode.from_tree_file(folder / "slogans.jsonl")))


with TemporaryDirectory() as name:
    asyncio.run(main(Path(name)))
