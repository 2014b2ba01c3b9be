"""ShareGPT's training files: ``{"conversations": [{"from", "value"}], "system"?, "tools"?}``, an array or lines.

Speakers are spelled in many ways; one that is not in the table keeps its name as its role, told. A
``function_call`` becomes a tool call, the ``observation`` after it its result.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from ...errors import DecodeError
from ...report import Report, reporting
from ...types import Message, Part, Role, ToolCallPart, ToolResultPart
from ..bare_node import BareNode, details_of
from ..json_lines import naming_file
from ..reading import items, object_at, refuse, required, text
from ..thread_file import Thread
from .entries import chain
from .provenance import rest_of, tell_conversation
from .source import StrPath, read_values

__all__ = ["parse_sharegpt", "read_sharegpt"]

N = TypeVar("N", bound=BareNode)

FORMAT = "sharegpt"

_ROLES: Mapping[str, Role] = {
    "system": Role.SYSTEM,
    **dict.fromkeys(("human", "user", "prompter"), Role.USER),
    **dict.fromkeys(
        ("gpt", "assistant", "model", "chatgpt", "bing", "bard", "claude", "function_call"), Role.ASSISTANT
    ),
    **dict.fromkeys(("tool", "observation", "function", "function_response"), Role.TOOL),
}
_KEYS = ("conversations", "conversation", "id", "system")


def read_sharegpt(path: StrPath, kind: type[N], *, report: Report | None = None) -> Iterator[Thread[N]]:
    """The conversations of a file, a chain each; one is in memory at a time.

    Args:
        path: a ``.json`` or ``.jsonl`` file.
        kind: the class of the nodes, such as ``ChatNode``.
        report: takes what could not be kept; None warns of it.

    Yields:
        Both ends of each conversation.

    Raises:
        ThreadFormatError: it is no such file; the message names conversation and turn.
        OSError: it cannot be read.
    """
    told = reporting(report)
    with naming_file(path):
        for found in read_values(path):
            thread = parse_sharegpt(found.value, kind, at=found.at, report=told)
            if thread is not None:
                yield thread


def parse_sharegpt(value: Any, kind: type[N], *, at: str = "", report: Report | None = None) -> Thread[N] | None:
    """One conversation; None where it is empty.

    Raises:
        ThreadFormatError: it is none.
    """
    told = reporting(report)
    source = object_at(value, at)
    key = "conversations" if "conversations" in source else "conversation"
    if key not in source:
        refuse(at, 'needs "conversations": a list of {"from", "value"}')
    turns = [object_at(each, f"{at}.{key}[{i}]") for i, each in enumerate(items(source[key], f"{at}.{key}"))]
    messages: list[Message] = []
    before: Message | None = None
    system = text(source.get("system") or "", f"{at}.system")
    for place, turn in enumerate(turns):
        before = _message(turn, f"{at}.{key}[{place}]", before, told)
        messages.append(before)
    if system:
        messages.insert(0, Message(Role.SYSTEM, system))
    if not messages:
        told.note(at, "a conversation", "it holds no message")
        return None
    thread = chain(kind, messages)
    _keep_rests(thread, turns)
    tell_conversation(thread.root, FORMAT, id=source.get("id"), rest=rest_of(source, _KEYS))
    return thread


def _keep_rests(thread: Thread[Any], turns: list[dict[str, Any]]) -> None:
    node = thread.leaf
    for turn in reversed(turns):
        rest = rest_of(turn, ("from", "role", "value", "content"))
        if rest:
            details_of(node).metadata = {FORMAT: rest}
        node = node._parent


def _message(turn: Mapping[str, Any], at: str, before: Message | None, report: Report) -> Message:
    speaker = text(turn.get("from", turn.get("role")), f"{at}.from")
    said = turn["value"] if "value" in turn else required(turn, "content", at)
    words = "" if said is None else text(said, f"{at}.value")
    role = _ROLES.get(speaker.lower())
    if role is None:
        report.degraded(f"{at}.from", f"the speaker {speaker[:40]!r}", "not known here; it is the role as it is")
        return Message(speaker, words)
    if speaker.lower() == "function_call":
        call = _call(words, at)
        if call is None:
            report.degraded(at, "a function call", 'it is not {"name", "arguments"}; kept as text')
            return Message(role, words)
        return Message(role, (call,))
    if role == Role.TOOL:
        calls = before.tool_calls if before is not None else ()
        if not calls:
            report.degraded(at, "a tool's result", "no call stands before it; kept as a result that answers none")
            return Message(role, (ToolResultPart(f"call_{at}", None, words),))
        return Message(role, (ToolResultPart(calls[0].id, calls[0].name, words),))
    return Message(role, words)


def _call(words: str, at: str) -> Part | None:
    from ...json.serialization import dumps, loads

    try:
        value = loads(words)
    except DecodeError:
        return None
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("name"), str)
        or not value.keys() <= {"name", "arguments"}
    ):
        return None
    arguments = value.get("arguments", {})
    return ToolCallPart(
        f"call_{at}", value["name"], arguments if isinstance(arguments, str) else dumps(arguments).decode()
    )
