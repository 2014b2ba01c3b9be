"""What a file says it is, and which versions are read."""

import pytest

from minillm.errors import ThreadFormatError
from minillm.tree.file_header import VERSION, check_header, header


def test_todays_header_is_read():
    assert check_header(header("tree"), "tree", "minillm") == {"format": "tree", "version": VERSION}


def test_a_newer_minor_version_is_read():
    assert check_header({"format": "thread", "version": "1.99", "new": 1}, "thread", "minillm")["new"] == 1


def test_a_newer_major_version_is_refused_with_both_versions():
    with pytest.raises(ThreadFormatError, match=r"2\.3.*1\.0"):
        check_header({"format": "thread", "version": "2.3"}, "thread", "minillm")


def test_the_other_kind_names_its_loader():
    with pytest.raises(ThreadFormatError, match="from_tree_file"):
        check_header(header("tree"), "thread", "minillm")


@pytest.mark.parametrize(
    "bad",
    [None, [], {}, {"format": "tree"}, {"format": "poem", "version": "1.0"}, {"format": "tree", "version": 1}]
    + [{"format": "tree", "version": v} for v in ("", "x", "-1.0", ".5")],
)
def test_anything_else_is_no_header(bad):
    with pytest.raises(ThreadFormatError) as caught:
        check_header(bad, "tree", "minillm")
    assert caught.value.place.startswith("minillm")
