"""Parts, both ways. A part has one data field and side fields (thought, signature) beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...errors import DecodeError
from ...json.serialization import loads
from ...types import (
    AudioPart,
    FilePart,
    ImagePart,
    MediaPart,
    Native,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_list, want_object, want_text
from ..residue import hints_of, own, residue, restore, with_hints
from .calls import Calls, read_call, read_result, write_call, write_result
from .dialect import FOREIGN_CALL, WIRE
from .media import is_fetched, media_kind, media_type, read_file, read_inline, write_media

__all__ = ["decode_part", "decode_parts", "encode_part", "encode_parts"]

Fields = dict[str, Any]
Hints = Mapping[str, Any]
Raw = Mapping[str, Any]
Found = tuple[type, Fields, Fields]

_CHAT: Final = "openai_chat_completions"


def decode_parts(raw: Any, path: str, calls: Calls, *, asked: bool = False) -> tuple[Part, ...]:
    """A list of parts."""
    return tuple(decode_part(part, f"{path}[{i}]", calls, asked=asked) for i, part in enumerate(want_list(raw, path)))


def decode_part(raw: Any, path: str, calls: Calls, *, asked: bool = False) -> Part:
    """One part; a kind without neutral form is kept whole.

    Args:
        asked: it stands in a request, where the client put it itself.

    Raises:
        DecodeError: a known kind without what makes it that kind.
    """
    said = want_object(raw, path)
    found = _read(said, path, calls)
    if found is None:
        return NativePart(WIRE, dict(said))
    made, fields, hints = found
    signature = as_text(said.get("thoughtSignature"))
    if signature is not None and signature != FOREIGN_CALL:
        fields["signature"] = signature
    rest = residue(said, _said(made(**fields), hints, ours=True) or {})
    data = with_hints(rest, **hints, asked=asked and made is ReasoningPart)
    # What this wire said itself goes back unjudged; plain text needs no such mark, and most parts are that.
    if data or made is not TextPart or not fields["text"] or signature is not None:
        fields["native"] = Native(WIRE, data)
    part: Part = made(**fields)
    return part


def _read(said: Raw, path: str, calls: Calls) -> Found | None:
    for field, read in _READERS:
        if field in said:
            return read(said, f"{path}.{field}", calls)
    # A last part may hold nothing but its signature.
    return (TextPart, {"text": ""}, {}) if set(said) == {"thoughtSignature"} else None


def _read_text(raw: Raw, path: str, calls: Calls) -> Found:
    text = want_text(raw["text"], path)
    return (ReasoningPart if raw.get("thought") is True else TextPart), {"text": text}, {}


def _read_inline(raw: Raw, path: str, calls: Calls) -> Found | None:
    if raw.get("thought") is True:
        return None  # a picture thought of on the way has no neutral form
    fields = read_inline(want_object(raw["inlineData"], path), path)
    return media_kind(fields["mime"]), fields, {}


def _read_file(raw: Raw, path: str, calls: Calls) -> Found:
    fields = read_file(want_object(raw["fileData"], path), path)
    return media_kind(fields["mime"]), fields, {}


def _read_call(raw: Raw, path: str, calls: Calls) -> Found | None:
    found = read_call(want_object(raw["functionCall"], path), path, calls)
    return None if found is None else (ToolCallPart, *found)


def _read_result(raw: Raw, path: str, calls: Calls) -> Found:
    said = want_object(raw["functionResponse"], path)
    fields, hints = read_result(said, path, calls)
    if isinstance(said.get("parts"), list):
        inner = [_read_inner(item, f"{path}.parts[{i}]") for i, item in enumerate(said["parts"])]
        fields["content"] = (TextPart(fields["content"]), *inner)
    return ToolResultPart, fields, hints


def _read_inner(raw: Any, path: str) -> Part:
    """What stands in a result: media; a result inside a result is none of this protocol."""
    said = want_object(raw, path)
    if "functionResponse" in said or "functionCall" in said:
        return NativePart(WIRE, dict(said))
    return decode_part(said, path, Calls())


_READERS: Final[tuple[tuple[str, Callable[[Raw, str, Calls], Found | None]], ...]] = (
    ("text", _read_text),
    ("inlineData", _read_inline),
    ("fileData", _read_file),
    ("functionCall", _read_call),
    ("functionResponse", _read_result),
)


def encode_parts(parts: Sequence[Part], enc: Encoding, path: str) -> list[Fields]:
    """Parts in this wire's words, those that cannot be said left out (and reported)."""
    encoded = (encode_part(part, enc, f"{path}[{i}]") for i, part in enumerate(parts))
    return [said for said in encoded if said is not None]


def encode_part(part: Part, enc: Encoding, path: str, *, signed: bool = True) -> Fields | None:
    """A part in this wire's words; None (and reported) where it cannot say it.

    Args:
        signed: whether signatures may go along (the host and model are those that gave them).
    """
    if isinstance(part, NativePart):
        if part.wire == WIRE and isinstance(part.block, Mapping):
            return dict(part.block)
        enc.report.lost(path, f"{part.wire} block", "it has no form in Gemini GenerateContent")
        return None
    data = own(part.native, WIRE)
    if data is None:
        adapted = _adapted(part, enc, path)
        if adapted is None:
            return None
        part = adapted
    elif not signed and getattr(part, "signature", None) is not None:
        enc.report.note(f"{path}.signature", "signature", "only its author can read it")
        part = _unsigned(part)
        if isinstance(part, TextPart) and not part.text:
            return None  # it held nothing else
    said = _said(part, hints_of(data), ours=data is not None)
    if said is None:
        enc.report.lost(path, *_unsayable(part))
        return None
    return add_extra(restore(said, data), getattr(part, "extra", None), path)


