"""What a server lists, as our tools: names that hosts take, schemas within limits, hints as flags."""

import functools
import hashlib
import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mcp import types

from ...errors import ConfigurationError, EncodeError, InvalidOutput
from ...json.serialization import dumps
from ...types import ToolCallPart, ToolDefinition, ToolResultPart
from ..definition import Tool
from ..signature import FunctionSignature
from .limits import Limits, one_line, shortened

__all__ = ["Hints", "MCPTool", "Offer", "made_tools", "read_offers"]

#: Runs a tool of the server: its name there, the arguments, the model's call.
Run: TypeAlias = Callable[[str, dict[str, Any], ToolCallPart | None], Awaitable[ToolResultPart]]

_NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Hints:
    """What the server says of a tool's behaviour. Nobody checks it: trust it as far as you trust the server.

    Args:
        title: for people.
        read_only: it changes nothing.
        destructive: it may destroy something.
        idempotent: calling it again with the same arguments does no more.
        open_world: it deals with more than the server's own.
    """

    title: str | None = None
    read_only: bool = False
    destructive: bool = True
    idempotent: bool = False
    open_world: bool = True


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool as the server lists it, within our limits."""

    name: str
    description: str | None
    parameters: Mapping[str, Any] | None
    hints: Hints


class MCPTool(Tool[..., Awaitable[ToolResultPart]]):
    """A tool of an MCP server. It runs as long as the server's block is open, from any task of its event loop.

    Called, it takes the arguments as a mapping: ``await tool({"tower": "North"})``.

    Args:
        definition: what the model is told.
        remote_name: its name at the server.
        hints: what the server says of its behaviour.
        idempotent: it may be run again: the server says that it changes nothing, or no more than once.
        run: asks the server.
    """

    def __init__(
        self, definition: ToolDefinition, *, remote_name: str, hints: Hints, idempotent: bool, run: Run
    ) -> None:
        async def function(arguments: Mapping[str, Any], call: ToolCallPart | None = None) -> ToolResultPart:
            return await run(remote_name, dict(arguments), call)

        super().__init__(definition, function, _signature(), idempotent=idempotent)
        self.remote_name = remote_name
        self.hints = hints
        self.__name__ = definition.name
        self.__doc__ = definition.description

    def __repr__(self) -> str:
        return f"<MCPTool {self.name}>"

    def bind(self, arguments: Any, call: ToolCallPart | None = None) -> inspect.BoundArguments:
        """What the model sent, as arguments of the function. Whether they fit the schema is for the server to say.

        Raises:
            InvalidOutput: they are no JSON object.
        """
        if not isinstance(arguments, Mapping):
            raise InvalidOutput(f"expected an object, not a {type(arguments).__name__}")
        return inspect.signature(self.function).bind(arguments, call)


@functools.cache
def _signature() -> FunctionSignature:
    """Of what takes whatever JSON object it is given: the server's schema tells the model more."""

    def function(arguments: dict[str, Any], call: ToolCallPart) -> None: ...

    return FunctionSignature(function, {})


def read_offers(listed: Iterable[types.Tool], limits: Limits) -> tuple[dict[str, Offer], dict[str, str]]:
    """The tools by their names at the server; and those that cannot be offered, with the reason."""
    offers: dict[str, Offer] = {}
    left_out: dict[str, str] = {}
    for tool in listed:
        reason = _unfit(tool, offers, limits)
        if reason is not None:
            left_out[one_line(tool.name, 128)] = reason
            continue
        title = tool.annotations.title if tool.annotations and tool.annotations.title else tool.title
        said = tool.description or title
        described = shortened(said, limits.description) if said else None
        offers[tool.name] = Offer(tool.name, described, _parameters(tool.input_schema), _hints(tool, title))
    return offers, left_out


def _unfit(tool: types.Tool, offers: Mapping[str, Offer], limits: Limits) -> str | None:
    if not tool.name or len(tool.name) > 1024:
        return "its name is empty or longer than 1,024 characters"
    if tool.name in offers:
        return "another tool has the same name"
    if len(offers) >= limits.tools:
        return f"there are more than {limits.tools} tools"
    if tool.input_schema.get("type", "object") != "object":
        return "its schema does not describe an object"
    try:
        size = len(dumps(tool.input_schema))
    except (EncodeError, RecursionError):
        return "its schema cannot be said as JSON"
    if size > limits.schema:
        return f"its schema is larger than {limits.schema:,} characters"
    return None


def _parameters(schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema as hosts take it: they know no ``$schema``, and demand ``type`` and ``properties``."""
    if not set(schema) - {"type", "$schema", "properties", "required", "title"} and not schema.get("properties"):
        return None  # takes nothing
    said = {key: value for key, value in schema.items() if key != "$schema"}
    return {"type": "object", "properties": {}, **said}


def _hints(tool: types.Tool, title: str | None) -> Hints:
    said = tool.annotations
    if said is None:
        return Hints(title=title and one_line(title))
    return Hints(
        title=title and one_line(title),
        read_only=said.read_only_hint is True,
        destructive=said.destructive_hint is not False and said.read_only_hint is not True,
        idempotent=said.idempotent_hint is True,
        open_world=said.open_world_hint is not False,
    )


def made_tools(offers: Iterable[Offer], prefix: str, trust_hints: bool, run: Run) -> list[MCPTool]:
    """The tools, under names of up to 64 letters, digits, ``_`` and ``-``, no two of them alike."""
    if re.search(r"[^a-zA-Z0-9_-]", prefix) or len(prefix) > _NAME_LENGTH // 2:
        raise ConfigurationError(f"prefix {prefix!r}: up to {_NAME_LENGTH // 2} letters, digits, _ and -")
    listed = list(offers)
    names = _names([offer.name for offer in listed], prefix)
    return [
        MCPTool(
            ToolDefinition(names[offer.name], offer.description, offer.parameters),
            remote_name=offer.name,
            hints=offer.hints,
            idempotent=trust_hints and (offer.hints.idempotent or offer.hints.read_only),
            run=run,
        )
        for offer in listed
    ]


def _names(remote: list[str], prefix: str) -> dict[str, str]:
    """Our name for each of theirs: the same whatever else is listed and in whatever order, but for clashes."""
    plain = {name: re.sub(r"[^a-zA-Z0-9_-]", "_", prefix + name) for name in remote}
    untouched = {prefix + name for name in remote if plain[name] == prefix + name and len(plain[name]) <= _NAME_LENGTH}
    changed = [made for name, made in plain.items() if made != prefix + name]
    names: dict[str, str] = {}
    for name, made in plain.items():
        clashes = made != prefix + name and (made in untouched or changed.count(made) > 1)
        names[name] = _marked(made, name) if clashes or len(made) > _NAME_LENGTH else made
    return names


def _marked(made: str, name: str) -> str:
    """Cut, with a piece of the whole name's hash, by which it differs from its likes."""
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{made[: _NAME_LENGTH - 9]}_{mark}"
