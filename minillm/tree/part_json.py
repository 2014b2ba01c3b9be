"""Parts of messages as JSON and back, in two forms.

The **plain form** is what other readers of thread files know: ``text``, ``image_url``,
``input_audio``, ``video_url``, ``file`` and the normalised tool call. It cannot say everything, so a
**rest** goes beside it: exactly the fields that reading the plain form alone would get wrong. The
**full form** stands for parts that have no plain one: ``{"type": "reasoning", "text": ..., ...}``,
the dataclass's fields where they differ from their defaults.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from functools import cache
from typing import Any

from ..types import (
    AudioPart,
    CacheBreakpoint,
    Citation,
    FilePart,
    ImagePart,
    MediaPart,
    Native,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    TokenLogprob,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from .reading import boolean, integer, items, number, object_at, refuse, required, text

__all__ = [
    "cache_to_json",
    "full_form",
    "native_to_json",
    "plain_form",
    "read_cache",
    "read_full_form",
    "read_native",
    "read_plain_form",
    "read_rest",
    "rest_of",
]

FULL_TYPES: Mapping[str, type[Any]] = {
    "text": TextPart,
    "refusal": RefusalPart,
    "reasoning": ReasoningPart,
    "tool_call": ToolCallPart,
    "tool_result": ToolResultPart,
    "image": ImagePart,
    "audio": AudioPart,
    "video": VideoPart,
    "file": FilePart,
    "native": NativePart,
}
_TYPE_NAMES = {kind: name for name, kind in FULL_TYPES.items()}

# ``input_audio.format`` and the media type it stands for; others are the second half of the type.
_AUDIO_TYPES = {"mp3": "audio/mpeg", "m4a": "audio/mp4"}
_AUDIO_FORMATS = {mime: name for name, mime in _AUDIO_TYPES.items()}

_DEEPEST = 4  # results in results in results: nobody means that


def plain_form(part: Part) -> dict[str, Any] | None:
    """The part as other readers know it, or None where they cannot."""
    kind = type(part)
    if kind is TextPart:
        return {"type": "text", "text": part.text}  # type: ignore[union-attr]
    if not isinstance(part, MediaPart):
        return None
    data_url = None if part.data is None else part.to_data_url()
    url = data_url or part.url
    if kind is ImagePart and url is not None:
        image = {"url": url} if part.detail is None else {"url": url, "detail": part.detail}
        return {"type": "image_url", "image_url": image}
    if kind is AudioPart and part.data is not None:
        return {"type": "input_audio", "input_audio": {"data": part.data, "format": _audio_format(part.mime)}}
    if kind is VideoPart and url is not None:
        return {"type": "video_url", "video_url": {"url": url}}
    if kind is FilePart and data_url is not None:
        return {"type": "file", "file": {"filename": part.name or "", "file_data": data_url}}
    return None


def _audio_format(mime: str | None) -> str:
    return "wav" if mime is None else _AUDIO_FORMATS.get(mime, mime.partition("/")[2])


def read_plain_form(value: Any, at: str) -> Part:
    """A part as other writers write it."""
    block = object_at(value, at)
    kind = text(required(block, "type", at), f"{at}.type", _PLAIN_READERS)
    inner = required(block, kind if kind != "text" else "text", at)
    return _PLAIN_READERS[kind](inner, f"{at}.{kind}")


def _read_text(value: Any, at: str) -> Part:
    return TextPart(text(value, at))


def _read_image(value: Any, at: str) -> Part:
    image = object_at(value, at)
    detail = image.get("detail")
    url = text(required(image, "url", at), f"{at}.url")
    return ImagePart(url=url, detail=None if detail is None else text(detail, f"{at}.detail"))


def _read_audio(value: Any, at: str) -> Part:
    sound = object_at(value, at)
    form = text(required(sound, "format", at), f"{at}.format")
    return AudioPart(_AUDIO_TYPES.get(form, f"audio/{form}"), text(required(sound, "data", at), f"{at}.data"))


def _read_video(value: Any, at: str) -> Part:
    film = object_at(value, at)
    return VideoPart(url=text(required(film, "url", at), f"{at}.url"))


def _read_file(value: Any, at: str) -> Part:
    document = object_at(value, at)
    name = text(required(document, "filename", at), f"{at}.filename")
    return FilePart(url=text(required(document, "file_data", at), f"{at}.file_data"), name=name)


_PLAIN_READERS: Mapping[str, Callable[[Any, str], Part]] = {
    "text": _read_text,
    "image_url": _read_image,
    "input_audio": _read_audio,
    "video_url": _read_video,
    "file": _read_file,
}


def rest_of(part: Part, plain: Part) -> dict[str, Any]:
    """What ``part`` says beyond ``plain``, which is how its plain form reads."""
    if part is plain:
        return {}
    rest = {}
    kind: Any = type(part)
    for name, _ in _fields_of(kind):
        value = getattr(part, name)
        if value != getattr(plain, name):
            rest[name] = _field_to_json(name, value)
    return rest


def read_rest(part: Part, rest: Mapping[str, Any], at: str) -> Part:
    """The part with its rest laid over it. Keys that this version does not know are left alone."""
    kind: Any = type(part)
    known = {name for name, _ in _fields_of(kind)}
    changes = {name: _read_field(name, value, f"{at}.{name}", 0) for name, value in rest.items() if name in known}
    return replace(part, **changes) if changes else part


def full_form(part: Part) -> dict[str, Any]:
    kind: Any = type(part)
    form: dict[str, Any] = {"type": _TYPE_NAMES[kind]}
    for name, default in _fields_of(kind):
        value = getattr(part, name)
        if default is MISSING or value != default:
            form[name] = _field_to_json(name, value)
    return form


def read_full_form(value: Any, at: str, depth: int = 0) -> Part:
    form = object_at(value, at)
    if depth > _DEEPEST:
        refuse(at, f"parts are nested deeper than {_DEEPEST} levels")
    kind: Any = FULL_TYPES[text(required(form, "type", at), f"{at}.type", FULL_TYPES)]
    read = {}
    for name, default in _fields_of(kind):
        if name in form:
            read[name] = _read_field(name, form[name], f"{at}.{name}", depth)
        elif default is MISSING:
            refuse(f"{at}.{name}", "is missing")
    part: Part = kind(**read)
    return part


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((each.name, each.default) for each in fields(kind))


# ------------------------------------------------------------------ fields, by their name


def _field_to_json(name: str, value: Any) -> Any:
    writer = _WRITERS.get(name)
    return value if writer is None or value is None else writer(value)


def _read_field(name: str, value: Any, at: str, depth: int) -> Any:
    if name == "content":
        if isinstance(value, str):
            return value
        return tuple(read_full_form(each, f"{at}[{i}]", depth + 1) for i, each in enumerate(items(value, at)))
    if value is None and name not in _NEVER_NULL:
        return None
    return _READERS[name](value, at)


def native_to_json(native: Native) -> dict[str, Any]:
    return {"wire": native.wire, "data": native.data}


def read_native(value: Any, at: str) -> Native:
    residue = object_at(value, at)
    return Native(text(required(residue, "wire", at), f"{at}.wire"), required(residue, "data", at))


def cache_to_json(cache: CacheBreakpoint) -> dict[str, Any]:
    return {} if cache.ttl is None else {"ttl": cache.ttl}


def read_cache(value: Any, at: str) -> CacheBreakpoint:
    ttl = object_at(value, at).get("ttl")
    return CacheBreakpoint(None if ttl is None else text(ttl, f"{at}.ttl"))


def _content_to_json(content: str | tuple[Part, ...]) -> Any:
    return content if isinstance(content, str) else [full_form(part) for part in content]


def _citation_to_json(citation: Citation) -> dict[str, Any]:
    said = {name: getattr(citation, name) for name in ("url", "title", "text", "start", "end")}
    form = {name: value for name, value in said.items() if value is not None}
    if citation.native is not None:
        form["native"] = native_to_json(citation.native)
    return form


_CITATION_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "url": text,
    "title": text,
    "text": text,
    "start": integer,
    "end": integer,
    "native": read_native,
}


def _read_citations(value: Any, at: str) -> tuple[Citation, ...]:
    return tuple(_read_citation(each, f"{at}[{i}]") for i, each in enumerate(items(value, at)))


def _read_citation(value: Any, at: str) -> Citation:
    form = object_at(value, at)
    known = ((name, read, form.get(name)) for name, read in _CITATION_READERS.items())
    return Citation(**{name: read(said, f"{at}.{name}") for name, read, said in known if said is not None})


def _logprob_to_json(one: TokenLogprob) -> dict[str, Any]:
    form: dict[str, Any] = {"token": one.token, "logprob": one.logprob}
    if one.bytes is not None:
        form["bytes"] = list(one.bytes)
    if one.top:
        form["top"] = [_logprob_to_json(each) for each in one.top]
    if one.native is not None:
        form["native"] = native_to_json(one.native)
    return form


def _read_logprobs(value: Any, at: str, depth: int = 0) -> tuple[TokenLogprob, ...]:
    if depth > _DEEPEST:
        refuse(at, f"runners-up are nested deeper than {_DEEPEST} levels")
    return tuple(_read_logprob(each, f"{at}[{i}]", depth) for i, each in enumerate(items(value, at)))


def _read_logprob(value: Any, at: str, depth: int) -> TokenLogprob:
    form = object_at(value, at)
    raw, native = form.get("bytes"), form.get("native")
    return TokenLogprob(
        text(required(form, "token", at), f"{at}.token"),
        number(required(form, "logprob", at), f"{at}.logprob"),
        None if raw is None else tuple(integer(each, f"{at}.bytes") for each in items(raw, f"{at}.bytes")),
        _read_logprobs(form.get("top", []), f"{at}.top", depth + 1),
        None if native is None else read_native(native, f"{at}.native"),
    )


def _read_kind(value: Any, at: str) -> str:
    return text(value, at, ("function", "custom"))


def _read_any(value: Any, at: str) -> Any:
    return value


_WRITERS: Mapping[str, Callable[[Any], Any]] = {
    "cache": cache_to_json,
    "native": native_to_json,
    "content": _content_to_json,
    "citations": lambda citations: [_citation_to_json(each) for each in citations],
    "logprobs": lambda logprobs: [_logprob_to_json(each) for each in logprobs],
    "extra": dict,
}
_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(("text", "id", "arguments", "call_id", "wire", "mime", "data", "url", "file_id", "name"), text),
    **dict.fromkeys(("detail", "transcript", "signature", "sealed"), text),
    **dict.fromkeys(("incomplete", "is_error"), boolean),
    "kind": _read_kind,
    "cache": read_cache,
    "native": read_native,
    "extra": object_at,
    "citations": _read_citations,
    "logprobs": _read_logprobs,
    "block": _read_any,
}
# None is no value for these; ``block`` may be anything, so null is a value there as well.
_NEVER_NULL = frozenset({"text", "id", "arguments", "call_id", "wire", "incomplete", "is_error", "kind", "citations"})
