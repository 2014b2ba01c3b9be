"""docs/recipes.md: its recipe runs, its errors are what is said, its table of functions is whole."""

import re
import tomllib

import pytest

from minillm import MockModel
from minillm.config_file import ConfigFileError
from minillm.recipes import Recipe
from minillm.recipes.functions import FUNCTIONS
from tests.chat.run_tools import call, calling
from tests.import_graph import REPOSITORY

PAGE = (REPOSITORY / "docs" / "recipes.md").read_text("utf-8")
TRIAGE, TABLES, BOOKING = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


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


async def test_the_model_of_the_page_calls_its_tools():
    """Functions of the caller, under the recipe's names."""
    reserved = []

    def rooms(town: str) -> list[str]:
        return ["sea", "attic"]

    def reserve(room: str) -> None:
        reserved.append(room)

    turns = [calling(call("rooms_in", "1", '{"town": "Lagos"}')), calling(call("reserve", "2", '{"room": "sea"}'))]
    result = await Recipe.parse(f'name = "x"\nmodel = "m"\ninputs.town = "text"\n{BOOKING}').run(
        {"town": "Lagos"},
        models={"m": MockModel([*turns, "It is yours."])},
        tools={"rooms_in": rooms, "reserve": reserve},
    )
    assert (result.outputs, reserved) == ({"book": "It is yours."}, ["sea"])


def test_every_function_stands_in_the_table():
    """With its meaning."""
    told = dict(re.findall(r"^\| `(\w+)\([^`]*\)` \| (.*) \|$", PAGE, re.MULTILINE))
    assert told == {name: function.meaning for name, function in FUNCTIONS.items()}
