"""The conversation, both ways: leading instructions apart, then turns of user and assistant."""

from collections.abc import Sequence
from typing import Any, Final

from ...types import Message, Part, ReasoningPart, Role, ToolResultPart
from ..encoding import Encoding, add_extra
from ..fields import want_list, want_object, want_text
from ..plain_text import plain_text
from ..residue import HINTS, hints_of, own, with_hints
from ..tool_calls import calls_in
from .blocks import decode_blocks, encode_blocks
from .dialect import WIRE, native

__all__ = ["decode_messages", "decode_system", "encode_messages", "encode_system", "leading"]

_INSTRUCTIONS: Final = (Role.SYSTEM, Role.DEVELOPER)
_SPEAKERS: Final[dict[str, str]] = {Role.USER: "user", Role.ASSISTANT: "assistant"}
_IN_PLACE: Final = "in_place"  # instructions that a peer had put among the messages, even at their head
_MIXED: Final = "mixed"  # results that a peer had put behind other content


def leading(messages: Sequence[Message]) -> int:
    """How many instructions stand before the conversation; later ones stay where they are."""
    count = 0
    for message in messages:
        if message.role not in _INSTRUCTIONS or hints_of(own(message.native, WIRE)).get(_IN_PLACE):
            break
        count += 1
    return count


def encode_system(messages: Sequence[Message], enc: Encoding) -> str | list[dict[str, Any]]:
    """The instructions before the conversation as the ``system`` field."""
    for i, message in enumerate(messages):
        _note_name(message, enc, f"messages[{i}]")
        if message.extra:
            enc.report.lost(f"messages[{i}].extra", "extra keys", "leading instructions are no message on this wire")
    if len(messages) == 1 and isinstance(messages[0].content, str):
        return messages[0].content
    blocks: list[dict[str, Any]] = []
    for i, message in enumerate(messages):
        blocks.extend(encode_blocks(message.parts, enc, f"messages[{i}].content"))
    return blocks


def encode_messages(messages: Sequence[Message], lead: int, enc: Encoding) -> list[dict[str, Any]]:
    """The conversation behind its ``lead`` instructions; neighbouring tool messages are the results of one turn."""
    _keep_ids(messages, enc)
    turns: list[dict[str, Any]] = []
    results: dict[str, Any] | None = None
    for i in range(lead, len(messages)):
        message = messages[i]
        speaker = _SPEAKERS.get(message.role)
        if speaker is not None and (text := plain_text(message, WIRE)) is not None:
            content: Any = text if isinstance(message.content, str) else [{"type": "text", "text": text}]
            turns.append({"role": speaker, "content": content})
            results = None
            continue
        path = f"messages[{i}]"
        _note_name(message, enc, path)
        if message.role == Role.TOOL:
            if results is None:
                results = {"role": "user", "content": []}
                turns.append(results)
            results["content"].extend(encode_blocks(message.parts, enc, f"{path}.content"))
            add_extra(results, message.extra, path)
            continue
        results = None
        turn = _encode_turn(message, enc, path)
        if turn is not None:
            turns.append(turn)
    return turns


def _encode_turn(message: Message, enc: Encoding, path: str) -> dict[str, Any] | None:
    data = own(message.native, WIRE)
    assistant = message.role == Role.ASSISTANT
    role = "system" if message.role in _INSTRUCTIONS else str(message.role)
    if isinstance(message.content, str):
        if not message.content and assistant and data is None:
            return None  # nothing was said, and this vendor refuses empty content
        content: Any = message.content
    else:
        sendable = _sendable(message, enc, path)
        parts, places = [part for _, part in sendable], [i for i, _ in sendable]
        content = encode_blocks(parts, enc, f"{path}.content", assistant=assistant, places=places)
        if not content and message.content:
            return None
    rest = {key: value for key, value in (data or {}).items() if key != HINTS}
    return add_extra({**rest, "role": role, "content": content}, message.extra, path)


def _sendable(message: Message, enc: Encoding, path: str) -> Sequence[tuple[int, Part]]:
    """The parts, each with its place, without reasoning that this host could not read: whole blocks, never the seal
    alone. Results of tools come first, as the vendor demands."""
    parts: list[tuple[int, Part]] = []
    for i, part in enumerate(message.parts):
        if isinstance(part, ReasoningPart) and not _comes_home(message, part, enc):
            enc.report.note(f"{path}.content[{i}]", "reasoning", "only its author can read it: it is left out")
        else:
            parts.append((i, part))
    if message.role == Role.USER and not hints_of(own(message.native, WIRE)).get(_MIXED):
        parts.sort(key=lambda placed: not isinstance(placed[1], ToolResultPart))
    return parts


def _comes_home(message: Message, part: ReasoningPart, enc: Encoding) -> bool:
    if own(part.native, WIRE) is None:
        # Nobody says whose it is: a seal alone or a signed text may be this vendor's.
        known = part.native is None and (part.signature is not None) != (part.sealed is not None)
        if not known or (part.sealed is not None and part.text):
            return False
    return enc.comes_home(message)


def _keep_ids(messages: Sequence[Message], enc: Encoding) -> None:
    """Ids that this wire gave stay as they are, in results as well, whatever they look like."""
    for call in calls_in(messages):
        if own(call.native, WIRE) is not None:
            enc.ids.keep(call.id)


def _note_name(message: Message, enc: Encoding, path: str) -> None:
    if message.name is not None:
        enc.report.lost(f"{path}.name", "name", "speakers have no names on this wire")


def decode_system(raw: Any) -> Message:
    """The ``system`` field as a message."""
    return Message(Role.SYSTEM, _decode_content(raw, "system"))


def decode_messages(raw: Any) -> list[Message]:
    """The ``messages`` field."""
    messages = [_decode_message(item, f"messages[{i}]") for i, item in enumerate(want_list(raw, "messages"))]
    for i in range(_instructions_at_head(messages)):
        data = own(messages[i].native, WIRE) or {}
        # Fresh, and seen by nobody.
        object.__setattr__(messages[i], "native", native(with_hints(dict(data), **{_IN_PLACE: True})))
    return messages


def _instructions_at_head(messages: Sequence[Message]) -> int:
    return next((i for i, message in enumerate(messages) if message.role not in _INSTRUCTIONS), len(messages))


def _decode_message(raw: Any, path: str) -> Message:
    said = want_object(raw, path)
    role = want_text(said.get("role"), f"{path}.role")
    content = _decode_content(said.get("content"), f"{path}.content")
    rest: dict[str, Any] = {key: value for key, value in said.items() if key not in ("role", "content")}
    mixed = isinstance(content, tuple) and _is_mixed(content)
    empty = content == "" and role == Role.ASSISTANT
    return Message(role, content, native=native(with_hints(rest, **{_MIXED: mixed, "empty": empty})))


def _decode_content(raw: Any, path: str) -> str | tuple[Part, ...]:
    return raw if isinstance(raw, str) else decode_blocks(raw, path)


def _is_mixed(parts: Sequence[Part]) -> bool:
    kinds = [isinstance(part, ToolResultPart) for part in parts]
    return kinds != sorted(kinds, reverse=True)
