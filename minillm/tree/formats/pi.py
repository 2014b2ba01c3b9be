"""Sessions of the pi coding agent, version 3: JSON lines, a header and then a tree of entries.

    {"type": "session", "version": 3, "id", "timestamp", "cwd"}
    {"type": "message", "id", "parentId", "timestamp", "message": {"role", "content", ...}}

Entries that speak to the model become messages: a command the user ran, a summary of what was compacted
or of a branch, an extension's own message are the user's, as pi itself sends them, with their kind in
``metadata["pi"]``. Changes of model or thinking level, names and an extension's state are kept under
``metadata["conversation"]["entries"]`` of the root; a label goes to the node it names.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from ...report import Report, reporting
from ...types import (
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
from ..bare_node import BareNode
from ..json_lines import naming_file
from ..reading import items, object_at, refuse, required, text
from ..thread_file import Thread
from .entries import Entry, grow, one_tree, ordered
from .provenance import moment, rest_of, said, tell_conversation
from .source import StrPath, read_values

__all__ = ["read_pi"]

N = TypeVar("N", bound=BareNode)

FORMAT = "pi"
_NEWEST = 3
_ENTRY = ("type", "id", "parentId", "timestamp", "message")


def read_pi(path: StrPath, kind: type[N], *, report: Report | None = None) -> Iterator[Thread[N]]:
    """The conversation of a session, with its branches.

    Args:
        path: the ``.jsonl`` file.
        kind: the class of the nodes, such as ``ChatNode``.
        report: takes what could not be kept; None warns of it.

    Yields:
        One root with the leaf to go on from; nothing where the session holds no message, told.

    Raises:
        ThreadFormatError: it is no such session; the message names the line.
        OSError: it cannot be read.
    """
    told = reporting(report)
    with naming_file(path):
        lines = [
            (at, object_at(found.value, at)) for found in read_values(path) if (at := f"line {found.document + 1}")
        ]
        header = _header(lines)
        entries = [_entry(line, at, told) for at, line in lines[1:]]
        quiet = [line for _, line in lines[1:] if line["type"] in _QUIET]
        _label(entries, quiet)
        roots, leaf = grow(kind, ordered(entries, {}, ""), entries[-1].id if entries else None)
        thread = one_tree(kind, roots, leaf)
        if thread is None:
            told.note("", "a session", "it holds no message")
            return
        names = [line["name"] for line in quiet if line["type"] == "session_info" and line.get("name")]
        tell_conversation(
            thread.root,
            FORMAT,
            id=header.get("id"),
            title=names[-1] if names else None,
            created_at=moment(header.get("timestamp")),
            entries=quiet,
            rest=rest_of(header, ("type", "id", "timestamp")),
        )
        yield thread


def _header(lines: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    header = lines[0][1] if lines else {}
    if header.get("type") != "session":
        refuse("line 1", 'must be a pi session\'s header: {"type": "session", "version": 3, ...}')
    version = header.get("version", 1)
    if not isinstance(version, int) or version < 2:
        refuse("line 1", "is of a version whose entries have no ids: open the session in a newer pi, which rewrites it")
    if version > _NEWEST:
        refuse("line 1", f"has version {version}; this minillm reads up to version {_NEWEST}: update minillm")
    return header


def _entry(line: dict[str, Any], at: str, report: Report) -> Entry:
    kind = text(required(line, "type", at), f"{at}.type")
    id = text(required(line, "id", at), f"{at}.id")
    parent = line.get("parentId")
    if parent is not None:
        text(parent, f"{at}.parentId")
    metadata = said(created_at=moment(line.get("timestamp")), pi=rest_of(line, _ENTRY))
    if kind in _QUIET:
        return Entry(id, parent, (), at=at)
    if kind == "message":
        source = object_at(required(line, "message", at), f"{at}.message")
        message = _message(source, f"{at}.message", report)
        kept = rest_of(source, ("content", "toolCallId", "toolName", "isError", "model", "summary"))
        metadata.update(said(model=source.get("model"), pi={**metadata.get("pi", {}), **kept}))
        return Entry(id, parent, (message,), metadata, at)
    if kind in ("compaction", "branch_summary", "custom_message"):
        metadata["pi"] = {"type": kind, **rest_of(line, (*_ENTRY, "summary", "content"))}
        words = line.get("content") if kind == "custom_message" else line.get("summary")
        return Entry(id, parent, (_said_by(Role.USER, words, at, report),), metadata, at)
    report.degraded(at, f"an entry of type {kind[:40]!r}", "not known here; kept whole, but no host can be sent it")
    return Entry(id, parent, (Message(Role.USER, (NativePart(FORMAT, line),)),), metadata, at)


_QUIET = frozenset({"model_change", "thinking_level_change", "custom", "label", "session_info"})


def _label(entries: list[Entry], quiet: list[dict[str, Any]]) -> None:
    named = {str(line.get("targetId")): line.get("label") for line in quiet if line["type"] == "label"}
    for entry in entries:
        if named.get(str(entry.id)):
            entry.metadata["label"] = named[str(entry.id)]


def _message(source: dict[str, Any], at: str, report: Report) -> Message:
    role = text(required(source, "role", at), f"{at}.role")
    if role == "assistant":
        message = _said_by(Role.ASSISTANT, source.get("content"), f"{at}.content", report)
        provider, model = source.get("provider"), source.get("model")
        origin = (provider, model) if isinstance(provider, str) and isinstance(model, str) else None
        return Message(message.role, message.content, origin=origin)
    if role == "toolResult":
        call_id = text(required(source, "toolCallId", at), f"{at}.toolCallId")
        content = _said_by(Role.TOOL, source.get("content"), f"{at}.content", report).content
        name = source.get("toolName")
        result = ToolResultPart(
            call_id, name if isinstance(name, str) else None, content, source.get("isError") is True
        )
        return Message(Role.TOOL, (result,))
    if role == "bashExecution":
        shown = [text(source.get(key) or "", f"{at}.{key}") for key in ("command", "output")]
        return Message(Role.USER, f"$ {shown[0]}\n{shown[1]}")
    if role in ("branchSummary", "compactionSummary"):
        return _said_by(Role.USER, source.get("summary"), f"{at}.summary", report)
    return _said_by(Role.USER if role == "custom" else role, source.get("content"), f"{at}.content", report)


def _said_by(role: Role | str, content: Any, at: str, report: Report) -> Message:
    if content is None or isinstance(content, str):
        return Message(role, content or "")
    parts = tuple(
        _part(object_at(block, f"{at}[{place}]"), f"{at}[{place}]", report)
        for place, block in enumerate(items(content, at))
    )
    if len(parts) == 1 and isinstance(parts[0], TextPart) and parts[0].native is None and parts[0].signature is None:
        return Message(role, parts[0].text)
    return Message(role, parts)


def _part(block: dict[str, Any], at: str, report: Report) -> Part:
    reader = _BLOCKS.get(str(block.get("type")))
    if reader is None:
        kind = str(block.get("type"))[:40]
        report.degraded(at, f"a block of type {kind!r}", "not known here; kept whole, but no host can be sent it")
        return NativePart(FORMAT, block)
    return reader(block, at)


def _native(block: Mapping[str, Any], *known: str) -> Native | None:
    rest = rest_of(block, ("type", *known))
    return Native(FORMAT, rest) if rest else None


def _text(block: dict[str, Any], at: str) -> Part:
    # ``textSignature`` names an item of OpenAI's Responses; it is not the signature that Gemini wants back.
    return TextPart(text(block.get("text") or "", f"{at}.text"), native=_native(block, "text"))


def _thinking(block: dict[str, Any], at: str) -> Part:
    words, signature = text(block.get("thinking") or "", f"{at}.thinking"), block.get("thinkingSignature")
    native = _native(block, "thinking", "thinkingSignature")
    if not isinstance(signature, str):
        return ReasoningPart(words, native=native)
    if block.get("redacted") is True:
        return ReasoningPart(words, sealed=signature, native=native)
    return ReasoningPart(words, signature, native=native)


def _call(block: dict[str, Any], at: str) -> Part:
    from ...json.serialization import dumps

    id, name = (text(required(block, key, at), f"{at}.{key}") for key in ("id", "name"))
    arguments = block.get("arguments")
    said_so = arguments if isinstance(arguments, str) else dumps({} if arguments is None else arguments).decode()
    signature = block.get("thoughtSignature")
    native = _native(block, "id", "name", "arguments", "thoughtSignature")
    return ToolCallPart(id, name, said_so, signature=signature if isinstance(signature, str) else None, native=native)


def _image(block: dict[str, Any], at: str) -> Part:
    data, mime = text(required(block, "data", at), f"{at}.data"), block.get("mimeType")
    return ImagePart(mime if isinstance(mime, str) else None, data, native=_native(block, "data", "mimeType"))


_BLOCKS: Mapping[str, Callable[[dict[str, Any], str], Part]] = {
    "text": _text,
    "thinking": _thinking,
    "toolCall": _call,
    "image": _image,
}
