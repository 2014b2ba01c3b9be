"""Bad recipes: each is refused before anything runs, by line, with the words that help."""

import pytest

from minillm import MockModel
from minillm.config_file import ConfigFileError
from minillm.recipes import Recipe

# A recipe in which everything is right; the cases below spoil it. Line numbers are counted in the spoilt text.
GOOD = """\
name = "triage"
model = "fast"

[inputs]
ticket = "text"

[models]
fast = "openai:gpt-5.4"

[[steps]]
id = "sort"
kind = "complete"
prompt = \"\"\"
Sort this:
{inputs.ticket}\"\"\"
schema = { type = "object", properties = { urgent = { type = "boolean" } } }

[[steps]]
id = "route"
kind = "branch"
[[steps.cases]]
when = "steps.sort.output.urgent"
[[steps.cases.steps]]
id = "page"
kind = "tool"
tool = "page"
arguments = { text = "{inputs.ticket}" }

[[steps]]
id = "answer"
kind = "complete"
prompt = "Answer it."
continues = "sort"

[outputs]
answer = "{steps.answer.output}"
"""


def page(text: str) -> str:
    return text


# What to replace by what; then the line, the key, and words of the message.
BAD = [
    # The text
    ('name = "triage"', 'name = "triage', 1, "", "not TOML"),
    ('model = "fast"', "model = fast", 2, "", "texts need quotes"),
    ('model = "fast"', 'model = "fast"\nname = "again"', 3, "name", "given twice; first on line 1"),
    ("[outputs]", "[models]", 35, "models", "given twice; first on line 7"),
    ('fast = "openai:gpt-5.4"', 'fast = "sk-proj-abcdefghijkl1234567890"', 8, "models.fast", "looks like a key"),
    # Its form
    ('name = "triage"\n', "", 1, "", 'the key "name" is missing: a text'),
    ('name = "triage"', "name = 3", 1, "name", "is the number 3; allowed: a text"),
    ('name = "triage"', 'name = " "', 1, "name", "is empty"),
    ('model = "fast"', 'modle = "fast"', 2, "modle", 'unknown key; did you mean "model"?'),
    ('ticket = "text"', 'ticket = "txt"', 5, "inputs.ticket", 'is the text "txt"'),
    ('ticket = "text"', 'ticket = { type = "txt" }', 5, "inputs.ticket.type", 'did you mean "text"?'),
    ('ticket = "text"', 'ticket = { type = "text", default = 3 }', 5, "inputs.ticket.default", "allowed: a text"),
    ("[outputs]", "[limits]\nmax_steps = 0\n[outputs]", 36, "limits.max_steps", "is 0; allowed: at least 1"),
    ("[outputs]", '[limits]\nbudget_usd = "1"\n[outputs]', 36, "limits.budget_usd", "allowed: a number"),
    ('id = "sort"\n', "", 10, "steps[0]", 'the key "id" is missing'),
    ('id = "sort"', 'id = "sort it"', 11, "steps[0].id", "must be a word of letters"),
    ('id = "sort"', 'id = "inputs"', 11, "steps[0].id", "is a word of expressions"),
    ('kind = "complete"', 'kind = "compleet"', 12, "steps[0].kind", 'did you mean "complete"?'),
    ('kind = "complete"\nprompt = """', 'prompt = """', 10, "steps[0]", 'the key "kind" is missing: "complete" or'),
    ('continues = "sort"', "retries = -1", 33, "steps[2].retries", "at least 0"),
    ('continues = "sort"', "options.temprature = 1", 33, "steps[2].options.temprature", '"temperature"'),
    ('continues = "sort"', 'arguments = { a = "b" }', 33, "steps[2].arguments", "unknown key"),
    ('when = "steps.sort.output.urgent"\n', "", 21, "steps[1].cases[0]", 'the key "when" is missing'),
    # Expressions
    ('{inputs.ticket}"', '{inputs.ticket +}"', 15, "steps[0].prompt", "is no expression: a value is expected"),
    ('{inputs.ticket}"', '{inputs.ticket"', 15, "steps[0].prompt", "ends on its line"),
    ('{inputs.ticket}"', '{inputs.tiket}"', 15, "steps[0].prompt", 'did you mean "ticket"?; declared: ticket'),
    (
        '{inputs.ticket}"',
        '{ticket}"',
        15,
        "steps[0].prompt",
        "nothing is called 'ticket' here; allowed: inputs, steps; as text: {{ticket}}",
    ),
    ('{inputs.ticket}"', '{uper(inputs.ticket)}"', 15, "steps[0].prompt", 'did you mean "upper"?'),
    ('{inputs.ticket}"', '{item}"', 15, "steps[0].prompt", "item is there only in a step with each"),
    ('{inputs.ticket}"', '{steps.sort.output}"', 15, "steps[0].prompt", "'sort' is not done yet; done before: none"),
    ('{inputs.ticket}"', '{steps.answer.output}"', 15, "steps[0].prompt", "'answer' is not done yet"),
    ('output.urgent"', 'output.urgnt"', 22, "steps[1].cases[0].when", 'did you mean "urgent"?; it has urgent'),
    ('"steps.sort.output.urgent"', '"{steps.sort.output.urgent}"', 22, "steps[1].cases[0].when", "without braces"),
    ("steps.sort.output.urgent", "sort.urgent", 22, "steps[1].cases[0].when", "steps.sort.output?"),
    ("steps.sort.output.urgent", "steps.sort.urgent", 22, "steps[1].cases[0].when", "a step has no 'urgent'"),
    ("steps.sort.output.urgent", "steps.sort", 22, "steps[1].cases[0].when", "steps.sort alone is no value"),
    ("steps.sort.output.urgent", "steps.srt.output", 22, "steps[1].cases[0].when", 'did you mean "sort"?'),
    ("{steps.answer.output}", "{steps.page.output}", 36, "outputs.answer", "stands in a case of 'route'"),
    ("{steps.answer.output}", "{steps.answer.output.x}", 36, "outputs.answer", "is a text without keys"),
    # Names
    ('id = "answer"', 'id = "page"', 30, "steps[2].id", "is also the id of another step"),
    ('continues = "sort"', 'continues = "route"', 33, "steps[2].continues", "asks no model"),
    ('continues = "sort"', 'continues = "page"', 33, "steps[2].continues", "which may not be taken"),
    ('continues = "sort"', 'continues = "nobody"', 33, "steps[2].continues", "no step is called 'nobody'"),
    ('continues = "sort"', 'continues = "sort"\nsystem = "x"', 34, "steps[2].system", "which this step continues"),
    ('model = "fast"\n', "", 9, "steps[0]", 'the key "model" is missing'),
    ('model = "fast"', 'model = "fats"', 2, "model", "no model is called 'fats'; did you mean \"fast\"?"),
    ("openai:gpt-5.4", "opnai:gpt-5.4", 8, "models.fast", "opnai"),
    ('continues = "sort"', 'model = "nohost:x"', 33, "steps[2].model", "nohost"),
    ('type = "object"', 'type = "objekt"', 16, "steps[0].schema", "not a JSON schema"),
    # With what the caller gives
    ('tool = "page"', 'tool = "pager"', 26, "steps[1].cases[0].steps[0].tool", 'did you mean "page"?; given: page'),
    ('tool = "page"', 'tool = "os:system"', 26, "steps[1].cases[0].steps[0].tool", "no module that this recipe may"),
    (
        'text = "{inputs.ticket}"',
        "txt = 1",
        27,
        "steps[1].cases[0].steps[0].arguments",
        "missing a required argument: 'text'",
    ),
    ('continues = "sort"', "options.cache = 'soon'", 33, "steps[2].options", "how long"),
]


