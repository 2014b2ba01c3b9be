"""Content parts inside message items and results of tools, both ways."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...types import FilePart, ImagePart, MediaPart, Native, NativePart, Part, RefusalPart, TextPart
from ..encoding import Encoding, add_extra
from ..fields import as_word, want_list, want_object, want_text
from ..residue import hints_of, own, residue, restore, with_hints
from .citations import ADDRESSES_ONLY, decode_citation, encode_citation
from .dialect import MARK, WIRE, cache_mark, read_cache_mark
from .logprobs import decode_logprobs, encode_logprobs
from .media import filled_in, read_file, read_image, write_file, write_image

__all__ = ["decode_content", "decode_contents", "encode_content", "encode_contents"]

Raw = Mapping[str, Any]
Hints = Mapping[str, Any]
Found = tuple[type, dict[str, Any], dict[str, Any]]


def decode_contents(raw: Any, path: str, *, assistant: bool = False) -> tuple[Part, ...]:
    """A list of content parts."""
    return tuple(
        decode_content(item, f"{path}[{i}]", assistant=assistant) for i, item in enumerate(want_list(raw, path))
    )


def decode_content(raw: Any, path: str, *, assistant: bool = False) -> Part:
    """One content part; a kind without neutral form is kept whole.

    Args:
        assistant: it stands in a message of the model.

    Raises:
        DecodeError: a known kind without what makes it that kind.
    """
    said = want_object(raw, path)
    read = _READERS.get(as_word(said.get("type")))
    if read is None:
        return NativePart(WIRE, dict(said))
    made, fields, hints = read(said, path)
    if made is TextPart:
        hints["assistant"] = assistant
    mark = read_cache_mark(said)
    if mark is not None and made is not RefusalPart:  # a refusal has no such field: its mark is all residue
        fields["cache"] = mark
    rest = residue(said, _said(made(**fields), hints) or {})
    # Every part remembers its wire, even where nothing is left over: it goes back unjudged.
    part: Part = made(**fields, native=Native(WIRE, with_hints(rest, **hints)))
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


def _read_image(raw: Raw, path: str) -> Found:
    fields, hints = read_image(raw)
    return ImagePart, fields, {**hints, "bare": _is_bare(fields)}


def _read_file(raw: Raw, path: str) -> Found:
    fields, hints = read_file(raw)
    return FilePart, fields, {**hints, "bare": _is_bare(fields)}


def _is_bare(fields: Mapping[str, Any]) -> bool:
    """Whether a picture or file holds nothing that could be sent; on this wire it goes back all the same."""
    return all(fields.get(name) is None for name in ("data", "url", "file_id"))


_READERS: Final[dict[str, Callable[[Raw, str], Found]]] = {
    "input_text": _read_text,
    "output_text": _read_text,
    "text": _read_text,
    "refusal": _read_refusal,
    "input_image": _read_image,
    "input_file": _read_file,
}


def encode_contents(
    parts: Sequence[Part], enc: Encoding, path: str, places: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """The content of a message that is not the model's; what cannot be said is left out (and reported).

    Args:
        places: where each of the parts stands in its message; None: in this order.
    """
    placed = zip(range(len(parts)) if places is None else places, parts, strict=True)
    encoded = (encode_content(part, enc, f"{path}[{i}]", assistant=False) for i, part in placed)
    return [said for said in encoded if said is not None]


def encode_content(part: Part, enc: Encoding, path: str, *, assistant: bool) -> dict[str, Any] | None:
    """A part as an item of a content list; None (and reported) where this wire cannot say it."""
    if isinstance(part, NativePart):
        if part.wire == WIRE and isinstance(part.block, Mapping):
            return dict(part.block)
        enc.report.lost(path, f"{part.wire} block", "it has no form in Responses")
        return None
    data = own(part.native, WIRE)
    hints: Hints = hints_of(data)
    if isinstance(part, TextPart):
        if data is not None and bool(hints.get("assistant")) is not assistant:
            data = None  # a text that has changed sides
        if data is None:
            hints = {"type": "output_text" if assistant else "input_text"}
    elif hints.get("picture"):
        data, hints = None, {}  # the host's own picture, shown to it by the user now
    if data is None:
        adapted = _adapted(part, enc, path)
        if adapted is None:
            return None
        part = adapted
    said = _said(part, hints)
    if said is None:
        enc.report.lost(path, *_unsayable(part))
        return None
    if isinstance(part, TextPart):
        if len(said.get("annotations", ())) < len(part.citations):
            enc.report.lost(f"{path}.citations", "citations", ADDRESSES_ONLY)
        if data is None and assistant:
            said.setdefault("annotations", [])
    elif isinstance(part, ImagePart) and data is None:
        said.setdefault("detail", "auto")  # the vendor's types demand it; it is the default
    marked = said.pop(MARK, None) if data is None else None
    out = restore(said, data)
    if marked is not None and assistant:
        enc.report.note(f"{path}.cache", "cache mark", "the model's own text carries none on this wire")
    elif marked is not None:
        enc.mark(out, part.cache, path, MARK)  # type: ignore[union-attr]
    elif MARK in out:
        enc.marks.add(path, out, MARK, given=True)
    return add_extra(out, getattr(part, "extra", None), path)


def _adapted(part: Any, enc: Encoding, path: str) -> Part | None:
    """A part from elsewhere as this vendor takes it; None where nothing is left of it."""
    if getattr(part, "signature", None) is not None:
        enc.report.note(f"{path}.signature", "signature", "only its author can read it")
    if isinstance(part, MediaPart):
        if part.data is None and part.url is None and part.file_id is not None and part.native is not None:
            enc.report.lost(path, "file id", "it is an id of another host; send the bytes or an address")
            return None
        changes = filled_in(part)
        part = replace(part, **changes) if changes else part
        if isinstance(part, ImagePart) and part.name is not None:
            enc.report.note(f"{path}.name", "file name", "pictures have none on this wire")
    adapted: Part = part
    return adapted


def _said(part: Any, hints: Hints) -> dict[str, Any] | None:
    write = _WRITERS.get(type(part))
    said = None if write is None else write(part, hints)
    if said is not None and getattr(part, "cache", None) is not None:
        said[MARK] = cache_mark(part.cache)
    return said


def _write_text(part: TextPart, hints: Hints) -> dict[str, Any]:
    said: dict[str, Any] = {"type": hints.get("type", "output_text"), "text": part.text}
    encoded = (encode_citation(citation) for citation in part.citations)
    annotations = [annotation for annotation in encoded if annotation is not None]
    if annotations:
        said["annotations"] = annotations
    if part.logprobs is not None:
        said["logprobs"] = encode_logprobs(part.logprobs)
    return said


def _write_refusal(part: RefusalPart, hints: Hints) -> dict[str, Any]:
    return {"type": "refusal", "refusal": part.text}


_WRITERS: Final[dict[type, Callable[[Any, Hints], dict[str, Any] | None]]] = {
    TextPart: _write_text,
    RefusalPart: _write_refusal,
    ImagePart: write_image,
    FilePart: write_file,
}


def _unsayable(part: Part) -> tuple[str, str]:
    what = type(part).__name__.removesuffix("Part").lower()
    if isinstance(part, ImagePart | FilePart):
        return what, "it holds neither bytes nor an address nor a file id"
    return what, "this wire has no such content; it takes text, pictures and files"
