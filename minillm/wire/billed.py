"""The sum that a host bills by itself, out of a ``usage`` object."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from .fields import as_object

__all__ = ["as_dollars", "billed"]


def billed(raw: Mapping[str, Any]) -> Decimal | None:
    """``usage.cost`` in USD, None where there is none or where it is not the whole.

    OpenRouter with a key of one's own at the model's host says its own fee there, and beside it what that host bills
    (https://openrouter.ai/docs/use-cases/usage-accounting): the sum is both, and unknown where the second is missing.
    """
    fee = as_dollars(raw.get("cost"))
    if fee is None or raw.get("is_byok") is not True:
        return fee
    upstream = as_dollars((as_object(raw.get("cost_details")) or {}).get("upstream_inference_cost"))
    return None if upstream is None else fee + upstream


def as_dollars(value: Any) -> Decimal | None:
    """``value`` where it is a finite number that is not negative, as a number or a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None
