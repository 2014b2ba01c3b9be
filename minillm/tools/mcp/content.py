"""What a call of a server's tool gave, as parts for the model."""

from typing import Any

from mcp import types

from ...errors import MediaError
from ...json.serialization import dumps
from ...types import AudioPart, FilePart, ImagePart, Part, TextPart
from ...types.media_type import decode_base64, kind_of_type, media_type_of_bytes
from .limits import Limits, one_line, shortened

__all__ = ["content_of"]

_MEDIA: dict[str, type[ImagePart] | type[AudioPart] | type[FilePart]] = {"image": ImagePart, "audio": AudioPart}


def content_of(result: types.CallToolResult, limits: Limits) -> str | tuple[Part, ...]:
    """The result's content: text alone is a str.

    Texts, pictures and sounds are what they are; an embedded resource is its text or its bytes; a link to a resource
    is its JSON, for nothing is fetched. Structured content stands there where no text does: servers repeat it as
    text (https://modelcontextprotocol.io/specification/2025-11-25/server/tools#structured-content).
    """
    read = _Reader(limits)
    for block in result.content:
        read.add(block)
    if result.structured_content is not None and not any(isinstance(part, TextPart) for part in read.parts):
        read.text(dumps(result.structured_content).decode())
    match read.parts:
        case []:
            return "it failed and did not say why" if result.is_error else ""
        case [TextPart(text=text)]:
            return text
        case parts:
            return tuple(parts)


class _Reader:
    """Takes a result's blocks until the limits are reached."""

    def __init__(self, limits: Limits) -> None:
        self.parts: list[Part] = []
        self._text_left = limits.text
        self._bytes_left = limits.media_bytes

    def add(self, block: types.ContentBlock) -> None:
        match block:
            case types.TextContent(text=text):
                self.text(text)
            case types.ImageContent(data=data, mime_type=mime) | types.AudioContent(data=data, mime_type=mime):
                self._media(data, mime, None, block.type)
            case types.ResourceLink():
                self.text(
                    dumps(block.model_dump(mode="json", by_alias=True, include=_LINK, exclude_none=True)).decode()
                )
            case types.EmbeddedResource(resource=types.TextResourceContents(uri=uri, text=text)):
                self.text(f"{one_line(uri)}:\n{text}")
            case types.EmbeddedResource(resource=types.BlobResourceContents(uri=uri, blob=data, mime_type=mime)):
                self._media(data, mime, one_line(uri.rstrip("/").rpartition("/")[2], 100) or None, kind_of_type(mime))

    def text(self, text: str) -> None:
        if self._text_left > 0 or not text:
            self.parts.append(TextPart(shortened(text, self._text_left)))
        elif not self._said_cut():
            self.parts.append(TextPart("[more text is left out: it was too long]"))
        self._text_left -= len(text)

    def _said_cut(self) -> bool:
        last = self.parts[-1] if self.parts else None
        return isinstance(last, TextPart) and last.text.endswith("]")

    def _media(self, data: str, mime: str | None, name: str | None, kind: str) -> None:
        said = f"{one_line(mime or kind, 60)}, {len(data) * 3 // 4:,} bytes"
        if len(data) * 3 // 4 > self._bytes_left:
            self.parts.append(TextPart(f"[left out, too large: {said}]"))
            return
        try:
            raw = decode_base64(data)
            mime = _true_type(raw, mime, kind)
            part: Any = _MEDIA.get(kind, FilePart).from_bytes(raw, mime=mime, name=name)
        except (MediaError, ValueError):
            self.parts.append(TextPart(f"[left out, it cannot be read: {said}]"))
            return
        self._bytes_left -= len(raw)
        self.parts.append(part)


def _true_type(raw: bytes, mime: str | None, kind: str) -> str | None:
    """A picture's type by its bytes, where they tell: hosts refuse the whole request for one that is mislabelled."""
    told = media_type_of_bytes(raw) if kind == "image" else None
    if told is not None and kind_of_type(told) == kind:
        return told
    if kind == "image" and mime in _RECOGNISED:
        raise MediaError(f"this is no {mime}")
    return mime


_RECOGNISED = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_LINK = {"type", "uri", "name", "title", "description", "mime_type", "size"}
