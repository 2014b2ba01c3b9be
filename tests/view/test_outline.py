"""Trees as a list of rows: what is under a node stands behind it, and folding takes just that away."""

from hypothesis import given
from hypothesis import strategies as st

from minillm.tree import Node
from minillm.view.outline import Outline
from tests.view.samples import rivers


@st.composite
def trees(draw: st.DrawFn) -> Node:
    nodes = [Node.root("0")]
    for number, choice in enumerate(draw(st.lists(st.integers(0, 30), max_size=30)), 1):
        nodes.append(nodes[choice % len(nodes)].add_user(str(number)))
    return nodes[0]


@given(trees(), st.sets(st.integers(0, 30)))
def test_rows_are_what_no_folded_node_is_above(root: Node, folded: set[int]) -> None:
    outline = Outline(root.iter_depth_first())
    for number in folded & set(range(len(outline.nodes))):
        outline.fold(number)
    hidden = set()
    for n in folded & set(range(len(outline.nodes))):
        for below in outline.nodes[n].iter_depth_first():
            if below is not outline.nodes[n]:
                hidden.add(id(below))
    assert [id(outline.nodes[n]) for n in outline.rows] == [
        id(node) for node in root.iter_depth_first() if id(node) not in hidden
    ]


@given(trees())
def test_the_arrays_are_the_tree(root: Node) -> None:
    outline = Outline(root.iter_depth_first())
    for number, node in enumerate(outline.nodes):
        assert (outline.depths[number], outline.children[number]) == (node.depth, len(node.children))
        assert outline.ends[number] - number == node.node_count()
        siblings = node.parent.children if node.parent else (node,)
        beside = outline.sibling(number, 1)
        place = siblings.index(node)
        assert (None if beside is None else outline.nodes[beside]) is (
            siblings[place + 1] if place + 1 < len(siblings) else None
        )


def test_only_branching_indents() -> None:
    root = rivers()
    outline = Outline(root.iter_depth_first())
    assert list(outline.levels) == [0, 0, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 1, 1, 1, 1]


def test_folding_all_leaves_the_first_siblings_and_a_fold_is_found_again() -> None:
    outline = Outline(rivers().iter_depth_first())
    outline.fold_all()
    assert outline.rows == [0, 1, 2, 12, 15]
    assert outline.visible(6) == 2
    outline.reveal(6)
    assert 6 in outline.rows
    outline.fold_below(1)
    assert outline.rows == [0, 1]
    outline.unfold_all()
    assert len(outline.rows) == 16


def test_several_trees_and_a_deep_one() -> None:
    chain = Node.root("a")
    leaf = chain
    for _ in range(20_000):
        leaf = leaf.add_user("b")
    other = Node.root("c")
    outline = Outline([*chain.iter_depth_first(), other])
    assert (outline.depths[20_000], outline.ends[0], outline.parents[20_001]) == (20_000, 20_001, -1)
    outline.fold(0)
    assert outline.rows == [0, 20_001]
    assert outline.number_of(other) == 20_001
    assert outline.sibling(0, 1) is None
