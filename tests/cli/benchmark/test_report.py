"""``minillm benchmark report``: the same again out of a file."""

import json
from pathlib import Path

import pytest

from minillm.benchmark.results_file import ResultsFile
from minillm.cli import main
from minillm.cli.benchmark.report import exit_code
from tests.benchmark.rows import failure, results, row


@pytest.fixture
def file(own_folder: Path) -> Path:
    path = own_folder / "r.jsonl"
    with ResultsFile(path, {"targets": []}) as writing:
        writing.add(row())
        writing.add(row(number=1))
    return path


def test_a_file_that_was_cut_is_shown(file: Path, capsys) -> None:
    file.write_bytes(file.read_bytes()[:-20])
    assert main(["benchmark", "report", "r.jsonl"]) == 0
    assert "1 answered, 0 failed" in capsys.readouterr().out


def test_the_same_as_json_csv_and_page(file: Path, capsys) -> None:
    assert main(["benchmark", "report", "r.jsonl", "--json", "--csv", "r.csv", "--html", "r.html"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["series"][0]["requests"] == 2
    assert "wrote r.csv" in shown.err
    assert file.with_suffix(".html").exists()


@pytest.mark.parametrize("name", ["absent.jsonl", "other.txt"])
def test_what_holds_no_results_is_a_mistake(own_folder: Path, capsys, name: str) -> None:
    (own_folder / "other.txt").write_text("hello")
    assert main(["benchmark", "report", name]) == 2
    assert name in capsys.readouterr().err


def test_exit_codes_tell_failures() -> None:
    stopped = results(row())
    stopped.ending = "the budget is empty"
    assert exit_code(results(row())) == 0
    assert [exit_code(each) for each in (results(row(), failure()), results(), stopped)] == [1, 1, 1]
