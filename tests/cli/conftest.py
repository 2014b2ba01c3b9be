"""Commands run in a folder of their own, in a terminal of a known size, without colour."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Neither the developer's .env nor terminal reaches a command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "dumb")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def console() -> Console:
    """A screen in memory: ``console.file.getvalue()`` is what stands on it."""
    return Console(file=io.StringIO(), width=100, highlight=False, emoji=False)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], None]:
    """What comes through a pipe as standard input."""

    def put(text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))

    return put
