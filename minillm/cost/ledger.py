"""Adding up bills as they come."""

import os
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from threading import Lock
from typing import TypeVar

from ..json import dumps
from ..types import Attempt, CostInfo, Usage, total_cost
from .attempt_rows import attempt_row

__all__ = ["CostLedger", "sums"]

K = TypeVar("K", bound=Hashable)


class CostLedger:
    """A cost callback that keeps every bill it is given; one may serve many threads and loops.

    Given as ``cost_callback=`` it keeps every exchange behind a completion: accepted, rejected, failed, cancelled. It
    keeps them as they are, so that a sum which a host tells later (``pending``) is right as soon as it is known.

    Example:
        >>> ledger = CostLedger()
        >>> reply = await node.complete(gen, cost_callback=ledger)
        >>> ledger.total.usd
        >>> ledger.save_jsonl("bill.jsonl")
    """

    def __init__(self) -> None:
        self._entries: list[CostInfo | tuple[Attempt, ...]] = []
        self._lock = Lock()

    def __call__(self, cost: CostInfo) -> None:
        """Keep the bill of a completion whose exchanges are not known."""
        with self._lock:
            self._entries.append(cost)

    def book(self, attempts: Sequence[Attempt]) -> None:
        """Keep a completion by its exchanges: what ``cost_callback=`` does with a ledger."""
        with self._lock:
            self._entries.append(tuple(attempts))

    @property
    def entries(self) -> tuple[CostInfo, ...]:
        """One bill a completion, in the order they ended."""
        with self._lock:
            entries = tuple(self._entries)
        return tuple(entry if isinstance(entry, CostInfo) else total_cost(entry) for entry in entries)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every exchange, in the order their completions ended."""
        with self._lock:
            entries = tuple(self._entries)
        return tuple(attempt for entry in entries if not isinstance(entry, CostInfo) for attempt in entry)

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

    def by(self, key: Callable[[Attempt], K]) -> dict[K, CostInfo]:
        """Sums of exchanges by anything about them: ``ledger.by(lambda attempt: attempt.model)``."""
        return sums(self.attempts, key)

    def save_jsonl(self, path: str | os.PathLike[str]) -> int:
        """Write one JSON line an exchange: time, host, model, wire, outcome, status, tokens by bucket, USD and who said
        so (:func:`minillm.cost.attempt_row`); never a text or a key. Synchronous; replaces the file as a whole.

        Returns:
            How many lines.

        Raises:
            OSError: the file cannot be written.
        """
        attempts = self.attempts
        beside = f"{os.fspath(path)}.{os.getpid()}.tmp"
        try:
            with open(beside, "wb") as file:
                file.writelines(dumps(attempt_row(attempt)) + b"\n" for attempt in attempts)
            os.replace(beside, path)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise
        return len(attempts)

    def __len__(self) -> int:
        return len(self._entries)

    def __bool__(self) -> bool:
        """Always: an empty ledger is a ledger, and ``ledger or other`` must not drop it."""
        return True

    def __repr__(self) -> str:
        total = self.total
        amount = f"${total.usd}" if total.usd is not None else f"at least ${total.known_usd}, {total.resolution}"
        return f"CostLedger({len(self)} completions, {amount})"


def sums(attempts: Sequence[Attempt], key: Callable[[Attempt], K]) -> dict[K, CostInfo]:
    """Exchanges added up by ``key``, in the order the keys first come; one without a bill is unknown, never free."""
    groups: dict[K, list[Attempt]] = {}
    for attempt in attempts:
        groups.setdefault(key(attempt), []).append(attempt)
    return {name: total_cost(group) for name, group in groups.items()}
