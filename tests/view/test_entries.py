"""Nodes as columns: in depth-first order, and nothing said twice."""

from minillm.tree import Node
from minillm.tree.bare_node import details_of
from minillm.types import Attempt, Message, Outcome
from minillm.view.entries import columns
from tests.view.samples import rivers


def test_the_columns_are_the_tree() -> None:
    root = rivers()
    nodes = list(root.iter_depth_first())
    made, booked = columns(nodes, nodes[3])
    assert made["parent"] == [-1 if each.parent is None else nodes.index(each.parent) for each in nodes]
    assert [made["roles"][role] for role in made["role"]] == [str(each.role) for each in nodes]
    assert made["id"] == [each.id for each in nodes]
    assert made["selected"] == 3
    assert made["text"][1] == nodes[1].text
    assert len(booked) == 10


def test_a_plain_node_is_only_a_text() -> None:
    made, _ = columns([Node.root("a")], Node.root("b"))
    assert (made["text"], made["more"], made["selected"]) == (["a"], {}, 0)


def test_an_answer_tells_its_figures() -> None:
    made, _ = columns(rivers().iter_depth_first(), Node.root())
    first, third = (next(v for v in made["more"].values() if v.get("score") == s) for s in (0.9, 0.4))
    assert (first["model"], first["usd"], first["tokens"], first["labels"]) == (
        "gpt-5.4",
        "0.00123",
        [820, 140, None],
        ["checked"],
    )
    assert (third["usd"], third["why"], "known" in third) == (None, "unpriced", False)
    assert "meta" not in first


def test_failed_calls_and_what_is_beside_a_message_are_told() -> None:
    root = Node(Message("user", "Hi {name}", name="ann", origin=("h", "m")))
    root.format_kwargs["name"] = 3
    root.metadata.update(mine=12345678901234567890, labels=["a", 2], score=True, conversation={"title": "T", "id": "x"})
    root.book([Attempt("h", "m", "w", 1.0, outcome=Outcome.FAILED, error="ServerError"), Attempt("h", "m", "w", 2.0)])
    made, booked = columns([root], root)
    entry = made["more"]["0"]
    assert {key: entry[key] for key in ("name", "host", "model", "kwargs", "title", "labels", "meta")} == {
        "name": "ann",
        "host": "h",
        "model": "m",
        "kwargs": {"name": "3"},
        "title": "T",
        "labels": ["a"],
        "meta": '{\n  "mine": 12345678901234567890\n}',
    }
    assert (entry["usd"], entry["why"], entry["failed"], entry["calls"]) == (None, "unknown", ["ServerError"], 2)
    assert ("score" in entry, len(booked)) == (False, 2)


def test_a_record_that_cannot_be_read_hides_nothing_else() -> None:
    root = Node.root("a")
    details_of(root).record = {"model": 7}
    made, booked = columns([root], root)
    assert "record.model" in made["more"]["0"]["fault"]
    assert (made["text"], booked) == (["a"], [])
