"""What a node says of calls without making a reply: it is all there on a ChatNode."""

from decimal import Decimal

from minillm import Budget, ChatNode, MockModel, Usage
from minillm.chat.asking_node import AskingNode
from minillm.types import Attempt, CostInfo, CostResolution


def test_a_chat_node_says_it() -> None:
    node = ChatNode.root("Be terse.").add_user("Hi")
    assert isinstance(node, AskingNode)
    assert [message.text for message in node.build_request(MockModel()).messages] == ["Be terse.", "Hi"]
    assert (node.estimate(MockModel()).input.upper or 0) > 0
    assert (node.attempts, node.cost.usd) == ((), Decimal(0))
    node.budget = purse = Budget(calls=1)
    assert node.budget is purse
    node.budget = None


def test_what_was_spent_at_it() -> None:
    node = ChatNode.root()
    paid = CostInfo(Decimal("0.5"), Decimal("0.5"), CostResolution.RESOLVED, "host", usage=Usage(1))
    node.book([Attempt("h", "m", "openai_chat_completions", 1.0, cost=paid)])
    assert (node.cost.usd, len(node.attempts)) == (Decimal("0.5"), 1)
