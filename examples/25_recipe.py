"""A workflow in a file: checked before anything is asked, traced, and gone on with after a failure (extra: schema).

Run: python examples/25_recipe.py [provider:model]
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from minillm import GeneratorInfo, aclose
from minillm.recipes import Recipe, RecipeFailed, StepTrace

post_office = {"open": False}


def stamp(letters: int) -> str:
    """The tool that the recipe names."""
    if not post_office["open"]:
        raise OSError("the post office is closed")
    return "a large stamp" if letters > 1000 else "a stamp"


def told(step: StepTrace) -> None:
    print(f"  {step.step}: {step.status}{', from the state file' if step.resumed else ''}")


async def main(model: str = "local") -> None:
    models = {"writer": GeneratorInfo.from_name(model)}
    recipe = Recipe.load(Path(__file__).with_suffix(".toml"))
    print("needs:", list(recipe.needs.inputs), recipe.needs.models, recipe.needs.tools)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder, "run.jsonl")
        try:
            await recipe.run({"town": "Oslo"}, models=models, tools={"stamp": stamp}, trace=told, state=state)
        except RecipeFailed as failure:
            print("failed at", failure.step)

        # The same file goes on: nobody is asked again for what is done.
        post_office["open"] = True
        result = await recipe.run(models=models, tools={"stamp": stamp}, trace=told, state=state)
    print("postcard:", result.outputs["text"])
    print("with", result.outputs["stamp"])
    asked = [step for step in result.trace if step.kind == "complete"]
    print(f"{len(asked)} answers by {sum(len(step.attempts) for step in asked)} requests")
    await aclose()


asyncio.run(main(*sys.argv[1:]))
