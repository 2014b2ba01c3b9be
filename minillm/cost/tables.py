"""Which table knows the price of a model: the user's own before the published ones.

The order in full: the price of a call (``token_price=``), the generator's, a user's table, the published
list. The first two stand in the stack; this file is the other two.
"""

import os
from collections.abc import Mapping
from threading import Lock
from time import time
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ConfigurationError
from ..types import TokenPrice

if TYPE_CHECKING:
    from .published import Published

__all__ = ["PriceTable", "context_of", "price_of", "use_price_table", "use_published_prices"]


class PriceTable(Protocol):
    """What may be asked for prices; a class of one's own may be one."""

    @property
    def name(self) -> str:
        """How bills call it."""
        ...

    def price(
        self, host: str, model: str, at: float | None = None, service_tier: str | None = None
    ) -> TokenPrice | None:
        """The price of a model at a host at a time (seconds since the epoch), None where it knows none."""
        ...


class Known:
    """The tables of this process and what they have answered."""

    def __init__(self, *, listed: bool = True) -> None:
        self.own: tuple[PriceTable, ...] = ()
        self.listed = listed
        self.found: dict[tuple[Any, ...], TokenPrice | None] = {}
        self.lock = Lock()


_known = Known()
_MOST_FOUND = 1024
_HOUR = 3600  # some hosts are cheaper at night


def use_price_table(table: "str | os.PathLike[str] | Mapping[str, Any] | PriceTable | None") -> PriceTable | None:
    """Take prices from this table from now on, before any table given earlier and before published prices.

    Args:
        table: a TOML or JSON file (see :mod:`minillm.cost.price_file`), the same as a mapping of host and model to
            rates, or an object with ``price()``; None forgets all tables given so far.

    Returns:
        The table, to be looked at.

    Raises:
        ConfigurationError: it is no table of prices; names the file and the key.
    """
    made: PriceTable | None
    if isinstance(table, str | os.PathLike):
        from .price_file import PriceFile

        made = PriceFile.read(table)
    elif isinstance(table, Mapping):
        from .price_file import PriceFile

        made = PriceFile(table)
    elif table is None or hasattr(table, "price"):
        made = table
    else:
        raise ConfigurationError(f"a table of prices is a file, a mapping or a PriceTable, not {type(table).__name__}")
    with _known.lock:
        _known.own = () if made is None else (made, *_known.own)
        _known.found.clear()
    return made


def use_published_prices(use: bool = True) -> None:
    """Whether the published list prices of the extra ``prices`` are asked where no other price is known."""
    with _known.lock:
        _known.listed = use
        _known.found.clear()


def price_of(
    host: str,
    model: str,
    at: float | None = None,
    *,
    service_tier: str | None = None,
    own_address: bool = True,
) -> TokenPrice | None:
    """What a model costs at a host, as the tables say; None where none of them knows.

    Args:
        host: the provider row's name, such as ``"openai"``.
        at: seconds since the epoch; None is now.
        service_tier: the processing tier asked for.
        own_address: False where the generator has another base URL: the vendor's list does not hold there.
    """
    if not own_address and not _known.own:
        return None  # nobody else would know
    at = time() if at is None else at
    key = (host, model, int(at // _HOUR), service_tier, own_address)
    found = _known.found
    if key in found:
        return found[key]
    price = next((price for table in _known.own if (price := table.price(host, model, at, service_tier))), None)
    if price is None and own_address:
        listed = _listing(host)
        price = None if listed is None else listed.price(host, model, at, service_tier)
    if len(found) >= _MOST_FOUND:
        found.clear()
    found[key] = price
    return price


def context_of(host: str, model: str) -> int | None:
    """How many tokens the model's context holds, as the published list says; None where it is not known."""
    listed = _listing(host)
    return None if listed is None else listed.limit(host, model)


def _listing(host: str) -> "Published | None":
    """The published list, where it is wanted and may know the host."""
    if not _known.listed:
        return None
    from .published import HOSTS, published

    return published() if host in HOSTS else None
