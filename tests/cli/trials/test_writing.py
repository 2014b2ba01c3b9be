"""Where results and pages go, and what is said of those that cannot."""

import re
from pathlib import Path

import pytest

from minillm.cli.trials.writing import check_folders, results_path, write_text, written
from minillm.errors import ConfigurationError


def test_results_go_to_a_file_of_their_own_unless_one_is_named(own_folder: Path) -> None:
    assert re.fullmatch(r"compat-\d{8}-\d{6}\.jsonl", results_path("compat", output=None, resume=None))
    assert results_path("compat", output="r.jsonl", resume=None) == "r.jsonl"
    (own_folder / "r.jsonl").write_text("mine")
    assert results_path("compat", output=None, resume="r.jsonl") == "r.jsonl"
    assert results_path("compat", output="r.jsonl", resume="r.jsonl") == "r.jsonl"
    with pytest.raises(ConfigurationError, match="is there already"):
        results_path("compat", output="r.jsonl", resume=None)
    with pytest.raises(ConfigurationError, match=r"--resume appends to r\.jsonl: leave out --output o\.jsonl"):
        results_path("compat", output="o.jsonl", resume="r.jsonl")


def test_a_folder_that_is_not_there_is_told_before_anything_is_sent(own_folder: Path) -> None:
    check_folders(None, "here.html", str(own_folder / "there.html"))
    with pytest.raises(ConfigurationError, match="there is no folder no/such"):
        check_folders("no/such/r.html")


def test_a_file_that_cannot_be_written_is_named(own_folder: Path, capsys) -> None:
    (own_folder / "taken").mkdir()
    assert written("r.html", "text")
    assert (own_folder / "r.html").read_text() == "text"
    assert not written("taken", "text")
    assert "taken: Is a directory" in capsys.readouterr().err
    with pytest.raises(IsADirectoryError, match="taken"):
        write_text("taken", "text")
