"""ChatGPT's data export: ``conversations.json`` (or several of them), or the zip as it was downloaded.

    [{"id", "title", "create_time", "current_node", "mapping": {id: {"id", "parent", "children", "message"}}}]

A conversation is a tree already. Its synthetic root without a message is left out where one message
hangs under it. An assistant's message to a tool (``recipient``) becomes a tool call, the tool's answer
its result. Hidden messages stay, marked ``hidden`` in their metadata. What a message says beyond that
is kept under ``metadata["chatgpt"]``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ...errors import DecodeError
from ...report import Report, reporting
from ...types import Citation, Message, Part, Role, TextPart, ToolCallPart, ToolResultPart
from ..bare_node import BareNode
from ..json_lines import naming_file
from ..reading import items, object_at, refuse, required, text
from ..thread_file import Thread
from .chatgpt_content import read_citations, read_content
from .entries import Entry, grow, one_tree, ordered
from .provenance import moment, rest_of, said, tell_conversation
from .source import StrPath, read_values

__all__ = ["parse_chatgpt", "read_chatgpt"]

N = TypeVar("N", bound=BareNode)

_CONVERSATION = ("id", "conversation_id", "title", "create_time", "update_time", "current_node", "mapping")
_MESSAGE = ("id", "create_time", "content")


def read_chatgpt(path: StrPath, kind: type[N], *, report: Report | None = None) -> Iterator[Thread[N]]:
    """The conversations of an export, one tree each; one is in memory at a time.

    Args:
        path: ``conversations.json`` or the zip.
        kind: the class of the nodes, such as ``ChatNode``.
        report: takes what could not be kept; None warns of it.

    Yields:
        The root, and the leaf that the user saw last. A conversation without messages is left out, told.

    Raises:
        ThreadFormatError: it is no such export; the message names conversation and node.
        OSError: it cannot be read.
    """
    told = reporting(report)
    with naming_file(path):
        for found in read_values(path):
            thread = parse_chatgpt(found.value, kind, at=found.at, report=told)
            if thread is not None:
                yield thread


def parse_chatgpt(value: Any, kind: type[N], *, at: str = "", report: Report | None = None) -> Thread[N] | None:
    """One conversation of the export; None where it holds no message.

    Raises:
        ThreadFormatError: it is none.
    """
    told = reporting(report)
    conversation = object_at(value, at)
    mapping = object_at(required(conversation, "mapping", at), f"{at}.mapping")
    entries = _in_order(mapping, at)
    _read_messages(entries, mapping, told)
    current = conversation.get("current_node")
    if isinstance(current, str) and current not in mapping:
        told.degraded(f"{at}.current_node", "where the conversation stood", "that node is not in the file")
        current = None
    roots, leaf = grow(kind, entries, current if isinstance(current, str) else None)
    thread: Thread[N] | None = one_tree(kind, roots, leaf)
    if thread is None:
        told.note(at, "a conversation", "it holds no message")
        return None
    tell_conversation(
        thread.root,
        "chatgpt",
        id=conversation.get("conversation_id") or conversation.get("id"),
        title=conversation.get("title"),
        created_at=conversation.get("create_time"),
        updated_at=conversation.get("update_time"),
        model=conversation.get("default_model_slug"),
        rest=rest_of(conversation, _CONVERSATION),
    )
    return thread


def _in_order(mapping: Mapping[str, Any], at: str) -> list[Entry]:
    """An entry a node, messages yet to come, each after its parent."""
    children: dict[str, list[str]] = {}
    above: dict[str, str] = {}
    for id, value in mapping.items():
        where = f"{at}.mapping[{id!a:.60}]"
        listed = items(object_at(value, where).get("children") or [], f"{where}.children")
        children[id] = [text(child, f"{where}.children[{place}]") for place, child in enumerate(listed)]
        for child in children[id]:
            if child not in mapping:
                refuse(f"{where}.children", "names a message that is not in the file")
            above.setdefault(child, id)
    entries = []
    for id, node in mapping.items():
        where = f"{at}.mapping[{id!a:.60}]"
        parent = node["parent"] if "parent" in node else above.get(id)  # some writers leave it out
        if parent is not None:
            text(parent, f"{where}.parent")
        entries.append(Entry(id, parent, (), at=where))
    if entries and all(entry.parent is not None for entry in entries):
        refuse(f"{at}.mapping", "has no root: every message has a parent")
    return ordered(entries, children, at)


def _read_messages(entries: list[Entry], mapping: Mapping[str, Any], report: Report) -> None:
    """Parents first, so that a tool's answer finds the call above it."""
    calls: dict[str | None, ToolCallPart | None] = {}
    for entry in entries:
        above = calls.get(entry.parent)
        value = mapping[entry.id or ""].get("message")
        if value is None:
            calls[entry.id] = above
            continue
        source = object_at(value, f"{entry.at}.message")
        message = _message(source, f"{entry.at}.message", entry.id or "", above, report)
        entry.messages = (message,)
        entry.metadata = _metadata(source, entry.id)
        made = message.tool_calls
        # A tool may answer more than once; anyone else's word ends its turn.
        calls[entry.id] = made[0] if made else above if message.role == Role.TOOL else None


