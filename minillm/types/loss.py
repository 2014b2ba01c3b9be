"""One thing that a conversion could not say."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Loss", "Severity"]


class Severity(StrEnum):
    NOTE = "note"  # said otherwise, or of no consequence to the answer
    DEGRADED = "degraded"  # said in a weaker form
    LOST = "lost"  # not said at all


@dataclass(frozen=True, slots=True)
class Loss:
    """A field, part or reason that the target could not carry.

    Args:
        path: where, as in ``messages[2].content[0].signature``.
        what: the thing itself, in a few words; never prompt or answer text.
        reason: why, and what to do instead where there is a way.
        severity: see :class:`Severity`.
        count: how many times the same loss happened.
    """

    path: str
    what: str
    reason: str
    severity: Severity = Severity.LOST
    count: int = 1

    def __str__(self) -> str:
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.path}: {self.what} {self.severity}{times}: {self.reason}"
