"""What a run did, step by step, as values and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import MiniLLMError
from ..types import Attempt, CostInfo

if TYPE_CHECKING:
    from ..chat import ChatNode

__all__ = ["RecipeFailed", "RecipeResult", "StepTrace"]


_NOTHING = CostInfo.total(())


@dataclass(frozen=True, slots=True)
class StepTrace:
    """One step that was done, or failed.

    Args:
        step: its id; with ``[3]`` behind it for an item of a fan-out.
        kind: complete, validate, transform, tool or branch.
        status: "done" or "failed".
        inputs: what it was given, with its expressions filled in.
        output: what it gave.
        error: why it failed.
        tries: how often it was tried.
        attempts: the HTTP exchanges it took, of all tries.
        cost: their bill.
        started_at: seconds since the epoch.
        seconds: how long it took.
        resumed: it was done in an earlier run and read from the state file.
    """

    step: str
    kind: str
    status: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    output: Any = None
    error: str | None = None
    tries: int = 1
    attempts: tuple[Attempt, ...] = ()
    cost: CostInfo = _NOTHING
    started_at: float = 0.0
    seconds: float = 0.0
    resumed: bool = False

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON; sums are text, so that no digit is lost. No key is in it."""
        from ..tree.record import attempts_to_json

        return {
            "step": self.step,
            "kind": self.kind,
            "status": self.status,
            "inputs": dict(self.inputs),
            "output": self.output,
            "error": self.error,
            "tries": self.tries,
            "attempts": attempts_to_json(list(self.attempts)),
            "usd": None if self.cost.usd is None else str(self.cost.usd),
            "known_usd": str(self.cost.known_usd),
            "started_at": self.started_at,
            "seconds": self.seconds,
            "resumed": self.resumed,
        }


@dataclass(frozen=True, slots=True)
class RecipeResult:
    """What a run gave.

    Args:
        outputs: by name.
        trace: every step, in the order they ended.
        cost: of all steps, those of earlier runs of the same state included.
        conversation: the root of a tree in which each question to a model and its answer is a branch.
    """

    outputs: Mapping[str, Any]
    trace: tuple[StepTrace, ...]
    cost: CostInfo
    conversation: "ChatNode"

    def to_json(self) -> dict[str, Any]:
        """Outputs, trace and sum as JSON."""
        return {
            "outputs": dict(self.outputs),
            "usd": None if self.cost.usd is None else str(self.cost.usd),
            "known_usd": str(self.cost.known_usd),
            "trace": [step.to_json() for step in self.trace],
        }


class RecipeFailed(MiniLLMError):
    """A step failed for good; its own error is ``__cause__``.

    Args:
        step: which, as in its trace; "" for the outputs, and for the run as a whole.
        trace: what was done, the failed step last. With a state file, the next run goes on from here.
    """

    def __init__(self, message: str = "", *, step: str = "", trace: Sequence[StepTrace] = (), **common: Any) -> None:
        super().__init__(message, **common)
        self.step = step
        self.trace = tuple(trace)

    @property
    def cost(self) -> CostInfo:
        """What was spent until then."""
        return CostInfo.total(step.cost for step in self.trace)
