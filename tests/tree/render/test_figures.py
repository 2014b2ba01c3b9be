"""Tokens, time and money in words; what is unknown is said to be."""

from decimal import Decimal

import pytest

from minillm import ChatNode, Message, Role, Usage
from minillm.chat import Reply
from minillm.tree.render.figures import cost_words, money, summary, time_words, token_words
from minillm.types import Attempt, ChatResponse, Choice, CostInfo, CostResolution, FinishReason


def replied(usage: Usage | None, reason: FinishReason = FinishReason.STOP, **attempt: object) -> ChatNode:
    """A node as a model wrote it."""
    choice = Choice(0, Message(Role.ASSISTANT, "hi"), reason)
    tried = Attempt("host", "model", "openai_chat_completions", 0.0, **attempt)  # type: ignore[arg-type]
    return Reply.of(ChatResponse("id", "model", (choice,), usage, attempts=(tried,)))


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        ("0", "$0"),
        ("0.0000001", "<$0.000001"),
        ("0.000012", "$0.000012"),
        ("0.25", "$0.25"),
        ("1234.5", "$1,234.50"),
    ],
)
def test_money_is_as_exact_as_its_size_asks(usd: str, words: str) -> None:
    assert money(Decimal(usd)) == words


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (CostInfo(Decimal("0.5"), Decimal("0.5"), CostResolution.RESOLVED), "$0.50"),
        (CostInfo(None, Decimal("0.5"), CostResolution.UNPRICED), "at least $0.50"),
        (CostInfo(None, Decimal(0), CostResolution.UNPRICED), "no price known"),
        (CostInfo(), "cost unknown"),
        (CostInfo(None, Decimal(0), CostResolution.PENDING), "cost pending"),
    ],
)
def test_an_unknown_price_is_never_zero(cost: CostInfo, words: str) -> None:
    assert cost_words(cost) == words


def test_tokens_of_what_no_model_wrote_are_not_mentioned() -> None:
    assert token_words(ChatNode.root("hi")) == ""
    assert summary(ChatNode.root("hi")) == ""


def test_tokens_that_the_host_did_not_tell_are_unknown() -> None:
    assert token_words(replied(None)) == "tokens unknown"
    assert token_words(replied(Usage(output_tokens=3))) == "3 out"
    assert token_words(replied(Usage(uncached_tokens=5, output_tokens=3))) == "5 in, 3 out"


def test_time_is_the_sum_of_all_exchanges() -> None:
    durations = [Attempt("h", "m", "w", 0.0, duration=seconds) for seconds in (1.0, None, 0.25)]
    assert time_words(durations) == "1.2 s"
    assert time_words(durations[1:2]) == ""


def test_the_summary_tells_why_an_answer_ended_early() -> None:
    node = replied(Usage(uncached_tokens=5, output_tokens=3), FinishReason.LENGTH, duration=2.0)
    assert summary(node) == "5 in, 3 out · 2.0 s · cost unknown · cut at max_tokens"
