"""Floor 3: money arithmetic. Pure: nothing here waits or looks anything up."""

from .ledger import CostLedger
from .prices import cost_of

__all__ = ["CostLedger", "cost_of"]
