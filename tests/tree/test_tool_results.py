"""Tool results find their calls."""

import pytest

from minillm.errors import TreeError
from minillm.tree import Node
from minillm.tree.tool_results import result_messages
from minillm.types import ImagePart, Message, Role, ToolCallPart, ToolResultPart


def asked(*ids: str) -> Node:
    return Node(Message(Role.ASSISTANT, tuple(ToolCallPart(id, f"tool_{id}") for id in ids)))


def order(messages):
    return [message.tool_results[0].call_id for message in messages]


def test_order_and_names_come_from_the_calls():
    messages = result_messages(asked("a", "b", "c"), {"c": "3", "a": "1"})
    assert order(messages) == ["a", "c"]
    assert [message.tool_results[0].name for message in messages] == ["tool_a", "tool_c"]


def test_a_name_that_is_given_stays():
    (message,) = result_messages(asked("a"), [ToolResultPart("a", "other")])
    assert message.tool_results[0].name == "other"


def test_content_may_be_media():
    image = ImagePart(url="https://h/x.png")
    (message,) = result_messages(asked("a"), {"a": [image]})
    assert message.tool_results[0].content == (image,)


def test_later_results_continue_the_chain():
    first = asked("a", "b").add_tool_results({"b": "2"})
    assert order(result_messages(first, {"a": "1"})) == ["a"]
    with pytest.raises(TreeError, match="waiting: tool_a"):
        result_messages(first, {"b": "again"})


def test_equal_ids_are_answered_one_by_one():
    """Some local models number every call 0."""
    node = asked("0", "0")
    leaf = node.add_tool_results([ToolResultPart("0", content="x"), ToolResultPart("0", content="y")])
    assert [m.tool_results[0].text for m in leaf.thread()[1:]] == ["x", "y"]


@pytest.mark.parametrize("results", [{}, [], {"nope": "x"}, [ToolResultPart("a"), ToolResultPart("a")]])
def test_results_nobody_asked_for_are_refused(results):
    node = asked("a")
    with pytest.raises(TreeError):
        node.add_tool_results(results)
    assert node.is_leaf


def test_without_calls_there_is_nothing_to_answer():
    with pytest.raises(TreeError, match="waiting: none"):
        result_messages(Node.root("s"), {"a": "x"})
    with pytest.raises(TypeError):
        result_messages(asked("a"), ["text"])


@pytest.mark.parametrize("wrong", [None, "text", [3]])
def test_what_is_no_result_is_told_by_name(wrong):
    with pytest.raises(TypeError, match="a ToolResultPart is expected"):
        Node.root("s").add_tool_results(wrong)
