"""Cache marks on nodes, and on the messages sent for them."""

from minillm.tree import Node
from minillm.tree.marks import mark_of, marked, set_mark
from minillm.types import CacheBreakpoint, ImagePart, Message, ReasoningPart, Role, TextPart, ToolResultPart

MARK = CacheBreakpoint("1h")


def test_a_text_gets_the_mark():
    assert marked(Message(Role.USER, "x"), MARK).parts == (TextPart("x", cache=MARK),)


def test_the_last_part_that_can_carry_it_gets_it():
    message = Message(Role.ASSISTANT, (TextPart("x"), ImagePart(url="https://h/x.png"), ReasoningPart("r")))
    assert [getattr(part, "cache", None) for part in marked(message, MARK).parts] == [None, MARK, None]
    result = marked(Message(Role.TOOL, (ToolResultPart("c"),)), MARK)
    assert result.tool_results[0].cache == MARK


def test_where_none_can_the_message_stays():
    message = Message(Role.ASSISTANT, (ReasoningPart("r"),))
    assert marked(message, MARK) is message
    empty = Message(Role.SYSTEM, "")
    assert marked(empty, MARK) is empty


def test_a_mark_on_a_node():
    node = Node.root("s")
    assert mark_of(node) is None
    set_mark(node, MARK)
    assert mark_of(node) == MARK
