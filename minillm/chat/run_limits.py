"""How far a run may go, and why one ended."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

from ..cost import Budget
from ..errors import ConfigurationError

__all__ = ["RunLimits", "StopReason"]


class StopReason(StrEnum):
    """Why a run ended."""

    DONE = "done"  # the model answered without calling a tool
    ROUNDS = "rounds"
    CALLS = "calls"
    SECONDS = "seconds"
    BUDGET = "budget"
    WAITING = "waiting"  # calls were deferred, or have no function here: somebody else has to answer them
    LEFT = "left"  # the block was left, or the task cancelled
    FAILED = "failed"  # an error went to the caller


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """What one run may take. Where a limit is met, no further round begins; the tools of the last one are run first,
    so that the tree is left whole and a later run goes on from there.

    Args:
        rounds: how often the model may be asked (default 20); None is without end.
        calls: so many tools run, no further round begins; a round's calls belong together, so the last may pass it.
        seconds: so long after its start, no further round begins, and an answer that is still being written is given
            up. Tools under way are not: they have timeouts of their own.
        budget: a purse for all rounds, and for what tools spend by calls of their own.
        parallel: how many tools may run at the same time (default 16); None is all of a round.
        call_seconds: the timeout of tools that set none themselves; None is none.

    Raises:
        ConfigurationError: one of them is no such number.
    """

    rounds: int | None = 20
    calls: int | None = None
    seconds: float | None = None
    budget: Budget | None = None
    parallel: int | None = 16
    call_seconds: float | None = None

    def __post_init__(self) -> None:
        for name in ("rounds", "calls", "parallel"):
            value: Any = getattr(self, name)
            if value is not None and (type(value) is not int or value < 1):
                raise ConfigurationError(f"RunLimits: {name} must be a whole number of at least 1, or None")
        for name in ("seconds", "call_seconds"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and value > 0):
                raise ConfigurationError(f"RunLimits: {name} must be a number of seconds above 0, or None")
        if self.budget is not None and not isinstance(self.budget, Budget):
            raise ConfigurationError("RunLimits: budget must be a Budget, like Budget(usd=1), or None")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
