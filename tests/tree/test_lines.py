"""Many nodes into lines at once: the same as one by one."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import TreeError
from minillm.json.serialization import dumps
from minillm.tree import Node
from minillm.tree.ids import peek_id
from minillm.tree.lines import node_lines
from minillm.tree.rows import node_to_row
from minillm.types import Message, Role
from tests.tree.messages import messages
from tests.tree.trees import bushy

awkward = st.text(alphabet=st.sampled_from('",\\\n\x00\ud800é[]{} ab')) | st.text()


def lines_of(root, parents=True):
    return [line for batch in node_lines(root.iter_depth_first(), parents=parents) for line in batch]


@given(st.lists(awkward | messages, max_size=8))
def test_a_batch_writes_what_each_node_would(contents):
    root = Node.root("s")
    for content in contents:
        if isinstance(content, str):
            root.add_user(content)
        else:
            root.add_child(Node(content))
    lines = lines_of(root)
    singly = [
        dumps(node_to_row(node, peek_id(node), node.parent.id if node.parent else None))
        for node in root.iter_depth_first()
    ]
    assert [json.loads(line) for line in lines] == [json.loads(line) for line in singly]


def test_texts_of_quotes_and_commas_stay_apart():
    """Two of them side by side look like the border between two strings."""
    for texts in itertools.product(['"', ",", '",', ',"', '","', "", "\\"], repeat=3):
        root = Node.root(texts[0])
        for text in texts[1:]:
            root.add_user(text)
        assert [json.loads(line)["message"]["content"] for line in lines_of(root)] == list(texts)


def test_batches_know_their_parents():
    """Across the borders of batches too."""
    root = bushy(3000)
    rows = [json.loads(line)["minillm"] for line in lines_of(root)]
    nodes = list(root.iter_depth_first())
    assert [row.get("parent") for row in rows] == [node.parent.id if node.parent else None for node in nodes]
    assert all("parent" not in json.loads(line)["minillm"] for line in lines_of(root, parents=False))


def test_unknown_roles_and_given_ids_go_the_long_way():
    root = Node.root("s")
    root.add_child(Node(Message("critic", "hm")))
    root.add_child(Node(Message(Role.DEVELOPER, "d")))
    roles = [json.loads(line)["message"]["role"] for line in lines_of(root)]
    assert roles == ["system", "user", "system"]


def test_what_is_no_json_is_told_with_its_node():
    root = Node.root("s")
    bad = root.add_user("u")
    bad.metadata["x"] = {"deep": object()}
    with pytest.raises(TreeError, match=f"node {bad.id}") as caught:
        lines_of(root)
    assert "metadata" in str(caught.value)
