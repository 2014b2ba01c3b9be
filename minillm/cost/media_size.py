"""How large a picture, sound, film or document is, read off the first bytes: what hosts bill media by."""

import base64
import binascii
import re
from typing import NamedTuple

from ..types import AudioPart, FilePart, ImagePart, MediaPart, VideoPart

__all__ = ["MediaSize", "media_size"]


class MediaSize(NamedTuple):
    """What is known of a medium; 0 is not known.

    ``bytes`` are those of the medium itself, not of its base64.
    """

    kind: str
    width: int = 0
    height: int = 0
    pages: int = 0
    seconds: float = 0.0
    bytes: int = 0
    detail: str | None = None
    seen: bool = True
    text: str | None = None


_KINDS: dict[type, str] = {ImagePart: "image", AudioPart: "audio", VideoPart: "video", FilePart: "file"}
_HEAD = 64 * 1024  # of base64: a picture's size may stand behind a long profile
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_PAGES = re.compile(rb"/Count\s+(\d{1,6})")
_USUAL_RATE = 8000  # 64 kbit/s
_MOST_TEXT = 1 << 22


def media_size(part: MediaPart) -> MediaSize:
    """The size of a part; ``seen`` is False where only a URL or a file id is there."""
    kind = _KINDS.get(type(part), "file")
    data, mime = part.data, (part.mime or "").lower()
    if data is None:
        return MediaSize(kind, detail=part.detail, seen=False)
    length = len(data) * 3 // 4
    if kind == "image":
        width, height = _pixels(_decoded(data[:_HEAD]))
        return MediaSize(kind, width, height, bytes=length, detail=part.detail)
    if kind == "audio":
        return MediaSize(kind, seconds=_seconds(_decoded(data[:128]), length), bytes=length)
    if kind == "video":
        return MediaSize(kind, seconds=_film_seconds(_decoded(data)), bytes=length)
    if "pdf" in mime or data.startswith("JVBERi"):
        return MediaSize(kind, pages=_page_count(_decoded(data)), bytes=length)
    text = _decoded(data[:_MOST_TEXT]).decode("utf-8", "replace") if mime.startswith("text/") else None
    return MediaSize(kind, bytes=length, text=text)


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data[: len(data) // 4 * 4], validate=False)
    except (binascii.Error, ValueError):
        return b""


def _pixels(head: bytes) -> tuple[int, int]:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _big(head, 16, 4), _big(head, 20, 4)
    if head[:4] == b"GIF8":
        return _little(head, 6, 2), _little(head, 8, 2)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    if head.startswith(b"\xff\xd8"):
        return _jpeg(head)
    return 0, 0


def _webp(head: bytes) -> tuple[int, int]:
    # https://developers.google.com/speed/webp/docs/riff_container
    form = head[12:16]
    if form == b"VP8X":
        return _little(head, 24, 3) + 1, _little(head, 27, 3) + 1
    if form == b"VP8L":
        bits = _little(head, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(head, 26, 2) & 0x3FFF, _little(head, 28, 2) & 0x3FFF


def _jpeg(head: bytes) -> tuple[int, int]:
    """The first frame header (ITU T.81, B.2.2): markers C0 to CF, but for C4, C8 and CC, which are tables."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _big(head, at + 7, 2), _big(head, at + 5, 2)
        at += 2 + max(_big(head, at + 2, 2), 2)
    return 0, 0


def _seconds(head: bytes, length: int) -> float:
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        at = head.find(b"fmt ")
        rate = _little(head, at + 16, 4) if at > 0 else 0  # bytes a second
        if rate:
            return length / rate
    return length / _USUAL_RATE


def _film_seconds(data: bytes) -> float:
    """The movie header of an ISO file (ISO 14496-12, 8.2.2); 0 for other films."""
    at = data.find(b"mvhd")
    if at < 0:
        return 0.0
    long = data[at + 4 : at + 5] == b"\x01"
    scale, duration = (at + 24, at + 28) if long else (at + 16, at + 20)
    per_second = _big(data, scale, 4)
    return _big(data, duration, 8 if long else 4) / per_second if per_second else 0.0


def _page_count(data: bytes) -> int:
    """Pages that say so in the open; in a file that packs its objects, the largest count a page tree names."""
    open_pages = len(_PAGE.findall(data))
    named = max((int(count) for count in _PAGES.findall(data)), default=0)
    return max(open_pages, named)


def _big(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(data[at : at + count], "big")


def _little(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(data[at : at + count], "little")
