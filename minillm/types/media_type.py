"""Media types by magic bytes, then by file name; one table.

Magic numbers: https://mimesniff.spec.whatwg.org (sections 6 and 7), and the formats' own
specifications where that page is silent.
"""

import base64
import binascii
from typing import Final

__all__ = ["decode_base64", "guess_media_type", "media_type_of_bytes", "media_type_of_name", "parse_data_url"]

# (offset, magic, media type); the longest, most telling ones first.
_MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheif", "image/heif"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
    (0, b"PK\x03\x04", "application/zip"),
)

# RIFF containers share their first four bytes: the form type at offset 8 only counts behind them.
_RIFF_FORMS: Final = frozenset({b"WEBP", b"WAVE", b"AVI "})

_NAMES: Final[dict[str, str]] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "heic": "image/heic",
    "heif": "image/heif",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "pcm": "audio/pcm",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mpg": "video/mpeg",
    "mpeg": "video/mpeg",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "htm": "text/html",
    "xml": "application/xml",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "zip": "application/zip",
}


_STANDARD_ALPHABET: Final = str.maketrans("-_", "+/")


def media_type_of_bytes(data: bytes) -> str | None:
    """The media type that the first bytes of ``data`` tell, or None."""
    head = data[:32]
    riff = head[:4] == b"RIFF"
    for offset, magic, media_type in _MAGIC:
        if magic in _RIFF_FORMS and not riff:
            continue
        if head[offset : offset + len(magic)] == magic:
            return media_type
    return None


def media_type_of_name(name: str) -> str | None:
    """The media type that a file name's or URL's ending tells, or None."""
    path = name.split("?", 1)[0].split("#", 1)[0]
    _, dot, ending = path.rpartition(".")
    return _NAMES.get(ending.lower()) if dot else None


def guess_media_type(data: bytes | None = None, name: str | None = None) -> str | None:
    """By magic bytes, then by name; None when neither tells."""
    found = media_type_of_bytes(data) if data else None
    return found or (media_type_of_name(name) if name else None)


def parse_data_url(url: str) -> tuple[str, str] | None:
    """``(media type, base64 text)`` of a base64 data URL (RFC 2397), or None for anything else."""
    if url[:5].lower() != "data:":
        return None
    head, comma, payload = url[5:].partition(",")
    if not comma or not head.lower().endswith(";base64"):
        return None
    media_type = head[: -len(";base64")]
    return media_type, payload


def decode_base64(text: str) -> bytes:
    """Base64 (standard or URL-safe alphabet, padding optional) to bytes.

    Raises:
        ValueError: the text is not base64.
    """
    cleaned = "".join(text.split()).translate(_STANDARD_ALPHABET)  # MIME breaks it into lines (RFC 2045)
    try:
        return base64.b64decode(cleaned + "=" * (-len(cleaned) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
