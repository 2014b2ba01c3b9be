"""Content parts inside message items, and results of tools, both ways."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ...types import Citation, FilePart, ImagePart, MediaPart, NativePart, Part, RefusalPart, TextPart
from ..encoding import Encoding, add_extra
from ..fields import as_count, as_text, want_list, want_object, want_text
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import (
    MARK,
    WIRE,
    cache_mark,
    decode_logprobs,
    encode_logprobs,
    native,
    read_cache_mark,
)

__all__ = ["decode_citation", "decode_content", "decode_contents", "encode_citation", "encode_content"]

Raw = Mapping[str, Any]
Hints = Mapping[str, Any]
Found = tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]


def decode_contents(raw: Any, path: str) -> tuple[Part, ...]:
    return tuple(decode_content(item, f"{path}[{i}]") for i, item in enumerate(want_list(raw, path)))


def decode_content(raw: Any, path: str) -> Part:
    """One content part; a kind without neutral form is kept whole.

    Raises:
        DecodeError: a known kind without what makes it that kind.
    """
    said = want_object(raw, path)
    read = _READERS.get(str(said.get("type")))
    found = read(said, path) if read is not None else None
    if found is None:
        return NativePart(WIRE, dict(said))
    made, fields, hints = found
    mark = read_cache_mark(said)
    if mark is not None:
        fields["cache"] = mark
    rest = residue(said, _said(made(**fields), hints) or {})
    if rest or hints:
        fields["native"] = native(with_hints(rest, **hints))
    part: Part = made(**fields)
    return part


def _read_text(raw: Raw, path: str) -> Found:
    fields: dict[str, Any] = {"text": want_text(raw.get("text"), f"{path}.text")}
    annotations = raw.get("annotations")
    if isinstance(annotations, list) and annotations and all(isinstance(item, Mapping) for item in annotations):
        fields["citations"] = tuple(decode_citation(item) for item in annotations)
    logprobs = decode_logprobs(raw.get("logprobs"))
    if logprobs is not None:
        fields["logprobs"] = logprobs
    return TextPart, fields, {"type": raw["type"]}


def _read_refusal(raw: Raw, path: str) -> Found:
    return RefusalPart, {"text": want_text(raw.get("refusal"), f"{path}.refusal")}, {}


def _read_image(raw: Raw, path: str) -> Found | None:
    fields: dict[str, Any] = {"detail": as_text(raw.get("detail")), "file_id": as_text(raw.get("file_id"))}
    url = as_text(raw.get("image_url"))
    hints: dict[str, Any] = {}
    if url is not None:
        given, hints = _from_url(url)
        fields.update(given)
    return ImagePart, fields, hints


def _read_file(raw: Raw, path: str) -> Found:
    fields: dict[str, Any] = {
        "name": as_text(raw.get("filename")),
        "detail": as_text(raw.get("detail")),
        "file_id": as_text(raw.get("file_id")),
    }
    hints: dict[str, Any] = {}
    url, data = as_text(raw.get("file_url")), as_text(raw.get("file_data"))
    if url is not None:
        fields["url"] = url
    if data is not None:
        given, hints = _from_url(data)
        if "url" in given:
            given, hints = {"data": data}, {"head": ""}  # bare base64
        fields.update(given)
    return FilePart, fields, hints


_READERS: Final[dict[str, Callable[[Raw, str], Found | None]]] = {
    "input_text": _read_text,
    "output_text": _read_text,
    "text": _read_text,
    "refusal": _read_refusal,
    "input_image": _read_image,
    "input_file": _read_file,
}


def _from_url(url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of a media part, and the head of a data URL where ours would be written otherwise."""
    part = ImagePart(url=url)
    if part.data is None:
        return {"url": url}, {}
    head = url[: len(url) - len(part.data)]
    return {"data": part.data, "mime": part.mime}, {} if head == _head(part) else {"head": head}


def _head(part: MediaPart) -> str:
    return f"data:{part.mime or 'application/octet-stream'};base64,"


def decode_citation(raw: Raw) -> Citation:
    """An annotation; what counts places in files stays in the residue."""
    start, end = as_count(raw.get("start_index")), as_count(raw.get("end_index"))
    citation = Citation(as_text(raw.get("url")), as_text(raw.get("title")), None, start, end)
    rest = residue(raw, _citation_said(citation))
    object.__setattr__(citation, "native", native(rest))
    return citation


