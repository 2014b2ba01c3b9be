"""A message as JSON and back: the form other readers of thread files know, and the rest beside it.

    message   {"role", "content", "name"?, "tool_call_id"?, "tool_calls"?}
    rest      {"role"?, "parts"?, "origin"?, "extra"?, "native"?}

``content`` is text or a list of plain parts, ``tool_calls`` the normalised ``{id, name, arguments}``.
``parts`` is there when these do not give the message back: the true order of its parts, each either
``{"from": "content" | "tool_calls" | "tool_call_id", ...rest}``, the next one of that list, or a part
in full form. So nothing stands twice, and what another program changed in ``message`` holds.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ..types import Message, Part, Role, TextPart, ToolCallPart, ToolResultPart
from .part_json import (
    full_form,
    native_to_json,
    plain_form,
    read_full_form,
    read_native,
    read_plain_form,
    read_rest,
    rest_of,
)
from .reading import items, object_at, refuse, required, text

__all__ = ["ROLES", "message_to_json", "read_message"]

JSONDict = dict[str, Any]

#: The roles other readers know, and how they are told of one that they do not.
ROLES: Mapping[str, Role] = {role.value: role for role in Role}
_PLAIN_ROLES = frozenset({Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.TOOL})
_SLOTS = ("content", "tool_calls", "tool_call_id")


def message_to_json(message: Message) -> tuple[JSONDict, JSONDict]:
    """The message and its rest."""
    plain: JSONDict = {"role": _plain_role(message.role)}
    rest: JSONDict = {}
    if message.role not in _PLAIN_ROLES:
        rest["role"] = str(message.role)
    if isinstance(message.content, str):
        plain["content"] = message.content
    else:
        _write_parts(message, plain, rest)
    if message.name is not None:
        plain["name"] = message.name
    if message.origin is not None:
        rest["origin"] = list(message.origin)
    if message.extra is not None:
        rest["extra"] = dict(message.extra)
    if message.native is not None:
        rest["native"] = native_to_json(message.native)
    return plain, rest


def _plain_role(role: Role | str) -> str:
    if role in _PLAIN_ROLES:
        return str(role)
    return "system" if role == Role.DEVELOPER else "user"


def _write_parts(message: Message, plain: JSONDict, rest: JSONDict) -> None:
    parts = message.parts
    if message.role == Role.TOOL and len(parts) == 1 and isinstance(parts[0], ToolResultPart):
        slots = [_write_result(parts[0], plain)]
        usual = slots == [{"from": "tool_call_id"}]
    else:
        content, calls, slots = _split(parts)
        plain["content"] = content or ""
        if calls:
            plain["tool_calls"] = calls
        plain_order = [{"from": "content"}] * len(content) + [{"from": "tool_calls"}] * len(calls)
        usual = bool(slots) and slots == plain_order
    if not usual:
        rest["parts"] = slots


def _split(parts: Iterable[Part]) -> tuple[list[JSONDict], list[JSONDict], list[JSONDict]]:
    """Parts into plain content, plain calls, and the slots that put them together again."""
    content: list[JSONDict] = []
    calls: list[JSONDict] = []
    slots: list[JSONDict] = []
    for part in parts:
        if isinstance(part, ToolCallPart):
            calls.append({"id": part.id, "name": part.name, "arguments": part.arguments})
            slots.append({"from": "tool_calls", **rest_of(part, ToolCallPart(part.id, part.name, part.arguments))})
            continue
        form = plain_form(part)
        if form is None:
            slots.append(full_form(part))
        else:
            content.append(form)
            slots.append({"from": "content", **rest_of(part, read_plain_form(form, ""))})
    return content, calls, slots


def _write_result(result: ToolResultPart, plain: JSONDict) -> JSONDict:
    plain["tool_call_id"] = result.call_id
    if isinstance(result.content, str):
        plain["content"] = result.content
        return {"from": "tool_call_id", **rest_of(result, ToolResultPart(result.call_id, content=result.content))}
    content, calls, slots = _split(result.content)
    slot = {"from": "tool_call_id", **rest_of(result, ToolResultPart(result.call_id, content=result.content))}
    if calls or slots != [{"from": "content"}] * len(content) or not content:
        content, slot["content"] = [], [full_form(part) for part in result.content]
    plain["content"] = content or ""
    return slot


def read_message(value: Any, rest: Mapping[str, Any], at: str, rest_at: str) -> Message:
    """The message out of both halves."""
    plain = object_at(value, at)
    role = ROLES[text(required(plain, "role", at), f"{at}.role", ROLES)]
    name, origin, extra, native = plain.get("name"), rest.get("origin"), rest.get("extra"), rest.get("native")
    return Message(
        _read_role(role, rest.get("role"), f"{rest_at}.role"),
        _read_content(plain, rest, at, rest_at),
        None if name is None else text(name, f"{at}.name"),
        None if origin is None else _read_origin(origin, f"{rest_at}.origin"),
        extra=None if extra is None else object_at(extra, f"{rest_at}.extra"),
        native=None if native is None else read_native(native, f"{rest_at}.native"),
    )


def _read_role(plain: Role, true: Any, at: str) -> Role | str:
    """The true role, unless somebody has changed the one that all programs read."""
    if true is None or _plain_role(text(true, at)) != plain:
        return plain
    role: str = true
    return ROLES.get(role, role)


def _read_origin(value: Any, at: str) -> tuple[str, str]:
    names = items(value, at)
    if len(names) != 2:
        refuse(at, "must be a list of two: the host and the model")
    return text(names[0], f"{at}[0]"), text(names[1], f"{at}[1]")


def _read_content(plain: JSONDict, rest: Mapping[str, Any], at: str, rest_at: str) -> str | tuple[Part, ...]:
    raw = required(plain, "content", at)
    calls = plain.get("tool_calls") or []
    call_id = plain.get("tool_call_id")
    slots = rest.get("parts")
    if isinstance(raw, str) and not calls and call_id is None and slots is None:
        return raw
    found: dict[str, list[Part]] = {"content": _read_plain_parts(raw, f"{at}.content"), "tool_call_id": []}
    found["tool_calls"] = [
        _read_call(each, f"{at}.tool_calls[{i}]") for i, each in enumerate(items(calls, f"{at}.tool_calls"))
    ]
    if call_id is not None:
        content = raw if isinstance(raw, str) else tuple(found["content"])
        found["tool_call_id"] = [ToolResultPart(text(call_id, f"{at}.tool_call_id"), content=content)]
        found["content"] = []
    if slots is None:
        return (*found["tool_call_id"], *found["content"], *found["tool_calls"])
    return tuple(_fill_slots(items(slots, f"{rest_at}.parts"), found, f"{rest_at}.parts"))


def _read_plain_parts(raw: Any, at: str) -> list[Part]:
    if isinstance(raw, str):
        return [TextPart(raw)] if raw else []
    if not isinstance(raw, list):
        refuse(at, "must be text or a list of parts")
    return [read_plain_form(each, f"{at}[{i}]") for i, each in enumerate(raw)]


def _read_call(value: Any, at: str) -> ToolCallPart:
    call = object_at(value, at)
    id, name, arguments = (text(required(call, key, at), f"{at}.{key}") for key in ("id", "name", "arguments"))
    return ToolCallPart(id, name, arguments)


def _fill_slots(slots: list[Any], found: Mapping[str, list[Part]], at: str) -> Iterable[Part]:
    queues = {name: iter(parts) for name, parts in found.items()}
    for i, each in enumerate(slots):
        slot = object_at(each, f"{at}[{i}]")
        if "from" not in slot:
            yield read_full_form(slot, f"{at}[{i}]")
            continue
        part = next(queues[text(slot["from"], f"{at}[{i}].from", _SLOTS)], None)
        if part is not None:  # else another program has taken it out
            yield read_rest(part, slot, f"{at}[{i}]")
    for name in _SLOTS:  # what another program has put in
        yield from queues[name]
