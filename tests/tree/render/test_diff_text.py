"""A diff for a terminal."""

import pickle

from minillm.tree import Node, diff
from minillm.types import Message, Role, ToolCallPart


def test_each_change_with_its_place_and_lines():
    root = Node.root("s")
    user = root.add_user("q")
    one = user.add_child(Node(Message(Role.ASSISTANT, (ToolCallPart("1", "get", '{"city":"Paris","unit":"C"}'),))))
    two = user.add_child(Node(Message(Role.ASSISTANT, (ToolCallPart("2", "get", '{"unit":"C","city":"Rome"}'),))))
    two.add_user("more")
    assert diff(one, two).to_text() == (
        "1 -> 2 nodes: 1 added, 1 changed; cost $0\n"
        '~ top assistant: [calls get {"unit":"C","city":"Rome"}]\n'
        "    arguments of get:\n"
        "        {\n"
        '      -   "city": "Paris",\n'
        '      +   "city": "Rome",\n'
        '          "unit": "C"\n'
        "        }\n"
        "+ 0 user: more"
    )


def test_a_move_says_where_it_was():
    a = Node.root("s")
    a.add_user("0")
    a.add_user("1")
    b = pickle.loads(pickle.dumps(a))
    b.children[0].add_child(b.children[1])
    assert diff(a, b).to_text().splitlines()[1:] == ["> 0.0 user: 1 (was 1)"]


def test_the_rest_is_counted():
    b = Node.root("s")
    for number in range(10):
        b.add_user(str(number))
    lines = diff(Node.root("s"), b).to_text(limit=3).splitlines()
    assert (len(lines), lines[-1]) == (5, "… and 7 more")


def test_no_text_in_it_steers_a_terminal():
    call = ToolCallPart("1", "\x1b[2J\nget", "\x1b[31m")
    nodes = [Node(Message("\x1b]0;role", (call,))), Node(Message("user", "\x1b[1m"))]
    assert "\x1b" not in diff(*nodes).to_text() + diff(*reversed(nodes)).to_text()
