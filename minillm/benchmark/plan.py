"""What a benchmark does: whom it asks, what, how hard, how often; and what counts as good enough."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite

from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..stack import Model
from ..types import CompletionParameters, Content, Message, Role, as_content

__all__ = ["Closed", "Limits", "Load", "Open", "Plan", "Prompt", "Target"]


def _each_once(what: str, names: Iterable[str]) -> None:
    listed = list(names)
    twice = sorted({name for name in listed if listed.count(name) > 1})
    if twice:
        raise ConfigurationError(f"two {what} of a benchmark are called {', '.join(map(repr, twice))}")


def _whole(name: str, value: object, *, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigurationError(f"{name} must be a whole number of at least {least}, not {value!r}")


def _positive(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not (isfinite(value) and value > 0):
        raise ConfigurationError(f"{name} must be a number above 0, not {value!r}")


@dataclass(frozen=True, slots=True)
class Closed:
    """So many askers, each of which asks again as soon as it is answered: what a host can do at most.

    A host that stalls is asked less while it does, so its latencies look better than users find them.
    """

    concurrency: int = 1

    def __post_init__(self) -> None:
        _whole("concurrency", self.concurrency, least=1)

    @property
    def name(self) -> str:
        return f"{self.concurrency} at once"


@dataclass(frozen=True, slots=True)
class Open:
    """Requests come at random (Poisson), so many a second on average, whatever the host does: what users find.

    Each latency is counted from the moment at which the request was due, also where it was sent later.
    """

    rate: float

    def __post_init__(self) -> None:
        _positive("rate", self.rate)

    @property
    def name(self) -> str:
        return f"{self.rate:g} a second"


Load = Closed | Open


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked.

    Args:
        name: how tables call it.
        messages: the conversation.
        description: what it is good for.
    """

    name: str
    messages: tuple[Message, ...] = field(repr=False)
    description: str = ""

    @classmethod
    def of(cls, name: str, user: Content, *, system: str | None = None, description: str = "") -> "Prompt":
        """From what the user says: a text, a part, or a list of both."""
        head = () if system is None else (Message(Role.SYSTEM, system),)
        return cls(name, (*head, Message(Role.USER, as_content(user))), description)


@dataclass(frozen=True, slots=True)
class Target:
    """Who is asked.

    Args:
        name: how tables call it.
        model: a generator, or any ``ChatModel``.
        stream: False asks for whole answers, which have no first token.
    """

    name: str
    model: Model
    stream: bool = True

    @property
    def streams(self) -> bool:
        """Whether its answers come in pieces: a host that cannot has no first token, whatever is asked."""
        model = self.model
        if isinstance(model, GeneratorInfo) and not (
            model.provider.streaming if model.streaming is None else model.streaming
        ):
            return False
        return self.stream

    @property
    def model_name(self) -> str:
        return getattr(self.model, "model", type(self.model).__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is good enough, in seconds: a request that is answered within all of them counts for goodput.

    Args:
        first_token: until the first token.
        inter_token: between tokens, on average over the answer.
        end_to_end: until the answer is whole.
    """

    first_token: float | None = None
    inter_token: float | None = None
    end_to_end: float | None = None

    def __post_init__(self) -> None:
        for name in ("first_token", "inter_token", "end_to_end"):
            if getattr(self, name) is not None:
                _positive(name, getattr(self, name))

    def __bool__(self) -> bool:
        return any(limit is not None for limit in (self.first_token, self.inter_token, self.end_to_end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All of it. Each target is asked each prompt under each load: that is a series.

    Args:
        targets: who is asked, one after the other.
        prompts: what is asked.
        loads: how hard.
        requests: how many are measured in a series.
        warm_up: how many go ahead and are not measured; None is as many as may be under way at once, one where that
            is open. They open connections and fill caches.
        pause: seconds between series.
        timeout: seconds that a request may take.
        parameters: of each request; an unset ``max_tokens`` leaves the length to the model.
        limits: what is good enough.
        budget_usd: no request is sent that may cost more than is left of it.
        unique: begin each prompt with a number of its own, so that no cache of prompts helps.
        seed: of the arrivals; the same seed gives the same ones.
        keep_waits: keep each wait between pieces of an answer, not the longest alone.
    """

    targets: Sequence[Target]
    prompts: Sequence[Prompt]
    loads: Sequence[Load] = (Closed(1),)
    requests: int = 20
    warm_up: int | None = None
    pause: float = 0.0
    timeout: float = 120.0
    parameters: CompletionParameters = CompletionParameters(max_tokens=128)
    limits: Limits = Limits()
    budget_usd: Decimal | None = None
    unique: bool = False
    seed: int = 1
    keep_waits: bool = True

    def __post_init__(self) -> None:
        for name in ("targets", "prompts", "loads"):
            values = tuple(getattr(self, name))
            object.__setattr__(self, name, values)
            if not values:
                raise ConfigurationError(f"a benchmark needs {name}: there is none")
            _each_once(name, (value.name for value in values))
        _whole("requests", self.requests, least=1)
        if self.warm_up is not None:
            _whole("warm_up", self.warm_up, least=0)
        _positive("timeout", self.timeout)
        if not (isfinite(self.pause) and self.pause >= 0):
            raise ConfigurationError(f"pause must be a number of seconds that is not negative, not {self.pause!r}")

    def warm_up_of(self, load: Load) -> int:
        """How many requests go ahead of a series."""
        if self.warm_up is not None:
            return self.warm_up
        return load.concurrency if isinstance(load, Closed) else 1

    @property
    def total(self) -> int:
        """All requests, those that go ahead included."""
        series = len(self.targets) * len(self.prompts)
        return series * sum(self.requests + self.warm_up_of(load) for load in self.loads)
