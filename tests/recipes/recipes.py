"""Recipes as short as can be, for the tests."""

from collections.abc import Sequence
from typing import Any

from minillm import MockModel
from minillm.recipes import Recipe, RecipeResult

HEAD = 'name = "test"\nmodel = "m"\n'


def recipe(text: str) -> Recipe:
    """A recipe of these steps, whose model is called m."""
    return Recipe.parse(HEAD + text, name="test.toml")


async def done(text: str, replies: Sequence[Any] = (), inputs: Any = None, **given: Any) -> RecipeResult:
    """What comes of it."""
    return await recipe(text).run(inputs, models={"m": MockModel(replies)}, **given)
