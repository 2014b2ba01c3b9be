"""Floor 3: money arithmetic. Pure: nothing here waits for anything."""

from .ledger import CostLedger
from .prices import cost_of
from .tables import PriceTable, price_of, use_price_table, use_published_prices

__all__ = [
    "CostLedger",
    "PriceTable",
    "cost_of",
    "price_of",
    "use_price_table",
    "use_published_prices",
]
