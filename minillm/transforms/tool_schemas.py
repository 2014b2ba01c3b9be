"""Schemas of tools, said in the dialect that a host takes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from ..errors import ConfigurationError
from ..json.narrow import CLOSED, OPENAPI, STRICT, SchemaDialect, narrow_schema
from ..report import Report, reporting
from ..types import ChatRequest, NativeTool, Severity, ToolDefinition
from .chain import Transform

__all__ = ["adapt_tool_schemas"]

_DIALECTS: Final = {"openapi": OPENAPI, "closed": CLOSED, "strict": STRICT}


def adapt_tool_schemas(
    dialect: str | SchemaDialect | None = None, *, without: Iterable[str] = (), report: Report | None = None
) -> Transform:
    """The schemas of the tools in a request, narrowed to what a host takes.

    Hosts that we know narrow by themselves (``Quirks.schemas``); this is for those behind an address of your own. A
    property that happens to be called like a keyword is no keyword. Schemas that fit stay as they are.

    Args:
        dialect: ``"openapi"`` (Gemini's subset: no references, no unions of types), ``"closed"`` (Anthropic: objects
            closed), ``"strict"`` (OpenAI: closed, every property required), or a
            :class:`minillm.json.narrow.SchemaDialect`; None is all of JSON Schema.
        without: keywords that the host refuses besides (``format``, ``minLength``, ``pattern``).
        report: where it is told what was lost or loosened; None warns.

    Raises:
        ConfigurationError: there is no such dialect.

    Example:
        >>> plain = adapt_tool_schemas(without=["format", "minLength"])
        >>> reply = await node.complete(gen, tools=[search], transforms=[plain])
    """
    if isinstance(dialect, str) and dialect not in _DIALECTS:
        raise ConfigurationError(f"no dialect is called {dialect!r}: {', '.join(_DIALECTS)}, or a SchemaDialect")
    base = _DIALECTS[dialect] if isinstance(dialect, str) else dialect or SchemaDialect()
    refused = frozenset((without,) if isinstance(without, str) else without)
    return Transform(request=_Adapt(replace(base, without=base.without | refused), report))


@dataclass(frozen=True, slots=True)
class _Adapt:
    dialect: SchemaDialect
    report: Report | None = field(compare=False)

    def __call__(self, request: ChatRequest) -> ChatRequest:
        report = reporting(self.report)
        tools = tuple(self._tool(tool, f"tools[{place}]", report) for place, tool in enumerate(request.tools))
        if all(new is old for new, old in zip(tools, request.tools, strict=True)):
            return request
        return replace(request, tools=tools)

    def _tool(self, tool: ToolDefinition | NativeTool, path: str, report: Report) -> ToolDefinition | NativeTool:
        if not isinstance(tool, ToolDefinition) or tool.parameters is None:
            return tool

        def tell(where: str, what: str, reason: str, severity: Severity) -> None:
            report.add(f"{path}.parameters{where}", what, reason, severity)

        narrowed = narrow_schema(tool.parameters, self.dialect, tell)
        return tool if narrowed == tool.parameters else replace(tool, parameters=narrowed)
