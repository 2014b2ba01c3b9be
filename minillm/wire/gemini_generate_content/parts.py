"""Parts, both ways. A part has one data field and side fields (thought, signature) beside it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ...errors import DecodeError
from ...json.serialization import dumps, loads
from ...types import (
    AudioPart,
    FilePart,
    ImagePart,
    MediaPart,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from ...types.media_type import guess_media_type
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_list, want_object, want_text
from ..residue import hints_of, own, residue, restore, with_hints
from ..tool_calls import invented_id, usable_id
from .dialect import WIRE, native

__all__ = ["Calls", "arguments_of", "decode_part", "decode_parts", "encode_part", "media_kind"]

_FETCHED: Final = ("generativelanguage.googleapis.com/", "www.youtube.com/", "youtu.be/", "storage.googleapis.com/")

Fields = dict[str, Any]
Hints = Mapping[str, Any]


class Calls:
    """The ids of calls in one body: those that hosts leave out are invented, the same every time,
    and results without an id answer the calls of their name in order."""

    __slots__ = ("_count", "_open", "_seed")

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._count = 0
        self._open: list[tuple[str, str]] = []

    def called(self, sent: Any, name: str) -> str:
        id = usable_id(sent) or invented_id(self._seed, self._count, name)
        self._count += 1
        self._open.append((name, id))
        return id

    def answered(self, sent: Any, name: str) -> str:
        id = usable_id(sent)
        for i, (called, known) in enumerate(self._open):
            if known == id or (not id and called == name):
                del self._open[i]
                return known
        return id or invented_id(self._seed, "result", self._count, name)


def media_kind(mime: str | None) -> type[MediaPart]:
    """The part for a media type; everything that is no picture, sound or film is a file."""
    return _KINDS.get((mime or "").partition("/")[0], FilePart)


_KINDS: Final[dict[str, type[MediaPart]]] = {"image": ImagePart, "audio": AudioPart, "video": VideoPart}


def decode_parts(raw: Any, path: str, calls: Calls) -> tuple[Part, ...]:
    return tuple(decode_part(part, f"{path}[{i}]", calls) for i, part in enumerate(want_list(raw, path)))


def decode_part(raw: Any, path: str, calls: Calls) -> Part:
    """One part; a kind without neutral form is kept whole.

    Raises:
        DecodeError: a known kind without what makes it that kind.
    """
    said = want_object(raw, path)
    for field, read in _READERS:
        if field in said:
            found = read(said, f"{path}.{field}", calls)
            break
    else:
        signed = set(said) == {"thoughtSignature"}  # a last part may hold nothing but its signature
        found = _read_nothing() if signed else None
    if found is None:
        return NativePart(WIRE, dict(said))
    made, fields, hints = found
    signature = as_text(said.get("thoughtSignature"))
    if signature is not None:
        fields["signature"] = signature
    rest = residue(said, _said(made(**fields), hints) or {})
    if rest or hints:
        fields["native"] = native(with_hints(rest, **hints))
    part: Part = made(**fields)
    return part


Found = tuple[Callable[..., Any], Fields, dict[str, Any]]
Raw = Mapping[str, Any]


def _read_nothing() -> Found:
    return TextPart, {"text": ""}, {}


def _read_text(raw: Raw, path: str, calls: Calls) -> Found:
    text = want_text(raw["text"], path)
    return (ReasoningPart if raw.get("thought") is True else TextPart), {"text": text}, {}


def _read_inline(raw: Raw, path: str, calls: Calls) -> Found | None:
    said = want_object(raw["inlineData"], path)
    mime = as_text(said.get("mimeType"))
    if raw.get("thought") is True:
        return None  # a picture thought of on the way has no neutral form
    fields = {
        "data": want_text(said.get("data"), f"{path}.data"),
        "mime": mime,
        "name": as_text(said.get("displayName")),
    }
    return media_kind(mime), fields, {}


def _read_file(raw: Raw, path: str, calls: Calls) -> Found:
    said = want_object(raw["fileData"], path)
    mime = as_text(said.get("mimeType"))
    fields = {
        "url": want_text(said.get("fileUri"), f"{path}.fileUri"),
        "mime": mime,
        "name": as_text(said.get("displayName")),
    }
    return media_kind(mime), fields, {}


def _read_call(raw: Raw, path: str, calls: Calls) -> Found | None:
    said = want_object(raw["functionCall"], path)
    if "partialArgs" in said or "willContinue" in said or "name" not in said:
        return None
    name = want_text(said["name"], f"{path}.name")
    id = calls.called(said.get("id"), name)
    args = said.get("args")
    fields = {"id": id, "name": name, "arguments": "" if args is None else dumps(args).decode()}
    return ToolCallPart, fields, {} if usable_id(said.get("id")) else {"invented": id}


def _read_result(raw: Raw, path: str, calls: Calls) -> Found:
    said = want_object(raw["functionResponse"], path)
    name = want_text(said.get("name"), f"{path}.name")
    id = calls.answered(said.get("id"), name)
    hints: dict[str, Any] = {} if usable_id(said.get("id")) else {"invented": id}
    fields: Fields = {"call_id": id, "name": name}
    response = want_object(said.get("response", {}), f"{path}.response")
    for key, is_error in (("output", False), ("result", False), ("error", True)):
        if set(response) == {key} and isinstance(response[key], str):
            fields.update(content=response[key], is_error=is_error)
            hints["form"] = key
            break
    else:
        fields.update(content=dumps(response).decode(), is_error="error" in response)
        hints["form"] = "object"
    if isinstance(said.get("parts"), list):
        text = TextPart(fields["content"])
        fields["content"] = (text, *decode_parts(said["parts"], f"{path}.parts", calls))
    return ToolResultPart, fields, hints


_READERS: Final[tuple[tuple[str, Callable[[Raw, str, Calls], Found | None]], ...]] = (
    ("text", _read_text),
    ("inlineData", _read_inline),
    ("fileData", _read_file),
    ("functionCall", _read_call),
    ("functionResponse", _read_result),
)


def encode_part(part: Part, enc: Encoding, path: str, *, signed: bool = True) -> dict[str, Any] | None:
    """A part in this wire's words; None (and reported) where it cannot say it.

    Args:
        signed: whether signatures may go along (the host and model are those that gave them).
    """
    if isinstance(part, NativePart):
        if part.wire == WIRE and isinstance(part.block, Mapping):
            return dict(part.block)
        enc.report.lost(path, f"{part.wire} block", "it has no form in Gemini GenerateContent")
        return None
    if isinstance(part, TextPart) and not part.text and part.native is None and part.signature is None:
        return None
    data = own(part.native, WIRE)
    said = _said(part, hints_of(data))
    if said is None:
        enc.report.lost(path, *_unsayable(part))
        return None
    if not signed:
        said.pop("thoughtSignature", None)
    if isinstance(part, TextPart) and part.citations and data is None:
        enc.report.lost(f"{path}.citations", "citations", "this wire grounds whole answers, not stretches of text")
    if isinstance(part, ToolCallPart) and part.kind == "custom":
        enc.report.degraded(path, "free-text tool call", "its text goes as the field 'input'")
    if isinstance(part, ToolResultPart) and not isinstance(part.content, str):
        for i, inner in enumerate(part.content):
            if not isinstance(inner, TextPart | MediaPart):
                enc.report.lost(f"{path}.content[{i}]", "block in a result", "results hold text and media here")
    if isinstance(part, MediaPart) and part.data is None and not _is_fetched(part.url):
        enc.report.degraded(path, "file by address", "this host fetches only some addresses; send the bytes")
    if getattr(part, "cache", None) is not None:
        enc.report.note(path, "cache mark", "this host caches by itself, or by a resource of its own")
    return add_extra(restore(said, data), part.extra, path)


def _said(part: Any, hints: Hints) -> dict[str, Any] | None:
    write = _WRITERS.get(type(part))
    said = None if write is None else write(part, hints)
    if said is not None and getattr(part, "signature", None) is not None:
        said["thoughtSignature"] = part.signature
    return said


def _write_text(part: TextPart, hints: Hints) -> dict[str, Any]:
    return {"text": part.text}


def _write_reasoning(part: ReasoningPart, hints: Hints) -> dict[str, Any] | None:
    return None if part.sealed is not None and not part.text else {"text": part.text, "thought": True}


def arguments_of(part: ToolCallPart) -> Any:
    """The arguments as the object this wire wants; text that is none stands under ``input``."""
    if part.kind == "custom":
        return {"input": part.arguments}
    try:
        value = loads(part.arguments)
    except DecodeError:
        return {"input": part.arguments}
    return value if isinstance(value, Mapping) else {"input": value}


def _write_call(part: ToolCallPart, hints: Hints) -> dict[str, Any]:
    said: dict[str, Any] = {"name": part.name}
    if part.id and part.id != hints.get("invented"):
        said["id"] = part.id
    if part.arguments.strip():
        said["args"] = arguments_of(part)
    return {"functionCall": said}


def _write_result(part: ToolResultPart, hints: Hints) -> dict[str, Any]:
    said: dict[str, Any] = {"name": part.name or "unknown"}
    if part.call_id and part.call_id != hints.get("invented"):
        said["id"] = part.call_id
    media = () if isinstance(part.content, str) else tuple(p for p in part.content if isinstance(p, MediaPart))
    form = hints.get("form")
    if form == "object":
        try:
            said["response"] = loads(part.text)
        except DecodeError:
            said["response"] = {"output": part.text}
    else:
        key = "error" if part.is_error else form if form in ("output", "result") else "output"
        said["response"] = {key: part.text}
    if media:
        said["parts"] = [
            restore(_said(item, hints_of(own(item.native, WIRE))) or {}, own(item.native, WIRE)) for item in media
        ]
    return {"functionResponse": said}


def _write_media(part: MediaPart, hints: Hints) -> dict[str, Any] | None:
    if part.data is not None:
        field, said = "inlineData", {"data": part.data}
    elif part.url is not None or part.file_id is not None:
        field, said = "fileData", {"fileUri": str(part.url or part.file_id)}
    else:
        return None
    mime = part.mime or (_guessed(part) if "fileUri" in said and part.native is None else None)
    if mime is not None:
        said["mimeType"] = mime
    if part.name is not None:
        said["displayName"] = part.name
    return {field: said}


def _is_fetched(url: str | None) -> bool:
    """Addresses this vendor is documented to take: its own files, its storage, YouTube."""
    return url is None or not url.startswith(("http://", "https://")) or any(host in url[:60] for host in _FETCHED)


def _guessed(part: MediaPart) -> str | None:
    """The type of a file at an address, which this vendor wants to know: by its name, else of its kind."""
    path = (part.url or "").partition("?")[0]
    kind = {ImagePart: "image/jpeg", AudioPart: "audio/mpeg", VideoPart: "video/mp4"}.get(type(part))
    named = guess_media_type(None, path)
    return named if named is not None and (kind is None or media_kind(named) is type(part)) else kind


_WRITERS: Final[dict[type, Callable[[Any, Hints], dict[str, Any] | None]]] = {
    TextPart: _write_text,
    ReasoningPart: _write_reasoning,
    ToolCallPart: _write_call,
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
