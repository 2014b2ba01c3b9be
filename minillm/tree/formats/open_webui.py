"""Open WebUI's chats, in and out: a viewer that shows trees, edits them and takes them back.

    [{"id", "title", "chat": {"params": {"system"}, "history": {"currentId", "messages": {id: {...}}}}, ...}]

A system message at the root is the chat's own ``params.system``; several first messages, which Open
WebUI allows, stand under an empty system message, which sends nothing. Tags, models and whatever else a
chat says come back out as they were (``metadata["conversation"]["rest"]`` of the root).
Import in Open WebUI: Settings, Data Controls, Import Chats.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from ...report import Report, reporting
from ...types import Message, Role
from ..atomic_write import atomic_write
from ..bare_node import BareNode, Details, all_below, children_of, details_of, each_node, message_of, root_of
from ..ids import id_text, node_id
from ..json_lines import naming_file
from ..moves import link
from ..reading import items, object_at, refuse, required, text
from ..rows import only_text
from ..thread_file import Thread
from ..traversal import last_leaf
from .entries import Entry, give_id, grow, one_tree, ordered, planted
from .open_webui_message import (
    FORMAT,
    message_from_open_webui,
    message_to_open_webui,
    read_metadata,
    write_metadata,
)
from .provenance import rest_of, tell_conversation
from .source import StrPath, read_values

__all__ = ["parse_open_webui", "read_open_webui", "write_open_webui"]

N = TypeVar("N", bound=BareNode)

_OUTER = ("id", "title", "chat", "created_at", "updated_at")
_CHAT = ("id", "title", "history", "messages", "minillm")


def read_open_webui(path: StrPath, kind: type[N], *, report: Report | None = None) -> Iterator[Thread[N]]:
    """The chats of an export, one tree each; one is in memory at a time.

    Args:
        path: the exported JSON file, of one chat or all of them.
        kind: the class of the nodes, such as ``ChatNode``.
        report: takes what could not be kept; None warns of it.

    Yields:
        The root, and the leaf that is shown. A chat without messages is left out, told.

    Raises:
        ThreadFormatError: it is no such export; the message names chat and message.
        OSError: it cannot be read.
    """
    told = reporting(report)
    with naming_file(path):
        for found in read_values(path):
            thread = parse_open_webui(found.value, kind, at=found.at, report=told)
            if thread is not None:
                yield thread


def parse_open_webui(value: Any, kind: type[N], *, at: str = "", report: Report | None = None) -> Thread[N] | None:
    """One chat; None where it holds no message.

    Raises:
        ThreadFormatError: it is none.
    """
    told = reporting(report)
    outer = object_at(value, at)
    chat = object_at(outer.get("chat", outer), f"{at}.chat")
    history, messages = _history(chat, at)
    entries, children = _entries(messages, f"{at}.chat.history.messages")
    current = history.get("currentId")
    roots, leaf = grow(kind, ordered(entries, children, at), current if isinstance(current, str) else None)
    top = _top(kind, chat, at)
    if top is not None:
        for root in roots:
            link(top, root)
        thread: Thread[N] | None = Thread(top, leaf if leaf is not None else top)
    else:
        thread = one_tree(kind, roots, leaf)
    if thread is None:
        told.note(at, "a chat", "it holds no message")
        return None
    rest = {**rest_of(outer, _OUTER), "chat": _chat_rest(chat)} if "chat" in outer else {"chat": _chat_rest(chat)}
    tell_conversation(
        thread.root,
        FORMAT,
        id=outer.get("id"),
        title=outer.get("title") or chat.get("title"),
        created_at=outer.get("created_at"),
        updated_at=outer.get("updated_at"),
        rest=rest if rest != {"chat": {}} else None,
    )
    return thread


def _history(chat: dict[str, Any], at: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The history and its messages; the oldest chats have a plain list instead."""
    if "history" not in chat and isinstance(chat.get("messages"), list):
        above: str | None = None
        messages: dict[str, Any] = {}
        for place, each in enumerate(items(chat["messages"], f"{at}.chat.messages")):
            message = object_at(each, f"{at}.chat.messages[{place}]")
            id = text(message.get("id") or f"message {place}", f"{at}.chat.messages[{place}].id")
            if id in messages:
                refuse(f"{at}.chat.messages[{place}].id", "is an earlier message's")
            messages[id] = {**message, "parentId": above, "childrenIds": []}
            above = id
        return {"currentId": above}, messages
    history = object_at(required(chat, "history", f"{at}.chat"), f"{at}.chat.history")
    return history, object_at(required(history, "messages", f"{at}.chat.history"), f"{at}.chat.history.messages")


def _entries(messages: dict[str, Any], at: str) -> tuple[list[Entry], dict[str, Any]]:
    entries, children = [], {}
    for id, value in messages.items():
        where = f"{at}[{id!a:.60}]"
        source = object_at(value, where)
        parent = source.get("parentId")
        if parent is not None:
            text(parent, f"{where}.parentId")
        listed = items(source.get("childrenIds") or [], f"{where}.childrenIds")
        children[id] = [text(child, f"{where}.childrenIds[{place}]") for place, child in enumerate(listed)]
        for child in children[id]:
            if child not in messages:
                refuse(f"{where}.childrenIds", "names a message that is not in the file")
        message = message_from_open_webui(source, where)
        entries.append(Entry(id, parent, (message,), read_metadata(source, where), where))
    if entries and all(entry.parent is not None for entry in entries):
        refuse(at, "has no root: every message has a parent")
    return entries, children


