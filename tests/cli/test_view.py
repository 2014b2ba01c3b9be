"""``minillm view``: an outline, matches, a thread, a bill, a page; with keys where somebody sits at a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from minillm.cli import main
from minillm.tree import Node
from tests.import_graph import REPOSITORY
from tests.view.samples import EVIL, grown, hostile, rivers


@pytest.fixture
def saved(own_folder: Path) -> Path:
    root = rivers()
    root.save_tree(own_folder / "rivers.jsonl")
    return own_folder / "rivers.jsonl"


def test_a_pipe_gets_a_row_a_node(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(saved)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 17
    assert "▾ 1/3 assistant Take the Loire" in lines[2]
    assert lines[2].rstrip().endswith("0.9  checked  $0.00123")
    assert lines[15].rstrip().endswith("0.4  no price known")
    assert lines[16] == "16 nodes"


def test_depth_folds(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(saved), "--depth", "2"]) == 0
    shown = capsys.readouterr().out
    assert "▸ 1/3 assistant" in shown
    assert "+9" in shown
    assert "16 nodes, 11 of them deeper" in shown


def test_search_prints_what_is_found_around_the_words(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(saved), "--search", "QUICKSAND"]) == 0
    shown = capsys.readouterr().out
    assert "quicksand at the edges" in shown
    assert "1 of 16 nodes" in shown


def test_path_prints_the_thread_whole(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = Node.from_tree_file(saved)
    leaf = next(root.iter_leaves())
    assert main(["view", str(saved), "--path", leaf.id[:9]]) == 0
    shown = capsys.readouterr().out
    assert all(text in shown for text in ("patient guide", "1 of 3", "[thinking] Water levels", "falls: this week"))
    assert "Dordogne" not in shown


def test_an_id_that_is_none_or_many_is_a_mistake(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(saved), "--path", "zzzz"]) == 2
    assert "no node's id" in capsys.readouterr().err
    root = Node.from_tree_json(
        '{"minillm":{"format":"tree","version":"1.0"}}\n'
        '{"message":{"role":"user","content":"a"},"minillm":{"id":"same-1"}}\n'
        '{"message":{"role":"user","content":"b"},"minillm":{"id":"same-2","parent":"same-1"}}'
    )
    root.save_tree("same.jsonl")
    assert main(["view", "same.jsonl", "--path", "same"]) == 2
    assert "2 ids begin with" in capsys.readouterr().err
    assert main(["view", "same.jsonl", "--path", "same-2"]) == 0


def test_the_bill_is_that_of_cost(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(saved), "--bill"]) == 0
    bill = capsys.readouterr().out
    assert main(["cost", str(saved)]) == 0
    assert bill == capsys.readouterr().out
    assert "10 exchanges, at least $0.01117" in bill


def test_json_for_programs(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def printed(*options: str):
        assert main(["view", str(saved), "--json", *options]) == 0
        return json.loads(capsys.readouterr().out)

    whole = printed()
    assert (whole["nodes"], len(whole["shown"]), whole["conversations"]) == (16, 16, 1)
    last = whole["shown"][-1]
    assert (last["usd"], last["asked"], last["depth"], last["role"]) == (None, True, 2, "assistant")
    assert len(printed("--depth", "1")["shown"]) == 2
    assert len(printed("--search", "loire")["found"]) == 3
    assert [each["depth"] for each in printed("--path", last["id"])["path"]] == [0, 1, 2]
    assert printed("--bill")["total"]["known_usd"] == "0.01117"


def test_a_page_is_written(saved: Path, own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(saved), "--html", "out.html"]) == 0
    assert (own_folder / "out.html").read_text("utf-8").startswith("<!doctype html>")
    assert "out.html" in capsys.readouterr().out
    assert main(["view", str(saved), "--html", "no/such/folder.html"]) == 2


def test_a_page_is_opened(saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: bool(opened.append(address)))
    assert main(["view", str(saved), "--open"]) == 0
    assert opened[0].startswith("file://")
    assert "open the file yourself" in capsys.readouterr().out
    os.unlink(opened[0].removeprefix("file://"))


def test_exports_are_shown_too(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own_folder / "talk.json").write_text('{"messages": [{"role": "user", "content": "Ahoy"}]}', "utf-8")
    assert main(["view", "talk.json"]) == 0
    assert "Ahoy" in capsys.readouterr().out


def test_nothing_in_a_file_steers_the_terminal(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = hostile()
    root.save_tree(own_folder / "evil.jsonl")
    for options in ([], ["--search", "ran"], ["--search", "owned"], ["--bill"], ["--path", root.children[6].id]):
        assert main(["view", "evil.jsonl", *options]) == 0
        shown = capsys.readouterr().out
        assert not set("\x1b\x07\x00\x9b\u202e\u2066") & set(shown)
    assert r"\x1b]0;owned\x07" in shown
    assert EVIL[0][:9] == "</script>"


def test_a_file_that_is_none_is_one_message(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own_folder / "bad.jsonl").write_text("{", "utf-8")
    assert main(["view", "bad.jsonl"]) == 2
    assert main(["view", "nowhere.jsonl"]) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo terminal")
def test_in_a_terminal_keys_work(own_folder: Path) -> None:
    """The real program at a real terminal: search, read, leave; the terminal is as it was."""
    import pty
    import select
    import termios

    grown(300).save_tree(own_folder / "t.jsonl")
    terminal, inner = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "LINES": "20", "COLUMNS": "90", "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "minillm", "view", "t.jsonl"]
    child = subprocess.Popen(command, env=environment, stdin=inner, stdout=inner, stderr=inner)
    before = termios.tcgetattr(inner)[3]

    def read_until(words: str) -> str:
        seen = b""
        while words.encode() not in seen:
            ready = select.select([terminal], [], [], 30)[0]
            assert ready, f"{words!r} never came: {seen[-500:]!r}"
            seen += os.read(terminal, 65536)
        return seen.decode("utf-8", "replace")

    assert "300 nodes" in read_until("? keys")
    os.write(terminal, b"\x1b[H/a large TREE\r")
    read_until("1 found")
    os.write(terminal, b"b")
    read_until("By model")
    os.write(terminal, b"qq")
    read_until("\x1b[?1049l")
    assert child.wait(30) == 0
    assert termios.tcgetattr(inner)[3] == before
    os.close(terminal)
    os.close(inner)
