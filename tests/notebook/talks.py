"""Conversations to show: answers with tokens and prices, and what must never be more than words."""

from decimal import Decimal

from minillm import ChatNode, MockModel, TokenPrice, Usage
from minillm.types import Attempt, ChatResponse, Choice, CostInfo, CostResolution, FinishReason, Message

EVIL = (
    "</style></script><script>window.ran=1</script><img src=x onerror=window.ran=1> javascript:alert(1) \x1b[31m\u202e"
)
PRICE = TokenPrice(input=Decimal(1), output=Decimal(2))


def answer(text: str, *, model: str = "m-1", tokens: int = 10) -> ChatResponse:
    choice = Choice(0, Message("assistant", text), FinishReason.STOP)
    return ChatResponse("id", model, (choice,), Usage(uncached_tokens=30, output_tokens=tokens))


async def talk(*texts: str) -> tuple[ChatNode, list[ChatNode]]:
    """A question and its answers, each with a price."""
    root = ChatNode.root("You are terse.")
    question = root.add_user("Hi?")
    model = MockModel([answer(text, tokens=10 + place) for place, text in enumerate(texts)])
    return root, list(await question.branch(model, n=len(texts), token_price=PRICE))


def billed(node: ChatNode, model: str, usd: str | None, **attempt: object) -> ChatNode:
    """The node with one more failed exchange on its bill."""
    known = CostResolution.UNKNOWN if usd is None else CostResolution.RESOLVED
    cost = CostInfo(None if usd is None else Decimal(usd), Decimal(usd or 0), known)
    node.book([Attempt("host", model, "openai_chat_completions", 0.0, cost=cost, **attempt)])  # type: ignore[arg-type]
    return node
