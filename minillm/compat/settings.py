"""A run as a file says it; ``sample.toml`` beside this module is one with a comment on each key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal

from ..config_file import Bounds, NonEmpty

__all__ = ["CompatFile", "ProviderTable", "RunSettings"]

Whole = Annotated[int, Bounds(at_least=1)]
Positive = Annotated[float, Bounds(above=0)]
Name = Annotated[str, NonEmpty()]
Rate = Annotated[Decimal, Bounds(at_least=0)]


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
    retry: Annotated[int, Bounds(at_least=0)] = 1
    long_input: Whole = 2000
    budget_usd: Annotated[Decimal, Bounds(above=0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTable:
    """``[providers.NAME]``: who is asked."""

    host: Name | None = None
    models: Sequence[Name] = ()
    base_url: Name | None = None
    wire: (
        Literal["openai_chat_completions", "openai_responses", "anthropic_messages", "gemini_generate_content"] | None
    ) = None
    api_key_env: Name | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True
    input_price: Rate | None = None
    output_price: Rate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatFile:
    """The whole file."""

    compat: RunSettings = RunSettings()
    providers: Mapping[Name, ProviderTable] = field(default_factory=dict)
