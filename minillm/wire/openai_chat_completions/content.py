"""Content parts, both ways: text, pictures, sounds, films, files, refusals, thinking (Mistral)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ...types import (
    AudioPart,
    CacheBreakpoint,
    FilePart,
    ImagePart,
    MediaPart,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    VideoPart,
)
from ...types.media_type import canonical
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_object, want_text
from ..residue import hints_of, residue, restore, with_hints
from .dialect import AUDIO_FORMATS, AUDIO_TYPES, WIRE, native

__all__ = ["decode_part", "decode_picture", "encode_part", "encode_picture", "encode_thinking"]

_MARKS: Final = ("prompt_cache_breakpoint", "cache_control")

Hints = Mapping[str, Any]


def decode_part(raw: Any, path: str, *, asked: bool) -> Part:
    """One item of a content list; a kind without neutral form is kept whole.

    Raises:
        DecodeError: a known kind without what makes it that kind.
    """
    raw = want_object(raw, path)
    kind = raw.get("type")
    if kind == "text" and len(raw) == 2:
        return TextPart(want_text(raw.get("text"), f"{path}.text"))
    read = _READERS.get(kind) if isinstance(kind, str) else None
    part = read(raw, path) if read is not None else None
    if part is None:
        return NativePart(WIRE, dict(raw))
    made, fields, hints = part
    cache, mark = _cache_of(raw)
    if mark is not None:
        fields["cache"] = cache
    said = _say(made(**fields), {**hints, "mark": mark})
    if said is None:
        return NativePart(WIRE, dict(raw))
    rest = with_hints(residue(raw, said), mark=mark, **hints)
    if rest:  # "asked" alone is no residue: it only says which way the rest may travel
        fields["native"] = native(with_hints(rest, asked=asked))
    value: Part = made(**fields)
    return value


def _cache_of(raw: Mapping[str, Any]) -> tuple[CacheBreakpoint | None, str | None]:
    for key in _MARKS:
        said = raw.get(key)
        if isinstance(said, dict):
            return CacheBreakpoint(as_text(said.get("ttl"))), key
    return None, None


Read = tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]


def _read_text(raw: Mapping[str, Any], path: str) -> Read:
    return TextPart, {"text": want_text(raw.get("text"), f"{path}.text")}, {}


def _read_refusal(raw: Mapping[str, Any], path: str) -> Read:
    return RefusalPart, {"text": want_text(raw.get("refusal"), f"{path}.refusal")}, {}


def _read_image(raw: Mapping[str, Any], path: str) -> Read:
    said = raw.get("image_url")
    if isinstance(said, str):  # Mistral, Ollama
        fields, hints = _from_url(said)
        return ImagePart, fields, {**hints, "form": "text"}
    said = want_object(said, f"{path}.image_url")
    fields, hints = _from_url(want_text(said.get("url"), f"{path}.image_url.url"))
    return ImagePart, {**fields, "detail": as_text(said.get("detail"))}, hints


def _read_video(raw: Mapping[str, Any], path: str) -> Read:
    said = want_object(raw.get("video_url"), f"{path}.video_url")
    fields, hints = _from_url(want_text(said.get("url"), f"{path}.video_url.url"))
    return VideoPart, fields, hints


def _read_audio(raw: Mapping[str, Any], path: str) -> Read:
    said = want_object(raw.get("input_audio"), f"{path}.input_audio")
    data = want_text(said.get("data"), f"{path}.input_audio.data")
    format_ = as_text(said.get("format"))
    mime = None if format_ is None else AUDIO_TYPES.get(format_, f"audio/{format_}")
    return AudioPart, {"data": data, "mime": mime}, {}


def _read_file(raw: Mapping[str, Any], path: str) -> Read:
    said = want_object(raw.get("file"), f"{path}.file")
    fields: dict[str, Any] = {"name": as_text(said.get("filename")), "file_id": as_text(said.get("file_id"))}
    hints: dict[str, Any] = {}
    data = as_text(said.get("file_data"))
    if data is not None:
        given, hints = _from_url(data)
        if "url" in given:
            hints = {"form": "url"}  # OpenRouter
            if not data[:8].lower().startswith(("http://", "https://")):
                given, hints = {"data": data}, {"head": ""}  # bare base64
        fields.update(given)
    return FilePart, fields, hints


def _read_thinking(raw: Mapping[str, Any], path: str) -> Read | None:
    """Mistral. Thinking that holds anything but plain text chunks is kept whole instead."""
    said = raw.get("thinking")
    if isinstance(said, str):
        fields: dict[str, Any] = {"text": said}
        hints: dict[str, Any] = {"form": "thinking text"}
    elif isinstance(said, list) and all(_is_plain_text(item) for item in said):
        texts = [item["text"] for item in said]
        fields, hints = {"text": "".join(texts)}, {"form": "thinking", "lengths": [len(text) for text in texts]}
    else:
        return None
    signature = as_text(raw.get("signature"))
    if signature is not None:
        fields["signature"] = signature
    return ReasoningPart, fields, hints


def _is_plain_text(item: Any) -> bool:
    return (
        isinstance(item, dict) and len(item) == 2 and item.get("type") == "text" and isinstance(item.get("text"), str)
    )


_READERS: Final[dict[str, Callable[[Mapping[str, Any], str], Read | None]]] = {
    "text": _read_text,
    "refusal": _read_refusal,
    "image_url": _read_image,
    "video_url": _read_video,
    "input_audio": _read_audio,
    "file": _read_file,
    "thinking": _read_thinking,
}


def _from_url(url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of a media part, and the head of a data URL where ours would be written otherwise."""
    part = ImagePart(url=url)
    if part.data is None:
        return {"url": url}, {}
    head = url[: len(url) - len(part.data)]
    fields = {"data": part.data, "mime": part.mime}
    return fields, {} if head == _head(part) else {"head": head}


