"""Token counts. The vendor's totals overlap; ours are disjoint (wire-spec: mapping, section 4)."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ...types import Usage
from ..fields import as_count, as_object
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import WIRE, native

__all__ = ["decode_usage", "encode_usage"]

_TICKS = 10**10  # xAI counts ten billionths of a dollar

_NOTHING: Mapping[str, Any] = {}


def decode_usage(raw: Any) -> Usage | None:
    """Usage out of a ``usage`` object; None for anything else. Never raises: a count that makes no sense
    must not cost the answer, and stays in the residue."""
    if not isinstance(raw, Mapping) or not raw:
        return None
    inputs = as_object(raw.get("prompt_tokens_details")) or _NOTHING
    outputs = as_object(raw.get("completion_tokens_details")) or _NOTHING
    prompt, output = as_count(raw.get("prompt_tokens")), as_count(raw.get("completion_tokens"))
    cached = as_count(inputs.get("cached_tokens"))
    if cached is None:
        cached = as_count(raw.get("prompt_cache_hit_tokens"))  # DeepSeek
    written = as_count(inputs.get("cache_write_tokens"))
    if prompt is not None and (cached or 0) + (written or 0) > prompt:
        # Recorded (json_mode): 157 cached of 29. The total is what is billed; the parts are not believed.
        cached = written = None
    reasoning = as_count(outputs.get("reasoning_tokens"))
    beside = bool(reasoning) and (prompt or 0) + (output or 0) + (reasoning or 0) == raw.get("total_tokens")
    if beside:
        output = (output or 0) + (reasoning or 0)  # xAI counts reasoning beside the completion
    elif reasoning is not None and output is not None and reasoning > output:
        reasoning = None
    usage = Usage(
        uncached_tokens=None if prompt is None else prompt - (cached or 0) - (written or 0),
        cache_read_tokens=cached,
        cache_write_tokens=None if written is None else {"": written},
        output_tokens=output,
        reasoning_tokens=reasoning,
        cost_usd=_cost(raw),
    )
    form = _cost_form(raw)
    rest = with_hints(residue(raw, _said(usage, form)), cost=form)
    # Made a moment ago and seen by nobody: filled in place, since ``replace`` would cost as much again.
    object.__setattr__(usage, "native", native(rest))
    return usage


def _cost(raw: Mapping[str, Any]) -> Decimal | None:
    cost, ticks = raw.get("cost"), raw.get("cost_in_usd_ticks")
    if isinstance(cost, Mapping):
        cost = cost.get("total_cost")  # Perplexity
    if cost is None and type(ticks) is int:
        return Decimal(ticks) / _TICKS
    if isinstance(cost, bool) or not isinstance(cost, int | float | str):
        return None
    try:
        sum_ = Decimal(str(cost))
    except InvalidOperation:
        return None
    return sum_ if sum_.is_finite() and sum_ >= 0 else None


def _cost_form(raw: Mapping[str, Any]) -> str | None:
    """Where the sum stands, unless it is plainly ``cost``."""
    if isinstance(raw.get("cost"), Mapping):
        return "total"
    if "cost" not in raw and "cost_in_usd_ticks" in raw:
        return "ticks"
    return "text" if isinstance(raw.get("cost"), str) else None


def encode_usage(usage: Usage) -> dict[str, Any]:
    """The ``usage`` object: what is not known is not said."""
    data = own(usage.native, WIRE)
    return restore(_said(usage, hints_of(data).get("cost")), data)


def _said(usage: Usage, cost_form: str | None) -> dict[str, Any]:
    said: dict[str, Any] = {}
    prompt, output, total = usage.input_tokens, usage.output_tokens, usage.total_tokens
    if prompt is not None:
        said["prompt_tokens"] = prompt
    if output is not None:
        said["completion_tokens"] = output
    if total is not None:
        said["total_tokens"] = total
    inputs: dict[str, Any] = {}
    if usage.cache_read_tokens is not None:
        inputs["cached_tokens"] = usage.cache_read_tokens
    if usage.cache_write_tokens is not None:
        inputs["cache_write_tokens"] = sum(usage.cache_write_tokens.values())
    if inputs:
        said["prompt_tokens_details"] = inputs
    if usage.reasoning_tokens is not None:
        said["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    if usage.cost_usd is not None:
        said.update(_say_cost(usage.cost_usd, cost_form))
    return said


def _say_cost(cost: Decimal, form: str | None) -> dict[str, Any]:
    if form == "ticks":
        return {"cost_in_usd_ticks": int(cost * _TICKS)}
    if form == "text":
        return {"cost": str(cost)}
    return {"cost": {"total_cost": float(cost)} if form == "total" else float(cost)}
