"""Pictures and files inside messages, both ways. Bytes stand in data URLs."""

from collections.abc import Mapping
from typing import Any

from ...types import FilePart, ImagePart, MediaPart
from ...types.media_type import guess_media_type
from ..fields import as_text

__all__ = ["filled_in", "read_file", "read_image", "write_file", "write_image"]

Fields = dict[str, Any]
Hints = Mapping[str, Any]


def read_image(raw: Mapping[str, Any]) -> tuple[Fields, Fields]:
    """Fields and hints of a picture."""
    fields: Fields = {"detail": as_text(raw.get("detail")), "file_id": as_text(raw.get("file_id"))}
    url, hints = as_text(raw.get("image_url")), Fields()
    if url is not None:
        given, hints = _from_url(url)
        fields.update(given)
    return fields, hints


def read_file(raw: Mapping[str, Any]) -> tuple[Fields, Fields]:
    """Fields and hints of a file."""
    fields: Fields = {
        "name": as_text(raw.get("filename")),
        "detail": as_text(raw.get("detail")),
        "file_id": as_text(raw.get("file_id")),
    }
    url, data, hints = as_text(raw.get("file_url")), as_text(raw.get("file_data")), Fields()
    if url is not None:
        fields["url"] = url
    if data is not None:
        given, hints = _from_url(data)
        if "url" in given:
            given, hints = {"data": data}, {"head": ""}  # bare base64
        fields.update(given)
    return fields, hints


def _from_url(url: str) -> tuple[Fields, Fields]:
    """Fields of a media part, and the head of a data URL where ours would be written otherwise."""
    part = ImagePart(url=url)
    if part.data is None:
        return {"url": url}, {}
    head = url[: len(url) - len(part.data)]
    return {"data": part.data, "mime": part.mime}, {} if head == _head(part) else {"head": head}


def _head(part: MediaPart) -> str:
    return f"data:{part.mime or 'application/octet-stream'};base64,"


def write_image(part: ImagePart, hints: Hints) -> Fields | None:
    """A picture in this wire's words; None where it holds nothing that can be sent."""
    said: Fields = {"type": "input_image"}
    if part.data is not None:
        said["image_url"] = str(hints.get("head", _head(part))) + part.data
    elif part.url is not None:
        said["image_url"] = part.url
    if part.file_id is not None:
        said["file_id"] = part.file_id
    found = len(said) > 1
    if part.detail is not None:
        said["detail"] = part.detail
    return said if found or hints.get("bare") else None


def write_file(part: FilePart, hints: Hints) -> Fields | None:
    """A file in this wire's words; None where it holds nothing that can be sent."""
    said: Fields = {"type": "input_file"}
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
    return said if found or hints.get("bare") else None


def filled_in(part: MediaPart) -> Fields:
    """What this vendor wants to know beside the bytes, where nobody said it: the type, and a file's name."""
    changes: Fields = {}
    if part.data is None:
        return changes
    mime = part.mime
    if mime is None:
        mime = _guessed(part)
        changes["mime"] = mime
    if isinstance(part, FilePart) and part.name is None:
        changes["name"] = "file." + ((mime or "").rpartition("/")[2] or "bin")
    return changes


def _guessed(part: MediaPart) -> str | None:
    try:
        return guess_media_type(part.to_bytes(), part.name)
    except ValueError:
        return None
