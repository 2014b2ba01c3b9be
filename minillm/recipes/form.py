"""What a recipe file may say: the dataclasses that :mod:`minillm.config_file` fills."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from ..config_file import BadValue, Bounds, NonEmpty
from ..types import UNSET

__all__ = [
    "AnyStep",
    "BranchStep",
    "Case",
    "CompleteStep",
    "InputForm",
    "Limits",
    "ModelForm",
    "RecipeForm",
    "StepOptions",
    "ToolLimits",
    "ToolStep",
    "TransformStep",
    "ValidateStep",
    "WorkStep",
]

_ID = re.compile(r"[^\W\d]\w*")
RESERVED = {"inputs", "steps", "item", "index"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InputForm:
    """Something that the caller gives.

    Args:
        type: what it must be.
        default: what it is if it is not given; without one it must be.
        description: for people.
    """

    type: Literal["text", "number", "integer", "flag", "list", "table", "any"] = "any"
    default: Any = UNSET
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelForm:
    """A model that steps know by a name.

    Args:
        generator: ``provider:model``, or ``local``.
        base_url: where else it answers.
        api_key_env: the environment variable with its key, if not its host's usual one.
        input_price, output_price: USD per million tokens, where no table knows them.
    """

    generator: Annotated[str, NonEmpty()]
    base_url: str | None = None
    api_key_env: str | None = None
    input_price: Annotated[Decimal, Bounds(at_least=0)] | None = None
    output_price: Annotated[Decimal, Bounds(at_least=0)] | None = None

    def __post_init__(self) -> None:
        if (self.input_price is None) != (self.output_price is None):
            missing = "output_price" if self.output_price is None else "input_price"
            raise BadValue(f"{missing} is missing: prices come in pairs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a run ends, whatever its steps say.

    Args:
        max_steps: steps done, each item of a fan-out counted.
        budget_usd: what all of it may cost.
        unpriced: what becomes of a request whose cost cannot be bounded, under a budget.
        timeout: seconds for the whole run.
    """

    max_steps: Annotated[int, Bounds(at_least=1, at_most=1_000_000)] = 1000
    budget_usd: Annotated[Decimal, Bounds(at_least=0)] | None = None
    unpriced: Literal["error", "allow"] = "error"
    timeout: Annotated[float, Bounds(above=0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions:
    """Options of a call that a file can say; see :class:`minillm.NodeCompletionParameters`."""

    max_tokens: Annotated[int, Bounds(at_least=1)] | None = None
    temperature: Annotated[float, Bounds(at_least=0)] | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    repetition_penalty: float | None = None
    stop: str | tuple[str, ...] | None = None
    seed: int | None = None
    reasoning: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    cache: bool | str | None = None
    retry: Annotated[int, Bounds(at_least=0)] | None = None
    correction: Annotated[int, Bounds(at_least=0)] | None = None
    deadline: Annotated[float, Bounds(above=0)] | None = None
    first_byte_timeout: Annotated[float, Bounds(above=0)] | None = None
    idle_timeout: Annotated[float, Bounds(above=0)] | None = None
    extra: dict[str, Any] | None = None

    def said(self) -> dict[str, Any]:
        """Those that are set, as keywords."""
        every = {name: getattr(self, name) for name in StepOptions.__dataclass_fields__}
        return {name: value for name, value in every.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    id: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise BadValue("must be a word of letters, digits and _, so that expressions can name it", "id")
        if self.id in RESERVED:
            raise BadValue(f"is a word of expressions; another id, please (not {', '.join(sorted(RESERVED))})", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work(_Step):
    """A step that does something itself.

    Args:
        each: an expression, a list: the step is done once for every item.
        concurrency: how many of these at a time.
    """

    each: Annotated[str, NonEmpty()] | None = None
    concurrency: Annotated[int, Bounds(at_least=1, at_most=1000)] = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fallible(_Work):
    """A step that may go better the next time.

    Args:
        retries: how often it is tried again after it failed.
        retry_wait: seconds before the first of these; doubled each time, up to a minute.
        timeout: seconds for each try.
    """

    retries: Annotated[int, Bounds(at_least=0, at_most=100)] = 0
    retry_wait: Annotated[float, Bounds(at_least=0, at_most=60)] = 1.0
    timeout: Annotated[float, Bounds(above=0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLimits:
    """How far a step with tools may go, in each run; see :class:`minillm.RunLimits`.

    Args:
        rounds: how often the model may be asked.
        calls: how many tools may be begun; a round's calls belong together, so the last may pass it.
        seconds: so long after its start, no further round begins.
        parallel: tools at the same time.
        call_seconds: for each tool that sets no timeout itself.
    """

    rounds: Annotated[int, Bounds(at_least=1)] = 20
    calls: Annotated[int, Bounds(at_least=1)] | None = None
    seconds: Annotated[float, Bounds(above=0)] | None = None
    parallel: Annotated[int, Bounds(at_least=1, at_most=1000)] = 16
    call_seconds: Annotated[float, Bounds(above=0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteStep(_Fallible):
    """A model is asked. Output: its text; with a schema, the value in it.

    Args:
        tools: names of functions that the model may call: it is asked again with their results, until it answers.
        limits: how far that may go.
        idempotent: calls that were begun and not seen to end may be run again.
    """

    kind: Literal["complete"]
    prompt: Annotated[str, NonEmpty()]
    system: str = ""
    model: str = ""
    schema: dict[str, Any] | None = None
    continues: str = ""
    tools: tuple[Annotated[str, NonEmpty()], ...] = ()
    limits: ToolLimits | None = None
    idempotent: bool = False
    options: StepOptions = StepOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateStep(_Work):
    """A value is held against a schema; a text is read as JSON first. Output: the value, or a report."""

    kind: Literal["validate"]
    value: Any
    schema: dict[str, Any]
    on_invalid: Literal["fail", "report"] = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformStep(_Work):
    """A value out of others. Output: the value."""

    kind: Literal["transform"]
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStep(_Fallible):
    """A Python function that the caller gives. Output: what it returns, which must be JSON."""

    kind: Literal["tool"]
    tool: Annotated[str, NonEmpty()]
    arguments: dict[str, Any] = field(default_factory=dict)
    idempotent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Steps under a condition."""

    when: Annotated[str, NonEmpty()]
    steps: "Annotated[tuple[AnyStep, ...], NonEmpty()]"


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchStep(_Step):
    """The first case whose condition holds is taken. Output: that of its last step; null where none is taken."""

    kind: Literal["branch"]
    cases: Annotated[tuple[Case, ...], NonEmpty()]
    otherwise: "tuple[AnyStep, ...]" = ()


WorkStep: TypeAlias = CompleteStep | ValidateStep | TransformStep | ToolStep
AnyStep: TypeAlias = WorkStep | BranchStep


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeForm:
    """A whole recipe.

    Args:
        name: for people, traces and state files.
        description: for people.
        version: yours; a state file of another is not gone on with, nor is one of other steps.
        model: who answers where a step names nobody.
        inputs: what the caller gives; a word alone is the type.
        models: names for models.
        steps: done in this order.
        outputs: what the run gives; without any, the last step's output under its id.
    """

    name: Annotated[str, NonEmpty()]
    description: str = ""
    version: str = ""
    model: str = ""
    inputs: dict[str, Literal["text", "number", "integer", "flag", "list", "table", "any"] | InputForm] = field(
        default_factory=dict
    )
    models: dict[str, Annotated[str, NonEmpty()] | ModelForm] = field(default_factory=dict)
    limits: Limits = Limits()
    steps: Annotated[tuple[AnyStep, ...], NonEmpty()]
    outputs: dict[str, Any] = field(default_factory=dict)
