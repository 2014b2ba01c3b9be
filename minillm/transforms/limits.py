"""Ceilings for what an answer may take, and parameters that a model does not take."""

from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from typing import Any, Final, Literal

from ..errors import ConfigurationError
from ..types import UNSET, ChatRequest, CompletionParameters, ReasoningConfig
from .chain import Transform

__all__ = ["cap_tokens", "omit"]

_LEAST: Final = 1024  # tokens of thinking, where a host takes a number of them at all (Anthropic)


def cap_tokens(limit: int, *, thinking: Literal["beside", "within"] = "beside") -> Transform:
    """No answer is longer than ``limit`` tokens: a larger ``max_tokens`` is lowered, a missing one is set.

    There is no table of models in it: what a model can do changes by the month, and nobody else's idea of it should cut
    an answer.

    Args:
        limit: tokens of the answer.
        thinking: a thinking budget (``reasoning=ReasoningConfig(budget_tokens=...)``) counts into ``max_tokens`` on
            every wire. ``"beside"`` leaves it untouched and lets it stand beside the limit; ``"within"`` holds both
            together to the limit: the budget is lowered to three quarters of it.

    Raises:
        ConfigurationError: the limit is no positive number; or, when a request comes, ``"within"`` leaves no room for
            the 1,024 tokens that the least thinking takes.

    Example:
        >>> reply = await node.complete(gen, transforms=[cap_tokens(2000)])
    """
    if type(limit) is not int or limit < 1:
        raise ConfigurationError(f"cap_tokens() wants a whole number of at least 1, not {limit!r}")
    if thinking not in ("beside", "within"):
        raise ConfigurationError(f"cap_tokens(thinking=...) must be 'beside' or 'within', not {thinking!r}")
    return Transform(request=_Cap(limit, thinking == "within"))


@dataclass(frozen=True, slots=True)
class _Cap:
    limit: int
    within: bool

    def __call__(self, request: ChatRequest) -> ChatRequest:
        parameters = request.parameters
        ceiling, reasoning = parameters.get("max_tokens"), parameters.get("reasoning")
        budget = reasoning.budget_tokens if isinstance(reasoning, ReasoningConfig) else None
        most = self.limit if self.within or budget is None else self.limit + budget
        changes: dict[str, Any] = {}
        if ceiling is None or ceiling > most:
            changes["max_tokens"] = most
        if self.within and budget is not None and budget > most * 3 // 4:
            if most * 3 // 4 < _LEAST:
                raise ConfigurationError(
                    f"cap_tokens({most}, thinking='within') leaves no room for {_LEAST} tokens of thinking: raise the "
                    "limit, or ask for no thinking"
                )
            changes["reasoning"] = replace(reasoning, budget_tokens=most * 3 // 4)
        return replace(request, parameters=replace(parameters, **changes)) if changes else request


_PARAMETERS: Final = frozenset(item.name for item in fields(CompletionParameters))


def omit(*names: str, models: str = "*") -> Transform:
    """Parameters are left out of requests: for a model that refuses them, behind a host that nobody has documented.

    Hosts we know tell it by their rows; see ``gen.capabilities``.

    Args:
        names: names of ``CompletionParameters``, and ``tool_choice``.
        models: only for models of such a name, with or without what stands before its last slash; ``*`` is anything,
            and all that is meant of a request that names no model.

    Raises:
        ConfigurationError: there is no such parameter.

    Example:
        >>> reply = await node.complete(gen, transforms=[omit("temperature", "top_p", models="gpt-5*")])
    """
    unknown = sorted({*names} - _PARAMETERS - {"tool_choice"})
    if unknown or not names:
        raise ConfigurationError(f"omit() wants names of parameters, not {', '.join(map(repr, unknown)) or 'nothing'}")
    return Transform(request=_Omit(names, models))


@dataclass(frozen=True, slots=True)
class _Omit:
    names: tuple[str, ...]
    models: str

    def __call__(self, request: ChatRequest) -> ChatRequest:
        name = request.model or ""
        if not any(fnmatchcase(said, self.models) for said in (name, name.lower().rpartition("/")[2])):
            return request
        said = request.parameters.set_fields()
        changes: dict[str, Any] = {name: UNSET for name in self.names if said.get(name) is not None}
        if changes:
            request = replace(request, parameters=replace(request.parameters, **changes))
        if "tool_choice" in self.names and request.tool_choice is not None:
            request = replace(request, tool_choice=None)
        return request
