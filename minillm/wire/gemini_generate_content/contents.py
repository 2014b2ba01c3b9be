"""The conversation, both ways: the instruction apart, then contents of user and model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...types import Message, Part, ReasoningPart, Role, ToolCallPart, ToolResultPart
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_list, want_object
from ..plain_text import plain_text
from ..residue import hints_of, own, residue, restore, with_hints
from ..tool_calls import calls_in
from .calls import Calls
from .dialect import FOREIGN_CALL, WIRE, native
from .parts import decode_parts, encode_part, encode_parts

__all__ = ["decode_contents", "decode_instruction", "encode_contents", "encode_instruction", "leading"]

_INSTRUCTIONS: Final = (Role.SYSTEM, Role.DEVELOPER)
_IN_PLACE: Final = "in_place"  # a content with a role that this protocol does not have
_SPEAKERS: Final[dict[str, str]] = {Role.USER: "user", Role.ASSISTANT: "model"}
_ROLES: Final = {"user": Role.USER, "model": Role.ASSISTANT, "function": Role.TOOL}


def leading(messages: Sequence[Message]) -> int:
    """How many instructions stand before the conversation."""
    for i, message in enumerate(messages):
        if message.role not in _INSTRUCTIONS or hints_of(own(message.native, WIRE)).get(_IN_PLACE):
            return i
    return len(messages)


def encode_instruction(messages: Sequence[Message], enc: Encoding) -> dict[str, Any] | None:
    """The instructions before the conversation as ``systemInstruction``; None where nothing is left of them."""
    parts: list[dict[str, Any]] = []
    for i, message in enumerate(messages):
        _note_name(message, enc, f"messages[{i}]")
        if message.extra:
            enc.report.lost(f"messages[{i}].extra", "extra keys", "leading instructions are no content on this wire")
        parts += encode_parts(message.parts, enc, f"messages[{i}].content")
    data = own(messages[0].native, WIRE)
    if not parts and data is None:
        return None
    return restore({"parts": _listed(parts, data)}, data)


def _listed(parts: list[dict[str, Any]], data: Mapping[str, Any] | None) -> Any:
    return parts[0] if len(parts) == 1 and hints_of(data).get("single") else parts


def encode_contents(messages: Sequence[Message], lead: int, enc: Encoding) -> Iterator[dict[str, Any]]:
    """The conversation behind its ``lead`` instructions; neighbouring tool messages are the results of one turn,
    which this vendor wants together."""
    names = {call.id: call.name for call in calls_in(messages)}
    results: dict[str, Any] | None = None
    for i in range(lead, len(messages)):
        message = messages[i]
        speaker = _SPEAKERS.get(message.role)
        if speaker is not None and (text := plain_text(message, WIRE)) is not None:
            if results is not None:
                yield results
                results = None
            yield {"role": speaker, "parts": [{"text": text}]}
            continue
        path = f"messages[{i}]"
        _note_name(message, enc, path)
        data = own(message.native, WIRE)
        parts = _parts(message, names, enc, path)
        if message.role == Role.TOOL and data is None:
            results = results or {"role": "user", "parts": []}
            results["parts"] += parts
            add_extra(results, message.extra, path)
            continue
        if results is not None:
            yield results
            results = None
        if not parts and data is None and not message.content and message.role != Role.ASSISTANT:
            parts = [{"text": ""}]  # a content without parts is refused; a silent model's turn stays away
        if parts or data is not None:
            said = {"role": _role(message, data, enc, path), "parts": _listed(parts, data)}
            yield add_extra(restore(said, data), message.extra, path)
    if results is not None:
        yield results


def _role(message: Message, data: Mapping[str, Any] | None, enc: Encoding, path: str) -> str:
    if message.role == Role.ASSISTANT:
        return "model"
    if message.role == Role.TOOL:
        return "function" if data is not None else "user"
    if message.role in _INSTRUCTIONS and data is None:
        enc.report.degraded(path, "instructions in mid-conversation", "they go as the user's words")
    return str(message.role) if data is not None else "user"


def _parts(message: Message, names: Mapping[str, str], enc: Encoding, path: str) -> list[dict[str, Any]]:
    home = enc.comes_home(message)
    out: list[dict[str, Any]] = []
    first_call = True
    for i, given in enumerate(message.parts):
        at, part = f"{path}.content[{i}]", _named(given, names)
        if isinstance(part, ReasoningPart) and not _goes_back(part, home):
            ours = home and (own(part.native, WIRE) is not None or (part.native is None and message.origin is not None))
            why = "summaries of thoughts are not wanted back" if ours else "only its author can read it"
            enc.report.note(at, "reasoning", f"{why}: it is left out")
            continue
        encoded = encode_part(part, enc, at, signed=home)
        if encoded is None:
            continue
        if isinstance(part, ToolCallPart):
            if first_call and (not home or own(part.native, WIRE) is None):
                encoded.setdefault("thoughtSignature", FOREIGN_CALL)
            first_call = False
        out.append(encoded)
    return out


def _goes_back(part: ReasoningPart, home: bool) -> bool:
    """Thoughts of an answer are summaries that this vendor does not want back, unless they are signed."""
    data = own(part.native, WIRE)
    return home and data is not None and (part.signature is not None or bool(hints_of(data).get("asked")))


def _named(part: Part, names: Mapping[str, str]) -> Part:
    """A result with its tool's name, which this wire demands, out of the call it answers."""
    if isinstance(part, ToolResultPart) and part.name is None and part.call_id in names:
        return replace(part, name=names[part.call_id])
    return part


def _note_name(message: Message, enc: Encoding, path: str) -> None:
    if message.name is not None:
        enc.report.lost(f"{path}.name", "name", "speakers have no names on this wire")


def decode_instruction(raw: Any, calls: Calls) -> Message:
    """``systemInstruction`` as a message."""
    said = {"parts": [{"text": raw}]} if isinstance(raw, str) else raw
    return _decode_content(said, "systemInstruction", calls, instruction=True)


def decode_contents(raw: Any, calls: Calls) -> list[Message]:
    """``contents`` as messages; a text or a single content stands for a list of one."""
    if isinstance(raw, str):
        raw = [{"role": "user", "parts": [{"text": raw}]}]
    elif isinstance(raw, Mapping):
        raw = [raw]
    return [
        _decode_content(item, f"contents[{i}]", calls, instruction=False)
        for i, item in enumerate(want_list(raw, "contents"))
    ]


def _decode_content(raw: Any, path: str, calls: Calls, *, instruction: bool) -> Message:
    said = want_object(raw, path)
    # A list of one may be written as its one item (the protocol's JSON form of repeated fields).
    single = isinstance(said.get("parts"), Mapping)
    listed = [said["parts"]] if single else said.get("parts") or []
    parts = decode_parts(listed, f"{path}.parts", calls, asked=True)
    ours: dict[str, Any] = {"parts": said["parts"] if isinstance(said.get("parts"), list | dict) else []}
    if instruction:
        who: Role | str = Role.SYSTEM
    else:
        role = as_text(said.get("role")) or "user"
        who = _ROLES.get(role, role)
        ours["role"] = role
    silent = not instruction and not parts and "parts" in said  # refused from others, kept where it came so
    data = with_hints(residue(said, ours), single=single, silent=silent)
    if not instruction and who not in (Role.USER, Role.ASSISTANT):
        data = with_hints(data, **{_IN_PLACE: True})
    return Message(who, parts, native=native(data))
