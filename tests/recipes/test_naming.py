"""From names to models and functions."""

import textwrap
from decimal import Decimal

import pytest

from minillm import GeneratorInfo, MockModel
from minillm.config_file import ConfigFileError
from minillm.recipes import Recipe
from minillm.recipes.naming import Named, Resolver
from minillm.tools import tool
from tests.recipes.recipes import recipe

ASK = '[[steps]]\nid = "ask"\nkind = "complete"\nprompt = "?"\n'
TOOL = '[[steps]]\nid = "a"\nkind = "tool"\n'


def named(text: str, models=None, tools=None, allow_imports=()) -> Named:
    resolver = Resolver(models, tools, allow_imports)
    found = resolver.resolve(recipe(text).plan)
    assert resolver.problems == []
    return found


def test_models_of_the_file():
    """A name alone, or with an address, the variable of its key, and its price."""
    text = f"""
        {ASK}
        [models.m]
        generator = "openai:gpt-5.4"
        base_url = "http://127.0.0.1:9/v1"
        api_key_env = "MY_KEY"
        input_price = 1.25
        output_price = 10
        """
    model = named(text).models["m"]
    assert isinstance(model, GeneratorInfo)
    assert (model.name, model.base_url, model.api_key_env) == ("openai:gpt-5.4", "http://127.0.0.1:9/v1", "MY_KEY")
    assert model.price is not None
    assert (model.price.input, model.price.output) == (Decimal("1.25"), Decimal(10))
    assert named(f'{ASK}[models]\nm = "ollama:x"\n').models["m"].name == "ollama:x"  # type: ignore[union-attr]


def test_a_name_of_a_host_is_a_model():
    """Without a table; the local model costs nothing."""
    found = Resolver(None, None, ()).resolve(Recipe.parse(f'name = "x"\nmodel = "local"\n{ASK}').plan)
    model = found.models["local"]
    assert isinstance(model, GeneratorInfo)
    assert model.price is not None
    assert model.price.output == 0


def test_the_callers_model_wins():
    """Over the file's, so that a test needs no other file."""
    mock = MockModel()
    assert named(f'{ASK}[models]\nm = "openai:gpt-5.4"\n', {"m": mock}).models == {"m": mock}


def test_prices_come_in_pairs():
    """One alone would make a bill that is wrong."""
    with pytest.raises(ConfigFileError, match=r"test.toml:7:1: models.m: output_price is missing"):
        named(f'{ASK}[models.m]\ngenerator = "openai:x"\ninput_price = 1\n')


def test_functions_of_the_caller():
    """By name; a tool for models is its function."""

    @tool
    def made(n: int) -> int:
        """Counts."""
        return n

    found = named(f'{TOOL}tool = "f"\narguments.n = 1\n', {"m": MockModel()}, {"f": made})
    assert found.tools["f"] is made.function


def test_functions_of_a_module():
    """Of those alone that the caller names."""
    text = f'{TOOL}tool = "textwrap:dedent"\narguments.text = "x"\n'
    assert named(text, allow_imports=["textwrap"]).tools == {"textwrap:dedent": textwrap.dedent}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("os:system", "no module that this recipe may import from; allowed: json, no_such_module_of_ours"),
        ("json:_private", "with a public name"),
        ("json:a.b", "with a public name"),
        ("json:lods", 'the module json has no lods; did you mean "loads"?'),
        ("json:decoder", "is no function, but module"),
        ("no_such_module_of_ours:f", "cannot be imported: ModuleNotFoundError"),
        ("g", "no tool is called 'g'; given: ff"),
        ("f", 'did you mean "ff"?'),
    ],
)
def test_functions_that_are_not_there(name, words):
    """Each in its own words, by line."""
    with pytest.raises(ConfigFileError) as caught:
        recipe(f'{TOOL}tool = "{name}"\n').check(tools={"ff": print}, allow_imports=["json", "no_such_module_of_ours"])
    assert words in str(caught.value)
    assert caught.value.line == 6
