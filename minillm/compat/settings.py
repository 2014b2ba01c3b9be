"""A run as a file says it; ``sample.toml`` beside this module is one with a comment on each key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..trials.provider_table import Count, Money, Name, Positive, ProviderTable, Whole

__all__ = ["CompatFile", "RunSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """``[compat]``; see :class:`minillm.compat.Plan`."""

    providers: Sequence[Name] | None = None
    probes: Sequence[Name] = ()
    concurrency: Whole = 2
    timeout: Positive = 60.0
    probe_timeout: Positive | None = None
    time_limit: Positive | None = None
    max_tokens: Whole = 256
    retry: Count = 1
    long_input: Whole = 2000
    budget_usd: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatFile:
    """The whole file."""

    compat: RunSettings = RunSettings()
    providers: Mapping[Name, ProviderTable] = field(default_factory=dict)
