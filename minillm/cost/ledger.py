"""Adding up bills as they come."""

from decimal import Decimal
from threading import Lock

from ..types import CostInfo, Usage

__all__ = ["CostLedger"]


class CostLedger:
    """A cost callback that keeps every bill it is given; one may serve many threads and loops.

    Example:
        >>> ledger = CostLedger()
        >>> reply = await node.complete(gen, cost_callback=ledger)
        >>> ledger.total.usd
    """

    def __init__(self) -> None:
        self._entries: list[CostInfo] = []
        self._lock = Lock()

    def __call__(self, cost: CostInfo) -> None:
        with self._lock:
            self._entries.append(cost)

    @property
    def entries(self) -> tuple[CostInfo, ...]:
        """One bill a completion, in the order they ended."""
        with self._lock:
            return tuple(self._entries)

    @property
    def total(self) -> CostInfo:
        """All of them as one; ``usd`` is None as soon as one of them is unknown."""
        return CostInfo.total(self.entries)

    @property
    def known_usd(self) -> Decimal:
        """The part of the sum that is known, in USD."""
        return self.total.known_usd

    @property
    def usage(self) -> Usage | None:
        """All tokens, or None where none were reported."""
        return self.total.usage

    def __len__(self) -> int:
        return len(self._entries)

    def __bool__(self) -> bool:
        """Always: an empty ledger is a ledger, and ``ledger or other`` must not drop it."""
        return True

    def __repr__(self) -> str:
        total = self.total
        amount = f"${total.usd}" if total.usd is not None else f"at least ${total.known_usd}, {total.resolution}"
        return f"CostLedger({len(self)} completions, {amount})"
