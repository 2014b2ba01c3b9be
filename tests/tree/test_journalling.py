"""A journal writes what happens to a tree when it happens, and survives the program's death."""

import json
import os
import signal
import subprocess
import sys
import warnings
from decimal import Decimal
from pathlib import Path

import pytest

from minillm import ChatNode
from minillm.errors import LossWarning, ThreadFormatError, TreeError
from minillm.mock_model import MockModel
from minillm.tree import Node, cost_of, journal, prune
from minillm.tree.watching import watchers
from minillm.types import Attempt, CostInfo, CostResolution, Message, Role
from tests.tree.crashing_journals import CLOSING, OPENING, WORKING
from tests.tree.trees import bushy, chain, shape

REPOSITORY = Path(__file__).resolve().parents[2]
# 200 of them are one run's proof: MINILLM_JOURNAL_KILLS=200 pytest tests/tree/test_journalling.py
KILLS = int(os.environ.get("MINILLM_JOURNAL_KILLS", "15"))

needs_kill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.jsonl"


def said(path: Path) -> list[str]:
    return [node.text for node in Node.from_tree_file(path).iter_depth_first()]


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def test_each_node_is_in_the_file_when_the_call_returns(path):
    root = Node.root("s")
    with journal(root, path):
        assert said(path) == ["s"]
        user = root.add_user("u")
        assert said(path) == ["s", "u"]
        user.merge(chain(2, "graft")[0])
        assert said(path) == ["s", "u", "graft", "graft"]
    assert not watchers


def test_moves_are_lines_of_their_own(path):
    root = Node.root("s")
    first, second = root.add_user("1"), root.add_user("2")
    below = first.add_user("3")
    with journal(root, path):
        before = lines(path)
        first.splice_out()
        assert said(path) == ["s", "3", "2"]
        second.add_child(below)
        assert said(path) == ["s", "2", "3"]
        second.detach()
        assert said(path) == ["s"]
        assert lines(path) == before + 3
        root.add_child(second)
        assert said(path) == ["s", "2", "3"]


def test_pruning_is_in_it(path):
    root = bushy(20)
    with journal(root, path):
        prune(root, lambda node: node.is_leaf)
        assert shape(Node.from_tree_file(path)) == shape(root)


def test_marks_records_and_bills_are_written_at_once(path):
    root = Node.root("s")
    with journal(root, path):
        root.cache_breakpoint("1h")
        root.book([Attempt("h", "m", "w", 1.0)])
        again = Node.from_tree_file(path)
    assert again.cache_mark == root.cache_mark
    assert [attempt.host for attempt in again.bill] == ["h"]


def test_metadata_and_kwargs_are_written_with_the_next_thing_that_happens(path):
    root = Node.root("s")
    nodes = [root.add_user(str(number)) for number in range(3)]
    with journal(root, path) as lines_:
        for node in nodes:
            node.metadata["score"] = 1
        found = [node.metadata for node in Node.from_tree_file(path).children]
        assert found == [{"score": 1}, {"score": 1}, {}]
        held = nodes[0].metadata
        nodes[1].format_kwargs["k"] = 2
        held["late"] = True  # nobody hears of this one
        lines_.flush()
        again = Node.from_tree_file(path)
        assert [node.metadata for node in again.children] == [{"score": 1, "late": True}, {"score": 1}, {"score": 1}]
        assert again.children[1].format_kwargs == {"k": 2}
        nodes[2].metadata = {"new": True}
        assert Node.from_tree_file(path).children[2].metadata == {"new": True}
        held["last"] = None
    assert Node.from_tree_file(path).children[0].metadata == {"score": 1, "late": True, "last": None}


def test_a_bill_that_is_still_looked_up_is_written_when_it_is_known(path):
    root = Node.root("s")
    with journal(root, path) as lines_:
        attempt = Attempt("h", "m", "w", 1.0, cost=CostInfo(resolution=CostResolution.PENDING))
        root.book([attempt])
        attempt.cost = CostInfo(Decimal(1), Decimal(1), CostResolution.RESOLVED)
        lines_.flush()
        assert cost_of([Node.from_tree_file(path)]).usd == 1