def _top(kind: type[Any], chat: dict[str, Any], at: str) -> Any:
    """The system message that the chat's parameters hold, or the one we wrote there, even if empty."""
    params = object_at(chat.get("params") or {}, f"{at}.chat.params")
    said = text(params.get("system") or "", f"{at}.chat.params.system")
    ours = object_at(chat.get("minillm") or {}, f"{at}.chat.minillm").get("root")
    if not said and ours is None:
        return None
    node = planted(kind._plain, Message(Role.SYSTEM, said))
    known = object_at(ours or {}, f"{at}.chat.minillm.root")
    if "id" in known:
        give_id(node, text(known["id"], f"{at}.chat.minillm.root.id"))
    if known.get("metadata"):
        details_of(node).metadata = object_at(known["metadata"], f"{at}.chat.minillm.root.metadata")
    return node


def _chat_rest(chat: dict[str, Any]) -> dict[str, Any]:
    rest = rest_of(chat, _CHAT)
    params = rest.get("params")
    if isinstance(params, dict):
        rest["params"] = {key: value for key, value in params.items() if key != "system"}
        if not rest["params"]:
            del rest["params"]
    return rest


def write_open_webui(nodes: BareNode | Iterable[BareNode], path: StrPath, *, report: Report | None = None) -> None:
    """Write trees as chats that Open WebUI imports; the file is replaced whole or not at all.

    Args:
        nodes: one node of each tree; the whole tree is written. A root shows its last leaf first, any
            other node itself.
        path: the JSON file.
        report: takes what could not be kept; None warns of it.

    Raises:
        EncodeError: metadata is no JSON; or something is lost and the report is strict.
        OSError: it cannot be written.
    """
    from ...json.serialization import dumps

    told = reporting(report)
    with atomic_write(path) as file:
        separator = b"[\n"
        for place, node in enumerate(each_node(nodes)):
            file.write(separator + dumps(_chat(node, f"chat {place}", told)))
            separator = b",\n"
        file.write(b"\n]\n" if separator == b",\n" else b"[]\n")


def _chat(node: Any, at: str, report: Report) -> dict[str, Any]:
    root = root_of(node)
    facts = _metadata(root).get("conversation")
    known = facts if isinstance(facts, dict) else {}
    rest = known.get("rest") if known.get("format") == FORMAT and isinstance(known.get("rest"), dict) else {}
    if known.get("rest") and not rest:
        report.note(at, "what the conversation's first file said besides", "Open WebUI has no place for it")
    outer = {key: value for key, value in (rest or {}).items() if key not in _OUTER}
    chat = dict(rest["chat"]) if rest and isinstance(rest.get("chat"), dict) else {}
    apart = _stands_apart(root)
    if apart:
        chat["params"] = {
            **chat.get("params", {}),
            **({"system": message_of(root).text} if message_of(root).text else {}),
        }
        metadata = {key: value for key, value in _metadata(root).items() if key != "conversation"}
        chat["minillm"] = {"root": {"id": id_text(node_id(root)), **({"metadata": metadata} if metadata else {})}}
    messages = {}
    for each in all_below(root):
        if not (apart and each is root):
            written = _message(
                each, None if apart and each._parent is root else each._parent, f"{at}.{id_text(node_id(each))}", report
            )
            messages[written["id"]] = written
    shown = last_leaf(root) if node is root else node
    chat["title"] = title = known.get("title") or "minillm"
    chat["history"] = {"currentId": None if apart and shown is root else id_text(node_id(shown)), "messages": messages}
    found = {"id": known.get("id") or id_text(node_id(root)), "title": title, "chat": chat}
    found.update({key: known[key] for key in ("created_at", "updated_at") if key in known})
    return {**found, **outer}


def _stands_apart(root: Any) -> bool:
    """Whether the root can be the chat's system prompt: a system message of nothing but text."""
    return root._role == Role.SYSTEM and only_text(message_of(root)) is not None


def _metadata(node: Any) -> dict[str, Any]:
    details = node._details
    return (details.metadata or {}) if type(details) is Details else {}


def _message(node: Any, parent: Any, at: str, report: Report) -> dict[str, Any]:
    fields = message_to_open_webui(message_of(node), at, report)
    metadata = _metadata(node)
    if node._parent is None:
        metadata = {key: value for key, value in metadata.items() if key != "conversation"}
    write_metadata(metadata, fields)
    details = node._details
    if type(details) is Details:
        for name in ("format_kwargs", "mark", "response", "record", "bill"):
            if getattr(details, name) and not (
                name == "record" and details.record and details.record.keys() <= {"model"}
            ):
                report.note(at, _SAID[name], "Open WebUI has no place for it; a tree file keeps it")
    return {
        "id": id_text(node_id(node)),
        "parentId": None if parent is None else id_text(node_id(parent)),
        "childrenIds": [id_text(node_id(child)) for child in children_of(node)],
        **fields,
    }


_SAID = {
    "format_kwargs": "what fills the placeholders",
    "mark": "a cache mark",
    "response": "the record of the call",
    "record": "the record of the call",
    "bill": "the bill of failed calls",
}
