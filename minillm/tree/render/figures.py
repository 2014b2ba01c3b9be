"""Tokens, time and money as short words. What is not known is said to be unknown."""

from collections.abc import Sequence
from decimal import Decimal

from ...types import Attempt, CostInfo, CostResolution
from ..bare_node import BareNode
from ..totals import attempts_of, cost_of, response_of

__all__ = ["cost_words", "money", "summary", "time_words", "token_words"]

_UNKNOWN = {
    CostResolution.UNPRICED: "no price known",
    CostResolution.UNKNOWN: "cost unknown",
    CostResolution.PENDING: "cost pending",
}
_SMALLEST = Decimal("0.000001")


def money(usd: Decimal) -> str:
    """Dollars: cents for large sums, millionths for what a completion costs."""
    if not usd:
        return "$0"
    if usd < _SMALLEST:
        return f"<${_SMALLEST}"
    if usd >= 1:
        return f"${usd:,.2f}"
    whole, _, part = f"{usd:.6f}".rstrip("0").partition(".")
    return f"${whole}.{part:0<2}"


def cost_words(cost: CostInfo) -> str:
    """The sum, or why there is none; a sum that is known in part is a lower bound."""
    if cost.usd is not None:
        return money(cost.usd)
    if cost.known_usd:
        return f"at least {money(cost.known_usd)}"
    return _UNKNOWN.get(cost.resolution, "cost unknown")


def token_words(node: BareNode) -> str:
    """Tokens in and out of one reply, ``""`` for a node that no model wrote."""
    response = response_of(node)
    if response is None:
        return ""
    usage = response.usage
    if usage is None or usage.output_tokens is None:
        return "tokens unknown"
    if usage.input_tokens is None:
        return f"{usage.output_tokens} out"
    return f"{usage.input_tokens} in, {usage.output_tokens} out"


def time_words(attempts: Sequence[Attempt]) -> str:
    """Seconds that the exchanges took together."""
    durations = [attempt.duration for attempt in attempts if attempt.duration is not None]
    return f"{sum(durations):.1f} s" if durations else ""


def summary(reply: BareNode) -> str:
    """All three on one line: ``12 in, 31 out · 0.9 s · $0.000012``."""
    attempts, response = attempts_of(reply), response_of(reply)
    words = [token_words(reply), time_words(attempts), cost_words(cost_of((reply,))) if attempts else ""]
    reason = None if response is None else response.finish_reason
    if reason is not None and reason.value in _ENDINGS:
        words.append(_ENDINGS[reason.value])
    return " · ".join(word for word in words if word)


_ENDINGS = {
    "length": "cut at max_tokens",
    "context_full": "cut: context full",
    "content_filter": "filtered by the host",
    "refusal": "declined",
    "interrupted": "interrupted",
    "error": "ended with an error",
}
