"""Published list prices out of the package ``genai-prices`` (extra ``prices``): the one file that knows it.

The data that the package ships is used, nothing is fetched. It is large: reading it takes a fifth of a
second, once, when the first price is asked for.
"""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from ..types import PriceTier, TokenPrice

__all__ = ["HOSTS", "Published", "published"]

# How the package calls the hosts of our catalogue. A host that is not here has no published price: one whose
# bill is no matter of tokens (a subscription, a machine of one's own), or that the package does not know.
_PROVIDERS = {
    "anthropic": "anthropic",
    "azure": "azure",
    "cerebras": "cerebras",
    "cloudflare": "cloudflare",
    "deepseek": "deepseek",
    "fireworks": "fireworks",
    "gemini": "google",
    "groq": "groq",
    "mistral": "mistral",
    "moonshot": "moonshotai",
    "openai": "openai",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "together": "together",
    "vertex_anthropic": "google",
    "vertex_gemini": "google",
    "xai": "x-ai",
}

#: The hosts that may have published prices; for others the list need not be read at all.
HOSTS = frozenset(_PROVIDERS)

_RATES = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "audio_input": "input_audio_mtok",
    "audio_cache_read": "cache_audio_read_mtok",
    "audio_output": "output_audio_mtok",
    "image_input": "input_image_mtok",
    "image_output": "output_image_mtok",
}
_WRITES = {"": "cache_write_mtok", "5m": "cache_write_mtok", "1h": "cache_write_1h_mtok"}

# Where the price page gives one rate for text, pictures and sound unless it names another one
# (https://ai.google.dev/gemini-api/docs/pricing).
_ONE_RATE_FOR_ALL = frozenset({"google"})

# Words for the ordinary tier; a price of any other is told apart or not at all.
_ORDINARY = frozenset({None, "auto", "default", "standard", "standard_only", "on_demand"})


class Published:
    """The package's prices, behind the same two questions as a user's own table."""

    def __init__(self, snapshot: Any, version: str) -> None:
        self._snapshot = snapshot
        self.name = f"genai-prices {version}"

    def price(
        self, host: str, model: str, at: float | None = None, service_tier: str | None = None
    ) -> TokenPrice | None:
        """The list price of that day, or None where the package has none.

        Args:
            at: seconds since the epoch; None is now.
            service_tier: the host's processing tier; one whose price the package does not know has none.
        """
        found = self._find(host, model)
        if found is None:
            return None
        provider, info = found
        day = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
        rates = info.get_prices(day)
        if service_tier not in _ORDINARY:
            context = {"service_tier": service_tier}
            if not any(dict(variant.when) == context for variant in info.price_variants or ()):
                return None
            rates = info.get_prices(day, context)
        return _token_price(rates, provider.id, self.name, day.date().isoformat())

    def limit(self, host: str, model: str) -> int | None:
        """How many tokens the model's context holds, where the package knows."""
        found = self._find(host, model)
        return None if found is None else found[1].context_window

    def models(self, host: str) -> list[str]:
        """The models of a host that the package knows by name."""
        provider = _PROVIDERS.get(host)
        found = (each for each in self._snapshot.providers if each.id == provider)
        return [info.id for each in found for info in each.models]

    def _find(self, host: str, model: str) -> tuple[Any, Any] | None:
        provider = _PROVIDERS.get(host)
        if provider is None or not model:
            return None
        try:
            return self._snapshot.find_provider_model(model, None, provider, None)  # type: ignore[no-any-return]
        except LookupError:
            return None


@cache
def published() -> Published | None:
    """The published prices, or None where the package is not installed."""
    try:
        from genai_prices import __version__
        from genai_prices.data_snapshot import get_snapshot
    except ImportError:
        return None
    return Published(get_snapshot(), __version__)


def _token_price(rates: Any, provider: str, table: str, day: str) -> TokenPrice | None:
    prices = {name: value for name, key in _RATES.items() if (value := getattr(rates, key, None)) is not None}
    if "input" not in prices and "output" not in prices:
        return None  # a model that is billed by pages or minutes
    if provider in _ONE_RATE_FOR_ALL:
        for sound, text in (("audio_input", "input"), ("audio_cache_read", "cache_read"), ("audio_output", "output")):
            if text in prices:
                prices.setdefault(sound, prices[text])
    writes = {ttl: value for ttl, key in _WRITES.items() if (value := getattr(rates, key, None)) is not None}
    starts = sorted({tier.start for value in (*prices.values(), *writes.values()) for tier in _tiers(value)})
    thousand = getattr(rates, "requests_kcount", None)
    base = _at(prices, writes, None)
    return TokenPrice(
        **base,
        per_request=Decimal(0) if thousand is None else thousand / 1000,
        tiers=tuple(PriceTier(start, TokenPrice(**_at(prices, writes, start))) for start in starts),
        table=table,
        date=day,
    )


def _at(prices: dict[str, Any], writes: dict[str, Any], above: int | None) -> dict[str, Any]:
    """All rates for prompts longer than ``above``."""
    said: dict[str, Any] = {name: _rate(value, above) for name, value in prices.items()}
    if writes:
        said["cache_write"] = {ttl: _rate(value, above) for ttl, value in writes.items()}
    return said


def _rate(value: Any, above: int | None) -> Decimal:
    rate: Decimal = getattr(value, "base", value)
    for tier in _tiers(value):
        if above is not None and tier.start <= above:
            rate = tier.price
    return rate


def _tiers(value: Any) -> list[Any]:
    return getattr(value, "tiers", None) or []
