"""``minillm recipe show``: what a recipe does and wants."""

import json
from pathlib import Path

import pytest

from minillm.cli import main

RECIPE = """
name = "triage"
version = "3"
description = "Sorts."
model = "fast"
inputs.text = "text"
inputs.tone = { type = "text", default = "kind", description = "how" }
[[steps]]
id = "ask"
kind = "complete"
prompt = "?"
schema = {}
[[steps]]
id = "more"
kind = "complete"
prompt = "?"
continues = "ask"
tools = ["search"]
[[steps]]
id = "route"
kind = "branch"
cases = [{ when = "inputs.text == 'x'", steps = [{ id = "send", kind = "tool", tool = "mail", each = "range(2)" }] }]
otherwise = [{ id = "none", kind = "transform", value = 1 }]
"""


@pytest.fixture(autouse=True)
def file(own_folder: Path) -> None:
    (own_folder / "r.toml").write_text(RECIPE)


def test_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Steps of cases stand below their condition."""
    assert main(["recipe", "show", "r.toml"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "triage 3",
        "Sorts.",
        "input is default",
        "text text",
        "tone text kind how",
        "step kind for each",
        "ask complete fast, with a schema",
        "more complete fast, continues ask, calls search",
        "route branch 2 cases",
        "· if inputs.text == 'x'",
        "· send tool mail range(2)",
        "· otherwise",
        "· none transform",
        "outputs: route",
    ]


def test_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """What it needs, too."""
    assert main(["recipe", "show", "r.toml", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["models"], facts["tools"], facts["outputs"]) == (["fast"], ["search", "mail"], ["route"])
    assert [step["step"] for step in facts["steps"]] == ["ask", "more", "route", "send", "none"]
    assert facts["inputs"]["tone"] == {"type": "text", "required": False, "default": "kind", "description": "how"}


def test_a_bad_recipe_is_exit_code_2(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its line."""
    (own_folder / "r.toml").write_text("name = 1")
    assert main(["recipe", "show", "r.toml"]) == 2
    assert "r.toml:1:1" in capsys.readouterr().err
