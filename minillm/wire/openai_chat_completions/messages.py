"""Messages, both ways, in requests and in answers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...errors import EncodeError
from ...types import (
    AudioPart,
    ImagePart,
    Message,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from ..fields import want_list, want_object, want_text
from ..residue import HINTS, hints_of, restore, with_hints
from .calls import CallIds, decode_call, decode_function_call, encode_call
from .citations import decode_citation, encode_citation
from .content import decode_part, decode_picture, encode_part, encode_picture, encode_thinking
from .dialect import WIRE, native
from .encoding import Encoding, add_extra
from .reasoning import REASONING_FIELDS, decode_reasoning, encode_reasoning
from .results import Results, decode_result

__all__ = ["decode_message", "decode_messages", "encode_answer", "encode_messages"]

_PLAIN: Final = frozenset({"role", "content"})
_RICH: Final = frozenset(
    {*REASONING_FIELDS, "refusal", "tool_calls", "function_call", "audio", "images", "annotations", "executed_tools"}
)

# An assistant that says one of these need not say anything else.
_BESIDE: Final = frozenset({"tool_calls", "function_call", "refusal", "audio", "images", *REASONING_FIELDS})

_WORDS: Final[dict[str, str]] = {role: role.value for role in Role}
_SYSTEM: Final = frozenset({"system", "developer"})


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
    """One message, of a request (``asked``) or an answer."""
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
    content = raw.get("content")
    parts: list[Part] = []
    if isinstance(content, str):
        if not content:
            rest["content"] = ""
    else:
        _decode_content(raw, path, parts, rest, hints, asked=asked)
        content = ""
    if any(value and key in _RICH for key, value in rest.items()):
        if content:
            parts.append(TextPart(content))
        parts = _decode_rich(raw, path, ids, parts, rest, hints, asked=asked)
        if len(parts) == 1 and content and type(parts[0]) is TextPart and not parts[0].citations:
            parts = []
        elif parts:
            content = ""
    if hints:
        rest[HINTS] = hints
    return Message(role, tuple(parts) if parts else content, name, native=native(rest))


def _decode_content(
    raw: Mapping[str, Any], path: str, parts: list[Part], rest: dict[str, Any], hints: dict[str, Any], *, asked: bool
) -> None:
    """Content that is not a text."""
    content = raw.get("content")
    if isinstance(content, Mapping):  # Cloudflare answers a JSON schema with the value itself
        from ...json.serialization import dumps

        parts.append(TextPart(dumps(content).decode()))
        hints["content"] = "value"
    elif content:
        items = want_list(content, f"{path}.content")
        parts.extend(decode_part(item, f"{path}.content[{at}]", asked=asked) for at, item in enumerate(items))
        hints["content"] = "list"
    elif "content" in raw:
        if content is not None:
            want_list(content, f"{path}.content")
        rest["content"] = content
    else:
        hints["no_content"] = True


def _decode_rich(
    raw: Mapping[str, Any],
    path: str,
    ids: CallIds,
    parts: list[Part],
    rest: dict[str, Any],
    hints: dict[str, Any],
    *,
    asked: bool,
) -> list[Part]:
    """What an assistant says beside its content; what was read is taken out of ``rest``."""
    front: list[Part] = []
    reasoning, fields = decode_reasoning(raw, asked=asked)
    if reasoning is not None:
        front.append(reasoning)
    for field in fields:
        del rest[field]
    refusal = raw.get("refusal")
    if isinstance(refusal, str) and refusal:
        parts.append(RefusalPart(refusal))
        del rest["refusal"]
        if asked:
            hints["refusal"] = "field"
    _decode_annotations(rest, parts)
    _decode_media(rest, parts, asked=asked)
    if rest.get("tool_calls"):
        calls = want_list(rest.pop("tool_calls"), f"{path}.tool_calls")
        parts.extend(
            decode_call(call, f"{path}.tool_calls[{at}]", ids, asked=asked) for at, call in enumerate(calls)
        )
    if rest.get("function_call"):
        parts.append(decode_function_call(rest.pop("function_call"), f"{path}.function_call", ids, asked=asked))
    if rest.get("executed_tools"):  # Groq: what its own tools did
        parts.append(NativePart(WIRE, {"executed_tools": rest.pop("executed_tools")}))
    return front + parts


def _decode_annotations(rest: dict[str, Any], parts: list[Part]) -> None:
    """Citations belong to the text; without one they stay in the residue."""
    said = rest.get("annotations")
    at = next((at for at, part in enumerate(parts) if isinstance(part, TextPart)), None)
    if not isinstance(said, list) or not said or at is None:
        return
    citations = [decode_citation(item) for item in said]
    if None in citations:
        return
    text = parts[at]
    parts[at] = TextPart(
        text.text,  # type: ignore[union-attr]
        tuple(citation for citation in citations if citation is not None),
        cache=text.cache,  # type: ignore[union-attr]
        native=text.native,  # type: ignore[union-attr]
    )
    del rest["annotations"]


def _decode_media(rest: dict[str, Any], parts: list[Part], *, asked: bool) -> None:
    audio = rest.get("audio")
    if isinstance(audio, Mapping):
        said = {key: audio[key] for key in ("id", "data", "transcript") if isinstance(audio.get(key), str) and audio[key]}
        left = {key: value for key, value in audio.items() if key not in said}
        parts.append(
            AudioPart(
                data=said.get("data"),
                file_id=said.get("id"),
                transcript=said.get("transcript"),
                native=native(with_hints(left, asked=asked)),
            )
        )
        del rest["audio"]
    images = rest.get("images")
    if isinstance(images, list) and images and not asked:
        pictures = [decode_picture(item) for item in images]
        if None not in pictures:
            parts.extend(picture for picture in pictures if picture is not None)
            del rest["images"]


def encode_messages(messages: Sequence[Message], enc: Encoding) -> list[dict[str, Any]]:
    """The conversation of a request.

    Raises:
        EncodeError: a tool message without a result, or an ``extra`` key that collides.
    """
    out: list[dict[str, Any]] = []
    results = Results(enc)
    for place, message in enumerate(messages):
        content = message.content
        if type(content) is str and message.native is None and message.extra is None and message.role != Role.TOOL:
            results.flush(out)  # nearly every message: a role and a text
            if message.role != Role.ASSISTANT:
                enc.turn_has_calls = False
            plain: dict[str, Any] = {"role": _role(message, enc), "content": content}
            if message.name is not None:
                _say_name(message, plain, enc, f"messages[{place}]")
            out.append(plain)
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
        out.append(_encode(message, enc, path))
    results.flush(out)
    return out


def _role(message: Message, enc: Encoding) -> str:
    word = _WORDS.get(message.role, message.role)
    wanted = enc.quirks.system_role
    return wanted if word in _SYSTEM and wanted != "keep" and enc.asking else str(word)


def _say_name(message: Message, out: dict[str, Any], enc: Encoding, path: str) -> None:
    if "name" in enc.quirks.unsupported:
        enc.report.lost(f"{path}.name", "the speaker's name", "this host does not read it")
    else:
        out["name"] = message.name


def encode_answer(message: Message, enc: Encoding, path: str) -> dict[str, Any]:
    """The message of an answer."""
    return _encode(message, enc, path)


def _encode(message: Message, enc: Encoding, path: str) -> dict[str, Any]:
    data = enc.residue(message.native)
    hints = hints_of(data)
    said: dict[str, Any] = {} if hints.get("no_role") and message.role == Role.ASSISTANT else {"role": _role(message, enc)}
    if message.name is not None:
        _say_name(message, said, enc, path)
    assistant = message.role == Role.ASSISTANT or not enc.asking
    content = _encode_content(message, said, enc, path, hints, assistant=assistant)
    if content is not None:
        said["content"] = content
    out = restore(said, data)
    if "content" not in out:
        beside = assistant and not out.keys().isdisjoint(_BESIDE)
        if not (hints.get("no_content") and (beside or not enc.asking)):
            # Null beside a call, since some hosts refuse "" there and others null elsewhere (trap 6).
            out["content"] = None if beside else ""
    if data is None and not enc.asking:
        out.setdefault("refusal", None)  # the vendor's answers always have it
    if message.extra:
        add_extra(out, message.extra, path)
    return out


def _encode_content(
    message: Message,
    said: dict[str, Any],
    enc: Encoding,
    path: str,
    hints: Mapping[str, Any],
    *,
    assistant: bool,
) -> Any:
    """The content, or None where there is none; what stands beside it goes into ``said``."""
    content = message.content
    if isinstance(content, str):
        return _value(content) if content and hints.get("content") == "value" else content or None
    if not assistant:
        return _say_items(message, _items(content, enc, path), hints)
    if any(isinstance(part, ToolCallPart) for part in content):
        enc.turn_has_calls = True
        _note_order(content, enc, path)
    items: list[dict[str, Any]] = []
    for at, part in enumerate(content):
        place = f"{path}.content[{at}]"
        if isinstance(part, TextPart):
            item = encode_part(part, enc, place)
            items.append(item or {})
            if part.citations:
                _say_citations(part, said, enc, place, hints)
        elif isinstance(part, RefusalPart):
            if enc.asking and hints.get("refusal") != "field":
                items.append(encode_part(part, enc, place) or {})
            else:
                said["refusal"] = said.get("refusal", "") + part.text
        elif isinstance(part, ReasoningPart):
            _say_reasoning(part, items, said, enc, message, place)
        elif isinstance(part, ToolCallPart):
            field, call = encode_call(part, enc, place, home=enc.comes_home(message))
            if field == "function_call":
                said[field] = call
            else:
                said.setdefault(field, []).append(call)
        elif not isinstance(part, ToolResultPart):
            _say_other(part, items, said, enc, place)
    return _say_items(message, items, hints)


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
        return items or None
    plain = all(len(item) == 2 and item.get("type") == "text" for item in items)
    if plain and (len(items) == 1 or message.role == Role.ASSISTANT):
        text = "".join(item["text"] for item in items)
        return _value(text) if form == "value" else text or None
    return items or None


def _value(text: str) -> Any:
    from ...json.serialization import loads

    try:
        value = loads(text)
    except ValueError:
        return text  # changed since, and no JSON any more
    return value if isinstance(value, dict) else text


def _note_order(content: Sequence[Part], enc: Encoding, path: str) -> None:
    called = False
    for part in content:
        if isinstance(part, ToolCallPart):
            called = True
        elif called and isinstance(part, TextPart):
            enc.report.degraded(path, "text behind a tool call", "calls stand beside the text; their order is lost")
            return


def _say_citations(
    part: TextPart, said: dict[str, Any], enc: Encoding, path: str, hints: Mapping[str, Any]
) -> None:
    if enc.asking and not hints.get("asked"):
        enc.report.note(path, "citations", "a request does not carry them")
        return
    said.setdefault("annotations", []).extend(map(encode_citation, part.citations))


def _say_reasoning(
    part: ReasoningPart, items: list[dict[str, Any]], said: dict[str, Any], enc: Encoding, message: Message, path: str
) -> None:
    data = enc.residue(part.native)
    if str(hints_of(data).get("form", "")).startswith("thinking"):
        item = encode_part(part, enc, path)
        items.append(item or {})
        return
    fields = encode_reasoning(part, enc, message, path)
    if "thinking" in fields:
        items.append(encode_thinking(part))
        return
    for name, value in fields.items():
        if name in said:  # several parts: texts follow each other, lists are joined
            value = said[name] + (value if isinstance(value, list) else "\n\n" + value)
        said[name] = value


def _say_other(part: Part, items: list[dict[str, Any]], said: dict[str, Any], enc: Encoding, path: str) -> None:
    """Sounds, pictures and native blocks of an assistant."""
    if isinstance(part, AudioPart):
        _say_audio(part, items, said, enc, path)
    elif isinstance(part, ImagePart) and not enc.asking:
        picture = encode_picture(part, enc)
        if picture is None:
            enc.report.lost(path, "picture", "it has neither data nor URL")
        else:
            said.setdefault("images", []).append(picture)
            if part.native is None:
                enc.report.note(path, "picture", "the protocol has no field for it; it goes out as a dialect's")
    elif isinstance(part, NativePart) and part.wire == WIRE and isinstance(part.block, Mapping) and "type" not in part.block:
        if enc.asking:
            enc.report.note(path, "the host's own tools' record", "a request does not carry it")
        else:
            said.update(part.block)
    elif isinstance(part, NativePart):
        item = encode_part(part, enc, path)
        if item is not None:
            items.append(item)
    else:
        what = type(part).__name__.removesuffix("Part").lower()
        enc.report.lost(path, what, "an assistant says only text on this wire; put it into a user message")


def _say_audio(part: AudioPart, items: list[dict[str, Any]], said: dict[str, Any], enc: Encoding, path: str) -> None:
    data = enc.residue(part.native)
    if enc.asking and not hints_of(data).get("asked"):
        if part.file_id is not None:
            said["audio"] = {"id": part.file_id}
        elif part.transcript:
            items.append({"type": "text", "text": part.transcript})
            enc.report.degraded(path, "spoken answer", "it has no id any more; its words go out as text")
        else:
            enc.report.lost(path, "spoken answer", "it has neither an id nor words")
        return
    fields = {"id": part.file_id, "data": part.data, "transcript": part.transcript}
    audio = {key: value for key, value in fields.items() if value is not None}
    if data is None and part.native is None and not enc.asking:
        audio = {"id": "", "data": "", "transcript": "", "expires_at": 0, **audio}
    said["audio"] = restore(audio, data)
