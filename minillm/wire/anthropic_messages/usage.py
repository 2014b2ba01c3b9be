"""Token counts. This vendor's ``input_tokens`` leaves the cached ones out, as our buckets do."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from ...types import Native, Usage
from ..billed import billed
from ..fields import as_count, as_object
from ..residue import beside, own, residue, restore
from .dialect import WIRE

__all__ = ["decode_usage", "encode_usage", "plain_usage"]

_COUNTS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_SAID = frozenset({*_COUNTS, "cache_creation"})
_counts = itemgetter(*_COUNTS)

_TTL_FIELDS = {"5m": "ephemeral_5m_input_tokens", "1h": "ephemeral_1h_input_tokens"}
_BY_FIELD = {name: ttl for ttl, name in _TTL_FIELDS.items()}


def decode_usage(raw: Any, before: Usage | None = None) -> Usage | None:
    """Usage out of a ``usage`` object, None for anything else. Never raises: a count that makes no sense
    must not cost the answer, and stays in the residue.

    Args:
        before: what a stream has reported so far; later reports name the tokens written to the cache
            without their lifetimes, which have different prices.
    """
    if not isinstance(raw, Mapping) or not raw:
        return None
    if before is None and (plain := plain_usage(raw)) is not None:
        return plain
    details = as_object(raw.get("output_tokens_details")) or {}
    usage = Usage(
        uncached_tokens=as_count(raw.get("input_tokens")),
        cache_read_tokens=as_count(raw.get("cache_read_input_tokens")),
        cache_write_tokens=_written(raw, None if before is None else before.cache_write_tokens),
        output_tokens=as_count(raw.get("output_tokens")),
        reasoning_tokens=as_count(details.get("thinking_tokens")),
        cost_usd=billed(raw),  # OpenRouter adds it on this wire too
    )
    # Made a moment ago and seen by nobody: filled in place. An empty residue tells that it is this wire's.
    object.__setattr__(usage, "native", Native(WIRE, residue(raw, _said(usage))))
    return usage


def plain_usage(raw: Any) -> Usage | None:
    """What the general way makes of usage as the vendor sends it, in a third of the time; None for any other."""
    try:
        fresh, output, written, read = _counts(raw)
    except (KeyError, TypeError):
        return None
    if type(raw) is not dict or not type(fresh) is type(output) is type(written) is type(read) is int:
        return None
    rest = beside(raw, _SAID)
    if rest is None or min(fresh, output, written, read) < 0 or "output_tokens_details" in raw or "cost" in raw:
        return None
    by_ttl = {"": written}
    if "cache_creation" in raw:
        split = as_object(raw["cache_creation"])
        if split is None or split.keys() != _BY_FIELD.keys():
            return None
        by_ttl = {_BY_FIELD[name]: count for name, count in split.items()}
        counts = by_ttl.values()
        if not all(type(count) is int and count >= 0 for count in counts) or sum(counts) != written:
            return None
    return Usage(fresh, read, by_ttl, None, output, native=Native(WIRE, rest))


def _written(raw: Mapping[str, Any], before: Mapping[str, int] | None) -> Mapping[str, int] | None:
    """Cache writes by TTL where the split adds up to the total, else the total alone."""
    total = as_count(raw.get("cache_creation_input_tokens"))
    split = as_object(raw.get("cache_creation")) or {}
    parts = {ttl: count for ttl, name in _TTL_FIELDS.items() if (count := as_count(split.get(name))) is not None}
    if parts and (total is None or sum(parts.values()) == total):
        return parts
    if before is not None and not parts and sum(before.values()) == total:
        return before
    return None if total is None else {"": total}


def encode_usage(usage: Usage | None) -> dict[str, Any]:
    """The ``usage`` object. Clients of this wire need both counts, so an unknown one is said as 0."""
    usage = usage or Usage()
    data = own(usage.native, WIRE)
    said = _said(usage)
    if data is None:
        said = {"input_tokens": 0, "output_tokens": 0, **said}
        if usage.tool_use_tokens:
            said["input_tokens"] += usage.tool_use_tokens
    return restore(said, data)


def _said(usage: Usage) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if usage.uncached_tokens is not None:
        said["input_tokens"] = usage.uncached_tokens
    if usage.cache_write_tokens is not None:
        said["cache_creation_input_tokens"] = sum(usage.cache_write_tokens.values())
        split = {_TTL_FIELDS[ttl]: count for ttl, count in usage.cache_write_tokens.items() if ttl in _TTL_FIELDS}
        if split:
            said["cache_creation"] = split
    if usage.cache_read_tokens is not None:
        said["cache_read_input_tokens"] = usage.cache_read_tokens
    if usage.output_tokens is not None:
        said["output_tokens"] = usage.output_tokens
    if usage.reasoning_tokens is not None:
        said["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return said
