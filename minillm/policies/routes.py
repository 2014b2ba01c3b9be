"""The rules of a plan of routes, as values: which errors move on, what is committed, what is told of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from inspect import isawaitable
from typing import Any, Literal, TypeAlias

from ..errors import (
    AllRoutesFailed,
    APIError,
    BadRequestError,
    ConfigurationError,
    ContextLengthError,
    DecodeError,
    EncodeError,
    MiniLLMError,
    OutputError,
    TransportError,
)
from ..types import Attempt, StreamEvent, TextDelta

__all__ = ["MOVES_ON", "Commit", "Midstream", "MoveOn", "OnRoute", "Order", "RouteEvent", "RouteNews", "Rules", "tell"]

Order: TypeAlias = Literal["ordered", "weighted", "cheapest", "fastest"]
Commit: TypeAlias = Literal["start", "content", "text", "end"] | Callable[[StreamEvent], bool]
Midstream: TypeAlias = Literal["fail", "restart", "continue"]
MoveOn: TypeAlias = Mapping[type[MiniLLMError], bool] | Callable[[MiniLLMError], bool]

#: Which errors are followed by the next route; of several classes that fit, the nearest one of the error decides.
MOVES_ON: Mapping[type[MiniLLMError], bool] = {
    MiniLLMError: False,  # a fault in the program, the tree or a tool: no host can mend it
    APIError: True,  # keys, quotas, limits, models and failures are each host's own
    BadRequestError: False,  # what one host does not accept the next will hardly
    ContextLengthError: True,  # but another model may have more room
    TransportError: True,
    DecodeError: True,
    EncodeError: True,  # what cannot be said on this wire, or to this model, may be said on another
    OutputError: True,  # empty, declined, not of the form: where the call asked for that to be an error
    AllRoutesFailed: True,  # of a plan within this plan
    ConfigurationError: False,  # a missing key would stay unnoticed behind a plan that works
}


class RouteNews(StrEnum):
    """What may be told of a route."""

    SELECTED = "selected"  # it answers
    FAILED = "failed"  # it did not; ``error`` says why
    SKIPPED = "skipped"  # it was not asked: it cools, or cannot continue the answer
    HEDGED = "hedged"  # it is asked beside one that is slow
    ABANDONED = "abandoned"  # another one was faster; it was cancelled
    CUT = "cut"  # it failed after it had been selected
    RESTARTED = "restarted"  # it begins anew the answer that was cut
    CONTINUED = "continued"  # it goes on where the cut answer ended


@dataclass(frozen=True, slots=True)
class RouteEvent:
    """Something happened to a route of a call. Holds neither prompt nor answer.

    Args:
        news: what it was.
        route: the route's name, ``host:model`` for a generator.
        index: its place in the plan.
        error: why, where it failed, was skipped or was cut.
        attempts: the exchanges it made for this call until now.
        until: when a route that failed will be asked again, in seconds since the epoch; None: at once.
    """

    news: RouteNews
    route: str
    index: int
    error: MiniLLMError | None = field(default=None, compare=False)
    attempts: tuple[Attempt, ...] = ()
    until: float | None = None


OnRoute: TypeAlias = Callable[[RouteEvent], Awaitable[None] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a plan goes about its routes; the arguments of ``fallback`` and ``hedge`` say what each means.

    Args:
        after: hedge: when the next route is asked beside the ones that have not begun; seconds, or ``"p95"`` and
            the like, of what was measured of the first. None is no hedge.
    """

    order: Order = "ordered"
    weights: tuple[float, ...] = ()
    move_on: MoveOn = field(default_factory=lambda: MOVES_ON)
    commit: Commit = "content"
    midstream: Midstream = "fail"
    timeout: float | None = None
    retry: int | None = None
    patience: float = 2.0
    cooldown: float | None = 30.0
    failures: int = 3
    on_route: OnRoute | None = None
    after: float | str | None = None
    unmeasured: float | None = None
    #: A route is asked as it is: in the order given, untimed, unmeasured, and nobody is told.
    plain: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, words in _WORDS.items():
            if not callable(value := getattr(self, name)) and value not in words:
                raise ConfigurationError(f"{name} must be {' or '.join(map(repr, words))}, not {value!r}")
        for name, least in _NUMBERS.items():
            value = getattr(self, name)
            if value is None and name not in ("patience", "failures"):
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= least:
                raise ConfigurationError(f"{name} must be a number of at least {least:g}, not {value!r}")
        for name in ("failures", "retry"):
            if isinstance(getattr(self, name), float):
                raise ConfigurationError(f"{name} must be a whole number, not {getattr(self, name)!r}")
        if self.timeout == 0:
            raise ConfigurationError("timeout must be a number of seconds above 0, or None")
        if self.on_route is not None and not callable(self.on_route):
            raise ConfigurationError(f"on_route must be callable with a RouteEvent, not {type(self.on_route).__name__}")
        object.__setattr__(self, "move_on", _checked(self.move_on))
        deviates = (self.timeout, self.on_route, self.after) != (None, None, None)
        object.__setattr__(self, "plain", self.order == "ordered" and not deviates)

    def moves_on(self, error: MiniLLMError) -> bool:
        """Whether the next route is asked after this error."""
        if not isinstance(self.move_on, Mapping):
            return bool(self.move_on(error))
        return next((self.move_on[kind] for kind in type(error).__mro__ if kind in self.move_on), False)

    @property
    def until(self) -> Callable[[StreamEvent], bool] | None:
        """What commits a stream beyond its first content: a function of its events; None where nothing does."""
        if self.commit == "text":
            return _is_text
        return self.commit if callable(self.commit) else None

    @property
    def percentile(self) -> float | None:
        """The measured share after which a hedge begins, from 0 to 1; None where it is a number of seconds."""
        return int(self.after[1:]) / 100 if isinstance(self.after, str) else None


def _is_text(event: StreamEvent) -> bool:
    return type(event) is TextDelta and bool(event.delta)


def _checked(move_on: Any) -> Any:
    if move_on is MOVES_ON or callable(move_on):
        return move_on
    if not isinstance(move_on, Mapping):
        raise ConfigurationError(
            f"move_on must map error classes to True or False, or be a function of the error, "
            f"not {type(move_on).__name__}"
        )
    for kind, moves in move_on.items():
        if not isinstance(kind, type) or not issubclass(kind, MiniLLMError) or not isinstance(moves, bool):
            raise ConfigurationError(f"move_on must map classes of MiniLLMError to True or False, not {kind!r}")
    return {**MOVES_ON, **move_on}


_WORDS: dict[str, tuple[str, ...]] = {
    "order": ("ordered", "weighted", "cheapest", "fastest"),
    "commit": ("start", "content", "text", "end"),
    "midstream": ("fail", "restart", "continue"),
}
_NUMBERS = {"timeout": 0.0, "retry": 0.0, "patience": 0.0, "cooldown": 0.0, "failures": 1.0, "unmeasured": 0.0}


async def tell(callback: OnRoute | None, event: RouteEvent) -> None:
    """Call it; its error is logged and never ends a call."""
    if callback is None:
        return
    from asyncio import CancelledError, current_task

    try:
        result = callback(event)
        if isawaitable(result):
            await result
    except (Exception, CancelledError) as error:
        task = current_task()
        if isinstance(error, CancelledError) and (task is None or task.cancelling()):
            raise  # the call's; one from within is a failure like others
        import logging

        logging.getLogger("minillm").exception("the route callback failed; the call goes on")
