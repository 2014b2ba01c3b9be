"""Lines that were appended to a tree file: by a journal, or by any program that keeps to the format."""

import json

import pytest

from minillm.errors import ThreadFormatError
from minillm.tree import FileLimits, Node
from minillm.tree.replay import move_line, remove_line, splice_line


def row(id: str, parent: str | None, text: str = "", **more: object) -> dict[str, object]:
    ours = {"id": id} if parent is None else {"id": id, "parent": parent}
    return {"message": {"role": "user", "content": text or id}, "minillm": {**ours, **more}}


HEADER = {"minillm": {"format": "tree", "version": "1.0", "nodes": 3}}
ANY = FileLimits(None, None, None)
SAVED = [HEADER, row("r", None), row("a", "r"), row("b", "r")]


def load(*appended: object, limits: FileLimits = ANY) -> Node:
    text = "".join(json.dumps(line) + "\n" for line in (*SAVED, *appended))
    return Node.from_tree_json(text, limits=limits)


def outline(node: Node) -> object:
    return {each.text: outline(each) for each in node.children}


def test_new_nodes_hang_under_their_parents():
    assert outline(load(row("c", "a"), row("d", "c"), row("e", "r"))) == {"a": {"c": {"d": {}}}, "b": {}, "e": {}}


def test_a_line_of_a_known_id_says_what_the_node_says_now():
    root = load(row("c", "a"), row("a", "r", "new", metadata={"x": 1}), row("r", None, "top"))
    assert (root.text, outline(root)) == ("top", {"new": {"c": {}}, "b": {}})
    assert root.children[0].metadata == {"x": 1}


def test_nodes_move_go_and_are_taken_out_of_the_middle():
    root = load(move_line("a", "b"), row("c", "a"), row("d", "r"))
    assert outline(root) == {"b": {"a": {"c": {}}}, "d": {}}
    root = load(move_line("a", "r"))
    assert list(outline(root)) == ["b", "a"]
    assert outline(load(row("c", "a"), row("d", "a"), splice_line("a"))) == {"c": {}, "d": {}, "b": {}}
    assert outline(load(row("c", "a"), remove_line("a"))) == {"b": {}}


def test_an_id_that_went_may_come_back():
    assert outline(load(row("c", "a"), remove_line("a"), row("c", "b"), row("a", "c"))) == {"b": {"c": {"a": {}}}}


def test_saving_again_makes_one_whole_file_of_it():
    root = load(row("c", "a"), remove_line("b"))
    lines = root.to_tree_json().splitlines()
    assert json.loads(lines[0])["minillm"]["nodes"] == len(lines) - 1 == 3


@pytest.mark.parametrize(
    ("line", "place", "says"),
    [
        (row("c", "z"), "line 5: minillm.parent", "is not the id of a node"),
        ({"message": {"role": "user", "content": ""}, "minillm": {"id": "c"}}, "line 5: minillm.parent", "is missing"),
        (row("a", "b"), "line 5: minillm.parent", "a move is"),
        (move_line("z", "a"), "line 5: minillm.id", "is not the id of a node"),
        (move_line("a", "z"), "line 5: minillm.parent", "is not the id of a node"),
        (move_line("a", "a"), "line 5: minillm.parent", "under it"),
        (move_line("r", "a"), "line 5: minillm.parent", "under it"),
        (remove_line("r"), "line 5: minillm.id", "the root's"),
        (splice_line("r"), "line 5: minillm.id", "the root's"),
        ({"minillm": {"id": "a", "do": "dance"}}, "line 5: minillm.do", "allowed are move, remove, splice_out"),
        ({"minillm": {"id": "a"}}, "line 5: minillm.do", "is missing"),
        ({}, "line 5: minillm", "is missing"),
        ([], "line 5", "must be an object"),
    ],
)
def test_what_is_none_of_these_is_refused_by_line(line, place, says):
    with pytest.raises(ThreadFormatError) as caught:
        load(line)
    assert caught.value.place == place
    assert says in str(caught.value)


def test_appended_nodes_count_for_the_limit():
    limits = FileLimits(nodes=4)
    assert load(row("c", "a"), remove_line("c"), row("d", "a"), limits=limits).node_count() == 4
    with pytest.raises(ThreadFormatError, match=r"line 6: more nodes than limits\.nodes, 4"):
        load(row("c", "a"), row("d", "a"), limits=limits)


def test_without_a_count_in_the_header_nothing_is_appended():
    """Such a file is all one save: an id that comes twice is a fault in it."""
    lines = [{"minillm": {"format": "tree", "version": "1.0"}}, *SAVED[1:], row("a", "r", "again")]
    with pytest.raises(ThreadFormatError, match="unique"):
        Node.from_tree_json("\n".join(map(json.dumps, lines)))
