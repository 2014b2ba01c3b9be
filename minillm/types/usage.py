"""Tokens used, in disjoint buckets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from .native import Native
from .quick import quick

__all__ = ["Usage"]


@quick()
@dataclass(frozen=True, slots=True)
class Usage:
    """What the host reported; a bucket it did not report is None, never 0.

    The input buckets are disjoint (vendors' totals overlap: their cached tokens are inside
    the prompt tokens).

    Args:
        uncached_tokens: prompt tokens processed at full price.
        cache_read_tokens: prompt tokens read from the host's cache.
        cache_write_tokens: prompt tokens written to the cache, by TTL (``"5m"``, ``"1h"``; ``""``
            where the host does not say which).
        tool_use_tokens: prompt tokens of server-side tool use (Gemini).
        output_tokens: all output tokens, reasoning included.
        reasoning_tokens: the part of ``output_tokens`` spent on thinking.
        cost_usd: the sum in USD that the host itself reports, where it does (OpenRouter, xAI, Perplexity).
        audio_input_tokens: the part of the prompt that was sound, where the host tells.
        audio_output_tokens: the part of ``output_tokens`` that was sound.
        image_input_tokens: the part of the prompt that was pictures.
        image_output_tokens: the part of ``output_tokens`` that was pictures.
    """

    uncached_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: Mapping[str, int] | None = field(default=None, hash=False)
    tool_use_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: Decimal | None = None
    audio_input_tokens: int | None = None
    audio_output_tokens: int | None = None
    image_input_tokens: int | None = None
    image_output_tokens: int | None = None
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)

    @property
    def input_tokens(self) -> int | None:
        """All prompt tokens, or None where no bucket was reported."""
        total, read, searched = self.uncached_tokens, self.cache_read_tokens, self.tool_use_tokens
        if read is not None:
            total = read if total is None else total + read
        if searched is not None:
            total = searched if total is None else total + searched
        if self.cache_write_tokens is not None:
            total = (total or 0) + sum(self.cache_write_tokens.values())
        return total

    @property
    def total_tokens(self) -> int | None:
        """Input and output together, or None where either is unknown."""
        inputs, written = self.input_tokens, self.output_tokens
        return None if inputs is None or written is None else inputs + written

    def updated(self, later: "Usage") -> "Usage":
        """This usage overwritten by everything that ``later`` reports (streams report cumulatively)."""
        changes = {name: value for name in _BUCKETS if (value := getattr(later, name)) is not None}
        if later.native is not None:
            changes["native"] = later.native
        return replace(self, **changes) if changes else self

    def __add__(self, other: object) -> "Usage":
        if not isinstance(other, Usage):
            return NotImplemented
        return Usage(
            _sum(self.uncached_tokens, other.uncached_tokens),
            _sum(self.cache_read_tokens, other.cache_read_tokens),
            _sum_by_ttl(self.cache_write_tokens, other.cache_write_tokens),
            _sum(self.tool_use_tokens, other.tool_use_tokens),
            _sum(self.output_tokens, other.output_tokens),
            _sum(self.reasoning_tokens, other.reasoning_tokens),
            None if self.cost_usd is None or other.cost_usd is None else self.cost_usd + other.cost_usd,
            _sum(self.audio_input_tokens, other.audio_input_tokens),
            _sum(self.audio_output_tokens, other.audio_output_tokens),
            _sum(self.image_input_tokens, other.image_input_tokens),
            _sum(self.image_output_tokens, other.image_output_tokens),
        )


_BUCKETS = (
    "uncached_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "tool_use_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_usd",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
)


def _sum(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else a + b


def _sum_by_ttl(a: Mapping[str, int] | None, b: Mapping[str, int] | None) -> Mapping[str, int] | None:
    if a is None or b is None:
        return b if a is None else a
    return {ttl: a.get(ttl, 0) + b.get(ttl, 0) for ttl in {**a, **b}}
