"""Transcripts of Claude Code: ``~/.claude/projects/<folder>/<session>.jsonl``.

    {"type": "user" | "assistant" | ..., "uuid", "parentUuid", "sessionId", "timestamp", "message": {...}}

The format is the vendor's own affair and changes; it is read leniently and never written. Messages are
Anthropic's. One answer is spread over several lines, a block each, with the same ``message.id``: they
become one node again, and the results of its parallel calls a chain under it. Lines that are no
message (snapshots, progress, notices) are kept as they are under ``metadata["conversation"]["lines"]``
of the first root. A summary becomes the title. Each line without a parent in the file is a root.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from ...errors import DecodeError
from ...report import Report, reporting
from ...types import Message, NativePart, Role
from ..bare_node import BareNode, details_of
from ..json_lines import naming_file
from ..reading import object_at, refuse
from ..thread_file import Thread
from .entries import Entry, each_tree, grow, ordered
from .provenance import moment, rest_of, said, tell_conversation
from .source import Found, StrPath, read_values

__all__ = ["read_claude_code"]

N = TypeVar("N", bound=BareNode)

WIRE = "anthropic_messages"

_LINE = ("type", "uuid", "parentUuid", "timestamp", "message", "sessionId")


def read_claude_code(path: StrPath, kind: type[N], *, report: Report | None = None) -> Iterator[Thread[N]]:
    """The conversations of a transcript: the main one and, in older files, those of sub-agents.

    Args:
        path: the ``.jsonl`` file.
        kind: the class of the nodes, such as ``ChatNode``.
        report: takes what could not be kept; None warns of it.

    Yields:
        A root and the leaf to go on from.

    Raises:
        ThreadFormatError: it is no such transcript; the message names the line.
        OSError: it cannot be read.
    """
    told = reporting(report)
    with naming_file(path):
        lines = [(f"line {found.document + 1}", _line(found)) for found in read_values(path)]
        if not any("uuid" in line or "leafUuid" in line for _, line in lines):
            refuse("", "no line has a uuid: this is no transcript of Claude Code")
        entries, asides = _entries(lines, told)
        titles = [line["summary"] for line in asides if _is_title(line)]
        roots, leaf = grow(kind, ordered(entries, {}, ""))
        first = next((line for _, line in lines if isinstance(line.get("sessionId"), str)), {})
        for place, root in enumerate(roots):
            tell_conversation(
                root,
                "claude_code",
                id=first.get("sessionId"),
                title=titles[-1] if titles else None,
                created_at=(details_of(root).metadata or {}).get("created_at"),
                lines=asides if place == 0 else None,
            )
        yield from each_tree(roots, leaf)


def _line(found: Found) -> dict[str, Any]:
    return object_at(found.value, f"line {found.document + 1}")


def _is_title(line: Mapping[str, Any]) -> bool:
    return line.get("type") == "summary" and isinstance(line.get("summary"), str)


def _entries(lines: list[tuple[str, dict[str, Any]]], report: Report) -> tuple[list[Entry], list[dict[str, Any]]]:
    """The entries, and the lines that are no message."""
    gathered = _Gathered()
    for at, line in lines:
        uuid, message = line.get("uuid"), line.get("message")
        if not isinstance(uuid, str):
            gathered.asides.append(line)
        elif uuid in gathered.entries or uuid in gathered.stands_for:
            report.note(at, "a line", "its uuid is an earlier line's: resuming a session copies lines")
        elif line.get("type") in ("user", "assistant") and isinstance(message, dict):
            gathered.add(uuid, line, message, at)
        else:  # a link in the chain of parents all the same
            gathered.asides.append(line)
            gathered.entries[uuid] = Entry(uuid, _parent(line), (), at=at)
    entries = gathered.entries
    for uuid, whole in gathered.whole.items():
        entries[uuid].messages = _messages(whole, entries[uuid], report)
    _mend_parents(entries, gathered.stands_for)
    _chain_results(entries)
    return list(entries.values()), gathered.asides


class _Gathered:
    """The lines put together, answer by answer."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.asides: list[dict[str, Any]] = []
        self.whole: dict[str, dict[str, Any]] = {}  # uuid of an answer's first line -> the whole answer
        self.stands_for: dict[str, str] = {}  # uuid of a later line -> that of the first
        self._answers: dict[str, str] = {}  # id of the answer -> uuid of its first line

    def add(self, uuid: str, line: Mapping[str, Any], message: dict[str, Any], at: str) -> None:
        id = message.get("id")
        spread = line["type"] == "assistant" and isinstance(id, str) and isinstance(message.get("content"), list)
        first = self._answers.get(id) if spread and isinstance(id, str) else None
        if first is not None:
            self.stands_for[uuid] = first
            answer = self.whole[first]
            answer["content"] = [*answer["content"], *message["content"]]
            answer.update({key: message[key] for key in ("usage", "stop_reason") if message.get(key)})
            return
        self.entries[uuid] = Entry(uuid, _parent(line), (), _metadata(line), at)
        self.whole[uuid] = dict(message)
        if spread and isinstance(id, str):
            self._answers[id] = uuid


def _parent(line: Mapping[str, Any]) -> str | None:
    parent = line.get("parentUuid") or line.get("logicalParentUuid")  # the latter across a compaction
    return parent if isinstance(parent, str) else None


def _mend_parents(entries: dict[str, Entry], stands_for: Mapping[str, str]) -> None:
    for entry in entries.values():
        parent = stands_for.get(entry.parent, entry.parent) if entry.parent is not None else None
        entry.parent = parent if parent in entries and parent != entry.id else None


def _chain_results(entries: dict[str, Entry]) -> None:
    """Results of one answer's parallel calls hang under its several lines: put them one below the other."""
    open_chains: dict[str, tuple[Entry, set[str]]] = {}
    parents = {entry.parent for entry in entries.values()}
    for entry in entries.values():
        calls = {part.call_id for message in entry.messages for part in message.tool_results}
        if entry.parent is None or not calls:
            continue
        before = open_chains.get(entry.parent)
        parent = entry.parent
        if before is not None and before[0].id not in parents and not calls & before[1]:
            entry.parent, calls = before[0].id, calls | before[1]
        open_chains[parent] = (entry, calls)


def _messages(message: Mapping[str, Any], entry: Entry, report: Report) -> tuple[Message, ...]:
    from ...wire import get_codec

    model = message.get("model")
    body = {key: message[key] for key in ("role", "content") if key in message}
    try:
        decoded = get_codec(WIRE).decode_request({"messages": [body]}, report=report).messages
    except DecodeError as error:
        report.degraded(entry.at, "a message", f"{error.message}; kept whole, but no host can be sent it")
        return (Message(str(body.get("role", Role.USER)), (NativePart("claude_code", dict(message)),)),)
    kept = rest_of(message, ("role", "content", "model", "type"))
    if kept:
        entry.metadata.setdefault("claude_code", {})["message"] = kept
    if not isinstance(model, str):
        return decoded
    entry.metadata["model"] = model
    return tuple(
        Message(each.role, each.content, each.name, ("anthropic", model), extra=each.extra, native=each.native)
        for each in decoded
    )


def _metadata(line: Mapping[str, Any]) -> dict[str, Any]:
    hidden = True if line.get("isMeta") is True else None
    return said(created_at=moment(line.get("timestamp")), hidden=hidden, claude_code=rest_of(line, _LINE))
