"""The conversation, both ways: instructions, then items. Consecutive items of the model are one message of ours."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...types import ChatRequest, Message, Part, Role, ToolResultPart
from ..encoding import Encoding, add_extra
from ..fields import want_object, want_text
from ..residue import HINTS, hints_of, own, restore, with_hints
from ..tool_calls import calls_in
from .calls import RESULTS, decode_result, encode_result
from .content import decode_contents, encode_contents
from .dialect import WIRE, native
from .items import ItemsEncoder, decode_item
from .plain_turn import encode_plain

__all__ = ["decode_input", "decode_instructions", "encode_input", "is_instructions"]


def is_instructions(message: Message) -> bool:
    """Whether a first message goes as ``instructions``: a plain text can, anything else is an item."""
    data = own(message.native, WIRE)
    if data is not None:
        return bool(hints_of(data).get("instructions"))
    return (
        message.role == Role.SYSTEM and isinstance(message.content, str) and message.name is None and not message.extra
    )


def decode_instructions(text: str) -> Message:
    """``instructions`` as a message."""
    return Message(Role.SYSTEM, text, native=native({HINTS: {"instructions": True}}))


def encode_input(request: ChatRequest, lead: int, enc: Encoding) -> Iterator[dict[str, Any]]:
    """The items of the conversation behind its ``lead`` instructions."""
    messages = request.messages
    customs = {call.id for call in calls_in(messages) if call.kind == "custom"}
    stored = request.parameters.get("store") is not False
    for i in range(lead, len(messages)):
        message = messages[i]
        plain = encode_plain(message, enc, stored)
        if plain is not None:
            yield plain
            continue
        path = f"messages[{i}]"
        if message.name is not None:
            enc.report.lost(f"{path}.name", "name", "speakers have no names on this wire")
        if message.role == Role.ASSISTANT:
            yield from _encode_turn(message, enc, path, stored)
        else:
            yield from _encode_other(message, enc, path, customs)


def _encode_turn(message: Message, enc: Encoding, path: str, stored: bool) -> list[dict[str, Any]]:
    encoder = ItemsEncoder(enc, answer=False, home=enc.comes_home(message), stored=stored)
    items = encoder.encode(message.parts, f"{path}.content")
    if message.extra:
        if len(items) == 1:
            add_extra(items[0], message.extra, path)
        else:
            enc.report.lost(f"{path}.extra", "extra keys", "the message is not one item on this wire")
    return items


def _encode_other(message: Message, enc: Encoding, path: str, customs: set[str]) -> Iterator[dict[str, Any]]:
    """A message that is not the model's: results of tools first, an item each, then what else it holds."""
    rest: dict[int, Part] = {}
    for j, part in enumerate(message.parts):
        if isinstance(part, ToolResultPart):
            yield encode_result(part, enc, f"{path}.content[{j}]", custom=part.call_id in customs)
        else:
            rest[j] = part
    if rest or not (message.tool_results or message.role == Role.TOOL):
        said = _encode_message(message, rest, enc, path)
        if said["content"] or not rest or own(message.native, WIRE) is not None:
            yield said  # where nothing of it could be said, which is told, no empty message goes instead


def _encode_message(message: Message, parts: Mapping[int, Part], enc: Encoding, path: str) -> dict[str, Any]:
    role = "user" if message.role == Role.TOOL else str(message.role)
    content: Any = message.content
    if not isinstance(content, str):
        content = encode_contents([*parts.values()], enc, f"{path}.content", [*parts])
    return add_extra(restore({"role": role, "content": content}, own(message.native, WIRE)), message.extra, path)


def decode_input(items: Sequence[Any]) -> list[Message]:
    """The items as messages."""
    messages: list[Message] = []
    turn: list[Part] = []
    for i, item in enumerate(items):
        path = f"input[{i}]"
        said = want_object(item, path)
        kind, role = said.get("type", "message"), said.get("role")
        if kind not in RESULTS and (kind != "message" or role == "assistant"):
            turn.extend(decode_item(said, path, asked=True))
            continue
        if turn:
            messages.append(Message(Role.ASSISTANT, tuple(turn)))
            turn = []
        if kind in RESULTS:
            messages.append(Message(Role.TOOL, (decode_result(said, path),)))
        else:
            messages.append(_decode_message(said, path))
    if turn:
        messages.append(Message(Role.ASSISTANT, tuple(turn)))
    return messages


def _decode_message(raw: Any, path: str) -> Message:
    role, content = want_text(raw.get("role"), f"{path}.role"), raw.get("content")
    rest = {key: value for key, value in raw.items() if key not in ("role", "content")}
    parts = content if isinstance(content, str) else decode_contents(content, f"{path}.content")
    # An item of its own, not the instructions.
    return Message(role, parts, native=native(with_hints(rest, item=role != Role.USER)))
