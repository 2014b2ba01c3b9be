"""Markdown for people: every word of a tree, branches told apart."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from minillm.report import Report
from minillm.tree import Node
from minillm.tree.formats import to_markdown, write_markdown
from minillm.types import (
    Citation,
    ImagePart,
    Message,
    NativePart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from tests.tree.trees import random_trees


def test_a_tree_with_branches() -> None:
    root = Node.root("Be {how}.")
    root.format_kwargs["how"] = "brief"
    root.metadata["conversation"] = {"title": "A talk"}
    one = root.add_user("q").add_sibling("r").parent.children[0]  # type: ignore[union-attr]
    one.add_assistant("a")
    one.add_assistant("b")
    assert to_markdown(root) == (
        "# A talk\n\n## System\n\nBe brief.\n\n"
        "## User · branch 1\n\nq\n\n## Assistant · branch 1.1\n\na\n\n## Assistant · branch 1.2\n\nb\n\n"
        "## User · branch 2\n\nr\n\n"
    )


def test_a_leaf_is_one_conversation() -> None:
    root = Node.root("")
    root.add_user("no")
    leaf = root.add_user("yes")
    assert to_markdown(leaf) == "## User\n\nyes\n\n"


@given(random_trees(st.text(max_size=9)))
def test_no_text_is_lost(root: Node) -> None:
    shown = to_markdown(root, report=Report(strict=True))
    assert all(node.text in shown for node in root.iter_depth_first())


def test_parts_of_every_kind() -> None:
    report = Report()
    parts = (
        ReasoningPart("hm"),
        TextPart("x", (Citation("https://h"),)),
        RefusalPart("no"),
        ImagePart(url="https://h/p.png", name="P"),
        ImagePart(data="AAAA", name="q.png"),
        ToolCallPart("1", "f", '{"a": "```"}'),
        NativePart("w", {}),
    )
    node = Node(Message("assistant", parts))
    node.adopt(Node(Message("tool", (ToolResultPart("1", "f", "bad", True),))))
    shown = to_markdown(node, report=report)
    for piece in ("Sources: <https://h>", "no", "[P](<https://h/p.png>)", "[image q.png]", "````", "Error of `f`"):
        assert piece in shown
    assert [loss.what for loss in report.losses] == ["reasoning", "media", "w block"]
    assert "> hm" in to_markdown(node, reasoning=True, report=Report())


def test_several_conversations_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    write_markdown([Node.root("a"), Node.root("b")], path)
    assert path.read_text() == "## System\n\na\n\n\n---\n\n## System\n\nb\n\n"


def test_a_long_chain_is_no_danger() -> None:
    root = node = Node.root("x")
    for _ in range(20_000):
        node = node.add_user("{y}")
    assert to_markdown(root).count("## User") == 20_000