def _head(part: MediaPart) -> str:
    return f"data:{part.mime or 'application/octet-stream'};base64,"


def encode_part(part: Part, enc: Encoding, path: str) -> dict[str, Any] | None:
    """A part as an item of a content list; None (and reported) where this wire cannot say it."""
    if isinstance(part, NativePart):
        if part.wire == WIRE and isinstance(part.block, dict) and "type" in part.block:
            return dict(part.block)
        enc.report.lost(path, f"{part.wire} block", "it has no form in Chat Completions")
        return None
    data = enc.residue(part.native)
    hints = hints_of(data)
    said = _say(part, hints)
    if said is None:
        enc.report.lost(path, *_unsayable(part))
        return None
    out = restore(said, data)
    if isinstance(part, TextPart | MediaPart):
        _say_aside(part, out, enc, path, hints)
    return add_extra(out, getattr(part, "extra", None), path)


def _say_aside(part: TextPart | MediaPart, out: dict[str, Any], enc: Encoding, path: str, hints: Hints) -> None:
    """The cache mark, and what a part may carry that this wire has no place for."""
    key = hints.get("mark")
    if key is None:
        enc.mark(out, part.cache, path)
    elif part.cache is not None:
        enc.marks.add(path, out, key, given=True)
    if part.signature is not None:
        enc.report.note(
            f"{path}.signature", "signature", "it is of use to its author alone, and this wire has no place for it"
        )
    if isinstance(part, FilePart) and part.url is not None and not hints:
        enc.report.degraded(path, "file URL", "the vendor takes bytes or an id; it goes out as file_data (OpenRouter)")


def _say(part: Part, hints: Hints) -> dict[str, Any] | None:
    """The part in this wire's words, a cache mark only where the wire itself had put it."""
    say = _WRITERS.get(type(part))
    said = None if say is None else say(part, hints)
    mark = hints.get("mark")
    if said is not None and mark is not None:
        cache = getattr(part, "cache", None)
        if cache is not None:
            said[mark] = {"type": "ephemeral"} if mark == "cache_control" else {"mode": "explicit"}
            if cache.ttl is not None:
                said[mark]["ttl"] = cache.ttl
    return said


def _write_text(part: TextPart, hints: Hints) -> dict[str, Any]:
    return {"type": "text", "text": part.text}


def _write_refusal(part: RefusalPart, hints: Hints) -> dict[str, Any]:
    return {"type": "refusal", "refusal": part.text}