def test_looking_writes_nothing(path):
    root = Node.root("s")
    with journal(root, path) as lines_:
        before = lines(path)
        for _ in range(3):
            assert root.metadata == root.format_kwargs == {}
        lines_.flush()
        assert lines(path) == before


def test_unlisted_nodes_are_in_it_once_they_are_listed(path):
    root = Node.root("s")
    with journal(root, path):
        hidden = root.unlisted(Message(Role.USER, "hidden"))
        hidden.add_assistant("below")
        assert said(path) == ["s"]
        hidden.list_under_parent()
        assert said(path) == ["s", "hidden", "below"]
        root.adopt(hidden, listed=False)
        assert said(path) == ["s"]


def test_it_follows_the_node_it_was_opened_for(path):
    """Also where that one comes under another root, is taken out of it again or loses its children to it."""
    root = Node.root("s")
    child = root.add_user("u")
    other = Node.root("other")
    with journal(root, path):
        other.add_child(root)
        other.add_user("not mine")
        child.add_user("mine")
        assert said(path) == ["s", "u", "mine"]
        root.metadata["x"] = 1
        root.cache_breakpoint()
        assert Node.from_tree_file(path).metadata == {"x": 1}
        root.splice_out()
        assert said(path) == ["s"]


def test_it_is_taken_up_where_it_was_left(path):
    """Compact, whatever stands in the file; a changed tree too."""
    with journal(Node.root("s"), path) as first:
        first._root.add_user("1").detach()
    root = Node.from_tree_file(path)
    root.add_user("between")
    with journal(root.children[0], path):  # any node of the tree
        root.add_user("2")
        assert lines(path) == 4
    assert said(path) == ["s", "between", "2"]


