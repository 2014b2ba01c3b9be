"""``minillm models``: models whose prices are published, with their limits and what they take."""

from decimal import Decimal
from typing import Any

from rich.console import Console

from ..cost import price_of
from ..cost.published import published
from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..providers import PROVIDERS
from ..types import TokenPrice
from .listing import print_json, print_table
from .screen import error_screen, note

__all__ = ["models"]

_ABILITIES = ("image", "audio", "video", "document", "tools", "structured_output", "reasoning")

_WORDS = {"structured_output": "schema", "reasoning": "thinking"}


def models(console: Console, name: str, *, json: bool) -> int:
    """Print a row a model.

    Args:
        name: a host, ``host:part of a name``, or ``""`` for all hosts.

    Raises:
        ConfigurationError: no such host.
    """
    host, _, part = name.partition(":")
    if host and host not in PROVIDERS:
        raise ConfigurationError(f"no provider is called {host!r}; minillm providers lists them")
    rows = [
        _facts(each, model)
        for each in ([host] if host else sorted(PROVIDERS))
        for model in _known(each)
        if part.lower() in model.lower()
    ]
    if json:
        print_json(console, rows)
    elif rows:
        print_table(
            console,
            ("model", "takes", "context", "in", "cached", "out"),
            [
                (
                    f"{row['host']}:{row['model']}",
                    _abilities(row["takes"]),
                    _short(row["context"]),
                    *_rates(row),
                )
                for row in rows
            ],
            title="USD per million tokens",
            numbers=4,
        )
    if not rows:
        why = "" if published() is not None else '; the list of prices is an extra: pip install "minillm-tree[prices]"'
        note(error_screen(), f"no model is known{f' for {name}' if name else ''}{why}")
    return 0


def _known(host: str) -> list[str]:
    listed = published()
    return [] if listed is None else listed.models(host)


def _facts(host: str, model: str) -> dict[str, Any]:
    capabilities = GeneratorInfo.of(host, model).capabilities
    listed = published()
    price = price_of(host, model) or TokenPrice()
    return {
        "host": host,
        "model": model,
        "context": None if listed is None else listed.limit(host, model),
        "input": _text(price.input),
        "output": _text(price.output),
        "cache_read": _text(price.cache_read),
        "price_table": price.table,
        "takes": [name for name in _ABILITIES if _takes(getattr(capabilities, name))],
    }


def _abilities(names: list[str]) -> str:
    return " ".join(_WORDS.get(name, name) for name in names)


def _takes(known: Any) -> bool:
    """Whether it is documented to be taken: of what nobody documents nothing is said."""
    return known is True or bool(getattr(known, "taken", False))


def _text(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate:f}"


def _rates(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple("?" if row[name] is None else f"${row[name]}" for name in ("input", "cache_read", "output"))


def _short(tokens: int | None) -> str:
    return "?" if tokens is None else f"{tokens:,}"
