"""``config``: a file to change."""

from pathlib import Path

import pytest

from minillm.benchmark.planning import plan_of
from minillm.cli import main
from minillm.config_file import Document


def test_it_writes_a_file_that_run_takes(own_folder: Path, capsys) -> None:
    assert main(["benchmark", "config"]) == 0
    assert "llm-benchmark.toml" in capsys.readouterr().err
    plan = plan_of(Document.load("llm-benchmark.toml"))
    assert (plan.requests, len(plan.loads)) == (20, 2)


@pytest.mark.parametrize("command", ["benchmark", "compat"])
def test_it_never_writes_over_a_file_unasked(own_folder: Path, capsys, command: str) -> None:
    (own_folder / "mine.toml").write_text("mine")
    assert main([command, "config", "mine.toml"]) == 2
    assert "--force" in capsys.readouterr().err
    assert (own_folder / "mine.toml").read_text() == "mine"
    assert main([command, "config", "mine.toml", "--force"]) == 0
    assert (own_folder / "mine.toml").read_text().startswith("# What")
