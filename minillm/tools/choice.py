"""How freely the model may call what it is offered."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from ..errors import ConfigurationError
from ..types import NativeTool, ToolChoice, ToolDefinition, ToolMode
from .definition import Tool
from .offered import as_tool, name_of_tool

__all__ = ["AnyChoice", "as_choice"]

_One: TypeAlias = str | Tool[..., Any] | Callable[..., Any] | ToolDefinition

#: A mode's word, one tool or its name, or a list of them.
AnyChoice: TypeAlias = ToolChoice | _One | Sequence[_One]


def as_choice(choice: AnyChoice, offered: Iterable[ToolDefinition | NativeTool]) -> ToolChoice:
    """What the request says.

    A tool, a function or a name demands a call of exactly that one; a list of them a call of one of these;
    ``"auto"``, ``"none"`` and ``"required"`` speak of all. ``ToolChoice(names=...)`` lets the model choose among
    some, or answer without.

    Raises:
        ConfigurationError: none of this, or a tool that is not offered.
    """
    offers = tuple(offered)
    if isinstance(choice, ToolChoice):
        meant = choice
    elif isinstance(choice, str) and choice in ToolMode._value2member_map_:
        meant = ToolChoice(ToolMode(choice))
    elif isinstance(choice, list | tuple):
        if not choice:
            raise ConfigurationError("tool_choice is an empty list; 'none' forbids all calls")
        meant = ToolChoice(ToolMode.REQUIRED, tuple(_name(one) for one in choice))
    else:
        meant = ToolChoice.tool(_name(choice))  # type: ignore[arg-type]
    _check(meant, offers)
    return meant


def _name(one: _One) -> str:
    if isinstance(one, str):
        return one
    name = name_of_tool(as_tool(one))
    if name is None:
        raise ConfigurationError("tool_choice: a host's own tool without a name cannot be chosen")
    return name


def _check(choice: ToolChoice, offers: Sequence[ToolDefinition | NativeTool]) -> None:
    names = [name for name in map(name_of_tool, offers) if name is not None]
    unknown = [name for name in choice.names if name not in names]
    if unknown and not any(isinstance(offer, NativeTool) and name_of_tool(offer) is None for offer in offers):
        raise ConfigurationError(
            f"tool_choice {unknown[0]!r} is neither auto, none, required nor one of the tools given "
            f"({', '.join(names) or 'none were'})"
        )
