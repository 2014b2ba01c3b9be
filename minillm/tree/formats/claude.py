"""Claude's data export: ``conversations.json`` (an array, or JSON lines), or the zip as it was downloaded.

    [{"uuid", "name", "created_at", "chat_messages": [{"uuid", "sender", "text", "content": [...], "attachments"}]}]

Where messages name a ``parent_message_uuid``, it is a tree (a parent that is not in the file is the
root's); otherwise the messages follow each other. An answer that ran tools holds calls and results in
one list: it becomes assistant, tool, assistant, ... in a row. Attached texts become files whose bytes
are that text; uploaded files only have ids. What a message says beyond that is kept under
``metadata["claude"]``.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeVar

from ...report import Report, reporting
from ...types import (
    Citation,
    FilePart,
    ImagePart,
    Message,
    Native,
    NativePart,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from ...types.media_type import media_type_of_name
from ..bare_node import BareNode
from ..json_lines import naming_file
from ..reading import items, object_at, required, text
from ..thread_file import Thread
from .entries import Entry, grow, one_tree, ordered
from .provenance import moment, rest_of, said, tell_conversation
from .source import StrPath, read_values

__all__ = ["parse_claude", "read_claude"]

N = TypeVar("N", bound=BareNode)

FORMAT = "claude"

_CONVERSATION = ("uuid", "name", "created_at", "updated_at", "model", "chat_messages", "current_leaf_message_uuid")
_MESSAGE = (
    "uuid",
    "sender",
    "text",
    "content",
    "created_at",
    "attachments",
    "files",
    "files_v2",
    "parent_message_uuid",
)
_ROLES = {"human": Role.USER, "assistant": Role.ASSISTANT}


def read_claude(path: StrPath, kind: type[N], *, report: Report | None = None) -> Iterator[Thread[N]]:
    """The conversations of an export, one tree each; one is in memory at a time.

    Args:
        path: ``conversations.json`` or the zip.
        kind: the class of the nodes, such as ``ChatNode``.
        report: takes what could not be kept; None warns of it.

    Yields:
        The root, and the leaf that the user saw last. A conversation without messages is left out, told.

    Raises:
        ThreadFormatError: it is no such export; the message names conversation and message.
        OSError: it cannot be read.
    """
    told = reporting(report)
    with naming_file(path):
        for found in read_values(path):
            thread = parse_claude(found.value, kind, at=found.at, report=told)
            if thread is not None:
                yield thread


def parse_claude(value: Any, kind: type[N], *, at: str = "", report: Report | None = None) -> Thread[N] | None:
    """One conversation of the export; None where it holds no message.

    Raises:
        ThreadFormatError: it is none.
    """
    told = reporting(report)
    conversation = object_at(value, at)
    messages = items(required(conversation, "chat_messages", at), f"{at}.chat_messages")
    places = [f"{at}.chat_messages[{place}]" for place in range(len(messages))]
    sources = [object_at(each, where) for each, where in zip(messages, places, strict=True)]
    parents = _parents(sources, places)
    entries = [
        Entry(each.get("uuid"), parent, _messages(each, where, told), _metadata(each), where)
        for each, parent, where in zip(sources, parents, places, strict=True)
    ]
    roots, leaf = grow(kind, ordered(entries, {}, at), conversation.get("current_leaf_message_uuid"))
    thread: Thread[N] | None = one_tree(kind, roots, leaf)
    if thread is None:
        told.note(at, "a conversation", "it holds no message")
        return None
    tell_conversation(
        thread.root,
        FORMAT,
        id=conversation.get("uuid"),
        title=conversation.get("name"),
        created_at=moment(conversation.get("created_at")),
        updated_at=moment(conversation.get("updated_at")),
        model=conversation.get("model"),
        rest=rest_of(conversation, _CONVERSATION),
    )
    return thread


def _parents(sources: list[dict[str, Any]], places: list[str]) -> list[str | None]:
    """Each message's parent: as it says where any says, else the message before it."""
    ids = [text(required(each, "uuid", where), f"{where}.uuid") for each, where in zip(sources, places, strict=True)]
    if any("parent_message_uuid" in each for each in sources):
        known = set(ids)
        named = [each.get("parent_message_uuid") for each in sources]
        return [parent if isinstance(parent, str) and parent in known else None for parent in named]
    before: dict[str, str | None] = dict(zip(ids, [None, *ids], strict=False))
    return [before[id] for id in ids]


def _messages(source: Mapping[str, Any], at: str, report: Report) -> list[Message]:
    sender = text(required(source, "sender", at), f"{at}.sender")
    role = _ROLES.get(sender, sender)
    blocks = items(source.get("content") or [], f"{at}.content")
    words = text(source.get("text") or "", f"{at}.text")
    parts: list[Part] = []
    for place, block in enumerate(blocks):
        where = f"{at}.content[{place}]"
        parts.append(_part(object_at(block, where), where, f"{source['uuid']}_{place}", report))
    if not blocks and words:
        parts.append(TextPart(words))
    parts += _attachments(source, at) + _files(source, at, report)
    if (
        len(parts) == 1
        and isinstance(parts[0], TextPart)
        and parts[0] == TextPart(parts[0].text)
        and not parts[0].native
    ):
        return [Message(role, parts[0].text)]
    runs = groupby(parts, key=lambda part: isinstance(part, ToolResultPart))
    return [Message(Role.TOOL if results else role, tuple(run)) for results, run in runs] or [Message(role, "")]


