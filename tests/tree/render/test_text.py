"""Conversations and outlines as plain text."""

from minillm.tree import Node
from minillm.tree.render.text import format_conversation, format_tree, pretty_messages
from minillm.types import Message, ReasoningPart, TextPart
from tests.tree.trees import chain


def conversation() -> Node:
    root = Node.root("You are {bot}.")
    root.format_kwargs["bot"] = "Rob"
    return root.add_user("Hi").add_assistant("Hello\x1b[2J")


def test_a_conversation_reads_top_down():
    assert format_conversation(conversation()) == "SYSTEM: You are Rob.\n\nUSER: Hi\n\nASSISTANT: Hello\\x1b[2J"


def test_prefixes_and_separator_can_be_chosen():
    leaf = conversation()
    shown = pretty_messages(leaf, format_kwargs={"bot": "Bo"}, separator="\n", user="> ", assistant="< ")
    assert shown == "SYSTEM: You are Bo.\n> Hi\n< Hello\\x1b[2J"


def test_empty_messages_and_thinking_are_not_shown_unless_asked():
    leaf = Node.root().add_child(Node(Message("critic", (ReasoningPart("hm"), TextPart("ok")))))
    assert format_conversation(leaf) == "CRITIC: ok"
    assert pretty_messages(leaf, reasoning=True) == "CRITIC: [thinking] hm\nok"


def test_an_outline_indents_only_branches():
    root = Node.root("r")
    a = root.add_user("a").add_assistant("a1")
    a.add_user("x")
    a.add_user("y")
    assert format_tree(root).splitlines() == ["system: r", "user: a", "assistant: a1", "├─ user: x", "└─ user: y"]


def test_branches_below_branches_keep_their_lines():
    root = Node.root("r")
    a, _ = root.add_user("a"), root.add_user("b")
    a.add_user("a1").add_user("a11")
    a.add_user("a2")
    assert format_tree(root, label=lambda node: node.text).splitlines() == [
        "r",
        "├─ a",
        "│  ├─ a1",
        "│  │  a11",
        "│  └─ a2",
        "└─ b",
    ]


def test_long_lines_and_large_trees_are_cut():
    root, _ = chain(5000, "word " * 100)
    lines = format_tree(root, width=40, limit=10).splitlines()
    assert max(map(len, lines)) == 40
    assert lines[-1] == "… and 4990 more"
    assert len(lines) == 11


def test_control_characters_in_labels_are_escaped():
    assert "\x1b" not in format_tree(Node.root("\x1b[31m"))
    assert "\x1b" not in format_tree(Node.root("x"), label=lambda node: "\x1b[31m")