def _unsigned(part: Any) -> Part:
    bare: Part = replace(part, signature=None)
    return bare


def _adapted(part: Any, enc: Encoding, path: str) -> Part | None:
    """A part from elsewhere as this vendor takes it; None where nothing is left of it."""
    if getattr(part, "cache", None) is not None:
        enc.report.note(f"{path}.cache", "cache mark", "this host caches by itself, or by a resource of its own")
    if getattr(part, "signature", None) is not None and part.native is not None and not _is_google_s(part):
        enc.report.note(f"{path}.signature", "signature", "only its author can read it")
        part = _unsigned(part)
    if isinstance(part, TextPart) and not part.text and part.signature is None:
        return None
    if isinstance(part, ToolCallPart):
        _judge_call(part, enc, path)
    elif isinstance(part, ToolResultPart):
        part = _adapted_result(part, enc, path)
    elif isinstance(part, MediaPart):
        return _adapted_media(part, enc, path)
    elif isinstance(part, ReasoningPart) and part.sealed is not None:
        enc.report.note(path, "sealed reasoning", "only its author can read it")
        return ReasoningPart(part.text) if part.text else None
    adapted: Part = part
    return adapted


def _is_google_s(part: Any) -> bool:
    """This vendor's own layer for Chat Completions carries its signature of a call."""
    return isinstance(part, ToolCallPart) and part.native is not None and part.native.wire == _CHAT


def _judge_call(part: ToolCallPart, enc: Encoding, path: str) -> None:
    if part.kind == "custom":
        enc.report.degraded(path, "free-text tool call", "its text goes as the field 'input'")
        return
    try:
        whole = not part.arguments.strip() or isinstance(loads(part.arguments), Mapping)
    except DecodeError:
        whole = False
    if not whole:
        enc.report.degraded(f"{path}.arguments", "arguments that are no object", "they go as the field 'input' of one")


def _adapted_result(part: ToolResultPart, enc: Encoding, path: str) -> ToolResultPart:
    if part.name is None:
        enc.report.degraded(f"{path}.name", "name of the tool", "results need it here, and no call before tells it")
    if isinstance(part.content, str):
        return part
    content: list[Part] = []
    for i, inner in enumerate(part.content):
        at = f"{path}.content[{i}]"
        if isinstance(inner, MediaPart) and own(inner.native, WIRE) is None:
            adapted = _adapted_media(inner, enc, at)
            content += [] if adapted is None else [adapted]
        elif isinstance(inner, TextPart | MediaPart) or (isinstance(inner, NativePart) and inner.wire == WIRE):
            content.append(inner)
        else:
            enc.report.lost(at, "block in a result", "results hold text and media here")
    return replace(part, content=tuple(content))


def _adapted_media(part: Any, enc: Encoding, path: str) -> Part | None:
    if part.data is None and part.url is None and part.file_id is not None and part.native is not None:
        enc.report.lost(path, "file id", "it is an id of another host; send the bytes or an address")
        return None
    if part.data is None and not is_fetched(part.url):
        enc.report.degraded(path, "file by address", "this host fetches only some addresses; send the bytes")
    if part.detail is not None:
        enc.report.note(f"{path}.detail", "detail", "this wire does not ask how closely to look")
    if part.name is not None:
        enc.report.note(f"{path}.name", "file name", "only Vertex takes it")
    if isinstance(part, AudioPart) and part.transcript is not None and part.data is None and part.url is None:
        return TextPart(part.transcript)
    media: Part = replace(part, mime=media_type(part), name=None)
    return media


def _said(part: Any, hints: Hints, *, ours: bool) -> Fields | None:
    """The part in this wire's words, without its residue."""
    if isinstance(part, ToolCallPart):
        said: Fields | None = write_call(part, hints, ours=ours)
    else:
        write = _WRITERS.get(type(part))
        said = None if write is None else write(part, hints)
    if said is not None and getattr(part, "signature", None) is not None:
        said["thoughtSignature"] = part.signature
    return said


def _write_text(part: TextPart, hints: Hints) -> Fields:
    return {"text": part.text}


def _write_reasoning(part: ReasoningPart, hints: Hints) -> Fields | None:
    return None if part.sealed is not None and not part.text else {"text": part.text, "thought": True}


def _write_result(part: ToolResultPart, hints: Hints) -> Fields:
    said = write_result(part, hints)
    beside = () if isinstance(part.content, str) else part.content
    media = [p for p in beside if isinstance(p, MediaPart) or (isinstance(p, NativePart) and p.wire == WIRE)]
    if media:
        said["functionResponse"]["parts"] = [_said_exactly(item) for item in media]
    return said


def _said_exactly(part: Any) -> Any:
    if isinstance(part, NativePart):
        return dict(part.block)
    data = own(part.native, WIRE)
    return restore(_said(part, hints_of(data), ours=True) or {}, data)


def _write_media(part: MediaPart, hints: Hints) -> Fields | None:
    return write_media(part)


_WRITERS: Final[dict[type, Callable[[Any, Hints], Fields | None]]] = {
    TextPart: _write_text,
    ReasoningPart: _write_reasoning,
    ToolResultPart: _write_result,
    ImagePart: _write_media,
    AudioPart: _write_media,
    VideoPart: _write_media,
    FilePart: _write_media,
}


def _unsayable(part: Part) -> tuple[str, str]:
    what = type(part).__name__.removesuffix("Part").lower()
    if isinstance(part, RefusalPart):
        return what, "a refusal is a finish reason on this wire, not content"
    if isinstance(part, ReasoningPart):
        return what, "sealed reasoning is signatures on other parts here"
    return what, "it holds neither bytes nor an address"
