"""One journal a file, in this process and in others."""

import subprocess
import sys

import pytest

from minillm.errors import TreeError
from minillm.tree.file_lock import held, hold, let_go, lock

OTHER = "import sys; from minillm.tree.file_lock import lock; lock(open(sys.argv[1], 'ab'), sys.argv[1])"


def test_a_file_is_held_once():
    hold("/x")
    with pytest.raises(TreeError, match="another journal of this program has /x open"):
        hold("/x")
    let_go("/x")
    hold("/x")
    let_go("/x")
    assert "/x" not in held


def test_another_process_is_kept_away_until_the_file_is_closed(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    assert fcntl
    path = str(tmp_path / "f")

    def other() -> str:
        return subprocess.run([sys.executable, "-c", OTHER, path], capture_output=True, text=True, check=False).stderr

    with open(path, "ab") as file:
        lock(file, path)
        assert f"another program's journal has {path} open" in other()
    assert other() == ""


def test_a_file_system_without_locks_is_no_hindrance(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with open(tmp_path / "f", "ab") as file:
        lock(file, "f")
