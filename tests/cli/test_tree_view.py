"""A tree on the screen."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from minillm import ChatNode, ImagePart, Message, Role, ToolCallPart
from minillm.cli.tree_view import message_words, print_tree, rows


def printed(console: Console, root: ChatNode, **options: Any) -> list[str]:
    print_tree(console, root, **options)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text.splitlines()


def forked() -> ChatNode:
    root = ChatNode.root("Be terse.")
    question = root.add_user("Why?")
    question.add_assistant("Because.").add_user("And?")
    question.add_assistant("No idea.")
    return root


def test_only_branches_are_indented(console: Console) -> None:
    assert printed(console, forked()) == [
        "system    Be terse.",
        "user      Why?",
        "├─assistant Because.",
        "│ user      And?",
        "└─assistant No idea.",
    ]


def test_labels_and_the_node_in_hand_stand_before_the_tree(console: Console) -> None:
    root = forked()
    numbers = {node: str(number) for number, node in enumerate(root.iter_depth_first(), 9)}
    lines = printed(console, root, label=numbers.__getitem__, here=root.children[0])
    assert lines[0] == "   9 system    Be terse."
    assert lines[1] == "→ 10 user      Why?"


def test_text_steers_neither_terminal_nor_markup(console: Console) -> None:
    lines = printed(console, ChatNode.root("[red]a\x1b[2J\nb"))
    assert lines == [r"system    [red]a\x1b[2J b"]


def test_long_text_gives_way_and_no_line_is_wider_than_the_screen(console: Console) -> None:
    root = ChatNode.root("word " * 100)
    lines = printed(console, root)
    assert len(lines) == 1
    assert len(lines[0]) <= console.width
    assert lines[0].endswith("…")


def test_wide_characters_are_counted_as_they_are_shown(console: Console) -> None:
    line = printed(console, ChatNode.root("漢字" * 100))[0]
    assert sum(2 if ord(character) > 0x2E80 else 1 for character in line) <= console.width


def test_a_very_long_and_a_very_wide_tree_are_cut_and_counted(console: Console) -> None:
    deep = root = ChatNode.root("start")
    for _ in range(20_000):
        deep = deep.add_user("on")
    assert printed(console, root)[-1] == "… and 19,801 more nodes"


def test_many_nested_branches_still_leave_room_for_text(console: Console) -> None:
    node = root = ChatNode.root("start")
    for _ in range(60):
        node.add_user("aside")
        node = node.add_user("deeper")
    assert all(len(line) <= console.width for line in printed(console, root))
    assert "deeper" in console.file.getvalue()  # type: ignore[attr-defined]


@given(st.lists(st.integers(0, 1000), max_size=40))
def test_every_node_is_a_row_in_depth_first_order(parents: list[int]) -> None:
    nodes = [ChatNode.root("0")]
    for parent in parents:
        nodes.append(nodes[parent % len(nodes)].add_user("x"))
    shown = list(rows(nodes[0]))
    assert [node for _, node in shown] == list(nodes[0].iter_depth_first())
    for indent, node in shown:
        siblings = () if node.parent is None else node.parent.children
        if len(siblings) > 1:
            assert indent.endswith("└─" if node is siblings[-1] else "├─")


def test_a_message_without_text_is_told_by_what_it_holds() -> None:
    call = ToolCallPart("1", "look_up", '{"q": 1}')
    assert message_words(Message(Role.ASSISTANT, (call,))) == '[calls look_up {"q": 1}]'
    assert "image" in message_words(Message(Role.USER, (ImagePart(url="https://a.test/b.png"),)))
    assert message_words(Message(Role.ASSISTANT, "")) == "[empty]"
