"""What a recipe file may say: every field, and the options of a call."""

from minillm.chat import NodeCompletionParameters
from minillm.config_file import Document, parse_config
from minillm.recipes.form import BranchStep, CompleteStep, RecipeForm, StepOptions, ToolStep
from minillm.types import CompletionParameters

EVERYTHING = """
name = "n"
description = "d"
version = "2"
model = "m"
inputs.a = "text"
inputs.b = { type = "list", default = [1], description = "b" }
models.m = "openai:x"
models.k = { generator = "openai:x", base_url = "http://h", api_key_env = "K", input_price = 1, output_price = 2.5 }
limits = { max_steps = 5, budget_usd = 0.5, unpriced = "allow", timeout = 9 }

[[steps]]
id = "ask"
kind = "complete"
prompt = "?"
system = "s"
model = "k"
schema = { type = "object" }
options = { stop = ["a"], extra = { x = 1.5 }, cache = "1h" }
each = "inputs.b"
concurrency = 2
retries = 1
retry_wait = 0.5
timeout = 3

[[steps]]
id = "b"
kind = "branch"
cases = [{ when = "true", steps = [{ id = "t", kind = "tool", tool = "f", arguments = { x = 1 }, idempotent = true }] }]
otherwise = [{ id = "v", kind = "validate", value = 1, schema = {}, on_invalid = "report" }]

[outputs]
x = ["{steps.b.output}"]
"""


def test_everything_a_file_may_say():
    """Read into frozen dataclasses, steps of cases included."""
    form = parse_config(EVERYTHING, RecipeForm)
    ask, branch = form.steps
    assert isinstance(ask, CompleteStep)
    assert isinstance(branch, BranchStep)
    assert ask.options.said() == {"stop": ("a",), "extra": {"x": 1.5}, "cache": "1h"}
    [tool] = branch.cases[0].steps
    assert isinstance(tool, ToolStep)
    assert (tool.arguments, tool.idempotent) == ({"x": 1}, True)
    assert Document.parse(EVERYTHING).shape(RecipeForm) == form


def test_options_are_those_of_a_call():
    """Every one of them is an option of ``complete``; those left out are no matter of files, or the recipe's own."""
    known = {*CompletionParameters.__dataclass_fields__, *NodeCompletionParameters.__dataclass_fields__}
    assert set(StepOptions.__dataclass_fields__) <= known
