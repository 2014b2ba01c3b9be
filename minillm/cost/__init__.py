"""Floor 3: money arithmetic. Pure: nothing here waits for anything.

    prices       usage times price
    tables       which table knows a price: price_file (a user's own), published (list prices)
    ledger       bills added up                    attempt_rows an exchange as a flat row
    budget       purses
    tokens       how many tokens a text is        media_size   how large a picture, sound, document is
    size         what a request holds             families     what each family of models makes of it
    calibration  what hosts really counted        estimate     tokens and USD before sending
    ceiling      the most a plain request can take, fast
    experience   where replies are told to the calibration

What estimates loads when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .attempt_rows import attempt_row
from .budget import Budget
from .ledger import CostLedger
from .prices import cost_of
from .tables import PriceTable, price_of, use_price_table, use_published_prices

if TYPE_CHECKING:
    from .calibration import Calibration, default_calibration
    from .estimate import Bounds, Estimate, estimate_request

__all__ = [
    "Bounds",
    "Budget",
    "Calibration",
    "CostLedger",
    "Estimate",
    "PriceTable",
    "attempt_row",
    "cost_of",
    "default_calibration",
    "estimate_request",
    "price_of",
    "use_price_table",
    "use_published_prices",
]

_LATER = {
    "Bounds": "estimate",
    "Calibration": "calibration",
    "Estimate": "estimate",
    "default_calibration": "calibration",
    "estimate_request": "estimate",
}


def __getattr__(name: str) -> Any:
    home = _LATER.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
