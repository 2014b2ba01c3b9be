"""The parts of a message as the page is told of them: small JSON objects, ``k`` is the kind.

Bytes stand in a page only where they are a picture of a raster type, as the bytes themselves say, and
not too large; the page shows one when its reader asks for it. Everything else is told in words.
"""

import base64
from collections.abc import Iterable
from typing import Any

from ..json import dumps
from ..tree.render.part_text import part_note
from ..types import (
    AudioPart,
    FilePart,
    ImagePart,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from ..types.media_type import media_type_of_bytes

__all__ = ["Pictures", "part_rows"]

#: Of these no decoder runs a script or asks for an address; SVG is a document and does both.
SAFE_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_LONGEST_BLOCK = 20_000


class Pictures:
    """How many bytes of pictures a page may still take.

    Args:
        each: base64 characters of one picture at most.
        total: of all of them.
    """

    def __init__(self, each: int = 4 << 20, total: int = 32 << 20) -> None:
        self.each = each
        self.left = total

    def take(self, data: str) -> str | None:
        """The media type of a picture that the page may hold, by its first bytes; None for anything else."""
        if len(data) > min(self.each, self.left):
            return None
        try:
            found = media_type_of_bytes(base64.b64decode(data[:64], validate=True))
        except ValueError:
            return None
        if found not in SAFE_PICTURES:
            return None
        self.left -= len(data)
        return found


def part_rows(parts: Iterable[Part], pictures: Pictures) -> list[dict[str, Any]]:
    return [_row(part, pictures) for part in parts]


def _row(part: Part, pictures: Pictures) -> dict[str, Any]:
    if isinstance(part, TextPart):
        row: dict[str, Any] = {"k": "text", "t": part.text}
        sources = [[source.title or "", source.url or ""] for source in part.citations]
        return {**row, "sources": sources} if sources else row
    if isinstance(part, RefusalPart):
        return {"k": "refusal", "t": part.text}
    if isinstance(part, ReasoningPart):
        return {"k": "reasoning", "t": part.text, **({"sealed": True} if part.sealed else {})}
    if isinstance(part, ToolCallPart):
        cut = {"cut": True} if part.incomplete else {}
        return {"k": "call", "name": part.name, "id": part.id, "t": part.arguments, **cut}
    if isinstance(part, ToolResultPart):
        return _result(part, pictures)
    if isinstance(part, NativePart):
        return {"k": "native", "name": part.wire, "t": _block(part)}
    return _media(part, pictures)


def _result(part: ToolResultPart, pictures: Pictures) -> dict[str, Any]:
    row: dict[str, Any] = {"k": "result", "name": part.name or "", "id": part.call_id}
    if part.is_error:
        row["error"] = True
    if isinstance(part.content, str):
        row["t"] = part.content
    else:
        row["parts"] = part_rows(part.content, pictures)
    return row


def _media(part: ImagePart | AudioPart | VideoPart | FilePart, pictures: Pictures) -> dict[str, Any]:
    row: dict[str, Any] = {"k": "media", "t": part_note(part)[1:-1]}
    if part.transcript:
        row["said"] = part.transcript
    if part.data is not None:
        row["bytes"] = len(part.data) * 3 // 4
        if part.mime:
            row["mime"] = part.mime
        shown = pictures.take(part.data) if part.kind == "image" else None
        if shown is not None:
            row["mime"], row["data"] = shown, part.data
    return row


def _block(part: NativePart) -> str:
    text = dumps(part.block, indent=True).decode("utf-8", "replace")
    return text if len(text) <= _LONGEST_BLOCK else f"{text[:_LONGEST_BLOCK]}… ({len(text) - _LONGEST_BLOCK:,} more)"
