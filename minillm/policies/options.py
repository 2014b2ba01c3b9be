"""How a call is carried out: everything beside what goes on the wire."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..cost.budget import Budget
from ..errors import ConfigurationError
from ..observe import Observe, as_observers
from ..transforms.chain import RequestTransform, Transform, as_transforms
from ..transport import Timeouts
from ..types import CostInfo, TokenPrice

__all__ = ["CallOptions", "CostCallback", "Expect", "RequestTransform", "Transform", "Validate"]

CostCallback: TypeAlias = Callable[[CostInfo], Awaitable[None] | None]
Expect: TypeAlias = Literal["object", "array", "any"]
Validate: TypeAlias = Callable[[Any], bool | None | Awaitable[bool | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """What the policies of one call obey. Times are in seconds.

    Args:
        retry: attempts beyond the first.
        exp_back_off: double the wait after every failure.
        back_off_time: the wait before the second attempt.
        max_back_off: no wait of ours is longer.
        max_retry_after: the longest wait a host may ask for; a longer one fails at once, with ``retry_at``.
        deadline: for the whole call, waits and retries included; None is without end.
        timeouts: for each attempt; None is as the generator says.
        expect: the answer must hold JSON of this kind; its text becomes that JSON.
        output: a type or JSON Schema the answer must fit.
        validate: called with the value (without ``expect`` and ``output``: the text); False or a ValueError says
            that it does not do.
        correction: how often an answer that does not fit is asked for again, with the error shown; None is twice,
            but no more often than ``retry``.
        crash_on_refusal: a declined or filtered answer is an error.
        crash_on_empty_response: an answer without text, tool call or media is an error.
        force_prepend: the answer begins with this text.
        prepend_instruction: where the host cannot continue a started answer, ask for it in words.
        transforms: applied to the request in order, and to the events in reverse order; a plain function is a change
            of requests.
        unsupported: what to do about what the host cannot take.
        track_cost: ask the host for usage; None asks wherever it understands that.
        token_price: USD per million tokens for this call; it wins over every other price.
        budget: a purse that the call draws on, beside those whose blocks it is made in.
        source: the wire whose JSON the request was read from, where it was: what only hosts of that wire understand
            stays behind at all others, and is told.
        observe: who is told of the call: a hook, an Observer, or several; beside those of its block and the process.

    What follows from these, and is not given:
        corrections: how often it is asked for again. Who wants no retry wants one exchange; most of what is wrong with
            an answer is put right in the first round, and what that breaks in the second.
        wants_value: whether the answer is more than a text.
        corrects: whether an answer may be asked for again because it does not fit.
        judges: whether an answer may be rejected.
        shapes: whether the request or the answer is looked into or changed.
    """

    retry: int = 4
    exp_back_off: bool = False
    back_off_time: float = 1.0
    max_back_off: float = 15.0
    max_retry_after: float = 60.0
    deadline: float | None = None
    timeouts: Timeouts | None = None
    expect: Expect | None = None
    output: Any = field(default=None, hash=False)
    validate: Validate | None = None
    correction: int | None = None
    crash_on_refusal: bool = False
    crash_on_empty_response: bool = False
    force_prepend: str | None = None
    prepend_instruction: bool = False
    transforms: tuple[Transform, ...] = ()
    unsupported: Literal["error", "warn", "drop"] = "warn"
    track_cost: bool | None = None
    token_price: TokenPrice | None = None
    budget: Budget | None = None
    source: str | None = None
    observe: Observe | None = field(default=None, hash=False)
    # What follows from them, worked out once: each call asks for it several times.
    corrections: int = field(init=False, repr=False, compare=False)
    wants_value: bool = field(init=False, repr=False, compare=False)
    corrects: bool = field(init=False, repr=False, compare=False)
    judges: bool = field(init=False, repr=False, compare=False)
    shapes: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.transforms:
            object.__setattr__(self, "transforms", as_transforms(self.transforms))
        for name, least in _NUMBERS.items():
            value = getattr(self, name)
            if value is None and name in ("deadline", "correction"):
                continue
            if not isinstance(value, int | float) or not value >= least:  # NaN is not, either
                raise ConfigurationError(f"{name} must be a number of at least {least}, not {value!r}")
        for name in ("retry", "correction"):
            if isinstance(getattr(self, name), float):
                raise ConfigurationError(f"{name} must be a whole number, not {getattr(self, name)!r}")
        if self.validate is not None and not callable(self.validate):
            raise ConfigurationError(f"validate must be callable with the answer, not {type(self.validate).__name__}")
        if self.budget is not None and not isinstance(self.budget, Budget):
            raise ConfigurationError(f"budget must be a Budget, like Budget(usd=1), not {type(self.budget).__name__}")
        if self.observe is not None:
            object.__setattr__(self, "observe", as_observers(self.observe))
        for name, allowed in _WORDS.items():
            if getattr(self, name) not in allowed:
                words = ", ".join(repr(word) for word in allowed)
                raise ConfigurationError(f"{name} must be one of {words}, not {getattr(self, name)!r}")
        self._settle()

    def _settle(self) -> None:
        corrections = min(_CORRECTIONS, self.retry) if self.correction is None else self.correction
        wants_value = self.expect is not None or self.output is not None
        checked = wants_value or self.validate is not None
        judges = checked or self.crash_on_refusal or self.crash_on_empty_response
        settle = object.__setattr__
        settle(self, "corrections", corrections)
        settle(self, "wants_value", wants_value)
        settle(self, "corrects", corrections > 0 and checked)
        settle(self, "judges", judges)
        settle(self, "shapes", judges or bool(self.transforms or self.force_prepend))


_CORRECTIONS = 2
_NUMBERS = {"retry": 0, "correction": 0, "back_off_time": 0, "max_back_off": 0, "max_retry_after": 0, "deadline": 0}
_WORDS: dict[str, tuple[str | None, ...]] = {
    "expect": (None, "object", "array", "any"),
    "unsupported": ("error", "warn", "drop"),
}