def encode_citation(citation: Citation) -> dict[str, Any] | None:
    """A citation as an annotation, or None where it has no address to cite."""
    data = own(citation.native, WIRE)
    if data is None and citation.url is None:
        return None
    said = _citation_said(citation)
    if data is None:
        said = {"type": "url_citation", "start_index": 0, "end_index": 0, "title": "", **said}
    return restore(said, data)


def _citation_said(citation: Citation) -> dict[str, Any]:
    said = {
        "url": citation.url,
        "title": citation.title,
        "start_index": citation.start,
        "end_index": citation.end,
    }
    return {key: value for key, value in said.items() if value is not None}


def encode_content(part: Part, enc: Encoding, path: str, *, assistant: bool) -> dict[str, Any] | None:
    """A part as an item of a content list; None (and reported) where this wire cannot say it."""
    if isinstance(part, NativePart):
        if part.wire == WIRE and isinstance(part.block, Mapping):
            return dict(part.block)
        enc.report.lost(path, f"{part.wire} block", "it has no form in Responses")
        return None
    data = own(part.native, WIRE)
    hints: Hints = hints_of(data)
    if data is None and isinstance(part, TextPart):
        hints = {"type": "output_text" if assistant else "input_text"}
    said = _said(part, hints)
    if said is None:
        enc.report.lost(path, *_unsayable(part))
        return None
    if isinstance(part, TextPart):
        if len(said.get("annotations", ())) < len(part.citations):
            enc.report.lost(f"{path}.citations", "citations", "only citations of addresses can be said here")
        if data is None and assistant:
            said.setdefault("annotations", [])
        if part.signature is not None:
            enc.report.note(f"{path}.signature", "signature", "only its author can read it")
    if isinstance(part, ImagePart) and data is None:
        said.setdefault("detail", "auto")  # the vendor's types demand it; it is the default
    if getattr(part, "cache", None) is not None:
        enc.marks.append((path, said, MARK))
    return add_extra(restore(said, data), getattr(part, "extra", None), path)


def _said(part: Any, hints: Hints) -> dict[str, Any] | None:
    write = _WRITERS.get(type(part))
    said = None if write is None else write(part, hints)
    if said is not None and getattr(part, "cache", None) is not None:
        said[MARK] = cache_mark(part.cache)
    return said


def _write_text(part: TextPart, hints: Hints) -> dict[str, Any]:
    said: dict[str, Any] = {"type": hints.get("type", "output_text"), "text": part.text}
    citations = [encode_citation(citation) for citation in part.citations]
    if any(citations):
        said["annotations"] = [citation for citation in citations if citation is not None]
    if part.logprobs is not None:
        said["logprobs"] = encode_logprobs(part.logprobs)
    return said


def _write_refusal(part: RefusalPart, hints: Hints) -> dict[str, Any]:
    return {"type": "refusal", "refusal": part.text}


def _write_image(part: ImagePart, hints: Hints) -> dict[str, Any] | None:
    said: dict[str, Any] = {"type": "input_image"}
    if part.data is not None:
        said["image_url"] = str(hints.get("head", _head(part))) + part.data
    elif part.url is not None:
        said["image_url"] = part.url
    if part.file_id is not None:
        said["file_id"] = part.file_id
    if part.detail is not None:
        said["detail"] = part.detail
    return said if len(said) > 1 + (part.detail is not None) else None


def _write_file(part: FilePart, hints: Hints) -> dict[str, Any] | None:
    said: dict[str, Any] = {"type": "input_file"}
    if part.data is not None:
        said["file_data"] = str(hints.get("head", _head(part))) + part.data
    if part.url is not None:
        said["file_url"] = part.url
    if part.file_id is not None:
        said["file_id"] = part.file_id
    found = len(said) > 1
    if part.name is not None:
        said["filename"] = part.name
    if part.detail is not None:
        said["detail"] = part.detail
    return said if found else None


_WRITERS: Final[dict[type, Callable[[Any, Hints], dict[str, Any] | None]]] = {
    TextPart: _write_text,
    RefusalPart: _write_refusal,
    ImagePart: _write_image,
    FilePart: _write_file,
}


def _unsayable(part: Part) -> tuple[str, str]:
    what = type(part).__name__.removesuffix("Part").lower()
    return what, "this wire has no such content; it takes text, pictures and files"
