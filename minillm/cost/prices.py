"""Usage times price: the arithmetic, and its honesty. A rate that is not known leaves the sum unknown."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from ..types import CostInfo, CostResolution, TokenPrice, Usage

__all__ = ["cost_of"]

_MILLION = Decimal(1_000_000)


def cost_of(
    usage: Usage | None,
    price: TokenPrice | None,
    *,
    price_wins: bool = False,
) -> CostInfo:
    """The bill for one exchange.

    Args:
        usage: what the host counted, or None where it counted nothing.
        price: USD per million tokens, or None where no price is known.
        price_wins: the price was given for this very request and beats the sum that the host itself
            reports, which is trusted over any other price.

    Returns:
        ``resolved`` with the sum in ``usd``; ``unpriced`` where usage but not every price is known;
        ``unknown`` where the host reported no usage. ``known_usd`` holds what could be added up.
    """
    reported = None if usage is None else usage.cost_usd
    if reported is not None and not (price_wins and price is not None):
        return CostInfo(reported, reported, CostResolution.RESOLVED, "host", price, usage)
    if usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return CostInfo(None, Decimal(0), CostResolution.UNKNOWN, "", price, usage)
    if price is None:
        return CostInfo(None, Decimal(0), CostResolution.UNPRICED, "", None, usage)
    source = "table" if price.table else "user"
    rates = price.for_input(usage.input_tokens)
    known, missing = price.per_request, False
    for tokens, rate in _buckets(usage, rates):
        if rate is None:
            missing = missing or tokens > 0
        else:
            known += rate * tokens / _MILLION
    if missing:
        return CostInfo(None, known, CostResolution.UNPRICED, source, price, usage)
    return CostInfo(known, known, CostResolution.RESOLVED, source, price, usage)


def _buckets(usage: Usage, price: TokenPrice) -> Iterator[tuple[int, Decimal | None]]:
    """Each bucket of tokens with its rate. Server-side tool use is billed as fresh input.

    Tokens of sound and pictures are a part of the buckets they came in; hosts bill them at a rate of their own.
    """
    uncached = (usage.uncached_tokens or 0) + (usage.tool_use_tokens or 0)
    heard, seen = _parts(uncached, usage.audio_input_tokens, usage.image_input_tokens)
    yield uncached - heard - seen, price.input
    yield heard, price.audio_input
    yield seen, price.input if price.image_input is None else price.image_input
    yield usage.cache_read_tokens or 0, price.cache_read
    for ttl, tokens in (usage.cache_write_tokens or {}).items():
        yield tokens, _write_rate(price.cache_write or {}, ttl)
    written = usage.output_tokens or 0
    spoken, drawn = _parts(written, usage.audio_output_tokens, usage.image_output_tokens)
    yield written - spoken - drawn, price.output
    yield spoken, price.audio_output
    yield drawn, price.output if price.image_output is None else price.image_output


def _write_rate(rates: Mapping[str, Decimal], ttl: str) -> Decimal | None:
    """The rate for a lifetime; ``""`` is the rate of a host without them. Where the host does not say how long it keeps
    what it wrote (OpenRouter), a rate is known only if all lifetimes cost the same."""
    if ttl in rates or ttl:
        return rates.get(ttl, rates.get(""))
    return next(iter(rates.values())) if len(set(rates.values())) == 1 else None


def _parts(whole: int, *parts: int | None) -> tuple[int, ...]:
    """So much of each part as the whole has room for: a host's counts may overlap."""
    taken = []
    for part in parts:
        taken.append(min(part or 0, whole))
        whole -= taken[-1]
    return tuple(taken)
