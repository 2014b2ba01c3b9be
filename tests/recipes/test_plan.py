"""A plan: names resolved, in scope, with what schemas say of them. (Faults: test_bad_recipes.py.)"""

import pytest

from minillm.config_file import ConfigFileError
from minillm.recipes.nodes import Get, Name
from tests.recipes.recipes import recipe

SCHEMA = "schema = { type = 'object', properties = { a = {} } }"


def ask(id: str, *lines: str) -> str:
    return "\n".join([f'[[steps]]\nid = "{id}"\nkind = "complete"\nprompt = "?"', *lines, ""])


def show(value: str) -> str:
    return f'[[steps]]\nid = "show"\nkind = "transform"\nvalue = "{value}"\n'


def test_steps_of_cases_see_what_was_before_their_branch():
    """And the steps before them in their case."""
    inner = (
        '[{ id = "i", kind = "transform", value = 1 }, { id = "j", kind = "transform", value = "{steps.i.output}" }]'
    )
    text = f'{ask("a")}[[steps]]\nid = "b"\nkind = "branch"\ncases = [{{ when = "true", steps = {inner} }}]\n'
    plan = recipe(text).plan
    assert [step.id for step in plan.every_step()] == ["a", "b", "i", "j"]
    assert [step.id for step in plan.steps] == ["a", "b"]
    other = 'otherwise = [{ id = "o", kind = "transform", value = "{steps.i.output}" }]\n'
    with pytest.raises(ConfigFileError, match="'i' is not done yet; done before: a"):
        recipe(text + other)


def test_expressions_are_parsed_once():
    """Where they stand."""
    plan = recipe(
        'inputs.l = "list"\n[[steps]]\nid = "a"\nkind = "transform"\neach = "inputs.l"\nvalue = "{item}"\n'
    ).plan
    [step] = plan.steps
    assert step.each == Get(Name("inputs"), "l")
    assert list(step.values) == ["value"]


@pytest.mark.parametrize(
    ("made", "used", "words"),
    [
        (ask("x", SCHEMA), "{steps.x.output.a}", ""),
        (ask("x", SCHEMA), "{steps.x.output.a.b[0].c}", ""),
        (ask("x", SCHEMA), "{steps.x.output.b}", "has no 'b'; it has a"),
        (ask("x", "schema = { properties = { a = {} }, additionalProperties = {} }"), "{steps.x.output.b}", ""),
        (ask("x", "schema = { type = 'array' }"), "{steps.x.output[0].b}", ""),
        (ask("x", SCHEMA, "each = '[1]'"), "{steps.x.output.a}", "is a list, one value for each item"),
        (ask("x", SCHEMA, "each = '[1]'"), "{[y.a for y in steps.x.output]}", ""),
        (ask("x", SCHEMA, "each = '[1]'"), "{join([y.a for y in steps.x.output])}", ""),
        (ask("x", SCHEMA, "each = '[1]'"), "{join([y.a for z in steps.x.output])}", "nothing is called 'y' here"),
        (ask("x"), "{steps.x.output.a}", "is a text without keys"),
        (
            "[[steps]]\nid='x'\nkind='validate'\nvalue=1\non_invalid='report'\nschema={}\n",
            "{steps.x.output.ok}",
            "it reports valid, value and problem",
        ),
    ],
)
def test_keys_that_a_schema_knows(made, used, words):
    """A misspelt key is found before anything is asked."""
    if not words:
        recipe(made + show(used))
        return
    with pytest.raises(ConfigFileError) as caught:
        recipe(made + show(used))
    assert words in str(caught.value)
