"""``minillm recipe check``: every fault on a line of its own, exit code 2; nobody is asked."""

from pathlib import Path

import pytest

from minillm.cli import main

SOUND = """
name = "x"
[[steps]]
id = "a"
kind = "complete"
model = "fast"
prompt = "?"
[[steps]]
id = "b"
kind = "tool"
tool = "send"
arguments.text = "{steps.a.output}"
"""


def test_a_sound_recipe(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What only a caller in Python can give is told."""
    (own_folder / "r.toml").write_text(SOUND)
    assert main(["recipe", "check", "r.toml"]) == 0
    assert capsys.readouterr() == ("", "r.toml is sound; it needs the model fast, the tool send\n")
    assert main(["recipe", "check", "r.toml", "-m", "fast=ollama:x"]) == 0
    assert capsys.readouterr().err == "r.toml is sound; it needs the tool send\n"


def test_every_fault_is_a_line(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As editors and other programs read them."""
    (own_folder / "r.toml").write_text(SOUND.replace("steps.a", "steps.c").replace('"fast"', '"nohost:x"'))
    assert main(["recipe", "check", "r.toml"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["r.toml:6:1", "r.toml:12:19"]
    assert main(["recipe", "check", "no.toml"]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_a_function_of_a_module_is_looked_at_where_that_is_allowed(
    own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its arguments too."""
    (own_folder / "r.toml").write_text(SOUND.replace('"send"', '"textwrap:dedent"').replace(".text", ".txt"))
    assert main(["recipe", "check", "r.toml", "--allow-import", "textwrap"]) == 2
    assert "textwrap:dedent(text) does not take them" in capsys.readouterr().err
