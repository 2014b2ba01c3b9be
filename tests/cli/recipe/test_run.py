"""``minillm recipe run``: outputs on standard output, steps on standard error, an exit code."""

import json
from pathlib import Path

import pytest

from minillm.cli import main

RECIPE = """
name = "shout"
[inputs]
text = "text"
times = { type = "integer", default = 1 }
[[steps]]
id = "loud"
kind = "transform"
value = "{upper(inputs.text)}"
[[steps]]
id = "again"
kind = "tool"
tool = "textwrap:indent"
arguments = { text = "{steps.loud.output}", prefix = "> " }
[outputs]
text = "{steps.again.output}"
"""
ARGUMENTS = ["recipe", "run", "r.toml", "--allow-import", "textwrap"]


@pytest.fixture(autouse=True)
def file(own_folder: Path) -> Path:
    (own_folder / "r.toml").write_text(RECIPE)
    return own_folder / "r.toml"


def test_a_lone_text_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Steps are told aside, so that the output can be piped."""
    assert main([*ARGUMENTS, "-i", "text=hello=you"]) == 0
    output, errors = capsys.readouterr()
    assert output == "> HELLO=YOU\n"
    assert [line.split(" · ")[0] for line in errors.splitlines()] == ["loud", "again", "2 steps"]


def test_other_outputs_are_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And with --json the trace is there too."""
    file.write_text(RECIPE + "n = '{inputs.times}'\n")
    assert main([*ARGUMENTS, "-i", "text=a", "--input", "times=3"]) == 0
    assert json.loads(capsys.readouterr().out) == {"text": "> A", "n": 3}
    assert main([*ARGUMENTS, "-i", "text=a", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["outputs"]["n"], told["usd"], len(told["trace"])) == (1, "0", 2)


def test_inputs_out_of_files(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file a value, or one for all; what is typed wins."""
    (own_folder / "text.txt").write_text("ü")
    (own_folder / "in.json").write_text('{"text": "x", "times": 2}')
    assert main([*ARGUMENTS, "-i", "text=@text.txt"]) == 0
    assert main([*ARGUMENTS, "--inputs", "in.json"]) == 0
    assert main([*ARGUMENTS, "--inputs", "in.json", "-i", "text=y"]) == 0
    assert capsys.readouterr().out == "> Ü\n> X\n> Y\n"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "the input 'text' is missing"),
        (["-i", "text"], "--input takes name=value"),
        (["-i", "text=a", "-i", "times=many"], "the input 'times' must be JSON, and of the type integer"),
        (["-i", "txt=a"], 'did you mean "text"?'),
        (["-i", "text=@no.txt"], "no.txt: No such file"),
        (["--inputs", "r.toml"], "not JSON"),
        (["-i", "text=a", "-m", "m=nohost:x"], "no provider is called 'nohost'"),
        (["-i", "text=a", "--state", "no/folder/s"], "cannot be opened"),
    ],
)
def test_mistakes_are_exit_code_2(more: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One message, nothing done."""
    assert main([*ARGUMENTS, *more]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert words in errors


def test_a_failure_is_exit_code_1_and_goes_on_from_its_state(
    own_folder: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The trace is written either way."""
    file.write_text(RECIPE.replace("textwrap:indent", "textwrap:fill").replace('prefix = "> "', "width = 0"))
    more = ["-i", "text=a b", "--state", "s.jsonl", "--trace", "t.jsonl"]
    assert main([*ARGUMENTS, *more]) == 1
    errors = capsys.readouterr().err
    assert "again · tool · 0.0 s · failed" in errors
    assert "goes on from there" in errors
    assert "r.toml:10: the step again failed: ValueError: invalid width 0" in errors
    traced = [json.loads(line) for line in (own_folder / "t.jsonl").read_text().splitlines()]
    assert [(step["step"], step["status"]) for step in traced] == [("loud", "done"), ("again", "failed")]
    assert main([*ARGUMENTS, *more]) == 1
    assert "loud · transform · from the state file" in capsys.readouterr().err


def test_nothing_is_imported_that_was_not_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    """A recipe out of a mail runs no code of its choice."""
    assert main(["recipe", "run", "r.toml", "-i", "text=a"]) == 2
    errors = capsys.readouterr().err
    assert "no module that this recipe may import from; allowed: none" in errors
    assert "r.toml:13:1" in errors
