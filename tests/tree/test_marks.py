"""Cache marks on nodes, and on the messages sent for them."""

import copy
import pickle

import pytest

from minillm import ChatNode, ConfigurationError
from minillm.tree import Node, journal, union
from minillm.tree.marks import has_marks, mark_of, marked, marked_at_end, set_mark
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


def test_an_empty_text_carries_none():
    """Hosts refuse a mark on an empty text block, so it goes on what stands before."""
    message = Message(Role.USER, (TextPart("x"), TextPart("")))
    assert [part.cache for part in marked(message, MARK).parts] == [MARK, None]


def test_the_end_is_the_last_part_that_can_carry_a_mark():
    """A message of which nothing can be marked is passed over."""
    messages = [Message(Role.USER, "x"), Message(Role.ASSISTANT, (ReasoningPart("r"),))]
    first, second = marked_at_end(messages, MARK)
    assert first.parts == (TextPart("x", cache=MARK),)
    assert second is messages[1]
    assert marked_at_end([], MARK) == []
    assert marked_at_end(messages[1:], MARK) == messages[1:]


@pytest.mark.parametrize(
    ("there", "asked", "kept"), [("1h", None, "1h"), (None, "1h", "1h"), (None, None, None), ("5m", "1h", "1h")]
)
def test_a_mark_that_is_there_keeps_its_lifetime_unless_another_is_named(there, asked, kept):
    """``cache=True`` does not shorten what the node asked for."""
    message = marked(Message(Role.USER, "x"), CacheBreakpoint(there))
    (after,) = marked_at_end([message], CacheBreakpoint(asked))
    assert after.parts == (TextPart("x", cache=CacheBreakpoint(kept)),)


def test_marks_are_found_wherever_they_stand():
    """On a part, and on a part of a tool's result."""
    inner = Message(Role.TOOL, (ToolResultPart("c", content=(TextPart("x", cache=MARK),)),))
    assert has_marks([Message(Role.USER, "a"), inner])
    assert has_marks([marked(Message(Role.USER, "a"), MARK)])
    assert not has_marks([Message(Role.USER, "a"), Message(Role.TOOL, (ToolResultPart("c", content="x"),))])


@pytest.mark.parametrize("ttl", ["", "an hour", "5", 300, 5.0, b"5m", True])
def test_what_is_no_lifetime_is_refused(ttl):
    """A typing error would cost a refused request, or a cache that nobody reads."""
    with pytest.raises(ConfigurationError, match="'5m' or '1h'"):
        Node.root("s").cache_breakpoint(ttl)


@pytest.mark.parametrize("ttl", [None, "1h"])
def test_marks_survive_whatever_happens_to_a_tree(ttl, tmp_path):
    """Clone, deep copy, pickle, merge, union, thread and tree files, a journal: of nodes and of parts alike."""
    root = ChatNode.root("s").cache_breakpoint(ttl)
    leaf = root.add_user((TextPart("u", cache=CacheBreakpoint(ttl)), TextPart("v"))).add_assistant("a")
    leaf.cache_breakpoint("30m")
    (path,) = [[node.message.parts[0] for node in leaf.path()]]

    def same(copy):
        *_, last = copy.iter_depth_first()
        nodes = last.path()[-3:]
        assert [node.cache_mark for node in nodes] == [CacheBreakpoint(ttl), None, CacheBreakpoint("30m")]
        assert [node.message.parts[0] for node in nodes] == path

    same(root.clone())
    same(copy.deepcopy(root))
    same(pickle.loads(pickle.dumps(root)))
    host = ChatNode.root("h")
    host.merge(root, copy=True)
    same(host)
    root.save_tree(tmp_path / "t.jsonl")
    same(ChatNode.from_tree_file(tmp_path / "t.jsonl"))
    same(ChatNode.from_tree_json(root.to_tree_json()))
    leaf.save_thread(tmp_path / "t.json")
    same(ChatNode.from_thread_file(tmp_path / "t.json").root)
    same(ChatNode.from_thread_json(leaf.to_thread_json()).root)
    same(union(root.clone(), root, by="content"))
    plain = root.clone()
    plain.clear_all_cache_breakpoints()
    same(union(plain, root, by="content"))
    with journal(root, tmp_path / "j.jsonl"):
        leaf.clear_cache_breakpoint()
        leaf.cache_breakpoint("30m")
    same(ChatNode.from_tree_file(tmp_path / "j.jsonl"))
