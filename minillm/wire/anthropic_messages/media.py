"""Pictures and documents, both ways: bytes, an address or a file's id, each as a ``source``.

There are no sounds and no films on this wire.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ...types import FilePart, ImagePart, MediaPart
from ...types.media_type import canonical, guess_media_type
from ..fields import as_text, want_object, want_text

__all__ = ["read_document", "read_image", "with_usual_type", "write_media"]

Fields = dict[str, Any]
Media = TypeVar("Media", bound=MediaPart)


def read_image(block: Mapping[str, Any], path: str) -> Fields | None:
    """The fields of a picture, or None where its source has no neutral form."""
    return _read_source(block.get("source"), path)


def read_document(block: Mapping[str, Any], path: str) -> Fields | None:
    """The fields of a document, or None where its source (blocks of text) has no neutral form."""
    source = block.get("source")
    if isinstance(source, Mapping) and source.get("type") == "text":
        text = want_text(source.get("data"), f"{path}.source.data")
        data = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
        fields: Fields | None = {"data": data, "mime": as_text(source.get("media_type")) or "text/plain"}
    else:
        fields = _read_source(source, path)
    title = as_text(block.get("title"))
    if fields is not None and title is not None:
        fields["name"] = title
    return fields


def _read_source(source: Any, path: str) -> Fields | None:
    said = want_object(source, f"{path}.source")
    kind = said.get("type")
    if kind == "base64":
        return {"data": want_text(said.get("data"), f"{path}.source.data"), "mime": as_text(said.get("media_type"))}
    if kind == "url":
        url = want_text(said.get("url"), f"{path}.source.url")
        return None if url[:5].lower() == "data:" else {"url": url}
    if kind == "file":
        return {"file_id": want_text(said.get("file_id"), f"{path}.source.file_id")}
    return None


def write_media(part: MediaPart) -> dict[str, Any] | None:
    """A picture or document as its block; None where it holds nothing that can be sent."""
    mime = media_type(part)
    if isinstance(part, ImagePart) or (isinstance(part, FilePart) and (mime or "").startswith("image/")):
        source = _source_of(part, mime)
        return None if source is None else {"type": "image", "source": source}
    source = _text_of(part, mime) or _source_of(part, mime)
    if source is None:
        return None
    said: dict[str, Any] = {"type": "document", "source": source}
    if part.name is not None:
        said["title"] = part.name
    return said


def with_usual_type(part: Media) -> Media:
    """The part with its media type as this vendor spells it: it refuses ``image/jpg``."""
    if part.mime is None or part.data is None or part.mime.startswith("text/"):
        return part
    usual = canonical(part.mime)
    return part if usual == part.mime else replace(part, mime=usual)


def media_type(part: MediaPart) -> str | None:
    """The media type, which this wire demands beside bytes; guessed where nobody said it."""
    if part.mime is not None or part.data is None:
        return part.mime
    try:
        return guess_media_type(part.to_bytes(), part.name)
    except ValueError:
        return None


def _text_of(part: MediaPart, mime: str | None) -> dict[str, Any] | None:
    """Bytes of text go as text, the only form of them this vendor reads."""
    if part.data is None or not (mime or "").startswith("text/"):
        return None
    try:
        text = part.to_bytes().decode("utf-8", "surrogatepass")
    except ValueError:
        return None
    return {"type": "text", "media_type": "text/plain", "data": text}


def _source_of(part: MediaPart, mime: str | None) -> dict[str, Any] | None:
    if part.data is not None:
        source = {"type": "base64", "data": part.data}
        if mime is not None:
            source["media_type"] = mime
        return source
    if part.file_id is not None:
        return {"type": "file", "file_id": part.file_id}
    return None if part.url is None else {"type": "url", "url": part.url}
