"""A file is replaced whole or not at all, whenever the program dies."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from minillm.tree import Node
from minillm.tree.atomic_write import atomic_write
from tests.tree.crashing_saves import STEPS, tree

REPOSITORY = Path(__file__).resolve().parents[2]

needs_kill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.tree.crashing_saves", *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)


@needs_kill
@pytest.mark.parametrize("kind", ["tree", "thread"])
@pytest.mark.parametrize("step", STEPS)
def test_a_save_killed_at_any_step_leaves_the_old_or_the_new(tmp_path, kind, step):
    """Until the rename the old one, from then on the new one."""
    path = tmp_path / "saved"
    old = tree("old", 5)
    if kind == "tree":
        old.save_tree(path)
    else:
        old.save_thread(path)
    done = run("step", kind, step, path)
    assert done.returncode == -signal.SIGKILL, done.stderr
    root = Node.from_tree_file(path) if kind == "tree" else Node.from_thread_file(path).root
    after_rename = step in ("after rename", "before folder fsync", "after folder fsync")
    assert {node.text for node in root.iter_depth_first()} == {"new" if after_rename else "old"}
    assert bool(list(tmp_path.glob("*.tmp")) or list(tmp_path.glob(".*.tmp"))) is not after_rename


@needs_kill
def test_thirty_saves_killed_while_writing_break_nothing(tmp_path):
    """Random SIGKILL in a saving loop; a hit shows by the temporary file it left."""
    done = run("loop", tmp_path / "saved", 30, 600)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["broken"] == []
    assert found["hits"] >= 30


def test_an_error_inside_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"old")

    def write() -> None:
        with atomic_write(path) as file:
            file.write(b"new")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_an_error_and_the_old_file_stays(tmp_path, monkeypatch):
    path = tmp_path / "f"
    path.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Node.root("s").save_tree(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="permissions and links are POSIX's")
class TestOnPosix:
    def test_permissions_are_kept(self, tmp_path):
        path = tmp_path / "f"
        path.write_bytes(b"old")
        path.chmod(0o640)
        with atomic_write(path) as file:
            file.write(b"new")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def test_a_new_file_gets_what_the_umask_says(self, tmp_path):
        before = os.umask(0o027)
        try:
            with atomic_write(tmp_path / "f") as file:
                file.write(b"new")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o640

    def test_a_link_is_followed(self, tmp_path):
        (tmp_path / "link").symlink_to(tmp_path / "target")
        Node.root("s").save_tree(tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert Node.from_tree_file(tmp_path / "target").text == "s"

    def test_a_device_is_written_to_and_not_replaced(self):
        Node.root("s").save_tree("/dev/null")
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_missing_folder_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Node.root("s").save_thread(tmp_path / "nowhere" / "f")


def test_relative_names_are_of_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Node.root("s").save_thread("f.json")
    assert Node.from_thread_file("f.json").root.text == "s"


def test_a_missing_folder_is_told_with_the_name_that_was_given(tmp_path):
    """Not with that of our temporary file."""
    path = tmp_path / "missing" / "tree.jsonl"
    with pytest.raises(FileNotFoundError) as caught:
        Node.root("s").save_tree(path)
    assert caught.value.filename == str(path)
