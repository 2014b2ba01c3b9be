"""Token counts. The vendor's totals overlap; ours are disjoint (wire-spec: mapping, section 4)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ...types import Usage
from ...types.making import new_native, new_usage
from ..billed import billed
from ..fields import as_count, as_object
from ..residue import HINTS, hints_of, own, residue, restore, with_hints
from .dialect import WIRE, native

__all__ = ["decode_usage", "encode_usage", "plain_usage"]

_TICKS: Final = 10**10  # xAI counts ten billionths of a dollar

_UNUSUAL: Final = frozenset({"cost", "cost_in_usd_ticks", "prompt_cache_hit_tokens"})


def decode_usage(raw: Any) -> Usage | None:
    """Usage out of a ``usage`` object; None for anything else. Never raises: a count that makes no sense
    must not cost the answer, and stays in the residue."""
    if not isinstance(raw, dict) or not raw:
        return None
    return plain_usage(raw) or _decode_any(raw)


def plain_usage(raw: Any) -> Usage | None:
    """What the general way makes of usage as the vendor sends it, in a third of the time; None for any other.
    Every answer has one."""
    try:
        prompt, output, total = raw["prompt_tokens"], raw["completion_tokens"], raw["total_tokens"]
    except (KeyError, TypeError):
        return None
    if (
        not (type(raw) is dict and type(prompt) is type(output) is type(total) is int)
        or not total - output == prompt >= 0
        or output < 0
    ):
        return None
    fresh, read, written, reasoning = prompt, None, None, None
    heard = spoken = seen = drawn = None
    rest = raw.copy()
    del rest["prompt_tokens"], rest["completion_tokens"], rest["total_tokens"]
    for key in rest:
        if key in _UNUSUAL or key >= HINTS:  # no word of a protocol sorts behind it
            return None
    inputs, outputs = rest.get("prompt_tokens_details"), rest.get("completion_tokens_details")
    if type(inputs) is dict:
        left = rest["prompt_tokens_details"] = inputs.copy()
        read = left.pop("cached_tokens", None)
        if "cache_write_tokens" in left:
            written = left.pop("cache_write_tokens")
            if type(written) is not int or written < 0:
                return None
            fresh -= written
        if type(read) is not int or not 0 <= read <= fresh:
            return None
        fresh -= read
        heard, seen = left.get("audio_tokens"), left.get("image_tokens")
        for key in left:
            if key >= HINTS:
                return None
        if not left:
            del rest["prompt_tokens_details"]
    if type(outputs) is dict:
        left = rest["completion_tokens_details"] = outputs.copy()
        reasoning = left.pop("reasoning_tokens", None)
        if type(reasoning) is not int or not 0 <= reasoning <= output:
            return None
        spoken, drawn = left.get("audio_tokens"), left.get("image_tokens")
        for key in left:
            if key >= HINTS:
                return None
        if not left:
            del rest["completion_tokens_details"]
    for count in (heard, spoken, seen, drawn):
        if count is not None and (type(count) is not int or count < 0):
            return None
    return new_usage(
        fresh,
        read,
        None if written is None else {"": written},
        None,
        output,
        reasoning,
        None,
        heard,
        spoken,
        seen,
        drawn,
        native=new_native(WIRE, rest),
    )


def _decode_any(raw: dict[str, Any]) -> Usage:
    inputs, outputs = (
        as_object(raw.get("prompt_tokens_details")) or {},
        as_object(raw.get("completion_tokens_details")) or {},
    )
    prompt, output = as_count(raw.get("prompt_tokens")), as_count(raw.get("completion_tokens"))
    cached = as_count(inputs.get("cached_tokens"))
    if cached is None:
        cached = as_count(raw.get("prompt_cache_hit_tokens"))  # DeepSeek
    written = as_count(inputs.get("cache_write_tokens"))
    if prompt is not None and (cached or 0) + (written or 0) > prompt:
        # Recorded (json_mode): 157 cached of 29. The total is what is billed; the parts are not believed.
        cached = written = None
    reasoning = as_count(outputs.get("reasoning_tokens"))
    if reasoning and (prompt or 0) + (output or 0) + reasoning == raw.get("total_tokens"):
        output = (output or 0) + reasoning  # xAI counts reasoning beside the completion
    elif reasoning is not None and output is not None and reasoning > output:
        reasoning = None
    usage = Usage(
        uncached_tokens=None if prompt is None else prompt - (cached or 0) - (written or 0),
        cache_read_tokens=cached,
        cache_write_tokens=None if written is None else {"": written},
        output_tokens=output,
        reasoning_tokens=reasoning,
        cost_usd=_cost(raw),
        # Sound and pictures stay in the residue, where other wires report them too.
        audio_input_tokens=as_count(inputs.get("audio_tokens")),
        audio_output_tokens=as_count(outputs.get("audio_tokens")),
        image_input_tokens=as_count(inputs.get("image_tokens")),
        image_output_tokens=as_count(outputs.get("image_tokens")),
    )
    form = _cost_form(raw)
    rest = with_hints(residue(raw, _said(usage, form)), cost=form)
    # Made a moment ago and seen by nobody: filled in place, since ``replace`` would cost as much again.
    object.__setattr__(usage, "native", native(rest))
    return usage


def _cost(raw: Mapping[str, Any]) -> Decimal | None:
    cost, ticks = raw.get("cost"), raw.get("cost_in_usd_ticks")
    if isinstance(cost, dict):
        cost = cost.get("total_cost")  # Perplexity
    if cost is None and type(ticks) is int:
        return Decimal(ticks) / _TICKS
    return billed({**raw, "cost": cost})


def _cost_form(raw: Mapping[str, Any]) -> str | None:
    """Where the sum stands, unless it is plainly ``cost``."""
    if isinstance(raw.get("cost"), dict):
        return "total"
    if "cost" not in raw and "cost_in_usd_ticks" in raw:
        return "ticks"
    if raw.get("is_byok") is True:
        return "fee"
    return "text" if isinstance(raw.get("cost"), str) else None


def encode_usage(usage: Usage) -> dict[str, Any]:
    """The ``usage`` object: what is not known is not said."""
    data = own(usage.native, WIRE)
    said = _said(usage, hints_of(data).get("cost"))
    if data is None and usage.native is not None:
        # Another wire's, which may leave out what is nothing: clients of this one want all three.
        total = (usage.input_tokens or 0) + (usage.output_tokens or 0)
        said = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": total, **said}
    return restore(said, data)


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
    if form == "fee":
        return {}  # fee and upstream sum stand in the residue, as the host said them
    if form == "ticks":
        return {"cost_in_usd_ticks": int(cost * _TICKS)}
    if form == "text":
        return {"cost": str(cost)}
    return {"cost": {"total_cost": float(cost)} if form == "total" else float(cost)}
