"""A diff of two trees as one object: figures, text, HTML."""

import pickle
from decimal import Decimal

from minillm.tree import Node, diff
from minillm.types import Attempt, CostInfo, CostResolution
from tests.tree.trees import DEEP, bushy, chain


def paid(usd: str) -> Attempt:
    return Attempt("h", "m", "w", 1.0, cost=CostInfo(Decimal(usd), Decimal(usd), CostResolution.RESOLVED))


def test_it_tells_what_changed_and_what_it_cost():
    root = Node.root("s")
    one, other = root.add_assistant("Paris."), root.add_assistant("Rome.")
    other.add_user("Why?")
    one.book([paid("0.01")])
    other.book([paid("0.03")])
    found = diff(one, other)
    assert [change.kind for change in found.changes] == ["changed", "added"]
    assert (found.nodes, found.cost_difference) == ((1, 2), Decimal("0.02"))
    assert str(found) == found.to_text()
    assert found._repr_mimebundle_() == {"text/plain": found.to_text(), "text/html": found.to_html()}
    assert repr(found) == "<TreeDiff: 2 changes>"


def test_an_unknown_cost_has_no_difference():
    one, other = Node.root("s"), Node.root("s")
    other.book([Attempt("h", "m", "w", 1.0)])
    assert diff(one, other).cost_difference is None


def test_no_difference_is_false():
    root = bushy(20)
    same = diff(root, pickle.loads(pickle.dumps(root)))
    assert not same
    assert same.to_text() == "20 -> 20 nodes: no difference; cost $0"


def test_neither_tree_is_changed():
    a, b = bushy(20), bushy(9)
    before = a.to_tree_json(), b.to_tree_json()
    diff(a, b).to_html()
    assert (a.to_tree_json(), b.to_tree_json()) == before


def test_no_depth_is_too_deep():
    root, leaf = chain(DEEP)
    other = root.clone()
    leaf.add_user("more")
    assert "… and" not in diff(other, root).to_text()
    assert diff(root, other).to_text().startswith(f"{DEEP + 1} -> {DEEP} nodes: 1 removed")
