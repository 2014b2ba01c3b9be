"""``minillm providers``: which hosts, which keys are here, and never a key."""

import json
from pathlib import Path

import pytest

from minillm.cli import main
from minillm.providers import PROVIDERS

CANARY = "c4n4ry-0123456789"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_every_host_is_listed_and_keys_by_their_names_only(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A variable that is set is named."""
    monkeypatch.setenv("GROQ_API_KEY", CANARY)
    assert main(["providers", *options]) == 0
    printed = capsys.readouterr()
    assert all(name in printed.out for name in PROVIDERS)
    assert CANARY[:8] not in printed.out + printed.err


def test_a_key_that_is_here_is_told_apart(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Blank is not here."""
    monkeypatch.setenv("GROQ_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    main(["providers", "--json"])
    present = {row["name"]: row["key_present"] for row in json.loads(capsys.readouterr().out)}
    assert present["groq"] == "GROQ_API_KEY"
    assert {name for name, variable in present.items() if variable} == {"groq"}


def test_a_key_in_this_folders_env_file_counts(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands read it."""
    monkeypatch.setenv("XAI_API_KEY", "")
    monkeypatch.delenv("XAI_API_KEY")
    (own_folder / ".env").write_text(f"XAI_API_KEY={CANARY}\n")
    main(["providers", "--json"])
    assert {row["name"]: row["key_present"] for row in json.loads(capsys.readouterr().out)}["xai"] == "XAI_API_KEY"
