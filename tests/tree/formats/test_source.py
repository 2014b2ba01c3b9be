"""Values come out of files and zips one by one, within limits."""

import zipfile
from pathlib import Path

import pytest

from minillm.errors import ThreadFormatError
from minillm.tree.formats import source
from minillm.tree.formats.source import read_values


def test_arrays_lines_and_documents(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b'[{"a": 1}, 2]\n{"b": 3}\n\n{"c":\n 4}')
    found = [(each.at, each.document, each.item, each.value) for each in read_values(path)]
    assert found == [
        ("item 0", 0, 0, {"a": 1}),
        ("item 1", 0, 1, 2),
        ("document 1", 1, None, {"b": 3}),
        ("document 2", 2, None, {"c": 4}),
    ]


@pytest.mark.parametrize(
    ("data", "place"),
    [(b'[{"a": 1}, {"b": nope}]', "item 1"), (b"[1, 2", None), (b"hello", None), (b"[" * 5000 + b"]" * 5000, "item 0")],
)
def test_what_is_no_json_is_refused_by_file_and_place(data: bytes, place: str | None, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(data)
    with pytest.raises(ThreadFormatError) as caught:
        list(read_values(path))
    assert (caught.value.path, caught.value.place) == (str(path), place)


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return path


def test_a_zip_gives_its_conversations_only(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", a__conversations_json=b"[1]", users_json=b"[2]")
    assert [(each.at, each.value) for each in read_values(path)] == [("a/conversations.json: item 0", 1)]


def test_a_zip_without_conversations_says_so(tmp_path: Path) -> None:
    with pytest.raises(ThreadFormatError, match=r"no conversations\.json"):
        list(read_values(zipped(tmp_path / "x.zip", users_json=b"[2]")))


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ThreadFormatError, match="cannot be read"):
        list(read_values(path))


def test_a_cut_zip_member_is_refused(tmp_path: Path) -> None:
    """Its own checksum tells."""
    path = zipped(tmp_path / "x.zip", conversations_json=b"[" + b'"abc",' * 5000 + b"1]")
    data = bytearray(path.read_bytes())
    data[60:80] = bytes(20)
    path.write_bytes(bytes(data))
    with pytest.raises(ThreadFormatError):
        list(read_values(path))


def test_what_comes_out_counts_not_what_went_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small archive may unpack to anything."""
    monkeypatch.setattr(source, "MOST_BYTES", 1 << 20)
    path = zipped(tmp_path / "x.zip", conversations_json=b"[" + b" " * (4 << 20) + b"1]")
    assert path.stat().st_size < 100_000
    with pytest.raises(ThreadFormatError, match="come out of it"):
        list(read_values(path))


def test_one_value_has_a_limit_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_BYTES_A_VALUE", 1 << 20)
    path = tmp_path / "x.json"
    path.write_bytes(b'["' + b"x" * (2 << 20) + b'"]')
    with pytest.raises(ThreadFormatError, match="longer than 1 MiB"):
        list(read_values(path))
