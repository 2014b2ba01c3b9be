"""A call made ready: its tool found, its arguments read and fitted to the function, and nothing run yet."""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ..errors import InvalidOutput, ToolError
from ..json.serialization import dumps
from ..types import ToolCallPart
from .arguments import parse_arguments
from .definition import Tool
from .offered import AnyTool, name_of_tool, offered

__all__ = ["PreparedCall", "Runnable", "prepare_call", "runnable", "with_arguments"]

#: What may be called, by name; None for what was offered without a function.
Runnable: TypeAlias = Mapping[str, Tool[..., Any] | None]


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A call that can be run, or that cannot, and why.

    Args:
        call: what the model asked for.
        tool: what it asked for it of; None where there is no such tool.
        arguments: what it sent, as JSON; of a custom tool the text.
        bound: the same as the function takes it.
        repaired: its text was no JSON and had to be repaired.
        error: why it cannot be run: no such tool (ToolError), cut off (ToolError), arguments that are no JSON or do
            not fit (InvalidOutput).
    """

    call: ToolCallPart
    tool: Tool[..., Any] | None = None
    arguments: Any = None
    bound: inspect.BoundArguments | None = None
    repaired: bool = False
    error: Exception | None = None


def runnable(tools: Iterable[AnyTool]) -> Runnable:
    """The tools by their names; hosts' own that have none are passed over.

    Raises:
        ConfigurationError: two tools of one name, or one that is no tool.
    """
    named = ((name_of_tool(made), made) for made in offered(tools))
    return {name: made if isinstance(made, Tool) else None for name, made in named if name is not None}


async def prepare_call(call: ToolCallPart, tools: Runnable) -> PreparedCall:
    """Find the tool, read the arguments, fit them to the function; what is wrong stands in ``error``."""
    tool = tools.get(call.name)
    if tool is None:
        there = ", ".join(tools) or "none"
        return PreparedCall(call, error=ToolError(f"there is no tool {call.name!r}; there are: {there}"))
    arguments: Any = None
    repaired = False
    try:
        custom = tool.definition.kind == "custom"
        if custom and call.kind == "custom":
            _check_whole(call)
            arguments = call.arguments
        else:
            parsed = await parse_arguments(call)
            arguments, repaired = parsed.value, parsed.repaired
            if custom:
                arguments = _free_text(arguments)
        bound = _bound(tool, arguments, call)
    except Exception as error:
        return PreparedCall(call, tool, arguments, None, repaired, error)
    return PreparedCall(call, tool, arguments, bound, repaired)


def _bound(tool: Tool[..., Any], arguments: Any, call: ToolCallPart) -> inspect.BoundArguments:
    try:
        return tool.bind(arguments, call)
    except InvalidOutput as error:
        raise InvalidOutput(f"the arguments do not fit: {error.message}", path=error.path) from error


def with_arguments(call: ToolCallPart, arguments: Any) -> ToolCallPart:
    """The same call with other arguments, under the same id.

    Args:
        arguments: a JSON object; for a custom tool its text.
    """
    if isinstance(arguments, str):
        text = arguments if call.kind == "custom" else dumps({"input": arguments}).decode()
    else:
        text = dumps(dict(arguments)).decode()
    return replace(call, arguments=text, incomplete=False, native=None)


def _check_whole(call: ToolCallPart) -> None:
    if call.incomplete:
        raise ToolError("its text was cut off, so it was not run")


def _free_text(value: dict[str, Any]) -> str:
    """The text of a custom tool on the wires that have none: there it is offered as a function of one text."""
    text = value.get("input")
    if len(value) != 1 or not isinstance(text, str):
        raise InvalidOutput("the arguments do not fit: expected the text alone, as 'input'", path="input")
    return text
