"""``minillm demo``: its five parts, on a script of answers and on the real local model."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from minillm import BadRequestError, ChatNode, ChatRequest, MockModel, ServerError
from minillm.cli import main
from minillm.cli.demo import show
from tests.import_graph import REPOSITORY
from tests.local.conftest import demand_model

LANDMARK = '{"name": "Eiffel Tower", "city": "\\u001b[31mParis", "country": "France"}'


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def answering(json_answer: str) -> MockModel:
    def answer(request: ChatRequest) -> str:
        return json_answer if request.parameters.get("response_format") else "Because of [bold]light[/].\n\x1b[2J"

    return MockModel(answer)


async def test_all_five_parts_are_shown_and_saved(console: Console, own_folder: Path) -> None:
    assert await show(console, answering(LANDMARK), own_folder) == 0
    shown = text_of(console)
    assert [f"\n{part} " in shown for part in range(1, 6)] == [True] * 5
    assert "Because of [bold]light[/]." in shown
    assert "country" in shown
    assert "France" in shown
    assert "\x1b" not in shown
    assert shown.count("the same again:") == 2
    root = ChatNode.from_tree_file(own_folder / "tree.jsonl")
    assert root.node_count() == 8
    assert len(root.children[0].children) == 4


@pytest.mark.parametrize("nonsense", ["I would rather not.", '{"name": 3}', "", "{"])
async def test_an_answer_that_fits_no_schema_is_shown_for_what_it_is(
    nonsense: str, console: Console, own_folder: Path
) -> None:
    assert await show(console, answering(nonsense), own_folder) == 0
    assert "does not fit" in text_of(console)
    assert ChatNode.from_tree_file(own_folder / "tree.jsonl").node_count() == 6


async def test_a_sibling_that_fails_is_told_and_the_rest_goes_on(
    console: Console, own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers: list[str | Exception] = ["one", "two", ServerError("down"), "three", LANDMARK]
    assert await show(console, MockModel(answers), own_folder) == 0
    assert "down" in capsys.readouterr().err
    assert ChatNode.from_tree_file(own_folder / "tree.jsonl").node_count() == 7


def test_a_folder_that_cannot_be_made_is_a_mistake(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("minillm.cli.demo.choose", lambda _: answering(LANDMARK))
    (own_folder / "taken").write_text("")
    assert main(["demo", "--save", "taken"]) == 2
    assert "taken" in capsys.readouterr().err


def test_the_folder_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("minillm.cli.demo.choose", lambda _: answering(LANDMARK))
    assert main(["demo", "--save", "new/folder"]) == 0
    assert Path("new/folder/thread.json").exists()
    assert str(Path("new/folder/thread.json")) in capsys.readouterr().out
    assert main(["demo"]) == 0
    assert "a temporary folder" in capsys.readouterr().out


async def test_a_branch_that_fails_whole_is_told_and_the_rest_goes_on(
    console: Console, own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = [BadRequestError("temperature is not for you to choose") for _ in range(3)]
    assert await show(console, MockModel(["one", *refused, LANDMARK]), own_folder) == 0
    assert "temperature is not for you to choose" in capsys.readouterr().err
    assert ChatNode.from_tree_file(own_folder / "tree.jsonl").node_count() == 5


@pytest.mark.local
def test_the_demo_runs_on_the_real_model(own_folder: Path) -> None:
    demand_model()
    done = subprocess.run(
        [sys.executable, "-m", "minillm", "demo", "--save", "here"],
        capture_output=True, text=True, check=False, cwd=own_folder, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("the same again:") == 2
    assert "cost unknown" not in done.stdout
    assert "no price" not in done.stdout
    rows = [json.loads(line) for line in (own_folder / "here" / "tree.jsonl").read_text("utf-8").splitlines()]
    assert sum(row["message"]["role"] == "assistant" for row in rows[1:]) in (4, 5)
