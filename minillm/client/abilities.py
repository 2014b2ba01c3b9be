"""Functions, thinking and parameters that a model is documented not to take: left out, and told."""

from dataclasses import replace
from typing import Any

from ..generator import GeneratorInfo
from ..providers import Capabilities
from ..report import Report
from ..types import ChatRequest

__all__ = ["fitted_abilities", "refused_parameters"]


def fitted_abilities(
    request: ChatRequest, generator: GeneratorInfo, capabilities: Capabilities, report: Report
) -> ChatRequest:
    """The request without what the model does not take, each a loss; the same object where nothing has to go.

    What the quirks of the host's dialect leave out is its codec's to tell; here stands what only some models refuse.
    """
    changes: dict[str, Any] = {}
    if capabilities.tools is False and request.tools:
        changes.update(tools=(), tool_choice=None)
        report.lost("tools", "functions", _why(generator, "is offered none"))
    refused = refused_parameters(generator, capabilities)
    asked = request.parameters
    if refused and (gone := sorted([name for name in refused if asked.get(name) is not None])):
        changes["parameters"] = replace(asked, **dict.fromkeys(gone))
        for name in gone:
            report.lost(f"parameters.{name}", name, _why(generator, "does not take it"))
    return replace(request, **changes) if changes else request


def refused_parameters(generator: GeneratorInfo, capabilities: Capabilities) -> frozenset[str]:
    """The parameters that the model does not take, but for those that its host's codec leaves out."""
    refused = capabilities.unsupported
    if refused:
        refused -= generator.endpoint.quirks.unsupported
    return refused | {"reasoning"} if capabilities.reasoning is False else refused


def _why(generator: GeneratorInfo, why: str) -> str:
    return f"{generator.model} at {generator.provider.label or generator.provider.name} {why}"
