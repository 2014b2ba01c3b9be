"""``minillm benchmark prompts``: what can be asked."""

import json
from pathlib import Path

from minillm.benchmark.builtin_prompts import BUILT_IN
from minillm.cli import main


def test_all_that_come_along_and_those_of_the_file(own_folder: Path, capsys) -> None:
    (own_folder / "config.toml").write_text('[prompts.mine]\ntext = "Hi."\ndescription = "a greeting"\n')
    assert main(["benchmark", "prompts"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in (*BUILT_IN, "mine", "a greeting"))


def test_one_of_them_whole(own_folder: Path, capsys) -> None:
    text = '[prompts.mine]\nsystem = "Be \\u0007brief."\ntext = "Hi [b]you[/b]."\n'
    (own_folder / "other.toml").write_text(text)
    assert main(["benchmark", "prompts", "mine", "-c", "other.toml"]) == 0
    assert capsys.readouterr().out == "system:\nBe \\x07brief.\nuser:\nHi [b]you[/b].\n"


def test_media_are_named_not_printed(capsys) -> None:
    assert main(["benchmark", "prompts", "picture"]) == 0
    assert "[image/png: 141 bytes]" in capsys.readouterr().out


def test_as_json(capsys) -> None:
    assert main(["benchmark", "prompts", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {each["name"] for each in found} == set(BUILT_IN)
    assert next(each for each in found if each["name"] == "sound")["media"] == ["audio"]


def test_no_such_prompt(capsys) -> None:
    assert main(["benchmark", "prompts", "none"]) == 2
    assert "story" in capsys.readouterr().err
