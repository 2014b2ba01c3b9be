"""A purse over a subtree: what is asked on its node and below it draws on it, and nothing else does."""

import gc

import pytest

from minillm import Budget, BudgetExceeded, ChatNode, ConfigurationError, MockModel
from minillm.chat import purses


def calls(budget):
    return budget.spent.calls


async def test_calls_below_a_node_draw_on_its_purse():
    root = ChatNode.root("Be terse.")
    left, right = root.add_user("left"), root.add_user("right")
    root.budget, left.budget = Budget(calls=9), Budget(calls=9)
    model = MockModel(lambda _: "Yes.")
    reply = await left.complete(model)
    await reply.chat("And?", model)
    await right.branch(model, n=2)
    async with right.stream(model) as stream:
        await stream.finish()
    assert (calls(root.budget), calls(left.budget)) == (5, 2)


async def test_a_subtree_whose_purse_is_empty_is_asked_no_more():
    root = ChatNode.root("Be terse.")
    question = root.add_user("Hi")
    question.budget = Budget(calls=1, name="question")
    model = MockModel(lambda _: "Yes.")
    await question.complete(model)
    with pytest.raises(BudgetExceeded, match="'question'"):
        await question.complete(model)
    await root.chat("Hi", model)


async def test_it_can_be_taken_away():
    root = ChatNode.root("Be terse.")
    root.budget = Budget(calls=0)
    root.budget = None
    root.budget = None
    await root.chat("Hi", MockModel(["Yes."]))
    assert root.budget is None


def test_it_is_not_copied_and_keeps_no_tree_alive():
    root = ChatNode.root("Be terse.")
    root.budget = Budget(calls=1)
    assert root.clone().budget is None
    del root
    gc.collect()
    assert not purses._purses


def test_what_is_no_budget_is_told():
    with pytest.raises(ConfigurationError, match="must be a Budget"):
        ChatNode.root().budget = 5
