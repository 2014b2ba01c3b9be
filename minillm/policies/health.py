"""Which routes are well: one that has failed too often, or asked for a pause, cools before it is asked again.

It belongs to the event loop, and to all plans in it: who shares a generator shares what is known of its host.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import StrEnum
from weakref import ReferenceType, ref

from .. import loop_local
from ..errors import (
    APIError,
    AuthenticationError,
    DecodeError,
    MiniLLMError,
    NotFoundError,
    QuotaError,
    RateLimitError,
    ServerError,
    TransportError,
)

__all__ = ["Board", "Health", "State", "ailing", "board"]

# Failures of the host. What is wrong with a request or an answer says nothing of it.
_FAILURES = (
    *(AuthenticationError, NotFoundError, QuotaError, RateLimitError, ServerError),
    *(TransportError, DecodeError),
)
# These do not pass by asking again soon.
_AT_ONCE = (AuthenticationError, NotFoundError, QuotaError)
_MOST = 4096
_DOUBLINGS = 4  # the longest pause is sixteen times the first


class State(StrEnum):
    """What may be done with a route now."""

    WELL = "well"
    COOLING = "cooling"  # not before the others; but before giving up
    TOLD = "told"  # its host has said when to come again: not before
    TRIAL = "trial"  # it has cooled, and one call may find out


@dataclass(slots=True)
class Health:
    """What is known of a route that has failed since it last answered.

    Args:
        failures: in a row.
        pauses: how often it has cooled in a row; each time twice as long.
        until: when it has cooled, on the monotonic clock; 0 where it does not cool.
        retry_at: the same in seconds since the epoch, where its host has told it.
        kind: the class of its last error.
        trying: a call is finding out whether it is well.
    """

    failures: int = 0
    pauses: int = 0
    until: float = 0.0
    retry_at: float | None = None
    kind: type[MiniLLMError] = MiniLLMError
    trying: bool = False


#: The boards, in any loop, that know of a route that has failed since it last answered. Empty in most programs, and
#: then a call need not ask for its loop's own.
ailing: "set[ReferenceType[Board]]" = set()


class Board:
    """The health of routes, by their keys; those without an entry are well.

    Args:
        clock: monotonic seconds.
        wall: seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._known: OrderedDict[Hashable, Health] = OrderedDict()
        self.clock = clock
        self.wall = wall

    def __bool__(self) -> bool:
        """Whether any route has failed since it last answered."""
        return bool(self._known)

    def look(self, key: Hashable) -> Health | None:
        """What is known of a route; None where it is well."""
        return self._known.get(key)

    def state(self, key: Hashable) -> State:
        """What may be done with a route now."""
        health = self._known.get(key)
        if health is None or not health.until:
            return State.WELL
        if self.clock() < health.until:
            return State.COOLING if health.retry_at is None else State.TOLD
        return State.COOLING if health.trying else State.TRIAL

    def asked(self, key: Hashable) -> bool:
        """Say that a route is being asked; True where this is its trial, which :meth:`left` must end."""
        if self.state(key) is not State.TRIAL:
            return False
        self._known[key].trying = True
        return True

    def left(self, key: Hashable) -> None:
        """Say that the trial of a route has ended, in whatever way."""
        health = self._known.get(key)
        if health is not None:
            health.trying = False

    def answered(self, key: Hashable) -> None:
        """Say that a route is well."""
        self._known.pop(key, None)
        if not self._known:
            ailing.discard(ref(self))

    def failed(self, key: Hashable, error: MiniLLMError, *, cooldown: float, failures: int) -> float | None:
        """Say that a route has failed; when it is to be asked again, in seconds since the epoch, or None where at once.

        Args:
            cooldown: seconds of its first pause.
            failures: how many in a row make it cool.
        """
        if not isinstance(error, _FAILURES):
            return None
        now, wall = self.clock(), self.wall()
        health = self._known.setdefault(key, Health())
        ailing.add(ref(self, ailing.discard))
        self._known.move_to_end(key)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        tried = bool(health.until) and now >= health.until
        health.failures += 1
        health.kind = type(error)
        if error.retry_at is not None and error.retry_at > wall:
            health.until, health.retry_at = now + error.retry_at - wall, error.retry_at
            return error.retry_at
        if not cooldown or now < health.until:
            return None if not health.until else wall + health.until - now
        if health.failures < failures and not tried and not isinstance(error, _AT_ONCE):
            return None
        pause = cooldown * 2.0 ** min(health.pauses, _DOUBLINGS)
        health.pauses += 1
        health.until, health.retry_at = now + pause, None
        return wall + pause

    def refusal(self, key: Hashable, name: str) -> MiniLLMError:
        """The error in the place of a route that is not asked, since its host has told when to come again."""
        health = self._known[key]
        kind = health.kind if issubclass(health.kind, APIError | TransportError) else RateLimitError
        seconds = max(0.0, health.until - self.clock())
        return kind(
            f"{name} was not asked: its host wants to be asked again in {seconds:.0f} s",
            retryable=True,
            retry_at=health.retry_at,
        )


def board() -> Board:
    """The running loop's."""
    return loop_local.get("minillm.policies.health", Board)
