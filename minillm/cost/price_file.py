"""A table of prices in a file of the user's own, TOML or JSON: what a contract says beats any published list.

name = "our contract"                 # optional, else the file's name
date = "2026-11-01"                   # optional: of which day the prices are

[prices.openai."gpt-5.4"]             # host, then model; USD per million tokens
input = 2.0
output = 12.0
cache_read = 0.2
cache_write = { 5m = 2.5, 1h = 4.0 }  # or one number
tiers = [{ above = 272_000, input = 4.0, output = 18.0 }]

[prices."*"."llama-*"]                # any host, any model that fits; the longest name that fits counts
input = 0.1
output = 0.1
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from os import PathLike
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..types import PriceTier, TokenPrice

__all__ = ["PriceFile"]

_RATES = frozenset(each.name for each in fields(TokenPrice)) - {"tiers", "table", "date"}
_HEAD = frozenset({"name", "date", "prices"})


class PriceFile:
    """Prices by host and model, as a user wrote them down.

    Args:
        prices: host, then model, to a mapping of rates or a :class:`TokenPrice`; ``*`` stands for any text.
        name: how bills call it.
        date: of which day the prices are, ``YYYY-MM-DD``.

    Raises:
        ConfigurationError: an entry is no price; names the entry.
    """

    def __init__(self, prices: Mapping[str, Any], *, name: str = "own prices", date: str = "") -> None:
        self.name = name
        self.date = date
        self._prices: dict[tuple[str, str], TokenPrice] = {}
        for host, models in _table(prices, name, "prices").items():
            for model, rates in _table(models, name, f"prices.{host}").items():
                at = f'prices.{host}."{model}"'
                price = rates if isinstance(rates, TokenPrice) else _price(rates, name, at)
                marked = replace(price, table=price.table or name, date=price.date or date)
                self._prices[host.lower(), model.lower()] = marked

    @classmethod
    def read(cls, path: "str | PathLike[str]") -> "PriceFile":
        """The table of a file that ends in ``.toml`` or ``.json``.

        Raises:
            ConfigurationError: it cannot be read, or holds something that is no table of prices; names file and key.
        """
        file = Path(path)
        content = _content(file)
        unknown = content.keys() - _HEAD
        if unknown:
            raise ConfigurationError(f"{file}: {min(unknown)}: no such key; it takes name, date and prices")
        if "prices" not in content:
            raise ConfigurationError(f"{file}: prices: is missing; it holds host, then model, then rates")
        name, day = content.get("name", file.name), content.get("date", "")
        if not isinstance(name, str) or not name:
            raise ConfigurationError(f"{file}: name: must be a text")
        try:
            table = cls(content["prices"], name=name, date=_day(day))
        except ValueError:
            raise ConfigurationError(f"{file}: date: must be a day such as 2026-11-01, not {day!r}") from None
        except ConfigurationError as error:
            where = str(error).removeprefix(f"{name}: ")
            raise ConfigurationError(f"{file}: {where}") from None
        return table

    def price(
        self, host: str, model: str, at: float | None = None, service_tier: str | None = None
    ) -> TokenPrice | None:
        """The price of a model at a host, or None. A name as written beats one with ``*``, a long one a short one.

        One table is for one day and one tier: ``at`` and ``service_tier`` are for tables that know more.
        """
        host, model = host.lower(), model.lower()
        exact = self._prices.get((host, model))
        if exact is not None:
            return exact
        fitting = [
            (host_name != "*", len(name), price)
            for (host_name, name), price in self._prices.items()
            if fnmatchcase(host, host_name) and fnmatchcase(model, name)
        ]
        return max(fitting, key=lambda each: each[:2])[2] if fitting else None

    def __repr__(self) -> str:
        return f"PriceFile({self.name!r}, {len(self._prices)} prices{', of ' + self.date if self.date else ''})"


def _content(file: Path) -> dict[str, Any]:
    # parse_float: 0.1 is a tenth, and stays one.
    try:
        text = file.read_text("utf-8-sig")
        if file.suffix.lower() == ".json":
            import json

            content = json.loads(text, parse_float=Decimal)
        elif file.suffix.lower() == ".toml":
            import tomllib

            content = tomllib.loads(text, parse_float=Decimal)
        else:
            raise ConfigurationError(f"{file}: a table of prices ends in .toml or .json")
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # both parsers' errors name line and column
        raise ConfigurationError(f"{file}: {error}") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file}: must hold an object with prices, not {type(content).__name__}")
    return content


def _table(value: Any, name: str, at: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{name}: {at}: must be a table, not {type(value).__name__}")
    return value


def _price(rates: Any, name: str, at: str, *, tier: bool = False) -> TokenPrice:
    said = dict(_table(rates, name, at))
    tiers = said.pop("tiers", ()) if not tier else ()
    unknown = said.keys() - _RATES
    if unknown:
        raise ConfigurationError(f"{name}: {at}.{min(unknown)}: no such rate; there are {', '.join(sorted(_RATES))}")
    for key, value in said.items():
        if key == "cache_write" and isinstance(value, Mapping):
            continue
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            raise ConfigurationError(f"{name}: {at}.{key}: must be a number of USD per million tokens")
    written = said.get("cache_write")
    if written is not None and not isinstance(written, Mapping):
        said["cache_write"] = {"": written, "5m": written}  # the usual time to live, under both of its names
    try:
        return TokenPrice(**said, tiers=_tiers(tiers, name, at))
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{name}: {at}: {error}") from None


def _tiers(value: Any, name: str, at: str) -> tuple[PriceTier, ...]:
    if not isinstance(value, list | tuple):
        raise ConfigurationError(f"{name}: {at}.tiers: must be a list of tables")
    tiers = []
    for i, each in enumerate(value):
        place = f"{at}.tiers[{i}]"
        rates = dict(_table(each, name, place))
        above = rates.pop("above", None)
        if isinstance(above, bool) or not isinstance(above, int):
            raise ConfigurationError(f"{name}: {place}.above: must be a number of prompt tokens")
        tiers.append(PriceTier(above, _price(rates, name, place, tier=True)))
    return tuple(tiers)


def _day(value: Any) -> str:
    if value == "":
        return ""
    if isinstance(value, date):  # TOML has dates of its own
        return value.isoformat()[:10]
    return date.fromisoformat(str(value)).isoformat()
