"""Which of a router's hosts may answer: said where the host is a router, told as a loss where it is not."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..generator import GeneratorInfo
from ..providers.openrouter import ProviderSettings
from ..report import Report
from ..types import ChatRequest

__all__ = ["fitted_routing"]


def fitted_routing(request: ChatRequest, generator: GeneratorInfo, report: Report) -> ChatRequest:
    """The request without :class:`ProviderSettings` where the host knows none; the same object where it may stay.

    What a user writes as a plain object is left alone: it may be another host's field of that name.
    """
    extra = request.parameters.get("extra")
    if not (extra or request.extra) or generator.endpoint.routing:
        return request
    changes: dict[str, Any] = {}
    if extra and (rest := _without(extra)) is not None:
        changes["parameters"] = replace(request.parameters, extra=rest)
    if request.extra and (rest := _without(request.extra)) is not None:
        changes["extra"] = rest
    if not changes:
        return request
    label = generator.provider.label or generator.provider.name
    report.lost("extra.provider", "provider settings", f"{label} is no router: it answers by itself")
    return replace(request, **changes)


def _without(extra: Mapping[str, Any]) -> dict[str, Any] | None:
    """The others; None where none of them has to go."""
    rest = {name: value for name, value in extra.items() if not isinstance(value, ProviderSettings)}
    return None if len(rest) == len(extra) else rest
