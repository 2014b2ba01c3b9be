"""What is typed for a recipe, as values."""

from pathlib import Path

import pytest

from minillm import ConfigurationError, GeneratorInfo
from minillm.cli.recipe.inputs import chosen_models, read_inputs
from minillm.recipes import Recipe

RECIPE = Recipe.parse("""
name = "x"
inputs = { t = "text", n = "number", l = "list", f = "flag", a = "any" }
[[steps]]
id = "s"
kind = "transform"
value = 1
""")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("t=1", "1"),
        ("t=", ""),
        ("t=a=b", "a=b"),
        ("n=1.5", 1.5),
        ("l=[1]", [1]),
        ("f=true", True),
        ("a=[1]", [1]),
        ("a=word", "word"),
    ],
)
def test_a_value_by_its_declared_type(typed: str, value: object) -> None:
    """Texts as they are, all else as JSON."""
    assert read_inputs(RECIPE, [typed], None) == {typed[0]: value}


def test_nothing_given_is_none() -> None:
    """So that a state file's inputs can stand in."""
    assert read_inputs(RECIPE, [], None) is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [("x", "has no ="), ("=x", "has no name"), ("n=one", "must be JSON"), ("t=@b.bin", "b.bin is not UTF-8")],
)
def test_what_cannot_be_read(own_folder: Path, typed: str, words: str) -> None:
    """And never what was typed as a value."""
    (own_folder / "b.bin").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=words):
        read_inputs(RECIPE, [typed], None)


def test_a_file_of_inputs_holds_an_object(own_folder: Path) -> None:
    """By name."""
    (own_folder / "in.json").write_text("[1]")
    with pytest.raises(ConfigurationError, match="one JSON object"):
        read_inputs(RECIPE, [], "in.json")


def test_models_by_name() -> None:
    """As --generator takes them."""
    model = chosen_models(["fast=ollama:llama3.2"])["fast"]
    assert isinstance(model, GeneratorInfo)
    assert model.name == "ollama:llama3.2"
