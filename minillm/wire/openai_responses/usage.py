"""Token counts. The vendor's totals overlap; ours are disjoint (wire-spec: mapping, section 4)."""

from collections.abc import Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Any

from ...types import Native, Usage
from ..billed import billed
from ..fields import as_count, as_object
from ..residue import own, residue, restore
from .dialect import WIRE

__all__ = ["decode_usage", "encode_usage", "plain_usage"]

_NAMES = ("input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details", "total_tokens")
_values = itemgetter(*_NAMES)

_TICKS = 10**10  # xAI counts ten billionths of a dollar
_TTL_FIELDS = {"30m": "ttl_30m_tokens", "12h": "ttl_12h_tokens"}


def decode_usage(raw: Any) -> Usage | None:
    """Usage out of a ``usage`` object, None for anything else. Never raises: a count that makes no sense
    must not cost the answer, and stays in the residue."""
    if not isinstance(raw, Mapping) or not raw:
        return None
    if (plain := plain_usage(raw)) is not None:
        return plain
    inputs, outputs = (
        as_object(raw.get("input_tokens_details")) or {},
        as_object(raw.get("output_tokens_details")) or {},
    )
    prompt, output = as_count(raw.get("input_tokens")), as_count(raw.get("output_tokens"))
    cached, written = as_count(inputs.get("cached_tokens")), _written(inputs)
    if prompt is not None and (cached or 0) + sum((written or {}).values()) > prompt:
        cached = written = None  # the total is what is billed; parts that exceed it are not believed
    reasoning = as_count(outputs.get("reasoning_tokens"))
    if reasoning is not None and output is not None and reasoning > output:
        reasoning = None
    usage = Usage(
        uncached_tokens=None if prompt is None else prompt - (cached or 0) - sum((written or {}).values()),
        cache_read_tokens=cached,
        cache_write_tokens=written,
        output_tokens=output,
        reasoning_tokens=reasoning,
        cost_usd=_cost(raw),
        audio_input_tokens=as_count(inputs.get("audio_tokens")),
        audio_output_tokens=as_count(outputs.get("audio_tokens")),
        image_input_tokens=as_count(inputs.get("image_tokens")),
        image_output_tokens=as_count(outputs.get("image_tokens")),
    )
    # Made a moment ago and seen by nobody: filled in place. An empty residue tells that it is this wire's.
    object.__setattr__(usage, "native", Native(WIRE, residue(raw, _said(usage))))
    return usage


def plain_usage(raw: Any) -> Usage | None:
    """What the general way makes of usage as the vendor sends it, in a third of the time; None for any other."""
    try:
        prompt, inputs, output, outputs, total = _values(raw)
        cached, reasoning = inputs["cached_tokens"], outputs["reasoning_tokens"]
    except (KeyError, TypeError):
        return None
    if not (type(raw) is type(inputs) is type(outputs) is dict) or not (
        len(raw) == 5 and len(outputs) == 1 and len(inputs) == 1 + ("cache_write_tokens" in inputs)
    ):
        return None
    written = inputs.get("cache_write_tokens", 0)
    if not type(prompt) is type(output) is type(cached) is type(written) is type(reasoning) is type(
        total
    ) is int or not (
        0 <= cached <= prompt - written <= prompt and 0 <= reasoning <= output and total == prompt + output
    ):
        return None
    by_ttl = {"": written} if len(inputs) == 2 else None
    return Usage(prompt - cached - written, cached, by_ttl, None, output, reasoning, native=Native(WIRE, {}))


def _written(inputs: Mapping[str, Any]) -> Mapping[str, int] | None:
    total = as_count(inputs.get("cache_write_tokens"))
    split = as_object(inputs.get("cache_write_tokens_details")) or {}
    parts = {ttl: count for ttl, name in _TTL_FIELDS.items() if (count := as_count(split.get(name))) is not None}
    if parts and (total is None or sum(parts.values()) == total):
        return parts
    return None if total is None else {"": total}


def _cost(raw: Mapping[str, Any]) -> Decimal | None:
    ticks = raw.get("cost_in_usd_ticks")
    if type(ticks) is int and ticks >= 0:
        return Decimal(ticks) / _TICKS
    return billed(raw)


def encode_usage(usage: Usage) -> dict[str, Any]:
    """The ``usage`` object. Clients of this wire need all counts, so an unknown one is said as 0."""
    data, said = own(usage.native, WIRE), _said(usage)
    if data is None:
        blank: dict[str, Any] = {
            "input_tokens": 0,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": (usage.input_tokens or 0) + (usage.output_tokens or 0),
        }
        for key, value in said.items():
            blank[key] = {**blank[key], **value} if isinstance(blank.get(key), dict) else value
        return blank
    return restore(said, data)


def _said(usage: Usage) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if usage.input_tokens is not None:
        said["input_tokens"] = usage.input_tokens
    inputs: dict[str, Any] = {}
    if usage.cache_read_tokens is not None:
        inputs["cached_tokens"] = usage.cache_read_tokens
    if usage.cache_write_tokens is not None:
        inputs["cache_write_tokens"] = sum(usage.cache_write_tokens.values())
        split = {_TTL_FIELDS[ttl]: count for ttl, count in usage.cache_write_tokens.items() if ttl in _TTL_FIELDS}
        if split:
            inputs["cache_write_tokens_details"] = split
    if inputs:
        said["input_tokens_details"] = inputs
    if usage.output_tokens is not None:
        said["output_tokens"] = usage.output_tokens
    if usage.reasoning_tokens is not None:
        said["output_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    if usage.total_tokens is not None:
        said["total_tokens"] = usage.total_tokens
    return said
