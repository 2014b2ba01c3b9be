"""Bytes between files and rows."""

import io

import pytest

from minillm.errors import EncodeError, ThreadFormatError, TreeError
from minillm.tree import Node
from minillm.tree.json_lines import cannot_save, naming_file, read_json, text_bytes, write_all


def test_what_is_no_json_is_refused_by_place():
    with pytest.raises(ThreadFormatError) as caught:
        read_json("{", "line 3")
    assert caught.value.place == "line 3"


def test_nesting_is_bounded():
    with pytest.raises(ThreadFormatError):
        read_json("[" * 100_000, None)


def test_a_byte_order_mark_is_let_by():
    assert read_json(b"\xef\xbb\xbf{}", None) == {}


def test_large_integers_stay_whole():
    assert read_json(b"[123456789012345678901234567890]", None) == [123456789012345678901234567890]


def test_texts_and_bytes_only():
    assert text_bytes("ä") == text_bytes("ä".encode())
    with pytest.raises(TypeError):
        text_bytes({})


def test_the_file_is_named():
    with pytest.raises(ThreadFormatError, match=r"^a\.json: p: wrong"), naming_file("a.json"):
        raise ThreadFormatError("wrong", place="p")


def test_all_chunks_are_written():
    file = io.BytesIO()
    write_all(file, iter([b"a", b"b"]))
    assert file.getvalue() == b"ab"


def test_what_cannot_be_saved_names_node_and_place():
    node = Node.root("s")
    with pytest.raises(TreeError, match=rf"node {node.id} cannot be saved at minillm\.metadata: no"):
        cannot_save(node, EncodeError("no", path="minillm.metadata"))
