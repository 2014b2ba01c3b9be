"""Functions as tools: told to the model, run when it asks.

    signature        what a typed function takes: schema and values
    definition       tool(): function -> Tool
    offered          tools, functions and definitions, mixed
    choice           how freely they may be called
    arguments        what a model sent, as a JSON object
    results          what a function returned, as a result's content
    execute          calls -> results, at the same time
    streamed         the arguments of calls as they arrive

Names load when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arguments import Arguments, parse_arguments
    from .definition import Tool, tool
    from .execute import ExecutedCall, ToolResults, execute_call, execute_calls
    from .offered import AnyTool
    from .streamed import ArgumentsFailed, StreamedCalls, stream_arguments

__all__ = [
    "AnyTool",
    "Arguments",
    "ArgumentsFailed",
    "ExecutedCall",
    "StreamedCalls",
    "Tool",
    "ToolResults",
    "execute_call",
    "execute_calls",
    "parse_arguments",
    "stream_arguments",
    "tool",
]

_HOMES = {
    **dict.fromkeys(("Arguments", "parse_arguments"), "arguments"),
    **dict.fromkeys(("Tool", "tool"), "definition"),
    **dict.fromkeys(("ExecutedCall", "ToolResults", "execute_call", "execute_calls"), "execute"),
    "AnyTool": "offered",
    **dict.fromkeys(("ArgumentsFailed", "StreamedCalls", "stream_arguments"), "streamed"),
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