def test_a_torn_last_line_is_told_left_out_and_gone_with_the_next_journal(path):
    root = Node.root("s")
    with journal(root, path):
        root.add_user("1")
        root.add_user("2")
    whole = path.read_bytes()
    for cut in range(whole.rindex(b"\n", 0, -1) + 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.warns(LossWarning, match="line 4, the last, is cut"):
            torn = Node.from_tree_file(path)
        assert [node.text for node in torn.children] == ["1"]
    with journal(torn, path):
        torn.add_user("3")
    assert said(path) == ["s", "1", "3"]
    path.write_bytes(whole[:-1])  # all but the line's end: nothing is missing
    assert said(path) == ["s", "1", "2"]


def test_a_broken_line_that_is_not_the_last_is_refused(path):
    root = Node.root("s")
    with journal(root, path):
        root.add_user("1")
    path.write_bytes(path.read_bytes()[:-9] + b"\n")
    with pytest.raises(ThreadFormatError, match="line 3: not JSON"):
        Node.from_tree_file(path)


def test_another_trees_file_is_left_alone(path):
    Node.root("s").save_tree(path)
    before = path.read_bytes()
    with pytest.raises(TreeError, match="holds another tree"), journal(Node.root("o"), path):
        pass
    path_of_thread = path.with_name("thread.json")
    Node.root("s").save_thread(path_of_thread)
    with pytest.raises(ThreadFormatError), journal(Node.root("o"), path_of_thread):
        pass
    assert path.read_bytes() == before
    assert not watchers


def test_an_empty_file_is_no_other_tree(path):
    path.touch()
    with journal(Node.root("s"), path):
        assert said(path) == ["s"]


def test_one_journal_a_file(path):
    root = Node.root("s")
    with journal(root, path) as first:
        with pytest.raises(TreeError, match="another journal"), journal(root, path):
            pass
        with pytest.raises(TreeError, match="open"), first:
            pass
        root.add_user("u")
    with journal(root, path):
        assert said(path) == ["s", "u"]
    with pytest.raises(TreeError, match="closed"):
        first.flush()


def test_two_trees_two_journals(tmp_path):
    a, b = Node.root("a"), Node.root("b")
    with journal(a, tmp_path / "a"), journal(b, tmp_path / "b"):
        child = a.add_user("1")
        b.add_child(child)
        assert (said(tmp_path / "a"), said(tmp_path / "b")) == (["a"], ["b", "1"])


def test_what_is_no_json_is_told_and_mended_later(path):
    root = Node.root("s")
    bad = Node.root("bad")
    bad.metadata["x"] = object()
    with journal(root, path):
        with pytest.raises(TreeError, match="cannot be saved"):
            root.add_child(bad)
        with pytest.raises(TreeError, match="cannot be saved"):
            bad.add_user("under it")
        assert said(path) == ["s"]
        bad.metadata["x"] = 1
        root.add_user("after")
        assert said(path) == ["s", "bad", "under it", "after"]


def test_a_disk_that_was_full_is_made_good_for(path, monkeypatch):
    root = Node.root("s")
    with journal(root, path) as lines_:

        class Full:
            def __init__(self, file):
                self.file = file

            def write(self, data):
                self.file.write(data[:10])
                raise OSError(28, "No space left on device")

            def __getattr__(self, name):
                return getattr(self.file, name)

        monkeypatch.setattr(lines_, "_file", Full(lines_._file))
        with pytest.raises(OSError, match="No space"):
            root.add_user("1")
        with pytest.warns(LossWarning):
            assert said(path) == ["s"]
        root.add_user("2")
        assert said(path) == ["s", "1", "2"]


def test_every_line_may_be_brought_to_the_disk(path, monkeypatch):
    root = Node.root("s")
    synced = []
    with journal(root, path, fsync=True):
        monkeypatch.setattr(os, "fsync", synced.append)
        root.add_user("1")
        root.children[0].detach()
        assert len(synced) == 2
        monkeypatch.undo()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_leaves_the_file_alone(path):
    root = Node.root("s")
    with journal(root, path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads
            child = os.fork()
        if child == 0:
            try:
                root.add_user("the child's")
            finally:
                os._exit(0 if not watchers else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert said(path) == ["s"]


async def test_replies_land_in_it_by_themselves(path):
    """Whatever way they come: complete, chat, stream, branch."""
    root = ChatNode.root("s")
    gen = MockModel(lambda request: f"to {request.messages[-1].text}")
    with journal(root, path):
        user = root.add_user("1")
        await user.complete(gen)
        assert said(path)[-1] == "to 1"
        await root.chat("2", gen)
        assert said(path)[-2:] == ["2", "to 2"]
        async with root.stream(gen, user="3") as stream:
            async for _ in stream:
                pass
        assert said(path)[-2:] == ["3", "to 3"]
        await user.branch(gen, n=3)
        await user.complete(gen, attach=False)
        assert said(path).count("to 1") == 4
    again = ChatNode.from_tree_file(path)
    assert again.to_tree_json() == root.to_tree_json()
    assert again.children[0].children[0].response.model == user.children[0].response.model


def test_without_a_journal_nobody_is_told(monkeypatch):
    """The list is empty, and no function of a watcher's is reached."""
    from minillm.tree import moves

    for name in ("tell_placed", "tell_removed", "tell_spliced"):
        monkeypatch.setattr(moves, name, None)
    root = Node.root("s")
    root.add_child(root.add_user("u").add_user("v"))
    root.children[0].splice_out()


# ------------------------------------------------------------------ death


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.tree.crashing_journals", *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=600, check=False)


@needs_kill
@pytest.mark.parametrize("step", [*OPENING, *WORKING, *CLOSING])
def test_a_program_killed_at_any_step_leaves_a_file_that_loads(path, step):
    """And nothing that was finished is missing."""
    chain(2, "before")[0].save_tree(path)
    done = run("step", step, path)
    assert done.returncode == -signal.SIGKILL, done.stderr
    if step == "half a line":
        with pytest.warns(LossWarning, match="line 5, the last, is cut"):
            found = said(path)
    else:
        found = said(path)
    finished = [] if step in OPENING else ["finished"]
    assert found == ["before", "before", *finished, *(["unfinished"] if step == "a line" else [])]


@needs_kill
def test_programs_killed_at_random_moments_leave_files_that_load(path):
    """In the state they had finished, or in one of the next operation's."""
    done = run("kills", path, KILLS)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["broken"] == []
    assert found["kills"] == KILLS
    assert found["operations"] > 0