def _message(source: Mapping[str, Any], at: str, id: str, call: ToolCallPart | None, report: Report) -> Message:
    author = object_at(source.get("author") or {}, f"{at}.author")
    role = text(author.get("role", "assistant"), f"{at}.author.role")
    name = author.get("name")
    content = source.get("content")
    parts = () if content is None else read_content(object_at(content, f"{at}.content"), f"{at}.content", report)
    recipient = source.get("recipient")
    if role == "assistant" and isinstance(recipient, str) and recipient not in ("all", ""):
        return Message(Role.ASSISTANT, _as_call(parts, recipient, id))
    if role == "tool":
        if call is None:
            report.degraded(at, "a tool's message", "no call above it; kept as a result that answers none")
        call_id = call.id if call is not None else f"call_{id}"
        told = name if isinstance(name, str) else call.name if call is not None else None
        text_alone = _only_text(parts)
        whole = parts if text_alone is None else text_alone
        return Message(Role.TOOL, (ToolResultPart(call_id, told, whole),))
    metadata = source.get("metadata")
    if isinstance(metadata, dict) and (cited := read_citations(metadata)):
        parts = _cited(parts, cited)
    speaker = name if isinstance(name, str) and name else None
    text_alone = _only_text(parts)
    return Message(role, (parts or "") if text_alone is None else text_alone, speaker)


def _only_text(parts: tuple[Part, ...]) -> str | None:
    """The text of content that is nothing else, or None."""
    if len(parts) != 1 or not isinstance(parts[0], TextPart) or parts[0].native is not None:
        return None
    return None if parts[0].citations else parts[0].text


def _cited(parts: tuple[Part, ...], cited: tuple[Citation, ...]) -> tuple[Part, ...]:
    """The sources on the only text; positions in several texts nobody can tell."""
    if sum(isinstance(part, TextPart) for part in parts) != 1:
        return parts
    return tuple(
        replace(part, citations=(*part.citations, *cited)) if isinstance(part, TextPart) else part for part in parts
    )


def _as_call(parts: tuple[Part, ...], recipient: str, id: str) -> tuple[Part, ...]:
    """What the model said to a tool: the words are the call's arguments, anything else stands before it."""
    words = [part for part in parts if isinstance(part, TextPart)]
    others = [part for part in parts if not isinstance(part, TextPart)]
    arguments = "\n".join(part.text for part in words)
    native = next((part.native for part in words if part.native is not None), None)
    function = _is_object(arguments)
    call = ToolCallPart(f"call_{id}", recipient, arguments, "function" if function else "custom", native=native)
    return (*others, call)


def _is_object(arguments: str) -> bool:
    from ...json.serialization import loads

    if not arguments.lstrip().startswith("{"):
        return not arguments.strip()
    try:
        return isinstance(loads(arguments), dict)
    except DecodeError:
        return False


def _metadata(source: Mapping[str, Any], id: str | None) -> dict[str, Any]:
    inner = source.get("metadata")
    metadata = inner if isinstance(inner, dict) else {}
    hidden = metadata.get("is_visually_hidden_from_conversation") is True or source.get("weight") == 0
    kept = rest_of(source, _MESSAGE)
    if source.get("id") not in (None, id):
        kept["id"] = source["id"]
    return said(
        created_at=moment(source.get("create_time")),
        model=metadata.get("model_slug"),
        hidden=True if hidden else None,
        chatgpt=kept,
    )
