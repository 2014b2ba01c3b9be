"""How to generate: every field unset by default, and unset means it is not sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

from .json_value import UNSET, JSONValue, Unset
from .native import Native
from .quick import changed, quick

__all__ = ["CompletionParameters", "ReasoningConfig", "ReasoningEffort", "ResponseFormat"]


class ReasoningEffort(StrEnum):
    """The neutral effort scale; each wire maps it to its own."""

    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class ReasoningConfig:
    """How much a model should think.

    Args:
        effort: a :class:`ReasoningEffort`, or a host's own word.
        budget_tokens: a ceiling in tokens, where the host takes one.
        summary: how much of the thinking to show, in the host's words (``"auto"``, ``"detailed"``).
        exclude: think, but do not send the thinking back.
    """

    effort: ReasoningEffort | str | None = None
    budget_tokens: int | None = None
    summary: str | None = None
    exclude: bool | None = None
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if self.effort is not None and self.effort in ReasoningEffort._value2member_map_:
            object.__setattr__(self, "effort", ReasoningEffort(self.effort))


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """The shape the answer must have.

    Args:
        kind: ``"text"``, any JSON (``"json"``) or JSON under a schema (``"json_schema"``).
        schema: JSON Schema, for ``"json_schema"``.
        name: the schema's name, at most 64 of ``[a-zA-Z0-9_-]``.
        strict: ask the host to enforce the schema.
    """

    kind: Literal["text", "json", "json_schema"] = "json"
    schema: Mapping[str, JSONValue] | None = field(default=None, hash=False)
    name: str | None = None
    description: str | None = None
    strict: bool | None = None
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)


class _Remembered:
    """Room for what is worked out once of fields that do not change; no field itself, so it is in no copy or pickle."""

    __slots__ = ("_set_fields",)

    if TYPE_CHECKING:  # else it would count among the hints of the parameters, which are the options of a call
        _set_fields: dict[str, Any]


@quick()
@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionParameters(_Remembered):
    """What a request asks of the model beyond its messages and tools.

    ``UNSET`` inherits (from the generator's defaults, then the host's row), ``None`` is
    deliberately not sent. Names follow OpenAI's; each wire maps them to its own.

    Args:
        max_tokens: ceiling for the answer in tokens, reasoning included.
        temperature: randomness, usually 0 to 2.
        top_p: nucleus sampling, 0 to 1.
        top_k: sample among the k likeliest tokens.
        min_p: drop tokens below this share of the likeliest one's probability.
        frequency_penalty: -2 to 2.
        presence_penalty: -2 to 2.
        repetition_penalty: above 1 discourages repeats (open-model hosts).
        stop: texts that end the answer.
        seed: for repeatable sampling, best effort.
        n: answers per request (on a tree use ``branch`` instead).
        logit_bias: token id (as text) to -100..100.
        logprobs: send the probability of each token.
        top_logprobs: runners-up per token, 0 to 20.
        response_format: see :class:`ResponseFormat`.
        reasoning: see :class:`ReasoningConfig`; a plain effort word is accepted.
        verbosity: ``"low"``, ``"medium"``, ``"high"``.
        parallel_tool_calls: may several tools be called in one turn.
        modalities: what may come back, such as ``("text", "audio")``.
        audio: voice and format of spoken answers, in OpenAI's form.
        prediction: text the answer will largely repeat, in OpenAI's form.
        service_tier: the host's processing tier.
        store: may the host keep the exchange.
        cache_key: groups requests that share a prompt prefix.
        end_user: a stable, anonymous id of the end user.
        metadata: labels the host keeps with the request.
        extra: keys sent as they are at the top level of the body; one that collides with a key
            that is sent anyway is an error.
    """

    max_tokens: int | None | Unset = UNSET
    temperature: float | None | Unset = UNSET
    top_p: float | None | Unset = UNSET
    top_k: int | None | Unset = UNSET
    min_p: float | None | Unset = UNSET
    frequency_penalty: float | None | Unset = UNSET
    presence_penalty: float | None | Unset = UNSET
    repetition_penalty: float | None | Unset = UNSET
    stop: str | Sequence[str] | None | Unset = UNSET
    seed: int | None | Unset = UNSET
    n: int | None | Unset = UNSET
    logit_bias: Mapping[str, float] | None | Unset = field(default=UNSET, hash=False)
    logprobs: bool | None | Unset = UNSET
    top_logprobs: int | None | Unset = UNSET
    response_format: ResponseFormat | None | Unset = UNSET
    reasoning: ReasoningConfig | str | None | Unset = UNSET
    verbosity: str | None | Unset = UNSET
    parallel_tool_calls: bool | None | Unset = UNSET
    modalities: Sequence[str] | None | Unset = UNSET
    audio: Mapping[str, JSONValue] | None | Unset = field(default=UNSET, hash=False)
    prediction: Mapping[str, JSONValue] | None | Unset = field(default=UNSET, hash=False)
    service_tier: str | None | Unset = UNSET
    store: bool | None | Unset = UNSET
    cache_key: str | None | Unset = UNSET
    end_user: str | None | Unset = UNSET
    metadata: Mapping[str, JSONValue] | None | Unset = field(default=UNSET, hash=False)
    extra: Mapping[str, JSONValue] | None | Unset = field(default=UNSET, hash=False)

    def __post_init__(self) -> None:
        if isinstance(self.stop, str):
            object.__setattr__(self, "stop", (self.stop,))
        elif isinstance(self.stop, list):
            object.__setattr__(self, "stop", tuple(self.stop))
        if isinstance(self.modalities, list):
            object.__setattr__(self, "modalities", tuple(self.modalities))
        if isinstance(self.reasoning, str):
            object.__setattr__(self, "reasoning", ReasoningConfig(effort=self.reasoning))

    def merged(self, over: "CompletionParameters") -> "CompletionParameters":
        """These with every field that ``over`` sets; the ``extra`` mappings are united, ``over`` winning."""
        changes = over.set_fields()
        if not changes:
            return self
        if not self._said():
            return over
        if isinstance(self.extra, Mapping) and isinstance(over.extra, Mapping):
            changes["extra"] = {**self.extra, **over.extra}
        return changed(self, **changes)

    def set_fields(self) -> dict[str, Any]:
        """The fields that are not ``UNSET``, by name; deliberate ``None`` included."""
        return self._said().copy()

    def _said(self) -> dict[str, Any]:
        """The same, which nobody may change: one object of parameters is asked by every call of a program."""
        try:
            return self._set_fields
        except AttributeError:
            values = zip(_NAMES, _values(self), strict=True)
            said = {name: value for name, value in values if value is not UNSET}
            object.__setattr__(self, "_set_fields", said)
            return said

    def get(self, name: str) -> Any:
        """The value of a field, or None where it is unset or deliberately not sent."""
        value = getattr(self, name)
        return None if value is UNSET else value


_NAMES: tuple[str, ...] = tuple(item.name for item in fields(CompletionParameters))
_values = attrgetter(*_NAMES)