def faults(text: str) -> ConfigFileError:
    with pytest.raises(ConfigFileError) as caught:
        Recipe.parse(text, name="r.toml").check(tools={"page": page})
    return caught.value


def test_the_good_one_is_good():
    """So that what is refused below is refused for its one fault."""
    Recipe.parse(GOOD).check(tools={"page": page})
    Recipe.parse(GOOD).check(tools={"page": page}, models={"fast": MockModel()})


@pytest.mark.parametrize(("old", "new", "line", "key", "words"), BAD)
def test_a_bad_recipe(old, new, line, key, words):
    """The line, the key, and what to do."""
    assert old in GOOD
    error = faults(GOOD.replace(old, new, 1))
    told = [(problem.line, problem.key) for problem in error.problems]
    assert told[0] == (line, key), str(error)
    assert words in str(error.problems[0])
    assert str(error).startswith(f"r.toml:{line}:")


def test_every_fault_is_told_at_once():
    """Two wrong references, a wrong model and a wrong schema, in the file's order."""
    text = GOOD.replace('{inputs.ticket}"', '{inputs.a} {inputs.b}"', 1).replace("openai:", "opnai:")
    assert [problem.line for problem in faults(text.replace('"object"', '"objekt"')).problems] == [8, 15, 15, 16]


def test_json_has_lines_too():
    """The same checks."""
    text = '{"name": "x",\n "steps": [\n  {"id": "a", "kind": "transform",\n   "value": "{inputs.x}"}]}'
    with pytest.raises(ConfigFileError) as caught:
        Recipe.parse(text, format="json", name="r.json")
    assert str(caught.value).startswith("r.json:4:14: steps[0].value: inputs.x: no input is called 'x'; declared: none")
