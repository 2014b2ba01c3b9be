"""``minillm benchmark run``, as a shell sees it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minillm.benchmark import load_results
from minillm.cli import main
from tests.import_graph import REPOSITORY


def test_a_run_shows_figures_formulae_and_cost_and_keeps_a_file(configured: Path, capsys) -> None:
    assert main(["benchmark", "run"]) == 0
    shown = capsys.readouterr()
    for words in ("time to first token", "inter-token latency", "mine:2-1-5 · short · 2 at once", "How it is computed"):
        assert words in shown.out
    assert "4 answered, 0 failed" in shown.out
    assert "$0.0042" in shown.out  # 4 x (1000 x $1 + 5 x $10) a million
    assert "11 requests in 2 series" in shown.err
    (file,) = configured.glob("benchmark-*.jsonl")
    assert len(load_results(file).measured) == 8


def test_json_is_all_of_standard_output(configured: Path, capsys) -> None:
    assert main(["benchmark", "run", "--json", "--output", "r.jsonl"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert [series["load"] for series in value["series"]] == ["1 at once", "2 at once"]
    assert value["series"][0]["output_tokens"] == 20
    assert "throughput" in value["formulae"]


def test_what_is_said_stands_in_for_the_file(configured: Path, capsys) -> None:
    options = ["-n", "2", "--concurrency", "3", "--rate", "100", "--prompt", "json", "--prompt", "code"]
    assert main(["benchmark", "run", "-o", "r.jsonl", "--model", "1-1-3", "--max-tokens", "7", *options]) == 0
    results = load_results("r.jsonl")
    assert {each.prompt for each in results.measured} == {"json", "code"}
    assert {each.load for each in results.measured} == {"3 at once", "100 a second"}
    assert {each.target for each in results.measured} == {"mine:1-1-3"}
    assert results.facts["max_tokens"] == 7


def test_pages_and_tables_are_written(configured: Path, capsys) -> None:
    assert main(["benchmark", "run", "-o", "r.jsonl", "--html", "r.html", "--csv", "r.csv"]) == 0
    assert (configured / "r.html").read_text("utf-8").startswith("<!doctype html>")
    assert (configured / "r.csv").read_text("utf-8").count("\n") == 3


def test_requests_that_fail_are_the_exit_code(own_folder: Path, capsys) -> None:
    """Nobody listens there: every request fails, the kinds are counted, and the shell is told."""
    (own_folder / "config.toml").write_text('[providers.mine]\nbase_url = "http://127.0.0.1:9/v1"\nmodels = ["m"]\n')
    assert main(["benchmark", "run", "-n", "3", "-o", "r.jsonl"]) == 1
    shown = capsys.readouterr()
    assert "ConnectError" in shown.out
    assert "0 answered, 3 failed" in shown.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-c", "absent.toml"], "absent.toml"),
        (["--prompt", "none"], "story"),
        (["--provider", "none"], "mine"),
        (["-n", "0"], ">= 1"),
        (["--rate", "0"], "--rate"),
        (["--rate", "nan"], "rate"),
        (["-g", "openai:gpt-5.4"], "OPENAI_API_KEY"),
        (["-g", "nowhere:m"], "nowhere"),
        (["--output", "no/such/folder/r.jsonl"], "no/such/folder"),
        (["--html", "no/such/folder/r.html"], "no/such/folder"),
        (["--csv", "no/such/folder/r.csv"], "no/such/folder"),
        (["--resume", "absent.jsonl"], "absent.jsonl"),
        (["--resume", "one.jsonl", "--output", "other.jsonl"], "--resume appends to one.jsonl"),
    ],
)
def test_a_mistake_is_one_message_and_nothing_is_sent(
    configured: Path, capsys, arguments: list[str], told: str
) -> None:
    assert main(["benchmark", "run", *arguments]) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""
    assert list(configured.glob("*.jsonl")) == []


def test_fewer_requests_than_askers_are_told(configured: Path, capsys) -> None:
    assert main(["benchmark", "run", "-n", "2", "--concurrency", "5", "-o", "r.jsonl"]) == 0
    assert "2 requests never are 5 at once" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_named(configured: Path, capsys) -> None:
    """What is wrong with it turns up at the end only: the figures are shown, the other file is written."""
    (configured / "taken.csv").mkdir()
    assert main(["benchmark", "run", "-o", "r.jsonl", "--csv", "taken.csv", "--html", "r.html"]) == 1
    shown = capsys.readouterr()
    assert "4 answered, 0 failed" in shown.out
    assert "taken.csv: Is a directory" in shown.err
    assert (configured / "r.html").exists()


def test_a_bad_file_names_its_line(own_folder: Path, capsys) -> None:
    (own_folder / "llm-benchmark.toml").write_text("[benchmark]\nrequets = 5\n")
    assert main(["benchmark", "run"]) == 2
    told = capsys.readouterr().err
    assert "llm-benchmark.toml:2:1" in told
    assert "requests" in told


def test_a_file_of_results_is_not_written_over(configured: Path, capsys) -> None:
    (configured / "r.jsonl").write_text("mine")
    assert main(["benchmark", "run", "-o", "r.jsonl"]) == 2
    assert "r.jsonl is there already" in capsys.readouterr().err


def test_an_unfinished_file_is_gone_on_with(configured: Path, capsys) -> None:
    assert main(["benchmark", "run", "-o", "r.jsonl"]) == 0
    path = configured / "r.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    second = next(place for place, line in enumerate(lines) if b'"series"' in line and b"2 at once" in line)
    path.write_bytes(b"".join(lines[: second + 3]))
    capsys.readouterr()
    assert main(["benchmark", "run", "--resume", "r.jsonl", "-o", "r.jsonl"]) == 0
    assert "6 of 11 requests are left" in capsys.readouterr().err
    results = load_results(path)
    assert [(each.load, each.requests) for each in results.series] == [("1 at once", 4), ("2 at once", 4)]
    assert main(["benchmark", "run", "--resume", "r.jsonl", "-n", "9"]) == 2
    told = capsys.readouterr().err
    assert "another plan" in told
    assert "requests: 4 there, 9 here" in told


def test_a_full_disk_names_the_file_and_shows_what_was_measured(address: str, own_folder: Path) -> None:
    """The page is another file: it may still find room. Something was sent, so the exit code is not 2."""
    (own_folder / "benchmark.toml").write_text(
        f'[benchmark]\nrequests = 1000\n[providers.mine]\nbase_url = "{address}/v1"\nmodels = ["2-1-5"]\n'
    )
    program = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
    program += "from minillm.cli import main; sys.exit(main(['benchmark', 'run', '-o', 'r.jsonl', '--csv', 'r.csv',"
    program += " '--html', 'r.html']))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    assert done.returncode == 1
    assert "answered, 0 failed" in done.stdout
    assert "Not finished: r.jsonl cannot be written: File too large" in done.stdout
    assert "--resume r.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
    assert "r.html: File too large" in done.stderr
    assert (own_folder / "r.csv").read_text().count("\n") == 2
    assert len(load_results("r.jsonl").measured) >= 1


def test_ctrl_c_shows_and_keeps_what_was_measured(address: str, own_folder: Path) -> None:
    """In the midst of a run: tables of what there is, the way to go on, exit code 130, and the file loads."""
    (own_folder / "benchmark.toml").write_text(
        f'[benchmark]\nrequests = 100000\n[providers.mine]\nbase_url = "{address}/v1"\nmodels = ["5-1-5"]\n'
    )
    program = "import sys; from minillm.cli import main; sys.exit(main(['benchmark', 'run', '-o', 'r.jsonl']))"
    path = own_folder / "r.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    ) as process:
        while not path.exists() or path.read_bytes().count(b"\n") < 12:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, told = process.communicate()
    assert process.returncode == 130
    assert "answered, 0 failed" in out
    assert "Not finished: interrupted" in out
    assert "--resume r.jsonl" in told
    assert "Traceback" not in told
    results = load_results(path)
    assert results.ending == "interrupted"
    assert len(results.measured) >= 9
