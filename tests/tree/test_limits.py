"""What a stranger's file may not do: take more memory or depth than was allowed."""

from io import BytesIO

import pytest

from minillm.errors import ConfigurationError, ThreadFormatError
from minillm.tree import FileLimits, Node
from minillm.tree.limits import limited_lines
from tests.tree.trees import bushy, chain


def refused(load, *arguments, **limits):
    with pytest.raises(ThreadFormatError) as caught:
        load(*arguments, limits=FileLimits(**limits))
    return str(caught.value)


def test_a_long_line_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "t"
    path.write_bytes(b" " * 10_000_000)
    said = refused(Node.from_tree_file, path, bytes=1000)
    way_out = "pass limits=FileLimits(bytes=...) if you trust the file"
    assert said == f"{path}: line 1: is longer than limits.bytes, 1,000: {way_out}"
    file = BytesIO(b"ab\n" + b"x" * 100)
    lines = limited_lines(file.readline, FileLimits(bytes=10))
    assert next(lines) == (1, b"ab\n")
    with pytest.raises(ThreadFormatError):
        next(lines)
    assert file.tell() <= 3 + 11


def test_a_long_thread_file_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "t"
    chain(100)[1].save_thread(path)
    assert "limits.bytes, 500" in refused(Node.from_thread_file, path, bytes=500)
    assert "limits.bytes, 500" in refused(Node.from_thread_json, path.read_text(), bytes=500)


def test_many_nodes(tmp_path):
    text, thread = bushy(20).to_tree_json(), chain(20)[1].to_thread_json()
    assert "line 12: more nodes than limits.nodes, 10" in refused(Node.from_tree_json, text, nodes=10)
    assert "prompts: more nodes than limits.nodes, 10" in refused(Node.from_thread_json, thread, nodes=10)
    assert Node.from_tree_json(text, limits=FileLimits(nodes=20)).node_count() == 20
    assert Node.from_thread_json(thread, limits=FileLimits(nodes=20, depth=19)).leaf.depth == 19


def test_great_depth():
    root, leaf = chain(20)
    assert "deeper than limits.depth, 10" in refused(Node.from_tree_json, root.to_tree_json(), depth=10)
    assert "deeper than limits.depth, 10" in refused(Node.from_thread_json, leaf.to_thread_json(), depth=10)
    assert Node.from_tree_json(root.to_tree_json(), limits=FileLimits(depth=19)).node_count() == 20
    assert Node.from_tree_json(bushy(20).to_tree_json(), limits=FileLimits(depth=2)).node_count() == 20


def test_deep_json_inside_a_node_is_refused_whatever_is_allowed():
    deep = "[" * 5000 + "]" * 5000
    text = f'{{"message":{{"role":"user","content":""}},"minillm":{{"id":"a","metadata":{{"x":{deep}}}}}}}'
    header = '{"minillm":{"format":"tree","version":"1.0"}}'
    with pytest.raises(ThreadFormatError, match="line 2"):
        Node.from_tree_json(f"{header}\n{text}", limits=FileLimits(None, None, None))


def test_none_is_no_limit():
    text = chain(30)[0].to_tree_json()
    assert Node.from_tree_json(text, limits=FileLimits(None, None, None)).node_count() == 30


@pytest.mark.parametrize("wrong", [{"bytes": -1}, {"nodes": "many"}, {"depth": 1.5}])
def test_a_limit_is_a_number(wrong):
    (name,) = wrong
    with pytest.raises(ConfigurationError, match=rf"limits\.{name} must be a number"):
        FileLimits(**wrong)
