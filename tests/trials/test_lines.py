"""Lines on a disk: none is lost, whatever happens to the program or the file; and no file is taken for another."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import ConfigurationError
from minillm.json import loads
from minillm.trials.lines import LinesFile, read_lines, refuse_taken

ROWS = [{"n": 1, "text": "häß\n"}, {"n": 2}, {"n": 3, "deep": [{"a": None}]}]


class File(LinesFile):
    of = "some"


class Newer(LinesFile):
    of, form = "some", 2


class Other(LinesFile):
    of = "other"


def written(path: Path, *rows: dict, kind: type[LinesFile] = File) -> Path:
    with kind(path, {"who": "me"}) as file:
        for row in rows:
            file.write("row", row)
        file.end("done")
    return path


def read(path: Path) -> list[tuple[str, dict]]:
    return [(line.kind, dict(line.row)) for line in read_lines(path, File, what="a test")]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", *ROWS)
    first, *rows, last = list(read_lines(path, File, what="a test"))
    assert (first.kind, first.facts) == ("run", {"who": "me"})
    assert [row.row for row in rows] == [{"kind": "row", **row} for row in ROWS]
    assert (last.row["ending"], last.place) == ("done", f"{path}:5")


def test_nothing_is_written_without_a_path() -> None:
    with File(None, {}) as file:
        assert not file.keeps
        file.write("row", {})
        file.end("done")


@given(cut=st.integers(min_value=0, max_value=300))
def test_a_file_cut_anywhere_gives_what_is_whole(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """As a full disk or a power failure leaves it; what is appended then is read, and every line is JSON."""
    path = written(tmp_path_factory.mktemp("cut") / "r.jsonl", *ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    if cut >= whole.index(b"\n"):
        assert read(path) == read(written(path.with_name("w.jsonl"), *ROWS))[: len(read(path))]
        assert len(read(path)) >= whole[:cut].count(b"\n")
    written(path, {"n": 9})
    assert read(path)[-2:] == [("row", {"kind": "row", "n": 9}), ("end", {"kind": "end", "ending": "done"})]
    assert all(isinstance(loads(line), dict) for line in path.read_bytes().splitlines())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no results of a test"),
        ("hello\n", ":1: no JSON"),
        ('{"kind":"row"}\n', "holds no results of a test"),
        ("\n[1]\n", ":2: a JSON object"),
        ('{"kind":"run"}\n', ":1: written by a newer version (format None)"),
        ('{"kind":"run","format":"1"}\n', ":1: written by a newer version"),
    ],
)
def test_a_file_of_another_kind_is_told_by_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    assert told in str(caught.value)


def test_a_file_of_another_command_is_not_taken_for_ours(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"r\.jsonl:1: results of minillm other, not of minillm some"):
        read(written(tmp_path / "r.jsonl", kind=Other))
    with pytest.raises(ConfigurationError, match=r"newer version \(format 2\); this one reads 1"):
        read(written(tmp_path / "n.jsonl", kind=Newer))


def test_one_of_before_files_said_whose_they_are_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"kind":"run","format":1}\n')
    assert [kind for kind, _ in read(path)] == ["run"]


def test_a_disk_that_is_full_names_the_file() -> None:
    with pytest.raises(OSError, match="/dev/full"), File("/dev/full", {}):
        pass


def test_what_holds_something_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    refuse_taken(None)
    refuse_taken(path)
    path.write_text("")
    refuse_taken(path)
    path.write_text("mine")
    with pytest.raises(ConfigurationError, match="is there already; go on with it"):
        refuse_taken(path)
