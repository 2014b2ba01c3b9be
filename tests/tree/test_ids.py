"""Ids: random, compact, the same as text and as number."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from minillm.tree import Node
from minillm.tree.ids import assign_ids, id_text, id_value, mint, mint_count, node_id, peek_id


def test_an_id_is_a_random_uuid():
    made = uuid.UUID(id_text(mint()))
    assert (made.version, made.variant) == (4, uuid.RFC_4122)


def test_ids_made_in_blocks_are_as_good():
    nodes = [Node.root("x") for _ in range(3000)]
    assign_ids(nodes)
    made = {uuid.UUID(node.id) for node in nodes}
    assert len(made) == 3000
    assert {(each.version, each.variant) for each in made} == {(4, uuid.RFC_4122)}


def test_assigning_keeps_the_ids_there_are():
    bare, detailed, known = Node.root("a"), Node.root("b"), Node.root("c")
    detailed.metadata["k"] = 1
    before = known.id
    assign_ids([bare, detailed, known])
    assert known.id == before
    assert None not in (peek_id(bare), peek_id(detailed))
    assert detailed.metadata == {"k": 1}


def test_making_ids_is_counted():
    """An index of ids knows by it that it may be stale."""
    before = mint_count()
    node_id(Node.root("x"))
    assert mint_count() != before


def test_peeking_makes_none():
    node = Node.root("x")
    assert peek_id(node) is None
    assert node._details is None


hexes = st.from_regex(r"[0-9a-f]{32}", fullmatch=True)
nearly = st.from_regex(r"[0-9a-fA-F_ +]{32}", fullmatch=True)


@given(st.one_of(st.text(), hexes, nearly))
def test_any_text_is_an_id_and_comes_back_as_it_was(text):
    assert id_text(id_value(text)) == text
