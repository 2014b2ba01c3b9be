"""What a call offers the model: tools, functions and definitions, mixed, as definitions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from ..errors import ConfigurationError
from ..types import NativeTool, ToolDefinition
from .definition import Tool, tool

__all__ = ["AnyTool", "as_tool", "definitions", "name_of_tool", "offered"]

#: A Tool, a typed function, a definition without a function, or a tool that the host runs.
AnyTool: TypeAlias = Tool[..., Any] | Callable[..., Any] | ToolDefinition | NativeTool


def as_tool(given: AnyTool) -> Tool[..., Any] | ToolDefinition | NativeTool:
    """A typed function as a tool; everything else as it is.

    Raises:
        ConfigurationError: it is none of what can be offered, or a function that cannot be a tool.
    """
    if isinstance(given, Tool | ToolDefinition | NativeTool):
        return given
    if not callable(given):
        raise ConfigurationError(f"a function, a Tool or a ToolDefinition is expected, not {type(given).__name__}")
    return tool(given)


def offered(tools: Iterable[AnyTool]) -> tuple[Tool[..., Any] | ToolDefinition | NativeTool, ...]:
    """All of them, functions as tools.

    Raises:
        ConfigurationError: see :func:`as_tool`; or two of them have one name, so that nobody could tell their
            calls apart.
    """
    if isinstance(tools, str | bytes | Mapping | ToolDefinition | NativeTool) or not isinstance(tools, Iterable):
        raise ConfigurationError(f"tools must be a list of tools, not one {type(tools).__name__}")
    all_made = tuple(_one(given, index) for index, given in enumerate(tools))
    names: set[str] = set()
    for name in filter(None, map(name_of_tool, all_made)):
        if name in names:
            raise ConfigurationError(f"two tools are named {name!r}: tool(function, name=...) renames one")
        names.add(name)
    return all_made


def _one(given: AnyTool, index: int) -> Tool[..., Any] | ToolDefinition | NativeTool:
    try:
        return as_tool(given)
    except ConfigurationError as error:
        raise ConfigurationError(f"tools[{index}]: {error.message}") from error


def definitions(tools: Iterable[AnyTool]) -> tuple[ToolDefinition | NativeTool, ...]:
    """What goes into the request. Raises as :func:`offered` does."""
    return tuple(made.definition if isinstance(made, Tool) else made for made in offered(tools))


def name_of_tool(made: Tool[..., Any] | ToolDefinition | NativeTool) -> str | None:
    """The name the model calls it by; None for a host's own tool that has none."""
    if isinstance(made, Tool | ToolDefinition):
        return made.name
    name = made.block.get("name") if isinstance(made.block, Mapping) else None
    return name if isinstance(name, str) else None
