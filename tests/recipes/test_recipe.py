"""The face of recipes: load, needs, check, inputs, and runs that go on where others ended."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from minillm import ConfigurationError, MockModel
from minillm.config_file import ConfigFileError
from minillm.recipes import Recipe, RecipeFailed
from tests.import_graph import REPOSITORY
from tests.local.conftest import demand_model
from tests.recipes.recipes import recipe

TWO = """
inputs.x = { type = "text", default = "d" }
[[steps]]
id = "ask"
kind = "complete"
prompt = "{inputs.x}?"
[[steps]]
id = "use"
kind = "tool"
tool = "use"
arguments.text = "{steps.ask.output}"
retries = 0
"""


def test_toml_and_json_say_the_same(tmp_path):
    """The format is the file's ending."""
    values = {"name": "j", "steps": [{"id": "a", "kind": "transform", "value": "{1 + 1}"}]}
    (tmp_path / "r.json").write_text(json.dumps(values))
    (tmp_path / "r.toml").write_text('name = "j"\n[[steps]]\nid = "a"\nkind = "transform"\nvalue = "{1 + 1}"\n')
    assert Recipe.load(tmp_path / "r.json").plan == Recipe.load(tmp_path / "r.toml").plan


def test_what_it_needs_of_its_caller():
    """Inputs with their defaults, models without a meaning of their own, tools."""
    needs = recipe(TWO).needs
    assert [(name, form.type, form.default) for name, form in needs.inputs.items()] == [("x", "text", "d")]
    assert (needs.models, needs.tools) == (("m",), ("use",))
    with pytest.raises(ConfigFileError) as caught:
        recipe(TWO).check()
    assert [problem.key for problem in caught.value.problems] == ["model", "steps[1].tool"]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "the input 'a' is missing; it is a text (who)"),
        ({"a": 1}, "the input 'a' is int; it is a text"),
        ({"a": "x", "n": True}, "the input 'n' is bool; it is a number"),
        ({"a": "x", "b": 1}, "no input is called 'b'"),
        ({"a": "x", "aa": 1}, 'did you mean "a"?; declared: a, n'),
        ({"a": "x", "n": float("nan")}, "the input 'n' is no JSON"),
        ({"b": 1, "n": "x"}, "no input is called 'b'; declared: a, n; the input 'a' is missing"),
    ],
)
async def test_inputs_are_checked_before_anything_runs(inputs, words):
    """All of them at once."""
    text = 'inputs.a = { type = "text", description = "who" }\n[inputs.n]\ntype = "number"\ndefault = 1\n'
    ran = recipe(f'{text}[[steps]]\nid = "b"\nkind = "transform"\nvalue = 1\n').run(inputs)
    with pytest.raises(ConfigurationError) as caught:
        await ran
    assert words in str(caught.value)


async def test_a_run_goes_on_where_it_ended(tmp_path):
    """After a failure: what is done is not done again; the failed try stays on the bill."""
    state, calls = tmp_path / "run.jsonl", []

    def use(text: str) -> str:
        calls.append(text)
        if len(calls) == 1:
            raise OSError("not now")
        return text.upper()

    model = MockModel(["yes"])
    with pytest.raises(RecipeFailed, match="OSError: not now"):
        await recipe(TWO).run({"x": "a"}, models={"m": model}, tools={"use": use}, state=state)
    result = await recipe(TWO).run(models={"m": model}, tools={"use": use}, state=state)
    assert result.outputs == {"use": "YES"}
    assert (len(model.requests), calls) == (1, ["yes", "yes"])
    assert [(s.step, s.status, s.resumed) for s in result.trace] == [
        ("use", "failed", True),
        ("ask", "done", True),
        ("use", "done", False),
    ]
    again = await recipe(TWO).run({"x": "a"}, models={"m": model}, tools={"use": use}, state=state)
    assert (again.outputs, len(model.requests), len(calls)) == ({"use": "YES"}, 1, 2)
    assert [node.text for node in again.conversation.iter_depth_first()] == ["", "a?", "yes"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"{inputs.x}?"', '"{inputs.x}!"', "the recipe has changed since (steps.ask)"),
        ('default = "d"', 'default = "e"', "the recipe has changed since (inputs)"),
        ('name = "test"', 'name = "other"', 'it belongs to the recipe "test", not to "other"'),
        ("retries = 0", "retries = 3", ""),
        ("inputs.x", "limits.max_steps = 9\ninputs.x", ""),
        ("[[steps]]", "# a comment\n[[steps]]", ""),
    ],
)
async def test_a_changed_recipe_does_not_go_on(tmp_path, old, new, words):
    """Unless the change has no part in what steps give; the error names what changed."""
    state = tmp_path / "run.jsonl"
    given = {"models": {"m": MockModel(["yes"])}, "tools": {"use": str.upper}}
    given["tools"] = {"use": lambda text: text}
    await recipe(TWO).run({}, **given, state=state)
    text = 'name = "test"\nmodel = "m"\n' + TWO
    changed = Recipe.parse(text.replace(old, new, 1))
    if not words:
        await changed.run({}, **given, state=state)
        return
    with pytest.raises(ConfigurationError) as caught:
        await changed.run({}, **given, state=state)
    assert words in str(caught.value)
    assert str(state) in str(caught.value)


