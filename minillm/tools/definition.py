"""A typed function as a tool: its definition is read off the function, and the function stays what it was."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, Literal, ParamSpec, TypeVar, overload

from ..errors import ConfigurationError
from ..json.docstring import parse_docstring
from ..types import CacheBreakpoint, JSONValue, ToolCallPart, ToolDefinition
from .signature import FunctionSignature, name_of_function, routine_of

__all__ = ["Tool", "tool"]

P = ParamSpec("P")
R = TypeVar("R")

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class Tool(Generic[P, R]):
    """A function that a model may ask for; called, it is that function. Made by :func:`tool`.

    Args:
        definition: what the model is told.
        function: what runs.
        signature: what the function takes.
        idempotent: running it twice with the same arguments does no more than running it once.
        timeout: seconds that it may take; None sets no limit of its own.
    """

    definition: ToolDefinition
    function: Callable[P, R]
    idempotent: bool
    timeout: float | None

    def __init__(
        self,
        definition: ToolDefinition,
        function: Callable[P, R],
        signature: FunctionSignature,
        *,
        idempotent: bool = False,
        timeout: float | None = None,
    ) -> None:
        self.definition = definition
        self.function = function
        self.idempotent = idempotent
        self.timeout = timeout
        self._signature = signature
        functools.update_wrapper(self, function, updated=())

    @property
    def name(self) -> str:
        return self.definition.name

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Tool {self.name}>"

    def bind(self, arguments: Any, call: ToolCallPart | None = None) -> inspect.BoundArguments:
        """What the model sent, as arguments of the function (``.args`` and ``.kwargs``).

        Args:
            arguments: a JSON object; for a custom tool its text.
            call: for a parameter of the type ToolCallPart; its id is the same when a call is run again.

        Raises:
            InvalidOutput: they do not fit; ``.path`` names the place.
        """
        if self.definition.kind == "custom":
            arguments = {self._signature.text_parameter: arguments}
        return self._signature.bind(arguments, call)


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...
@overload
def tool(
    function: Callable[P, R],
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    strict: bool | None = None,
    idempotent: bool = False,
    timeout: float | None = None,
    kind: Literal["function", "custom"] = "function",
    format: Mapping[str, JSONValue] | None = None,
    cache: CacheBreakpoint | None = None,
    extra: Mapping[str, JSONValue] | None = None,
) -> Tool[P, R]: ...
@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    strict: bool | None = None,
    idempotent: bool = False,
    timeout: float | None = None,
    kind: Literal["function", "custom"] = "function",
    format: Mapping[str, JSONValue] | None = None,
    cache: CacheBreakpoint | None = None,
    extra: Mapping[str, JSONValue] | None = None,
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    idempotent: bool = False,
    timeout: float | None = None,
    kind: Literal["function", "custom"] = "function",
    **said: Any,
) -> Any:
    """A tool from a typed function, sync or async; as a decorator with or without arguments, or called.

    The docstring up to its first section tells the model what the tool does; its parameters are described
    there (in Google's, NumPy's or Sphinx's custom), or by ``Annotated[int, "in metres"]``, which wins.

    Args:
        function: every parameter typed with what :func:`minillm.json.json_schema_of` takes. A parameter of the
            type :class:`ToolCallPart` gets the call itself, whose id can serve as an idempotency key; the
            model does not see it.
        name: the tool's name (default the function's); up to 64 letters, digits, ``_`` and ``-``.
        description: instead of the docstring's.
        strict: ask the host to hold the arguments to the schema. Such hosts demand every property, so that the
            model is told to send null for what it leaves out.
        idempotent: running it twice does no more than once, so that it may be run again (default False).
        timeout: seconds that it may take (default: no limit). Then a coroutine is cancelled, a thread left alone, and
            the model told so.
        kind: ``"custom"`` takes the model's free text as it is, for a function of one ``str``.
        format: grammar of a custom tool's text, in OpenAI's form.
        cache: the prompt up to this tool may be cached by the host.
        extra: for the tool's own JSON, sent as it is.

    Raises:
        ConfigurationError: no function, a parameter without a type or with one that JSON cannot say, ``*args``,
            ``**kwargs``, an impossible name, or a timeout that is no number above 0.

    Example:
        >>> @tool
        ... def height_of(tower: Literal["North", "South"]) -> str:
        ...     '''The height of a lighthouse.'''
        ...     return {"North": "31 m", "South": "24 m"}[tower]
    """

    def make(function: Callable[..., Any]) -> Tool[..., Any]:
        return _made(function, name, description, kind, idempotent, timeout, said)

    return make if function is None else make(function)


def _made(
    function: Any,
    name: str | None,
    description: str | None,
    kind: Literal["function", "custom"],
    idempotent: bool,
    timeout: float | None,
    said: Mapping[str, Any],
) -> Tool[..., Any]:
    if isinstance(function, Tool):
        function = function.function
    if not callable(function) or isinstance(function, type):
        raise ConfigurationError(f"a tool is made of a function, not of {_kind_of(function)}")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ConfigurationError(f"{name_of_function(function)}() yields; a tool returns its result")
    own = name_of_function(function)
    documented = parse_docstring(routine_of(function).__doc__)
    signature = FunctionSignature(function, documented.members)
    if kind == "custom" and signature.text_parameter is None:
        raise ConfigurationError(f"{own}(): a custom tool takes the model's text: give it one parameter, a str")
    chosen = own if name is None else name
    if not _NAME.fullmatch(chosen):
        raise ConfigurationError(
            f"{chosen!r} is no name for a tool: up to 64 letters, digits, _ and -; tool(function, name=...) gives one"
        )
    takes = None
    if signature.schema["properties"] and kind == "function":
        takes = signature.strict_schema if said.get("strict") else signature.schema
    definition = ToolDefinition(
        chosen, description if description is not None else documented.prose or None, takes, kind=kind, **said
    )
    if timeout is not None and not _is_seconds(timeout):
        raise ConfigurationError(f"{own}(): timeout must be a number of seconds above 0, or None, not {timeout!r}")
    return Tool(definition, function, signature, idempotent=idempotent, timeout=timeout)


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _kind_of(value: Any) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
