"""What all that is shown has cost, by model; what is not known is said to be unknown."""

from collections.abc import Sequence
from typing import Any

from ..cost.ledger import sums
from ..types import Attempt, CostInfo, total_cost

__all__ = ["bill"]


def bill(attempts: Sequence[Attempt]) -> dict[str, Any]:
    """The sum and each model's share; money is text, None where a part of it is not known."""
    counts: dict[tuple[str, str], int] = {}
    for attempt in attempts:
        key = attempt.host, attempt.model
        counts[key] = counts.get(key, 0) + 1
    models = sums(attempts, lambda attempt: (attempt.host, attempt.model))
    total = total_cost(attempts)
    return {
        "calls": len(attempts),
        **_figures(total),
        "models": [
            {"host": host, "model": model, "calls": counts[host, model], **_figures(share)}
            for (host, model), share in models.items()
        ],
    }


def _figures(share: CostInfo) -> dict[str, Any]:
    usage = share.usage
    return {
        "usd": None if share.usd is None else f"{share.usd:f}",
        "known": f"{share.known_usd:f}",
        "why": share.resolution.value,
        "in": None if usage is None else usage.input_tokens,
        "out": None if usage is None else usage.output_tokens,
    }
