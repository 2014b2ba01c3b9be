"""The state of a run on disk: lines that are whole or not there, and refusals that name the file."""

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import ConfigurationError
from minillm.recipes.state_file import Begun, StateFile, digests
from tests.import_graph import REPOSITORY

PARTS = {"name": "x", "steps.a": "y"}


def traced(step: str, status: str = "done") -> dict:
    return {status: {"step": step, "output": 1}}


@pytest.fixture
def path(tmp_path):
    """A file with two finished steps, one interrupted and one failed."""
    path = tmp_path / "run.jsonl"
    file = StateFile(path, "r", PARTS)
    file.begin({"i": "ä"})
    file.append(traced("a"))
    file.append({"started": "b"})
    file.append({**traced("b"), "used_usd": "0.25"})
    file.append({"started": "c"})
    file.append(traced("c", "failed"))
    file.append({"started": "d"})
    file.close()
    return path


def opened(path) -> StateFile:
    file = StateFile(path, "r", PARTS)
    file.close()
    return file


def test_what_was_written_is_read(path):
    """Done, failed, interrupted, spent."""
    file = opened(path)
    assert file.inputs == {"i": "ä"}
    assert file.done == {"a": traced("a"), "b": {**traced("b"), "used_usd": "0.25"}}
    assert (file.failed, file.interrupted) == ([traced("c", "failed")["failed"]], {"d"})
    assert file.used_usd == Decimal("0.25")


def test_a_file_cut_anywhere_has_what_was_whole(path):
    """Killed at any byte: the lines before are there, and more can be written."""
    data = path.read_bytes()
    for length in range(len(data) + 1):
        path.write_bytes(data[:length])
        file = StateFile(path, "r", PARTS)
        whole = data[:length].count(b"\n")
        assert len(file.done) == (whole >= 2) + (whole >= 4)
        if whole == 0:
            file.begin({})
        file.append(traced("z"))
        file.close()
        assert "z" in opened(path).done


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (0, "it is not the state of a recipe"),
        (1, "line 2 is not what a run writes"),
        (4, "line 5 is not what a run writes"),
    ],
)
def test_a_file_that_somebody_changed(path, line, words):
    """The line is named."""
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = b'{"done": 3}\n'
    path.write_bytes(b"".join(lines))
    with pytest.raises(ConfigurationError, match=words):
        opened(path)


@pytest.mark.parametrize(
    ("name", "parts", "words"),
    [
        ("other", PARTS, 'belongs to the recipe "r", not to "other"'),
        ("r", {**PARTS, "steps.a": "z"}, r"the recipe has changed since \(steps.a\)"),
        ("r", {"name": "x"}, r"the recipe has changed since \(steps.a\)"),
        ("r", {**PARTS, "steps.b": "z"}, r"the recipe has changed since \(steps.b\)"),
    ],
)
def test_the_state_of_another_recipe(path, name, parts, words):
    """What differs is named."""
    with pytest.raises(ConfigurationError, match=words):
        StateFile(path, name, parts)


def test_a_later_version_is_refused(path):
    """By its major number."""
    path.write_bytes(path.read_bytes().replace(b'"1.0"', b'"2.0"', 1))
    with pytest.raises(ConfigurationError, match=r'its version "2\.0" is not 1\.0'):
        opened(path)


def test_two_runs_do_not_share_a_file(path):
    """Neither in one program nor in two."""
    file = StateFile(path, "r", PARTS)
    with pytest.raises(ConfigurationError, match="another run is using"):
        StateFile(path, "r", PARTS)
    program = f"from minillm.recipes.state_file import StateFile; StateFile({str(path)!r}, 'r', {PARTS!r})"
    found = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert "another run is using" in found.stderr
    file.close()
    opened(path)


def test_a_step_that_calls_tools_is_kept_as_far_as_it_has_come(path):
    """Nodes by id, the last word holds; what a failed try has on its bill is not owed again."""

    def row(id: str, text: str) -> dict:
        return {"message": {"role": "user", "content": text}, "minillm": {"id": id}}

    file = StateFile(path, "r", PARTS)
    file.append({"during": "e", "nodes": [row("1", "a"), row("2", "b")]})
    file.append(traced("e", "failed"))
    file.append({"during": "e", "nodes": [row("2", "c")], "used_usd": "0.5"})
    file.append({"during": "e", "nodes": [row("3", "d")]})
    file.append({"during": "f", "nodes": [row("4", "e")]})
    file.append(traced("f"))
    file.close()
    file = opened(path)
    assert file.begun == {"e": Begun({"1": row("1", "a"), "2": row("2", "c"), "3": row("3", "d")}, {"3"})}
    assert file.used_usd == Decimal("0.5")
    with path.open("ab") as more:
        more.write(b'{"during": "e", "nodes": [3]}\n')
    with pytest.raises(ConfigurationError, match="line 14 is not what a run writes"):
        opened(path)


@pytest.mark.parametrize("name", ["", "no/such/folder/x", "a\0b"])
def test_a_file_that_cannot_be_opened(tmp_path, name):
    """Told as what it is."""
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        StateFile(f"{tmp_path}/{name}" if name else tmp_path, "r", PARTS)


@given(st.binary(max_size=60) | st.text(alphabet='{}":,\n123adones', max_size=60).map(str.encode))
def test_any_bytes_are_a_state_or_a_configuration_error(tmp_path_factory, data):
    """Nothing else comes out."""
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(data)
    try:
        opened(path)
    except ConfigurationError as error:
        told = str(error)
    else:
        return
    assert str(path) in told


def test_digests():
    """Order of keys, limits, retries and descriptions have no part in them; anything else has."""

    def recipe(**more):
        inner = {"id": "b", "kind": "transform", "value": Decimal("1.5")}
        branch = {"id": "a", "kind": "branch", "cases": [{"when": "true", "steps": [inner]}]}
        return {"name": "n", "steps": [branch, {"id": "c", "kind": "tool", "tool": "f", **more}]}

    plain = digests(recipe())
    assert digests({**recipe(retries=3, timeout=1), "limits": {"max_steps": 1}, "description": "d"}) == plain
    changed = digests(recipe(tool="g"))
    assert [name for name in plain if plain[name] != changed[name]] == ["steps.c"]
    other = recipe()
    other["steps"][0]["cases"][0]["steps"][0]["value"] = 2
    assert digests(other)["steps.a"] != plain["steps.a"]
    assert digests({**recipe(), "steps": recipe()["steps"][::-1]})["order of steps"] != plain["order of steps"]
