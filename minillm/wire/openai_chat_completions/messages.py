"""Messages, both ways, in requests and in answers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...errors import EncodeError
from ...types import Message, Part, Role, TextPart, ToolResultPart
from ..encoding import Encoding, add_extra
from ..fields import want_list, want_object, want_text
from ..residue import hints_of, put_hints, restore
from .beside import BESIDE, Assistant, decode_beside
from .calls import CallIds
from .content import decode_part, encode_part
from .dialect import native
from .results import Results, decode_result

__all__ = ["decode_message", "decode_messages", "encode_answer", "encode_messages"]

_PLAIN: Final = frozenset({"role", "content"})
_RICH: Final = BESIDE | {"annotations", "executed_tools"}

_WORDS: Final[dict[str, str]] = {role: role.value for role in Role}


def decode_messages(raw: Any, path: str) -> tuple[Message, ...]:
    """The conversation of a request.

    Raises:
        DecodeError: something in it is no message.
    """
    ids = CallIds(path)
    return tuple(
        decode_message(want_object(item, f"{path}[{place}]"), f"{path}[{place}]", ids, asked=True)
        for place, item in enumerate(want_list(raw, path))
    )


def decode_message(raw: Mapping[str, Any], path: str, ids: CallIds, *, asked: bool) -> Message:
    """One message, of a request (``asked``) or an answer.

    Raises:
        DecodeError: a field is of a wrong kind.
    """
    said = raw.get("content")
    role = raw.get("role")
    if role is None and not asked:
        role = "assistant"
    role = want_text(role, f"{path}.role")
    if role in ("tool", "function"):
        return decode_result(raw, role, path, ids)
    rest = {key: value for key, value in raw.items() if key not in _PLAIN}
    hints: dict[str, Any] = {"asked": True} if asked else {}
    if "role" not in raw:
        hints["no_role"] = True
    name = rest.get("name")
    if isinstance(name, str):
        del rest["name"]
    else:
        name = None
    content: str | tuple[Part, ...] = said if isinstance(said, str) else ""
    parts: list[Part] = []
    if not isinstance(said, str):
        parts, form = _decode_content(raw, path, asked=asked)
        content = tuple(parts) or ""
        if form is not None:
            hints["content"] = form
    if not content:
        if "content" in raw:
            rest["content"] = said
        else:
            hints["no_content"] = True
    if any(value and key in _RICH for key, value in rest.items()):
        parts = [TextPart(said)] if isinstance(said, str) and said else parts
        found = decode_beside(raw, parts, rest, ids, path, asked=asked)
        if found != parts:
            content = tuple(found)
    if content and "no_content" in hints:
        hints["beside"] = True  # what stands beside it speaks
    put_hints(rest, hints)
    return Message(role, content, name, native=native(rest))


def _decode_content(raw: Mapping[str, Any], path: str, *, asked: bool) -> tuple[list[Part], str | None]:
    """The parts of a content that is not a text, and which form it had."""
    content = raw.get("content")
    if content is None:
        return [], None
    if isinstance(content, dict):  # Cloudflare answers a JSON schema with the value itself
        from ...json.serialization import dumps

        return [TextPart(dumps(content).decode())], "value"
    items = want_list(content, f"{path}.content")
    parts = [decode_part(item, f"{path}.content[{at}]", asked=asked) for at, item in enumerate(items)]
    return parts, "list" if parts else None


def encode_messages(messages: Sequence[Message], enc: Encoding) -> list[dict[str, Any]]:
    """The conversation of a request.

    Raises:
        EncodeError: a tool message without a result, or an ``extra`` key that collides.
    """
    out: list[dict[str, Any]] = []
    results = Results(enc)
    words = _role_words(enc)
    for place, message in enumerate(messages):
        content, role = message.content, message.role
        if (
            type(content) is str
            and (message.native is None or enc.residue(message.native) is None)
            and message.extra is None
            and message.name is None
        ):
            word = words.get(role, role)
            # Nearly every message is a role and a text, and done with that.
            if word != "tool" and not (word == "assistant" and enc.quirks.reasoning_required):
                if results.waiting:
                    results.flush(out)
                if word != "assistant":
                    enc.turn_has_calls = False
                out.append({"role": word, "content": content})
                continue
        path = f"messages[{place}]"
        found = message.tool_results
        if found:
            results.add(message, found, out, path)
            if len(found) == len(message.parts):
                continue
        elif message.role == Role.TOOL:
            raise EncodeError("a tool message holds a ToolResultPart, which names the call it answers", path=path)
        results.flush(out)
        if message.role != Role.ASSISTANT:
            enc.turn_has_calls = False
        said = _encode(message, enc, path)
        if not _emptied(message, said, enc):
            out.append(said)
    results.flush(out)
    return out


def _emptied(message: Message, said: Mapping[str, Any], enc: Encoding) -> bool:
    """Whether the turn held nothing that could be said, and all of it is told: no empty turn is sent instead."""
    if isinstance(message.content, str) or not message.content or enc.residue(message.native) is not None:
        return False
    return said.keys() == {"role", "content"} and not said["content"] and not any(map(_is_text, message.content))


def _is_text(part: Part) -> bool:
    return isinstance(part, TextPart)


def encode_answer(message: Message, enc: Encoding, path: str) -> dict[str, Any]:
    """The message of an answer."""
    return _encode(message, enc, path)


def _role_words(enc: Encoding) -> dict[str, str]:
    """Roles as this host calls them; unknown ones go out as they are."""
    wanted = enc.quirks.system_role if enc.asking else "keep"
    return _WORDS if wanted == "keep" else {**_WORDS, "system": wanted, "developer": wanted}


def _say_name(message: Message, out: dict[str, Any], enc: Encoding, path: str) -> None:
    if "name" in enc.quirks.unsupported:
        enc.report.lost(f"{path}.name", "the speaker's name", "this host does not read it")
    else:
        out["name"] = message.name


def _encode(message: Message, enc: Encoding, path: str) -> dict[str, Any]:
    data = enc.residue(message.native)
    hints = hints_of(data)
    said: dict[str, Any] = {}
    if not (hints.get("no_role") and message.role == Role.ASSISTANT):
        said["role"] = _role_words(enc).get(message.role, str(message.role))
    if message.name is not None:
        _say_name(message, said, enc, path)
    assistant = message.role == Role.ASSISTANT or not enc.asking
    content = message.content
    if isinstance(content, str):
        items: Any = _value(content) if content and hints.get("content") == "value" else content
    elif assistant:
        beside = Assistant(message, enc, path, came=data is not None)
        beside.say(content)
        said.update(beside.said)
        items = _say_items(message, beside.items, hints)
    else:
        items = _say_items(message, _items(content, enc, path), hints)
    if items:
        said["content"] = items
    if enc.quirks.reasoning_required and enc.turn_has_calls and enc.asking and assistant:
        said.setdefault(enc.quirks.reasoning_replay or "reasoning_content", "")
    out = restore(said, data)
    if "content" not in out:
        silent = assistant and not out.keys().isdisjoint(BESIDE)
        if not hints.get("no_content") or (hints.get("beside") and not message.parts):
            # Null beside a call, since some hosts refuse "" there and others null elsewhere (trap 6).
            out["content"] = None if silent else ""
    if data is None and not enc.asking:
        out.setdefault("refusal", None)  # the vendor's answers always have it
    return add_extra(out, message.extra, path) if message.extra else out


def _items(content: Sequence[Part], enc: Encoding, path: str) -> list[dict[str, Any]]:
    items = []
    for at, part in enumerate(content):
        if not isinstance(part, ToolResultPart):
            item = encode_part(part, enc, f"{path}.content[{at}]")
            if item is not None:
                items.append(item)
    return items


def _say_items(message: Message, items: list[dict[str, Any]], hints: Mapping[str, Any]) -> Any:
    """A list, or a text where that says the same: hosts that read only texts are many."""
    form = hints.get("content")
    if form == "list":
        return items
    plain = all(len(item) == 2 and item.get("type") == "text" for item in items)
    if plain and (len(items) == 1 or message.role == Role.ASSISTANT):
        text = "".join(item["text"] for item in items)
        return _value(text) if form == "value" else text
    return items


def _value(text: str) -> Any:
    """The JSON value a text stands for, where the content came as one."""
    from ...errors import DecodeError
    from ...json.serialization import loads

    try:
        value = loads(text)
    except DecodeError:
        return text  # changed since, and no JSON any more
    return value if isinstance(value, dict) else text