def _url_of(part: MediaPart, hints: Hints) -> str | None:
    if part.data is not None:
        return str(hints.get("head", _head(part))) + part.data
    return part.url


def _write_image(part: ImagePart, hints: Hints) -> dict[str, Any] | None:
    url = _url_of(part, hints)
    if url is None:
        return None
    if hints.get("form") == "text":
        return {"type": "image_url", "image_url": url}
    said = {"url": url}
    if part.detail is not None:
        said["detail"] = part.detail
    return {"type": "image_url", "image_url": said}


def _write_video(part: VideoPart, hints: Hints) -> dict[str, Any] | None:
    url = _url_of(part, hints)
    return None if url is None else {"type": "video_url", "video_url": {"url": url}}


def _write_audio(part: AudioPart, hints: Hints) -> dict[str, Any] | None:
    if part.data is None:
        return None
    said = {"data": part.data}
    if part.mime is not None:
        said["format"] = _audio_format(part.mime)
    return {"type": "input_audio", "input_audio": said}


def _audio_format(mime: str) -> str:
    """The word for a media type; other spellings of a known one mean it."""
    usual = AUDIO_FORMATS.get(mime) or AUDIO_FORMATS.get(canonical(mime))
    return usual or mime.partition("/")[2] or mime


def _write_file(part: FilePart, hints: Hints) -> dict[str, Any] | None:
    said: dict[str, Any] = {}
    if part.name is not None:
        said["filename"] = part.name
    if part.file_id is not None:
        said["file_id"] = part.file_id
    data = _url_of(part, hints)
    if data is not None:
        said["file_data"] = data
    return {"type": "file", "file": said} if len(said) > (part.name is not None) else None


def _write_thinking(part: ReasoningPart, hints: Hints) -> dict[str, Any] | None:
    form = hints.get("form")
    if form not in ("thinking", "thinking text"):
        return None
    said: dict[str, Any] = {"type": "thinking"}
    if form == "thinking text":
        said["thinking"] = part.text
    else:
        said["thinking"] = [{"type": "text", "text": text} for text in _segments(part.text, hints.get("lengths"))]
    if part.signature is not None:
        said["signature"] = part.signature
    return said


def _segments(text: str, lengths: list[int] | None) -> list[str]:
    """The text cut where the wire had cut it, unless it was changed since."""
    if lengths is None or sum(lengths) != len(text):
        return [text]
    cut, start = [], 0
    for length in lengths:
        cut.append(text[start : start + length])
        start += length
    return cut


_WRITERS: Final[dict[type, Callable[[Any, Hints], dict[str, Any] | None]]] = {
    TextPart: _write_text,
    RefusalPart: _write_refusal,
    ImagePart: _write_image,
    VideoPart: _write_video,
    AudioPart: _write_audio,
    FilePart: _write_file,
    ReasoningPart: _write_thinking,
}


def _unsayable(part: Part) -> tuple[str, str]:
    what = type(part).__name__.removesuffix("Part").lower()
    if isinstance(part, AudioPart):
        return f"{what} without data", "sounds are sent as base64 only; read the file first"
    if isinstance(part, MediaPart):
        return f"{what} without data or URL", "only files have ids on this wire; send the bytes or a URL"
    return what, "it is no content of a message on this wire"


def encode_thinking(part: ReasoningPart) -> dict[str, Any]:
    """Reasoning as a thinking chunk, for hosts that want it back so (Mistral)."""
    said = _write_thinking(part, {"form": "thinking"})
    assert said is not None
    return said


def decode_picture(raw: Any) -> ImagePart | None:
    """One of ``message.images`` (OpenRouter); None where it is something else."""
    if not isinstance(raw, dict) or not isinstance(raw.get("image_url"), dict | str):
        return None
    said = raw["image_url"]
    if isinstance(said, dict) and not isinstance(said.get("url"), str):
        return None
    part = decode_part({"type": "image_url", **raw}, "images", asked=False)
    return part if isinstance(part, ImagePart) else None


def encode_picture(part: ImagePart, enc: Encoding) -> dict[str, Any] | None:
    """A picture in an answer, in the form of ``message.images``."""
    data = enc.residue(part.native)
    said = _say(part, hints_of(data))
    return None if said is None else restore(said, data)
