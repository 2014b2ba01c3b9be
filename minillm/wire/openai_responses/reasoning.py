"""Reasoning items, both ways: readable segments (a summary, or the text itself) and a sealed block."""

from collections.abc import Mapping
from typing import Any

from ...types import Native, ReasoningPart
from ..fields import as_text
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import WIRE

__all__ = ["decode_reasoning", "encode_reasoning"]


def decode_reasoning(raw: Mapping[str, Any]) -> ReasoningPart:
    """A reasoning item as a part; its segments are joined by a blank line."""
    summary, content = _texts(raw.get("summary"), "summary_text"), _texts(raw.get("content"), "reasoning_text")
    segments, form = (summary, "summary") if summary else (content, "content") if content else ((), "summary")
    part = ReasoningPart("\n\n".join(segments), sealed=as_text(raw.get("encrypted_content")))
    hints = {"form": form, "lengths": [len(text) for text in segments]}
    rest = residue(raw, _said(part, hints))
    # Made a moment ago and seen by nobody: filled in place.
    object.__setattr__(part, "native", Native(WIRE, with_hints(rest, **hints)))
    return part


def _texts(raw: Any, kind: str) -> tuple[str, ...] | None:
    """The texts of summary or content parts, or None where they are not plain."""
    if not isinstance(raw, list):
        return None
    texts = []
    for item in raw:
        if not isinstance(item, Mapping) or item.get("type") != kind or len(item) != 2:
            return None
        if not isinstance(item.get("text"), str):
            return None
        texts.append(item["text"])
    return tuple(texts)


def encode_reasoning(part: ReasoningPart) -> dict[str, Any]:
    """The item for a part."""
    data = own(part.native, WIRE)
    return restore(_said(part, hints_of(data)), data)


def _said(part: ReasoningPart, hints: Mapping[str, Any]) -> dict[str, Any]:
    segments = _segments(part.text, hints.get("lengths"))
    said: dict[str, Any] = {"type": "reasoning", "summary": []}
    if hints.get("form", "summary") == "content":
        said["content"] = [{"type": "reasoning_text", "text": text} for text in segments]
    else:
        said["summary"] = [{"type": "summary_text", "text": text} for text in segments]
    if part.sealed is not None:
        said["encrypted_content"] = part.sealed
    return said


def _segments(text: str, lengths: Any) -> list[str]:
    """The text cut where the wire had cut it, unless it was changed since."""
    if isinstance(lengths, list) and lengths and sum(lengths) + 2 * (len(lengths) - 1) == len(text):
        cut, start = [], 0
        for length in lengths:
            cut.append(text[start : start + length])
            start += length + 2
        if "\n\n".join(cut) == text:
            return cut
    return [text] if text else []
