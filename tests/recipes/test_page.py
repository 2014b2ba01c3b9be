"""docs/recipes.md: its recipe runs, its errors are what is said, its table of functions is whole."""

import re
import tomllib

import pytest

from minillm import MockModel
from minillm.config_file import ConfigFileError
from minillm.recipes import Recipe
from minillm.recipes.functions import FUNCTIONS
from tests.import_graph import REPOSITORY

PAGE = (REPOSITORY / "docs" / "recipes.md").read_text("utf-8")
TRIAGE, TABLES = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


async def test_the_recipe_of_the_page_runs():
    """With a scripted model and a function."""
    paged = []

    def page(who: str, text: str) -> None:
        paged.append((who, text))

    model = MockModel(['{"department": "ovens", "urgent": true}', "Run."])
    recipe = Recipe.parse(TRIAGE, name="triage.toml")
    result = await recipe.run({"ticket": "fire"}, models={"fast": model}, tools={"page": page})
    assert result.outputs == {"answer": "Run."}
    assert paged == [("ovens", "fire")]


def test_the_errors_of_the_page_are_said():
    """Letter by letter."""
    spoilt = TRIAGE.replace("{inputs.ticket}", "{inputs.tiket}", 1).replace("output.urgent", "output.urgnt")
    with pytest.raises(ConfigFileError) as caught:
        Recipe.parse(spoilt, name="triage.toml")
    assert re.findall(r"^    (triage\.toml:.*)$", PAGE, re.MULTILINE) == str(caught.value).splitlines()


def test_inputs_and_models_of_the_page_are_taken():
    """They make a recipe with any step."""
    tomllib.loads(TABLES)
    Recipe.parse('name = "x"\nsteps = [{ id = "a", kind = "transform", value = 1 }]\n' + TABLES)


def test_every_function_stands_in_the_table():
    """With its meaning."""
    told = dict(re.findall(r"^\| `(\w+)\([^`]*\)` \| (.*) \|$", PAGE, re.MULTILINE))
    assert told == {name: function.meaning for name, function in FUNCTIONS.items()}
