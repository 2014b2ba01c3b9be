"""Usage times price: the arithmetic, and its honesty. A rate that is not known leaves the sum unknown."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext

from ..types import CostInfo, CostResolution, TokenPrice, Usage

__all__ = ["cost_of"]

_MILLION = Decimal(1_000_000)
_NOTHING = Decimal(0)
_NO_TOKENS = Usage(0, output_tokens=0)


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
    if usage is not None and price is not None and usage.cost_usd is None:
        plain = _plain_sum(usage, price)
        if plain is not None:
            return CostInfo(plain, plain, CostResolution.RESOLVED, "table" if price.table else "user", price, usage)
    reported = None if usage is None else usage.cost_usd
    if reported is not None and not (price_wins and price is not None):
        return CostInfo(reported, reported, CostResolution.RESOLVED, "host", price, usage)
    inputs = None if usage is None else usage.input_tokens
    if usage is None or inputs is None or usage.output_tokens is None:
        return CostInfo(None, _NOTHING, CostResolution.UNKNOWN, "", price, usage)
    if price is None:
        return CostInfo(None, _NOTHING, CostResolution.UNPRICED, "", None, usage)
    source = "table" if price.table else "user"
    known, whole = _sum(usage, price.per_request, price.for_input(inputs))
    if not whole:
        return CostInfo(None, known, CostResolution.UNPRICED, source, price, usage)
    return CostInfo(known, known, CostResolution.RESOLVED, source, price, usage)


def _plain_sum(usage: Usage, price: TokenPrice) -> Decimal | None:
    """The sum where only fresh text was read and written and no tier counts, as mostly; None leaves it to :func:`_sum`,
    which would say the same to the last digit."""
    asked, written = usage.uncached_tokens, usage.output_tokens
    if (
        asked is None
        or written is None
        or asked < 0
        or written < 0
        or price.tiers
        or usage.cache_read_tokens
        or usage.cache_write_tokens
        or usage.tool_use_tokens
        or usage.audio_input_tokens
        or usage.audio_output_tokens
        or usage.image_input_tokens
        or usage.image_output_tokens
    ):
        return None
    found = _plain.get(id(price))
    _, fee, ask, write = _learnt(price) if found is None else found
    if ask is None or write is None:
        return None
    return fee + ask * asked / _MILLION + write * written / _MILLION


_Plain = tuple[TokenPrice, Decimal, Decimal | None, Decimal | None]

#: By the id of a price, which keeps that id its own: the price, what any request costs, and the rates of text.
_plain: dict[int, _Plain] = {}
_MOST_PLAIN, _EXACT = 256, 1000


def _learnt(price: TokenPrice) -> _Plain:
    """Sets aside what plain usage needs of a price. Buckets in which there is nothing add nothing, but the digits in
    which they say so."""
    with localcontext() as context:
        context.prec = _EXACT  # whatever the precision of who comes first
        fee, _ = _sum(_NO_TOKENS, price.per_request, price)
    if len(_plain) >= _MOST_PLAIN:
        _plain.clear()
    found = _plain[id(price)] = (price, fee, price.input, price.output)
    return found


def _sum(usage: Usage, fee: Decimal, rates: TokenPrice) -> tuple[Decimal, bool]:
    """What is known of the sum, and whether that is all of it."""
    known, missing = fee, False
    for tokens, rate in _buckets(usage, rates):
        if rate is None:
            missing = missing or tokens > 0
        else:
            known += rate * tokens / _MILLION
    return known, not missing


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
