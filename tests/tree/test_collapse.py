"""A long thread made short, without taking anything away."""

import pytest

from minillm.tree import Node, collapse_thread, middle_of_thread
from minillm.types import Message, Role, ToolCallPart, ToolResultPart
from tests.tree.trees import chain, check


def talk(length: int) -> Node:
    messages = [Message(Role.ASSISTANT if number % 2 == 0 else Role.USER, str(number)) for number in range(1, length)]
    return Node.from_messages([Message(Role.SYSTEM, "0"), *messages]).leaf


def texts(leaf: Node) -> list[str]:
    return [message.text for message in leaf.thread()]


def test_a_marker_stands_for_the_middle_and_nothing_goes():
    leaf = talk(10)
    short = collapse_thread(leaf, first=2, last=3)
    check(leaf.get_root())
    assert texts(short) == ["0", "1", "[...]", "7", "8", "9"]
    assert short.path()[2].role == Role.USER
    assert texts(leaf) == [str(number) for number in range(10)]
    assert short.get_root() is leaf.get_root()


def test_a_function_makes_the_summary_from_the_nodes():
    short = collapse_thread(talk(10), lambda nodes: f"{len(nodes)} from {nodes[0].text}", role=Role.SYSTEM)
    assert texts(short) == ["0", "5 from 1", "6", "7", "8", "9"]
    assert short.path()[1].role == Role.SYSTEM


def test_the_last_ones_keep_what_stands_beside_them():
    leaf = talk(10)
    leaf.metadata["score"] = 1
    short = collapse_thread(leaf, "sum", last=1)
    assert short.metadata == {"score": 1}
    assert short.id != leaf.id


def test_a_short_thread_stays_as_it_is():
    leaf = talk(5)
    assert collapse_thread(leaf) is leaf
    assert middle_of_thread(leaf) == []
    assert texts(collapse_thread(leaf, "sum", last=0)) == ["0", "sum"]


def with_tools() -> Node:
    node = Node.root("s").add_user("u")
    for number in "12":
        call = ToolCallPart(number, "get", "{}")
        node = node.add_child(Node(Message(Role.ASSISTANT, (call,))))
        node = node.add_child(Node(Message(Role.TOOL, (ToolResultPart(number, content=f"r{number}"),))))
        node = node.add_assistant(f"a{number}")
    return node


@pytest.mark.parametrize("first", range(1, 8))
@pytest.mark.parametrize("last", range(8))
def test_a_call_and_its_results_stay_together(first, last):
    leaf = with_tools()
    short = collapse_thread(leaf, "sum", first=first, last=last)
    calls = [call.id for message in short.thread() for call in message.tool_calls]
    results = [result.call_id for message in short.thread() for result in message.tool_results]
    assert calls == results


def test_there_is_always_a_beginning():
    with pytest.raises(ValueError, match="first must be at least 1"):
        middle_of_thread(chain(3)[1], first=0)
