"""One HTTP exchange, as ledgers, spans, responses and errors all see it; and the host's limits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .cost import CostInfo
from .quick import quick
from .usage import Usage

__all__ = ["Attempt", "Outcome", "RateLimit", "total_cost"]


class Outcome(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"  # answered, but a check of ours refused the answer
    FAILED = "failed"
    CANCELLED = "cancelled"  # left early by the caller


@quick()
@dataclass(frozen=True, slots=True)
class RateLimit:
    """One bucket of a host's limits, as its response headers tell.

    Args:
        limit: the bucket's size.
        remaining: what is left of it.
        reset_at: when it is full again, in seconds since the epoch.
    """

    limit: int | None = None
    remaining: int | None = None
    reset_at: float | None = None


@dataclass(slots=True)
class Attempt:
    """One request on the wire: filled in as it goes, then booked.

    Args:
        host: the provider row's name.
        model: the model asked for.
        wire: the protocol spoken.
        started_at: seconds since the epoch.
        duration: seconds until the answer was complete, failed, or was left.
        first_content_after: seconds until the first content of a stream.
        outcome: see :class:`Outcome`.
        status: the HTTP status, None where none came.
        request_id: the host's id of the exchange.
        error: the error's class name, for a failed or rejected one.
        usage: tokens, as reported.
        cost: the bill, or None before it is made.
        rate_limits: the host's limits by name (``requests``, ``tokens``, ...).
    """

    host: str
    model: str
    wire: str
    started_at: float
    duration: float | None = None
    first_content_after: float | None = None
    outcome: Outcome = Outcome.PENDING
    status: int | None = None
    request_id: str | None = None
    error: str | None = None
    usage: Usage | None = None
    cost: CostInfo | None = None
    rate_limits: Mapping[str, RateLimit] = field(default_factory=dict)


def total_cost(attempts: Iterable[Attempt]) -> CostInfo:
    """Several exchanges as one bill; one without a bill is unknown, never free. None at all cost 0."""
    if (type(attempts) is tuple or type(attempts) is list) and len(attempts) == 1:  # as mostly
        alone = attempts[0].cost
        if alone is not None:
            return alone._alone()
    return CostInfo.total(attempt.cost or CostInfo() for attempt in attempts)
