"""Tree files: JSON lines, streamed both ways, whole or refused."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import ThreadFormatError, TreeError
from minillm.tree import Node
from minillm.types import Message, Role
from tests.tree.messages import exactly, messages
from tests.tree.trees import bushy, chain, check, random_trees, shape

HEADER = '{"minillm": {"format": "tree", "version": "1.0"}}'
ROOT = '{"message": {"role": "system", "content": "s"}, "minillm": {"id": "r"}}'


def user(id: str, parent: str) -> str:
    return json.dumps({"message": {"role": "user", "content": "u"}, "minillm": {"id": id, "parent": parent}})


@given(random_trees())
def test_saving_and_loading_is_exact(root):
    text = root.to_tree_json()
    again = Node.from_tree_json(text)
    check(again)
    assert shape(again) == shape(root)
    assert [n.id for n in again.iter_depth_first()] == [n.id for n in root.iter_depth_first()]
    assert again.to_tree_json() == text


@given(st.lists(messages, min_size=1, max_size=5))
def test_every_kind_of_message_survives(listed):
    root = Node(listed[0])
    for message in listed[1:]:
        root.add_child(Node(message))
    again = Node.from_tree_json(root.to_tree_json().encode())
    assert [exactly(n.message) for n in again.iter_depth_first()] == [exactly(m) for m in listed]


def test_what_nodes_have_is_in_it(tmp_path):
    root, leaf = chain(3)
    root.format_kwargs["bot"] = "Rob"
    leaf.metadata["score"] = 0.5
    leaf.cache_breakpoint("1h")
    leaf.save_tree(tmp_path / "t.jsonl")  # the whole tree, from any node of it
    again = Node.from_tree_file(tmp_path / "t.jsonl")
    assert again.format_kwargs == {"bot": "Rob"}
    found = again.find(leaf.id)
    assert (found.metadata, found.cache_mark, found.depth) == ({"score": 0.5}, leaf.cache_mark, 2)


def test_a_line_a_node_parents_first(tmp_path):
    root = bushy(20)
    lines = [json.loads(line) for line in root.to_tree_json().splitlines()]
    assert lines[0] == {"minillm": {"format": "tree", "version": "1.0", "nodes": 20}}
    seen = set()
    for line in lines[1:]:
        assert line["minillm"].get("parent") in seen or not seen
        seen.add(line["minillm"]["id"])
    assert len(seen) == 20


def test_unlisted_nodes_are_not_in_it():
    root = Node.root("s")
    root.unlisted(Message(Role.USER, "ghost"))
    assert "ghost" not in root.to_tree_json()


def test_unknown_keys_come_back_out():
    header = '{"minillm": {"format": "tree", "version": "1.5", "tool": "x"}, "by": "me"}'
    row = '{"message": {"role": "user", "content": "u"}, "minillm": {"id": "u", "parent": "r", "vote": 1}, "hue": 2}'
    lines = [json.loads(line) for line in Node.from_tree_json(f"{header}\n{ROOT}\n{row}\n").to_tree_json().splitlines()]
    assert (lines[0]["by"], lines[0]["minillm"]["tool"], lines[0]["minillm"]["version"]) == ("me", "x", "1.0")
    assert (lines[2]["hue"], lines[2]["minillm"]["vote"]) == (2, 1)


def test_blank_lines_and_a_missing_last_line_end_are_let_by():
    again = Node.from_tree_json(f"\n{HEADER}\n\n{ROOT}")
    assert again.text == "s"


def test_large_integers_survive():
    root = Node.root("s")
    root.metadata["n"] = 2**70
    assert Node.from_tree_json(root.to_tree_json()).metadata == {"n": 2**70}


def test_neither_way_holds_the_text(tmp_path):
    """Saving two megabytes of text takes far less memory than that, and so does reading beyond the nodes."""
    root = bushy(20_000, "x" * 100)
    root.save_tree(tmp_path / "t")  # so that all is imported and ids are there
    size = (tmp_path / "t").stat().st_size
    tracemalloc.start()
    try:
        root.save_tree(tmp_path / "t")
        saving = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 3_000_000
    assert saving < size / 5


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("", "line 1", "not JSON"),
        ("[]", "line 1", "must be an object"),
        ("{}", "line 1.minillm", "is missing"),
        ('{"prompts": []}', "line 1", "from_thread_file"),
        ('{"minillm": {"format": "thread", "version": "1.0"}}', "line 1: minillm.format", "from_thread_file"),
        ('{"minillm": {"format": "tree", "version": "3.1"}}', "line 1: minillm.version", "1.0"),
        (HEADER, "line 2", "at least one node"),
        (f"{HEADER}\nnot json", "line 2", "not JSON"),
        (f"{HEADER}\n{ROOT}\n[]", "line 3", "must be an object"),
        (f"{HEADER}\n{ROOT}\n{ROOT}", "line 3: minillm.parent", "is missing"),
        (
            f"{HEADER}\n{ROOT.replace('}}', ', @parent@: @x@}}').replace('@', chr(34))}",
            "line 2: minillm.parent",
            "root",
        ),
        (
            f"{HEADER}\n{ROOT}\n{user('u', 'z')}",
            "line 3: minillm.parent",
            "earlier line",
        ),
        (
            f"{HEADER}\n{ROOT}\n{user('r', 'r')}",
            "line 3: minillm.id",
            "unique",
        ),
        (
            f'{HEADER}\n{ROOT}\n{{"message": {{"role": "robot", "content": "u"}}, "minillm": {{"parent": "r"}}}}',
            "line 3: message.role",
            "allowed are",
        ),
        (HEADER.replace('"1.0"', '"1.0", "nodes": 2') + f"\n{ROOT}", "line 1", "cut"),
        (HEADER.replace('"1.0"', '"1.0", "nodes": "2"') + f"\n{ROOT}", "line 1: minillm.nodes", "number"),
    ],
)
def test_a_bad_text_is_refused_by_line(text, place, says):
    with pytest.raises(ThreadFormatError) as caught:
        Node.from_tree_json(text)
    assert caught.value.place == place
    assert says in str(caught.value)


def test_a_cut_file_is_refused(tmp_path):
    """At the end of a line as well: the header tells how many nodes there are."""
    path = tmp_path / "t"
    bushy(50).save_tree(path)
    whole = path.read_bytes()
    for cut in (len(whole) // 2, whole.rindex(b"\n", 0, -1) + 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(ThreadFormatError) as caught:
            Node.from_tree_file(path)
        assert caught.value.path == str(path)


def test_a_value_that_is_no_json_saves_nothing(tmp_path):
    root = Node.root("s")
    root.metadata["x"] = object()
    with pytest.raises(TreeError, match="cannot be saved"):
        root.save_tree(tmp_path / "t")
    assert list(tmp_path.iterdir()) == []


@given(st.text() | st.binary())
def test_garbage_is_refused_and_nothing_worse(text):
    with pytest.raises(ThreadFormatError):
        Node.from_tree_json(text)
