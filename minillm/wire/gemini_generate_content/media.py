"""Pictures, sounds, films and files, both ways: bytes inline, or an address that the host fetches."""

from collections.abc import Mapping
from typing import Any, Final

from ...types import AudioPart, FilePart, ImagePart, MediaPart, VideoPart
from ...types.media_type import canonical, guess_media_type
from ..fields import as_text, want_text

__all__ = ["is_fetched", "media_kind", "media_type", "read_file", "read_inline", "write_media"]

_KINDS: Final[dict[str, type[MediaPart]]] = {"image": ImagePart, "audio": AudioPart, "video": VideoPart}
_USUAL: Final[dict[type, str]] = {ImagePart: "image/jpeg", AudioPart: "audio/mpeg", VideoPart: "video/mp4"}

# Addresses this vendor is documented to take: its own files, its storage, YouTube.
_FETCHED: Final = ("generativelanguage.googleapis.com/", "www.youtube.com/", "youtu.be/", "storage.googleapis.com/")

# This vendor's own words for media types (https://ai.google.dev/gemini-api/docs/video-understanding).
_WORDS: Final = {"video/x-msvideo": "video/avi", "video/x-ms-wmv": "video/wmv"}

Fields = dict[str, Any]


def media_kind(mime: str | None) -> type[MediaPart]:
    """The part for a media type; everything that is no picture, sound or film is a file."""
    return _KINDS.get((mime or "").partition("/")[0], FilePart)


def read_inline(said: Mapping[str, Any], path: str) -> Fields:
    """The fields of bytes that stand in the body."""
    return {
        "data": want_text(said.get("data"), f"{path}.data"),
        "mime": as_text(said.get("mimeType")),
        "name": as_text(said.get("displayName")),
    }


def read_file(said: Mapping[str, Any], path: str) -> Fields:
    """The fields of a file at an address."""
    return {
        "url": want_text(said.get("fileUri"), f"{path}.fileUri"),
        "mime": as_text(said.get("mimeType")),
        "name": as_text(said.get("displayName")),
    }


def write_media(part: MediaPart) -> Fields | None:
    """A part with bytes or an address in this wire's words; None where it has neither."""
    if part.data is not None:
        field, said = "inlineData", {"data": part.data}
    elif part.url is not None or part.file_id is not None:
        field, said = "fileData", {"fileUri": str(part.url or part.file_id)}
    else:
        return None
    if part.mime is not None:
        said["mimeType"] = part.mime
    if part.name is not None:
        said["displayName"] = part.name
    return {field: said}


def is_fetched(url: str | None) -> bool:
    """Whether this vendor is documented to fetch the address."""
    return url is None or not url.startswith(("http://", "https://")) or any(host in url[:60] for host in _FETCHED)


def media_type(part: MediaPart) -> str | None:
    """The media type, which this vendor wants to know: as said, else by the bytes or the name, else of its kind."""
    if part.mime is not None:
        return _worded(part.mime)
    usual = _USUAL.get(type(part))
    named = guess_media_type(_bytes_of(part), part.name or (part.url or "").partition("?")[0])
    return _worded(named) if named is not None and (usual is None or media_kind(named) is type(part)) else usual


def _worded(media_type: str) -> str:
    """As this vendor spells it; parameters and what is no media stay as they are."""
    if media_kind(media_type) is FilePart:
        return media_type
    usual = canonical(media_type)
    return _WORDS.get(usual, usual)


def _bytes_of(part: MediaPart) -> bytes | None:
    try:
        return None if part.data is None else part.to_bytes()
    except ValueError:
        return None