async def test_other_inputs_do_not_go_on(tmp_path):
    """The same file is the same run."""
    given = {"models": {"m": MockModel(["yes"])}, "tools": {"use": lambda text: text}}
    await recipe(TWO).run({"x": "a"}, **given, state=tmp_path / "s")
    with pytest.raises(ConfigurationError, match="begun with another x"):
        await recipe(TWO).run({"x": "b"}, **given, state=tmp_path / "s")


# A run that is killed from outside, in a program of its own: each tool call leaves a mark behind.
KILLED = """
import asyncio, os, sys
from minillm import MockModel
from minillm.recipes import Recipe, RecipeFailed

folder, rerun = sys.argv[1], len(sys.argv) > 2

async def work(n):
    with open(f"{folder}/begun", "a") as file:
        file.write(f"{n}\\n")
    print(n, flush=True)
    await asyncio.sleep(0.01 if os.environ.get("QUICK") else 0.03)
    with open(f"{folder}/ended", "a") as file:
        file.write(f"{n}\\n")
    return n

async def main():
    recipe = Recipe.load(f"{folder}/r.toml")
    model = MockModel(lambda request: "echo " + request.messages[-1].text)
    result = await recipe.run(
        models={"m": model}, tools={"work": work}, state=f"{folder}/run.jsonl", rerun_interrupted=rerun
    )
    print("outputs", len(result.outputs["talk"]), result.outputs["talk"][-1], result.outputs["sum"])

asyncio.run(main())
"""
LONG = """
name = "long"
model = "m"
[[steps]]
id = "work"
kind = "tool"
tool = "work"
each = "range(12)"
concurrency = 2
arguments.n = "{item}"
[[steps]]
id = "talk"
kind = "complete"
each = "steps.work.output"
prompt = "{item}"
[outputs]
talk = "{steps.talk.output}"
sum = "{sum(steps.work.output)}"
"""


def test_a_killed_run_goes_on(tmp_path: Path):
    """Killed in the middle of tool calls: nothing that ended is done again, nothing is skipped, and what was
    interrupted is told, and run again only where that was allowed."""
    (tmp_path / "r.toml").write_text(LONG)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}

    def start(*more: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path), *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    for kill_after in (3, 2):
        program = start("rerun")
        assert program.stdout is not None
        for _ in range(kill_after):
            program.stdout.readline()
        os.kill(program.pid, signal.SIGKILL)
        program.communicate()
    output, errors = start().communicate()
    assert "was begun in an earlier run and not seen to end" in errors
    assert "rerun_interrupted=True (--rerun-interrupted)" in errors
    output, errors = start("rerun").communicate()
    assert output.splitlines()[-1] == "outputs 12 echo 11 66", errors
    ended = (tmp_path / "ended").read_text().split()
    begun = (tmp_path / "begun").read_text().split()
    assert set(ended) == {str(n) for n in range(12)}
    # Twice at most where a call ended, and was killed before its line was on the disk: two run at a time.
    assert len(ended) <= 12 + 2 * 2
    assert all(begun.count(n) <= 3 for n in begun)


async def test_a_real_recipe_on_the_local_model(tmp_path):
    """A schema, a branch, a list and a conversation on a real model; its structure alone is looked at."""
    demand_model()
    text = """
        name = "towns"
        model = "local"
        [[steps]]
        id = "town"
        kind = "complete"
        prompt = "Name one large town of Italy."
        retries = 2
        retry_wait = 0
        options = { max_tokens = 60, temperature = 0 }
        schema = { type = "object", required = ["town"], additionalProperties = false, properties.town.type = "string" }
        [[steps]]
        id = "size"
        kind = "branch"
        [[steps.cases]]
        when = "len(steps.town.output.town) > 0"
        [[steps.cases.steps]]
        id = "lines"
        kind = "complete"
        each = '["rivers", "food"]'
        prompt = "One short sentence about the {item} of {steps.town.output.town}."
        options = { max_tokens = 20 }
        [[steps]]
        id = "more"
        kind = "complete"
        continues = "town"
        prompt = "Say why, in five words."
        options = { max_tokens = 20 }
        [outputs]
        town = "{steps.town.output.town}"
        lines = "{steps.size.output}"
        """
    result = await Recipe.parse(text).run(state=tmp_path / "run.jsonl")
    assert isinstance(result.outputs["town"], str)
    assert result.cost.usd == 0
    assert all(step.attempts for step in result.trace if step.kind == "complete")
    depths = sorted(len(leaf.path()) for leaf in result.conversation.iter_leaves())
    assert depths in ([5], [3, 3, 5])
    again = await Recipe.parse(text).run(state=tmp_path / "run.jsonl")
    assert again.outputs == result.outputs
    assert {step.step: step.attempts for step in again.trace} == {step.step: step.attempts for step in result.trace}
