"""Results on a disk: nothing that was measured is lost, whatever happens to the program or the file."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import ConfigurationError, GeneratorInfo, MockModel
from minillm.benchmark import Limits, Plan, Prompt, Target, load_results
from minillm.benchmark.results_file import ResultsFile, differences, plan_facts
from minillm.json import loads
from tests.benchmark.rows import failure, row
from tests.import_graph import REPOSITORY

KEY = ("host:model", "short", "1 at once")


def plan(**said) -> Plan:
    return Plan(**{"targets": [Target("host:model", MockModel())], "prompts": [Prompt.of("short", "Hi.")], **said})


def written(path: Path, *rows, ending: str | None = "done", **said) -> Path:
    with ResultsFile(path, plan_facts(plan(**said))) as file:
        file.begin(KEY)
        for each in rows:
            file.add(each)
        if ending is not None:
            file.end(ending)
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    results = load_results(written(tmp_path / "r.jsonl", row(), failure(), limits=Limits(first_token=0.5)))
    assert results.measurements == [row(), failure()]
    assert (results.ending, results.limits) == ("done", Limits(first_token=0.5))


def test_each_row_is_on_the_disk_before_the_next(tmp_path: Path) -> None:
    """Read by another while it is open for writing."""
    path = tmp_path / "r.jsonl"
    with ResultsFile(path, plan_facts(plan())) as file:
        file.begin(KEY)
        for count in range(1, 4):
            file.add(row(number=count))
            assert len(load_results(path).measurements) == count


@given(cut=st.integers(min_value=0, max_value=4000))
def test_a_file_cut_anywhere_gives_what_is_whole(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """As a full disk or a power failure leaves it; then a further run is appended."""
    path = written(tmp_path_factory.mktemp("cut") / "r.jsonl", row(), failure(), row(number=2))
    first = path.read_bytes().index(b"\n")
    data = path.read_bytes()[:cut]
    path.write_bytes(data)
    if len(data) < first:
        with pytest.raises(ConfigurationError):
            load_results(path)
        return
    kept = [row(), failure(), row(number=2)][: max(0, data.count(b"\n") - 2)]
    assert load_results(path).measurements[: len(kept)] == kept
    with ResultsFile(path, plan_facts(plan())) as file:
        file.begin(("other", "short", "1 at once"))
        file.add(row(target="other"))
    assert load_results(path).measurements[-1] == row(target="other")
    assert all(isinstance(loads(line), dict) for line in path.read_bytes().splitlines())


def test_a_series_that_begins_again_replaces_what_was_cut(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", row(), row(number=1), ending=None)
    written(path, row(number=7))
    assert [each.number for each in load_results(path).measurements] == [7]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no results"),
        ("hello\n", ":1: no JSON"),
        ('{"kind": "other"}\n', "holds no results"),
        ("[1]\n", ":1: a JSON object"),
        ('{"kind": "run", "format": 2}\n', ":1: written by a newer version"),
        ('{"kind": "run", "format": 1}\n\n{"kind": "request", "target": 1}\n', ":3: no row"),
        ('{"kind": "run", "format": 1}\n{"kind": "series", "target": 1}\n', ":2: target, prompt and load"),
        ('{"kind": "run", "format": 1, "limits": {"first_token": "soon"}}\n', ":1: limits: first_token"),
    ],
)
def test_a_file_of_another_kind_is_told_by_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=told):
        load_results(path)


def test_facts_hold_no_key_no_header_and_no_prompt() -> None:
    gen = GeneratorInfo.custom("m", base_url="http://127.0.0.1:1/v1", api_key="sk-1234567", headers={"x-a": "secret-b"})
    facts = str(plan_facts(plan(targets=[Target("t", gen)], prompts=[Prompt.of("p", "the question")])))
    assert "127.0.0.1" in facts
    assert not any(secret in facts for secret in ("sk-1234567", "secret-b", "the question"))


def test_another_plan_is_told_from_the_same(tmp_path: Path) -> None:
    results = load_results(written(tmp_path / "r.jsonl", row()))
    assert differences(results, plan()) == []
    (told,) = differences(results, plan(requests=21))
    assert told.endswith("there, 21 here")
    assert differences(results, plan(prompts=[Prompt.of("short", "Hello.")])) == ["prompts differ"]


KILLED = """
import asyncio, sys
from minillm.benchmark import *
from tests.benchmark.paced_model import PacedModel

plan = Plan(targets=[Target("paced", PacedModel(first=0.01, each=0.001))], prompts=[Prompt.of("short", "Hi.")],
            requests=100000, warm_up=0)
print("begun", flush=True)
asyncio.run(benchmark(plan, file=sys.argv[1]))
"""


def test_a_program_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    """SIGKILL in the midst of it, once some rows are there; all of them load, and their figures are as ever."""
    path = tmp_path / "r.jsonl"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, env=environment, cwd=REPOSITORY
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while not path.exists() or path.read_bytes().count(b"\n") < 10:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    rows = path.read_bytes().count(b'{"kind":"request"')
    results = load_results(path)
    assert results.ending == ""
    assert rows - 1 <= len(results.measured) <= rows
    assert len(results.measured) >= 8
    assert results.series[0].first_token.p50 is not None
