"""What nodes and subtrees have cost."""

from decimal import Decimal

from minillm.tree import Node
from minillm.tree.totals import attempts_of, bill_of, book, cost_of, remember, response_of, subtree_cost
from minillm.types import Attempt, ChatResponse, Choice, CostInfo, CostResolution, Message, Role


def attempt(usd: str | None) -> Attempt:
    cost = None if usd is None else CostInfo(Decimal(usd), Decimal(usd), CostResolution.RESOLVED, "user")
    return Attempt("h", "m", "w", 0.0, cost=cost)


def answer(parent: Node, usd: str | None) -> Node:
    node = parent.add_child(Node(Message(Role.ASSISTANT, "a")))
    remember(node, ChatResponse("r", "m", (Choice(0, node.message),), attempts=(attempt(usd),)))
    return node


def test_a_subtree_adds_up_answers_and_failures():
    root = Node.root("s")
    first = answer(root, "0.1")
    answer(first, "0.2")
    book(root, [attempt("0.05")])
    book(root, [attempt("0.05")])
    assert subtree_cost(root).usd == Decimal("0.4")
    assert cost_of([first]).usd == Decimal("0.1")
    assert len(attempts_of(root)) == len(bill_of(root)) == 2


def test_an_exchange_without_a_bill_is_unknown_never_free():
    node = answer(Node.root("s"), None)
    assert cost_of([node]).usd is None
    assert subtree_cost(Node.root("s")).usd == 0


def test_the_same_after_saving_and_loading():
    root = Node.root("s")
    answer(root, "0.1")
    book(root, [attempt("0.05")])
    again = Node.from_tree_json(root.to_tree_json())
    assert subtree_cost(again).usd == Decimal("0.15")
    assert response_of(again) is None
    assert response_of(again.children[0]).message is again.children[0].message


def test_booking_nothing_makes_nothing():
    node = Node.root("s")
    book(node, [])
    assert node._details is None