def _part(block: dict[str, Any], at: str, id: str, report: Report) -> Part:
    reader = _BLOCKS.get(str(block.get("type")))
    if reader is None:
        kind = str(block.get("type"))[:40]
        report.degraded(at, f"a block of type {kind!r}", "not known here; kept whole, but no host can be sent it")
        return NativePart(FORMAT, block)
    return reader(block, at, id)


def _native(block: Mapping[str, Any], *known: str) -> Native | None:
    rest = {key: value for key, value in block.items() if key not in ("type", *known) and value not in (None, [])}
    return Native(FORMAT, rest) if rest else None


def _text(block: dict[str, Any], at: str, id: str) -> Part:
    listed = block.get("citations")
    cited = tuple(_citation(each) for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()
    return TextPart(text(block.get("text") or "", f"{at}.text"), cited, native=_native(block, "text", "citations"))


def _citation(value: dict[str, Any]) -> Citation:
    inner = value.get("details")
    about = {**value, **inner} if isinstance(inner, dict) else value
    start, end = value.get("start_index"), value.get("end_index")
    return Citation(
        about.get("url") if isinstance(about.get("url"), str) else None,
        about.get("title") if isinstance(about.get("title"), str) else None,
        start=start if type(start) is int else None,
        end=end if type(end) is int else None,
        native=Native(FORMAT, value),
    )


def _thinking(block: dict[str, Any], at: str, id: str) -> Part:
    words = text(block.get("thinking") or "", f"{at}.thinking")
    signature = block.get("signature")
    if not isinstance(signature, str):
        return ReasoningPart(words, native=_native(block, "thinking"))
    return ReasoningPart(words, signature, native=_native(block, "thinking", "signature"))


def _tool_use(block: dict[str, Any], at: str, id: str) -> Part:
    from ...json.serialization import dumps

    name = text(block.get("name") or "", f"{at}.name")
    arguments = dumps(block.get("input") if block.get("input") is not None else {}).decode()
    return ToolCallPart(_id(block, "id", id), name, arguments, native=_native(block, "id", "name", "input"))


def _tool_result(block: dict[str, Any], at: str, id: str) -> Part:
    name, content = block.get("name"), block.get("content")
    whole: str | tuple[Part, ...]
    if content is None or isinstance(content, str):
        whole = content or ""
    elif isinstance(content, list):
        whole = tuple(_inside_result(each) for each in content)
    else:
        whole = (NativePart(FORMAT, content),)
    native = _native(block, "tool_use_id", "name", "content", "is_error")
    told = name if isinstance(name, str) else None
    return ToolResultPart(_id(block, "tool_use_id", id), told, whole, block.get("is_error") is True, native=native)


def _inside_result(value: Any) -> Part:
    if isinstance(value, dict) and value.get("type") == "text" and isinstance(value.get("text"), str):
        return TextPart(value["text"], native=_native(value, "text"))
    return NativePart(FORMAT, value)


def _id(block: Mapping[str, Any], key: str, otherwise: str) -> str:
    """Older exports give calls no id; the place makes one, and a result without one answers the block before."""
    found = block.get(key)
    if isinstance(found, str) and found:
        return found
    if key == "tool_use_id":
        message, _, place = otherwise.rpartition("_")
        return f"call_{message}_{int(place) - 1}"
    return f"call_{otherwise}"


_BLOCKS: Mapping[str, Callable[[dict[str, Any], str, str], Part]] = {
    "text": _text,
    "voice_note": _text,
    "thinking": _thinking,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
}


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _attachments(source: Mapping[str, Any], at: str) -> list[Part]:
    found: list[Part] = []
    for place, value in enumerate(items(source.get("attachments") or [], f"{at}.attachments")):
        where = f"{at}.attachments[{place}]"
        each = object_at(value, where)
        words, name = each.get("extracted_content") or "", _text_or_none(each.get("file_name"))
        data = text(words, f"{where}.extracted_content").encode("utf-8", "surrogatepass")
        mime = media_type_of_name(name) if name is not None else None
        mime = mime if mime is not None and mime.startswith("text/") else "text/plain"
        native = _native(each, "extracted_content", "file_name")
        found.append(FilePart(mime, data, name=name, native=native))  # type: ignore[arg-type]  # bytes are encoded
    return found


def _files(source: Mapping[str, Any], at: str, report: Report) -> list[Part]:
    found: dict[str, Part] = {}
    for key in ("files_v2", "files"):
        for place, value in enumerate(items(source.get(key) or [], f"{at}.{key}")):
            where = f"{at}.{key}[{place}]"
            each = object_at(value, where)
            id, name = each.get("file_uuid") or each.get("uuid"), each.get("file_name")
            label = id if isinstance(id, str) else name if isinstance(name, str) else where
            if label in found:
                continue
            report.note(where, "bytes of an uploaded file", "the export only names it; id and name are kept")
            kind = ImagePart if each.get("file_kind") == "image" else FilePart
            mime = media_type_of_name(name) if isinstance(name, str) else None
            native = _native(each, "file_uuid", "file_name")
            found[label] = kind(mime, file_id=label, name=name if isinstance(name, str) else None, native=native)
    return list(found.values())


def _metadata(source: Mapping[str, Any]) -> dict[str, Any]:
    kept = rest_of(source, _MESSAGE)
    words, blocks = source.get("text"), source.get("content")
    if blocks and isinstance(words, str) and isinstance(blocks, list):
        texts = [block.get("text") or "" for block in blocks if isinstance(block, dict)]
        if words.strip() and words.strip() not in ("".join(map(str, texts)), "\n".join(map(str, texts)).strip()):
            kept["text"] = words  # the flat form says something else
    return said(created_at=moment(source.get("created_at")), claude=kept)
