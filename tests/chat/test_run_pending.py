"""What a turn still lacks, as the tree tells it."""

from minillm import ChatNode, Message, ToolResultPart
from minillm.chat.run_pending import pending_turn
from minillm.tree import StartedCall
from minillm.tree.call_marks import mark_started
from tests.chat.run_tools import call, calling, start

CALLS = (call("f", "1"), call("g", "2"), call("f", "3"))


def turn() -> ChatNode:
    return start().add_child(ChatNode(calling(*CALLS)))


def test_where_nothing_is_lacking_there_is_none() -> None:
    node = start()
    assert pending_turn(node) is None
    assert pending_turn(node.add_assistant("Hi")) is None
    done = turn().add_tool_results({"1": "a", "2": "b", "3": "c"})
    assert pending_turn(done) is None
    assert pending_turn(done.add_user("And?")) is None
    assert pending_turn(ChatNode(Message("tool", ToolResultPart("1")))) is None


def test_calls_without_a_result_on_the_way_are_open() -> None:
    node = turn()
    leaf = node.add_tool_results({"2": "b"})
    found = pending_turn(leaf)
    assert found is not None
    assert (found.node, found.tip, found.alike) == (node, leaf, False)
    assert [(each.position, each.call.id) for each in found.calls] == [(0, "1"), (2, "3")]


def test_results_in_other_branches_are_known() -> None:
    node = turn()
    node.add_tool_results({"1": "old", "2": "b"})
    node.add_tool_results({"1": "new"}).add_user("no result of the turn")
    found = pending_turn(node)
    assert found is not None
    assert [each.result and each.result.content for each in found.calls] == ["old", "b", None]


def test_begun_without_a_result_is_interrupted() -> None:
    node = turn()
    for position, at in ((0, 1.0), (1, 2.0), (0, 3.0)):
        mark_started(node, StartedCall(position, at))
    node.add_tool_results({"2": "b"})
    found = pending_turn(node)
    assert found is not None
    assert [each.interrupted for each in found.calls] == [True, False, False]
    assert found.calls[0].started == StartedCall(0, 3.0)


def test_calls_of_one_id_are_told_apart_by_their_order() -> None:
    node = start().add_child(ChatNode(calling(call("f", "same"), call("f", "same"))))
    leaf = node.add_tool_results([ToolResultPart("same", content="a")])
    found = pending_turn(leaf)
    assert found is not None
    assert (found.alike, [each.position for each in found.calls], found.calls[0].result) == (True, [1], None)
