"""The doors of a node to files: every way out is a way in."""

import subprocess
import sys

import pytest

from minillm.tree import Node
from minillm.tree.node_files import NodeFiles
from tests.tree.trees import chain, shape


@pytest.mark.parametrize("as_text", [str, bytes])
def test_texts_go_in_as_they_came_out(as_text):
    root, leaf = chain(4)
    for text, load in (
        (leaf.to_thread_json(), lambda t: Node.from_thread_json(t).root),
        (root.to_tree_json(), Node.from_tree_json),
    ):
        assert shape(load(text if as_text is str else text.encode())) == shape(root)


def test_files_and_texts_are_the_same(tmp_path):
    root, leaf = chain(4)
    leaf.save_thread(tmp_path / "thread")
    leaf.save_tree(tmp_path / "tree")
    assert (tmp_path / "thread").read_text() == leaf.to_thread_json()
    assert (tmp_path / "tree").read_text() == root.to_tree_json()
    assert Node.from_thread_file(str(tmp_path / "thread")).leaf.id == leaf.id
    assert Node.from_tree_file(str(tmp_path / "tree")).id == root.id


def test_building_a_tree_imports_no_file_code():
    """What is behind the doors comes when one is opened."""
    program = "import sys; from minillm.tree import Node; Node.root('s').add_user('u'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint(
        {"orjson", "minillm.tree.thread_file", "minillm.tree.tree_file", "minillm.tree.render.html"}
    )
    assert issubclass(Node, NodeFiles)
