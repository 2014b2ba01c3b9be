"""What is different between two trees, as values."""

import pickle
from decimal import Decimal

from hypothesis import given

from minillm.tree import Node
from minillm.tree.node_changes import changes_between, money
from minillm.types import (
    Attempt,
    CostInfo,
    CostResolution,
    ImagePart,
    Message,
    NativePart,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from tests.tree.messages import messages
from tests.tree.trees import random_trees


def copy_of(root: Node) -> Node:
    return pickle.loads(pickle.dumps(root))  # type: ignore[no-any-return]


def kinds(a: Node, b: Node) -> list[tuple[str, str, int]]:
    return [(each.kind, (each.after or each.before).text, each.nodes) for each in changes_between(a, b)]


def aspects(a: Node, b: Node) -> dict[str, tuple[str, str]]:
    (change,) = changes_between(a, b)
    return {each.name: (each.before, each.after) for each in change.aspects}


@given(random_trees())
def test_a_copy_has_no_differences(root):
    for other in (copy_of(root), root.clone(), root):
        assert list(changes_between(root, other)) == []


@given(messages, messages)
def test_messages_are_different_exactly_when_they_are_not_equal(one, other):
    assert bool(list(changes_between(Node(one), Node(other)))) == (one != other)


def test_added_removed_and_moved_nodes():
    a = Node.root("s")
    a.add_user("goes").add_assistant("with it")
    a.add_user("moves").add_assistant("along")
    a.add_user("stays")
    b = copy_of(a)
    goes, moves, stays = b.children
    goes.detach()
    stays.add_child(moves)
    b.add_user("comes").add_user("with it")
    moved = ("moved", "moves", 1)
    assert kinds(a, b) == [moved, ("added", "comes", 2), ("removed", "goes", 2)]
    # Seen from the other side; the node that moved still counts once.
    assert kinds(b, a) == [("added", "goes", 2), moved, ("removed", "comes", 2)]


def test_one_child_in_another_place_is_one_move():
    a = Node.root("s")
    for number in range(5):
        a.add_user(str(number))
    b = copy_of(a)
    b.add_child(b.children[1])
    assert kinds(a, b) == [("moved", "1", 1)]


def test_siblings_are_compared_whatever_they_say():
    root = Node.root("s")
    one, other = root.add_assistant("Paris."), root.add_assistant("Rome.")
    one.add_user("And?")
    assert kinds(one, other) == [("changed", "Rome.", 1), ("removed", "And?", 1)]


def test_each_thing_about_a_message_is_named():
    before = Message(
        Role.ASSISTANT,
        (
            ReasoningPart("hm"),
            TextPart("I look."),
            ToolCallPart("1", "get", '{"a":1,"b":{"d":2,"c":3}}'),
            ToolCallPart("2", "get", '{"a":1}'),
            ImagePart(url="https://h/x.png"),
        ),
    )
    after = Message(
        "critic",
        (
            ReasoningPart("hmm"),
            TextPart("I look!"),
            ToolCallPart("1", "get", '{ "b": {"c": 3, "d": 2}, "a": 1 }'),  # the same, spelled otherwise
            ToolCallPart("2", "get", '{"a":2', incomplete=True),
            ImagePart(data="AAAA", mime="image/png"),
        ),
    )
    found = aspects(Node(before), Node(after))
    assert found.keys() == {"role", "text", "reasoning", "arguments of get (2)", "image"}
    assert found["arguments of get (2)"] == ('{\n  "a": 1\n}', '{"a":2 (cut off)')
    assert found["image"][1].startswith("image/png 4 characters, sha256 ")


def test_results_and_blocks_are_named_too():
    def node(said: str, block: object) -> Node:
        parts = (ToolResultPart("1", "get", said), NativePart("w", block), NativePart("w", None))
        return Node(Message(Role.TOOL, parts))

    assert aspects(node("a", {"x": 1}), node("b", {"x": 2})).keys() == {"result of get", "w block"}


def test_a_difference_that_cannot_be_shown_is_told():
    one, other = (Node(Message(Role.USER, (TextPart("t", signature=each),))) for each in ("a", "b"))
    assert aspects(one, other)["message"][1].startswith("differs in what is not shown")


def test_what_stands_beside_the_message():
    a = Node.root("s")
    b = copy_of(a)
    b.metadata["score"] = 1
    b.format_kwargs["k"] = "v"
    b.cache_breakpoint("1h")
    b.literal = True
    b.book([Attempt("h", "m", "w", 1.0, cost=CostInfo(Decimal("0.01"), Decimal("0.01"), CostResolution.RESOLVED))])
    found = aspects(a, b)
    assert found == {
        "metadata": ("", '{\n  "score": 1\n}'),
        "format_kwargs": ("", '{\n  "k": "v"\n}'),
        "literal": ("", "yes"),
        "cache mark": ("", "1h"),
        "cost": ("", "$0.01"),
    }


def test_metadata_that_is_no_json_is_compared_all_the_same():
    a, b = Node.root("s"), Node.root("s")
    a.metadata["x"] = {1: object, "a": {2}}
    b.metadata["x"] = {}
    assert "metadata" in aspects(a, b)


def test_an_unknown_sum_is_never_nothing():
    assert money(CostInfo()) == "unknown"
    assert money(CostInfo(None, Decimal("0.5"), CostResolution.UNPRICED)) == "unpriced, $0.5 known"
