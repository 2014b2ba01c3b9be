"""One message of Open WebUI's chat history, both ways.

    {"id", "parentId", "childrenIds", "role", "content", "model"?, "timestamp"?, "done"?, "files"?, ...}

``content`` is one text; reasoning stands before it in ``<details type="reasoning">`` blocks, as Open
WebUI writes them itself, and media in ``files``. Keys it does not know stay in its file, so calls and
results of tools go there in OpenAI's spelling (not shown), and our metadata under ``minillm``.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...report import Report
from ...types import (
    AudioPart,
    FilePart,
    ImagePart,
    MediaPart,
    Message,
    Native,
    Part,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from ..reading import items, object_at, text
from ..render.part_text import message_text, part_note

__all__ = ["FORMAT", "message_from_open_webui", "message_to_open_webui", "read_metadata", "write_metadata"]

FORMAT = "open_webui"

_OURS = ("tool_calls", "tool_call_id", "name", "is_error", "minillm")
_LINKS = ("id", "parentId", "childrenIds", "role", "content", "files", "model", "timestamp")

_HEAD = r'<details type="reasoning" done="true"[^>\n]*>\n<summary>[^<\n]*</summary>'
_THOUGHT = re.compile(rf"({_HEAD})\n((?:>[^\n]*\n)+)</details>\n")
_PLAIN_HEAD = '<details type="reasoning" done="true">\n<summary>Thought</summary>'
_MEDIA: Mapping[str, type[MediaPart]] = {"image": ImagePart, "audio": AudioPart, "video": VideoPart, "file": FilePart}
_MEDIA_NAMES: Mapping[type[MediaPart], str] = {kind: name for name, kind in _MEDIA.items()}


def message_from_open_webui(source: Mapping[str, Any], at: str) -> Message:
    """The message; what it says of its place and of the call is not in it.

    Raises:
        ThreadFormatError: a field is not of the kind it must be.
    """
    role = text(source.get("role", "user"), f"{at}.role")
    said = text(source.get("content") or "", f"{at}.content")
    ours = object_at(source.get("minillm") or {}, f"{at}.minillm")
    origin = ours.get("origin")
    known = isinstance(origin, list) and len(origin) == 2 and all(isinstance(each, str) for each in origin)
    rest: dict[str, Any] = {"origin": tuple(origin) if known and isinstance(origin, list) else None}
    rest["name"] = ours["name"] if isinstance(ours.get("name"), str) else None
    if role == Role.TOOL and "tool_call_id" in source:
        call_id, name = text(source["tool_call_id"], f"{at}.tool_call_id"), source.get("name")
        told = name if isinstance(name, str) else None
        return Message(role, (ToolResultPart(call_id, told, said, source.get("is_error") is True),), **rest)
    parts: list[Part] = []
    if role == Role.ASSISTANT:
        said = _take_thoughts(said, parts)
    media = [_media(each, f"{at}.files[{i}]") for i, each in enumerate(items(source.get("files") or [], f"{at}.files"))]
    calls = items(source.get("tool_calls") or [], f"{at}.tool_calls")
    if not parts and not media and not calls:
        return Message(role, said, **rest)
    if said:
        parts.append(TextPart(said))
    parts += media
    parts += [_call(each, f"{at}.tool_calls[{i}]") for i, each in enumerate(calls)]
    return Message(role, tuple(parts), **rest)


def _take_thoughts(said: str, parts: list[Part]) -> str:
    """The text behind the reasoning that it begins with."""
    at = 0
    while match := _THOUGHT.match(said, at):
        lines = match[2].removesuffix("\n").split("\n")
        head = match[1]
        native = None if head == _PLAIN_HEAD else Native(FORMAT, {"head": head})
        parts.append(
            ReasoningPart("\n".join(line[2:] if line[1:2] == " " else line[1:] for line in lines), native=native)
        )
        at = match.end()
    return said[at:]


def _media(value: Any, at: str) -> Part:
    source = object_at(value, at)
    kind = _MEDIA.get(str(source.get("type")), FilePart)
    fields = {"url": "url", "id": "file_id", "name": "name", "content_type": "mime"}
    given = {ours: source[theirs] for theirs, ours in fields.items() if isinstance(source.get(theirs), str)}
    known = {"type", *(theirs for theirs, ours in fields.items() if ours in given)}
    rest = {key: each for key, each in source.items() if key not in known}
    if str(source.get("type")) not in _MEDIA:
        rest["type"] = source.get("type")
    return kind(**given, native=Native(FORMAT, rest) if rest else None)  # type: ignore[return-value]


def _call(value: Any, at: str) -> Part:
    source = object_at(value, at)
    function = object_at(source.get("function") or {}, f"{at}.function")
    id, name, arguments = (
        text(each or "", at) for each in (source.get("id"), function.get("name"), function.get("arguments"))
    )
    return ToolCallPart(id, name, arguments, "custom" if source.get("type") == "custom" else "function")


def message_to_open_webui(message: Message, at: str, report: Report) -> dict[str, Any]:
    """The fields that carry the message; what they cannot carry is told."""
    fields: dict[str, Any] = {"role": str(message.role), "content": ""}
    ours: dict[str, Any] = {}
    if message.name is not None:
        ours["name"] = message.name
    if message.origin is not None:
        ours["origin"] = list(message.origin)
    if ours:
        fields["minillm"] = ours
    for name in ("extra", "native"):
        if getattr(message, name) is not None:
            report.note(at, f"the message's {name}", "Open WebUI has no place for it")
    results = message.tool_results
    if results:
        _write_result(message, results, fields, at, report)
    else:
        _write_parts(message, fields, at, report)
    return fields


def _write_result(
    message: Message, results: tuple[ToolResultPart, ...], fields: dict[str, Any], at: str, report: Report
) -> None:
    first = results[0]
    _tell_lost_fields(first, at, report)
    fields["content"] = first.content if isinstance(first.content, str) else message_text(message, reasoning=True)
    fields["tool_call_id"] = first.call_id
    if first.name is not None:
        fields["name"] = first.name
    if first.is_error:
        fields["is_error"] = True
    alone = len(message.parts) == 1 and isinstance(first.content, str) and message.role == Role.TOOL
    if not alone:
        fields["content"] = message_text(message, reasoning=True)
        report.degraded(at, "tool results", "a message of Open WebUI holds one, as text; they became text here")


def _write_parts(message: Message, fields: dict[str, Any], at: str, report: Report) -> None:
    """Reasoning, one text, media and calls, in that order: what Open WebUI has places for."""
    thoughts: list[str] = []
    texts: list[str] = []
    for place, part in enumerate(message.parts):
        where = f"{at}.content[{place}]"
        if isinstance(part, ReasoningPart) and message.role == Role.ASSISTANT:
            thoughts.append(_thought(part))
        elif isinstance(part, TextPart):
            texts.append(part.text)
            if not part.text:
                report.note(where, "an empty text", "Open WebUI has one text a message")
        elif isinstance(part, MediaPart):
            file = _file(part)
            fields.setdefault("files", []).append(file)
            if _media(file, where) != part:
                report.degraded(where, _name_of(part), "Open WebUI's files have type, url, id and name only")
        elif isinstance(part, ToolCallPart):
            fields.setdefault("tool_calls", []).append(_call_fields(part))
            report.note(where, "a tool call", "kept in the file, but Open WebUI does not show it")
        else:
            texts.append(part.text if isinstance(part, RefusalPart | ReasoningPart) else part_note(part))
            report.degraded(where, _name_of(part), "Open WebUI has no such part; it became text")
        _tell_lost_fields(part, where, report)
    said = "\n\n".join(texts)
    if message.role == Role.ASSISTANT and _THOUGHT.match(said):
        report.degraded(at, "text that looks like Open WebUI's own reasoning block", "it will be read as reasoning")
    if [_rank(part) for part in message.parts] != sorted(_rank(part) for part in message.parts) or len(texts) > 1:
        report.degraded(at, "the order of the parts", "here it is reasoning, one text, media, tool calls")
    fields["content"] = "".join(thoughts) + said


def _rank(part: Part) -> int:
    kinds: Iterable[Any] = (ReasoningPart, TextPart, MediaPart, ToolCallPart)
    return next((rank for rank, kind in enumerate(kinds) if isinstance(part, kind)), 1)


def _name_of(part: Part) -> str:
    return f"a {type(part).__name__.removesuffix('Part').lower()} part"


def _thought(part: ReasoningPart) -> str:
    native = part.native
    head = (
        native.data.get("head")
        if native is not None and native.wire == FORMAT and isinstance(native.data, dict)
        else None
    )
    if not isinstance(head, str) or not re.fullmatch(_HEAD, head):
        head = _PLAIN_HEAD
    quoted = "".join(f"> {line}\n" for line in part.text.split("\n"))
    return f"{head}\n{quoted}</details>\n"


def _file(part: MediaPart) -> dict[str, Any]:
    found: dict[str, Any] = {"type": _MEDIA_NAMES[type(part)]}
    url = part.to_data_url() if part.data is not None else part.url
    places = (("url", url), ("id", part.file_id), ("name", part.name))
    found.update({key: value for key, value in places if value is not None})
    if part.mime is not None and part.data is None:
        found["content_type"] = part.mime
    if part.native is not None and part.native.wire == FORMAT and isinstance(part.native.data, dict):
        found.update(part.native.data)
    return found


def _call_fields(part: ToolCallPart) -> dict[str, Any]:
    return {"id": part.id, "type": part.kind, "function": {"name": part.name, "arguments": part.arguments}}


_LOSABLE = ("citations", "logprobs", "signature", "sealed", "cache", "detail", "transcript", "incomplete", "extra")


def _tell_lost_fields(part: Part, at: str, report: Report) -> None:
    for name in _LOSABLE:
        if getattr(part, name, None) not in (None, False, ()):
            report.note(f"{at}.{name}", name, "Open WebUI has no place for it")
    native = getattr(part, "native", None)
    if native is not None and native.wire != FORMAT:
        report.note(f"{at}.native", f"what only {native.wire} says", "Open WebUI has no place for it")


def read_metadata(source: Mapping[str, Any], at: str) -> dict[str, Any]:
    """A node's metadata out of a message's other keys."""
    places = (("timestamp", "created_at"), ("model", "model"))
    found: dict[str, Any] = {name: source[key] for key, name in places if source.get(key) is not None}
    rest = {key: value for key, value in source.items() if key not in _LINKS and key not in _OURS}
    if rest.get("done") is True:
        del rest["done"]  # so is every answer that we write
    if rest:
        found[FORMAT] = rest
    ours = object_at(source.get("minillm") or {}, f"{at}.minillm")
    return {**found, **object_at(ours.get("metadata") or {}, f"{at}.minillm.metadata")}


def _is_as_read(own: Any) -> bool:
    """Whether it is what :func:`read_metadata` puts there, and not a value of the user's own."""
    return (
        bool(own) and isinstance(own, dict) and own.get("done") is not True and own.keys().isdisjoint((*_LINKS, *_OURS))
    )


def write_metadata(metadata: Mapping[str, Any], fields: dict[str, Any]) -> None:
    """Put a node's metadata where Open WebUI has a place for it, the rest under ``minillm``."""
    own = metadata.get(FORMAT)
    spread = _is_as_read(own)
    if spread and isinstance(own, dict):
        fields.update(own)
    if fields["role"] == Role.ASSISTANT:
        fields.setdefault("done", True)
    stamp, model = metadata.get("created_at"), metadata.get("model")
    left = {key: value for key, value in metadata.items() if key not in (FORMAT, "created_at", "model")}
    if FORMAT in metadata and not spread:
        left[FORMAT] = own
    for ours, theirs, value, fits in (
        ("created_at", "timestamp", stamp, isinstance(stamp, int | float)),
        ("model", "model", model, isinstance(model, str)),
    ):
        if fits:
            fields[theirs] = value
        elif ours in metadata:
            left[ours] = value
    if left:
        fields.setdefault("minillm", {})["metadata"] = left
