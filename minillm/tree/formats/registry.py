"""Which formats there are, how a file's is told, and one door to all readers."""

import os
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

from ...errors import ConfigurationError, ThreadFormatError
from ...report import Report
from ..bare_node import BareNode
from ..json_lines import naming_file
from ..reading import refuse
from ..thread_file import Thread
from .native_body import wire_of_body
from .source import StrPath, read_values

__all__ = ["FORMATS", "Format", "detect", "read"]

N = TypeVar("N", bound=BareNode)


class Format(NamedTuple):
    """A foreign file format.

    Args:
        name: what it is called here.
        title: whose it is.
        reads: the function that reads it, by name, or None.
        writes: the function that writes it, by name, or None.
        module: where they stand.
    """

    name: str
    title: str
    reads: str | None
    writes: str | None
    module: str


FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        Format("chatgpt", "ChatGPT's data export", "read_chatgpt", None, "chatgpt"),
        Format("claude", "Claude's data export", "read_claude", None, "claude"),
        Format("claude_code", "Claude Code's transcripts", "read_claude_code", None, "claude_code"),
        Format("pi", "sessions of the pi coding agent", "read_pi", None, "pi"),
        Format("open_webui", "Open WebUI's chats", "read_open_webui", "write_open_webui", "open_webui"),
        Format("messages", "lists of OpenAI-style messages", "read_messages", "write_messages", "messages"),
        Format("preferences", "pairs of answers", "read_preferences", "write_preferences", "preferences"),
        Format("native_body", "bodies of the four wires", "read_native_body", None, "native_body"),
        Format("sharegpt", "ShareGPT's conversations", "read_sharegpt", None, "sharegpt"),
        Format("markdown", "Markdown", None, "write_markdown", "markdown"),
    )
}
"""Every format by its name."""


def read(
    path: StrPath, kind: type[N], *, format: str | None = None, report: Report | None = None
) -> Iterator[Thread[N]]:
    """The conversations of a file of any format that can be read.

    Args:
        path: the file.
        kind: the class of the nodes, such as ``ChatNode``.
        format: a name in :data:`FORMATS`; None looks into the file.
        report: takes what could not be kept; None warns of it.

    Yields:
        The root of each conversation, and the leaf to go on from.

    Raises:
        ConfigurationError: no format of that name can be read.
        ThreadFormatError: the file is of no known format, or not what its format must be.
        OSError: it cannot be read.
    """
    name = format or detect(path)
    row = FORMATS.get(name)
    if row is None or row.reads is None:
        known = ", ".join(each.name for each in FORMATS.values() if each.reads)
        raise ConfigurationError(f"no format called {name!r} can be read; known are {known}")
    reader: Callable[..., Iterator[Thread[N]]] = getattr(import_module(f".{row.module}", __package__), row.reads)
    return reader(path, kind, report=report)


def detect(path: StrPath) -> str:
    """The name of the format that a file looks like, from its first values.

    Raises:
        ThreadFormatError: none of those that can be read.
        OSError: it cannot be read.
    """
    with naming_file(path):
        for place, found in enumerate(read_values(path)):
            name = _format_of(found.value, found.item)
            if name is not None:
                return name
            if place >= _LINES:
                break
    known = ", ".join(each.name for each in FORMATS.values() if each.reads)
    raise ThreadFormatError(f"is of no format known here: {known}", path=os.fspath(path))


_LINES = 20  # a transcript may begin with lines of other kinds

_MARKS: tuple[tuple[str, Callable[[dict[str, Any]], bool]], ...] = (
    ("chatgpt", lambda value: isinstance(value.get("mapping"), dict)),
    ("claude", lambda value: isinstance(value.get("chat_messages"), list)),
    (
        "open_webui",
        lambda value: _holds(value.get("chat", value), "history", dict) or _holds(value.get("chat"), "messages", list),
    ),
    ("pi", lambda value: value.get("type") == "session" and "timestamp" in value),
    ("claude_code", lambda value: "sessionId" in value or "parentUuid" in value or "leafUuid" in value),
    ("preferences", lambda value: {"chosen", "rejected"} <= value.keys() or "preferred_output" in value),
    ("sharegpt", lambda value: isinstance(value.get("conversations", value.get("conversation")), list)),
    ("native_body", lambda value: isinstance(value.get("request"), dict) and "response" in value),
    ("messages", lambda value: "prompt" in value and "completion" in value),
)


def _holds(value: Any, key: str, kind: type[Any]) -> bool:
    return isinstance(value, dict) and isinstance(value.get(key), kind)


def _format_of(value: Any, item: int | None) -> str | None:
    if not isinstance(value, dict):
        return None
    if "prompts" in value or _holds(value.get("minillm"), "format", str):
        refuse("", "is minillm's own: read it with from_thread_file() or from_tree_file()")
    for name, looks_like in _MARKS:
        if looks_like(value):
            return name
    if item is not None and "role" in value:
        return "messages"
    wire = wire_of_body(value)
    return (
        None
        if wire is None
        else "messages"
        if wire == "openai_chat_completions" and "choices" not in value
        else "native_body"
    )
