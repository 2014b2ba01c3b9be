"""The parts of an expression can be walked, none left out."""

import pytest

from minillm.recipes.expression import parse
from minillm.recipes.nodes import Literal, Name, Node, inner_nodes


def leaves(node: Node) -> list[str]:
    inner = list(inner_nodes(node))
    if not inner:
        assert isinstance(node, (Name, Literal))
        return [node.name if isinstance(node, Name) else str(node.value)]
    return [name for each in inner for name in leaves(each)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a.b.c", "a"),
        ("a[b].c", "a b"),
        ("join(a, b)", "a b"),
        ("not a and -b == 1", "a b 1"),
        ("a if b else c", "b a c"),
        ("[a, b]", "a b"),
        ("[a for x in b]", "a b"),
        ("[a for x in b if c]", "a b c"),
    ],
)
def test_every_inner_node(text, names):
    """Down to the names, in the order they matter."""
    assert leaves(parse(text)) == names.split()
