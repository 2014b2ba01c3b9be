"""What a call cost, as far as it is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .quick import quick
from .usage import Usage

__all__ = ["CostInfo", "CostResolution", "PriceTier", "TokenPrice"]


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """USD per million tokens; None is an unknown rate, never a free one.

    Args:
        input: uncached prompt tokens.
        output: output tokens, reasoning included.
        cache_read: prompt tokens read from a cache; unknown where None.
        cache_write: prompt tokens written to a cache, by TTL (``""`` for a host without TTLs).
        per_request: a flat fee in USD for each request.
        audio_input: spoken prompt tokens. Unknown where None: hosts that bill them apart ask many times ``input``.
        audio_cache_read: spoken prompt tokens read from a cache.
        audio_output: spoken output tokens.
        image_input: prompt tokens of pictures; as ``input`` where None.
        image_output: output tokens of pictures; as ``output`` where None.
        tiers: dearer rates for long prompts, see :class:`PriceTier`.
        table: the table it was read from, with its version; empty for a price given by hand.
        date: of which day it is, as ``YYYY-MM-DD``.
    """

    input: Decimal | None = None
    output: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Mapping[str, Decimal] | None = field(default=None, hash=False)
    per_request: Decimal = Decimal(0)
    audio_input: Decimal | None = None
    audio_cache_read: Decimal | None = None
    audio_output: Decimal | None = None
    image_input: Decimal | None = None
    image_output: Decimal | None = None
    tiers: "tuple[PriceTier, ...]" = ()
    table: str = ""
    date: str = ""

    def __post_init__(self) -> None:
        for name in _RATES:
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _decimal(name, value))
        if self.cache_write is not None:
            object.__setattr__(
                self, "cache_write", {ttl: _decimal("cache_write", rate) for ttl, rate in self.cache_write.items()}
            )
        if self.tiers:
            object.__setattr__(self, "tiers", tuple(sorted(self.tiers, key=lambda tier: tier.above)))

    def for_input(self, tokens: int) -> "TokenPrice":
        """The rates for a request with so many prompt tokens: those of the highest tier it reaches, else these."""
        for tier in reversed(self.tiers):
            if tokens > tier.above:
                said: dict[str, Any] = {
                    name: rate
                    for name in _RATES
                    if name != "per_request" and (rate := getattr(tier.price, name)) is not None
                }
                if tier.price.cache_write is not None:
                    said["cache_write"] = {**(self.cache_write or {}), **tier.price.cache_write}
                return replace(self, tiers=(), **said)
        return self


@dataclass(frozen=True, slots=True)
class PriceTier:
    """The rates of a request whose prompt is longer than ``above`` tokens, cached ones included.

    All tokens of such a request are billed by them, its answer too; what they leave None is as below the tier.
    """

    above: int
    price: TokenPrice

    def __post_init__(self) -> None:
        if not isinstance(self.above, int) or self.above < 0:  # type: ignore[redundant-expr]
            raise ValueError(f"PriceTier.above must be a number of tokens, not {self.above!r}")


_RATES = (
    "input",
    "output",
    "cache_read",
    "per_request",
    "audio_input",
    "audio_cache_read",
    "audio_output",
    "image_input",
    "image_output",
)


def _decimal(name: str, value: object) -> Decimal:
    """Through ``str``, so that 0.1 is a tenth and not its binary neighbour."""
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        raise ValueError(f"TokenPrice.{name} must be a number, not {value!r}") from None
    if not number.is_finite() or number < 0:
        raise ValueError(f"TokenPrice.{name} must be a finite number of USD that is not negative, not {value!r}")
    return number


class CostResolution(StrEnum):
    """Why ``CostInfo.usd`` is or is not known."""

    RESOLVED = "resolved"  # usage and price are both known
    UNPRICED = "unpriced"  # usage is known, the price is not
    UNKNOWN = "unknown"  # the host reported no usage
    PENDING = "pending"  # a lookup at the host is under way


@quick()
@dataclass(frozen=True, slots=True)
class CostInfo:
    """The bill of one attempt, or of several added up.

    Args:
        usd: the whole sum in USD, or None when any part of it is unknown. Never a false 0.
        known_usd: the part that is known.
        resolution: see :class:`CostResolution`; the worst of all parts for a sum.
        source: who said so: ``"host"`` (reported with the answer), ``"user"`` (a given
            :class:`TokenPrice`), ``"table"`` (a table of prices; ``price.table`` names it), or ``""`` where
            nothing is known.
        price: the price used, or known beside the host's own sum.
        usage: the tokens counted.
    """

    usd: Decimal | None = None
    known_usd: Decimal = Decimal(0)
    resolution: CostResolution = CostResolution.UNKNOWN
    source: str = ""
    price: TokenPrice | None = None
    usage: Usage | None = None

    @classmethod
    def total(cls, costs: "Iterable[CostInfo]") -> "CostInfo":
        """Several bills as one; no bill at all costs 0."""
        known, usage, worst, sources = _NOTHING, None, CostResolution.RESOLVED, []
        for cost in costs:
            known += cost.known_usd
            if cost.usage is not None:
                usage = cost.usage if usage is None else usage + cost.usage
            if cost.resolution is not worst and _BADNESS[cost.resolution] > _BADNESS[worst]:
                worst = cost.resolution
            if cost.source and cost.source not in sources:
                sources.append(cost.source)
        usd = known if worst is CostResolution.RESOLVED else None
        return cls(usd, known, worst, "+".join(sources), None, usage)

    def _alone(self) -> "CostInfo":
        """The sum of this bill alone, as :meth:`total` gives it: a sum knows no price."""
        known, resolution = _NOTHING + self.known_usd, self.resolution
        usd = known if resolution is CostResolution.RESOLVED else None
        return CostInfo(usd, known, resolution, self.source, None, self.usage)


_NOTHING = Decimal(0)
_BADNESS = {
    CostResolution.RESOLVED: 0,
    CostResolution.PENDING: 1,
    CostResolution.UNPRICED: 2,
    CostResolution.UNKNOWN: 3,
}
