"""What a run does: whom it asks, which probes, and within which bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from .probes import PROBES

__all__ = ["Plan", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """Who is asked.

    Args:
        name: how tables call it.
        generator: the model at its host.
    """

    name: str
    generator: GeneratorInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All of it.

    Args:
        targets: who is asked, one after the other.
        probes: names; none is all of them.
        concurrency: probes of one target under way at a time.
        timeout: seconds for one request.
        probe_timeout: seconds for all requests of a probe; None is four times ``timeout``.
        time_limit: seconds for the whole run; what is not begun by then is skipped.
        max_tokens: ceiling of an answer of which a probe says nothing. A model that thinks first needs more.
        retry: how often a request that failed for a passing reason is sent again.
        long_input: words in the probe of long prompts.
        budget_usd: no request is sent that may cost more than is left of it.
    """

    targets: Sequence[Target]
    probes: Sequence[str] = ()
    concurrency: int = 2
    timeout: float = 60.0
    probe_timeout: float | None = None
    time_limit: float | None = None
    max_tokens: int = 256
    retry: int = 1
    long_input: int = 2000
    budget_usd: Decimal | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", tuple(self.targets))
        if not self.targets:
            raise ConfigurationError("a run needs targets: there is none")
        names = [target.name for target in self.targets]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ConfigurationError(f"two targets of a run are called {', '.join(map(repr, twice))}")
        if unknown := [name for name in self.probes if name not in PROBES]:
            raise ConfigurationError(f"no probe is called {', '.join(map(repr, unknown))}; known: {', '.join(PROBES)}")
        chosen = tuple(name for name in PROBES if not self.probes or name in self.probes)
        object.__setattr__(self, "probes", chosen)
        for name in ("concurrency", "max_tokens", "long_input"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name} must be at least 1, not {getattr(self, name)}")

    @property
    def total(self) -> int:
        """How many findings there will be."""
        return len(self.targets) * len(self.probes)

    @property
    def seconds_of_a_probe(self) -> float:
        return 4 * self.timeout if self.probe_timeout is None else self.probe_timeout
