"""What a model may call, and how freely."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from .json_value import JSONValue
from .native import Native
from .parts import CacheBreakpoint

__all__ = ["NativeTool", "ToolChoice", "ToolDefinition", "ToolMode"]


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool the model may call.

    Args:
        name: at most 64 of ``[a-zA-Z0-9_-]`` to be understood everywhere.
        description: when and how to use it, for the model.
        parameters: JSON Schema of the arguments; None says that it takes none.
        strict: ask the host to hold the arguments to the schema.
        kind: ``"custom"`` takes free text instead of JSON.
        format: grammar of a custom tool's text, in OpenAI's form.
    """

    name: str
    description: str | None = None
    parameters: Mapping[str, JSONValue] | None = field(default=None, hash=False)
    strict: bool | None = None
    kind: Literal["function", "custom"] = "function"
    format: Mapping[str, JSONValue] | None = field(default=None, hash=False)
    cache: CacheBreakpoint | None = None
    extra: Mapping[str, JSONValue] | None = field(default=None, hash=False, kw_only=True)
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class NativeTool:
    """A tool the host runs itself (web search, code execution), in that wire's own words."""

    wire: str
    block: Any = field(hash=False)


class ToolMode(StrEnum):
    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """How free the model is to call tools.

    Args:
        mode: ``auto`` (its own choice), ``none`` (must not), ``required`` (must call one).
        names: only these tools may be called; empty allows all.
    """

    mode: ToolMode = ToolMode.AUTO
    names: tuple[str, ...] = ()
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)

    @classmethod
    def tool(cls, name: str) -> "ToolChoice":
        """Exactly this tool must be called."""
        return cls(ToolMode.REQUIRED, (name,))
