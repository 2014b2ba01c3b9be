"""Words of this wire: its name, its stop reasons, its cache marks, the form of its ids."""

from collections.abc import Mapping
from typing import Any, Final

from ...types import CacheBreakpoint, FinishReason, Native
from ..encoding import Encoding
from ..residue import hints_of

__all__ = [
    "MARK",
    "TOOL_IDS",
    "WIRE",
    "cache_control",
    "count_mark",
    "decode_reason",
    "encode_reason",
    "kept_whole",
    "native",
    "read_cache_control",
]

WIRE: Final = "anthropic_messages"
MARK: Final = "cache_control"

#: Ids of other hosts ("functions.f:0") are refused by this vendor.
TOOL_IDS: Final = r"[a-zA-Z0-9_-]+"


# https://platform.claude.com/docs/en/api/messages (stop_reason)
_REASONS: Final[dict[str, FinishReason]] = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP_SEQUENCE,
    "max_tokens": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
    "refusal": FinishReason.REFUSAL,
    "pause_turn": FinishReason.PAUSED,
    "model_context_window_exceeded": FinishReason.CONTEXT_FULL,
    "compaction": FinishReason.PAUSED,
}

_SAID: Final[dict[FinishReason, str]] = {
    FinishReason.STOP: "end_turn",
    FinishReason.STOP_SEQUENCE: "stop_sequence",
    FinishReason.LENGTH: "max_tokens",
    FinishReason.CONTEXT_FULL: "model_context_window_exceeded",
    FinishReason.TOOL_CALLS: "tool_use",
    FinishReason.CONTENT_FILTER: "refusal",
    FinishReason.REFUSAL: "refusal",
    FinishReason.PAUSED: "pause_turn",
    FinishReason.CANCELLED: "end_turn",
    FinishReason.ERROR: "end_turn",
    FinishReason.INTERRUPTED: "end_turn",
    FinishReason.UNKNOWN: "end_turn",
}


def decode_reason(raw: str | None) -> FinishReason | None:
    """The neutral reason; None where the answer has not ended."""
    return None if not raw else _REASONS.get(raw, FinishReason.UNKNOWN)


def encode_reason(reason: FinishReason | None, raw: str | None, *, ours: bool = True) -> str | None:
    """The word for a reason: the raw one where this wire said it and it still means the reason."""
    if raw is not None and decode_reason(raw) is reason and (raw in _REASONS or ours):
        return raw
    return None if reason is None else _SAID[reason]


def cache_control(mark: CacheBreakpoint) -> dict[str, Any]:
    """A mark in this wire's words; the only kind there is, "ephemeral", lives five minutes by default."""
    return {"type": "ephemeral"} if mark.ttl is None else {"type": "ephemeral", "ttl": mark.ttl}


def read_cache_control(value: Any) -> CacheBreakpoint | None:
    """The mark that a ``cache_control`` is, or None."""
    if not isinstance(value, Mapping) or value.get("type") != "ephemeral":
        return None
    ttl = value.get("ttl")
    return CacheBreakpoint(ttl if isinstance(ttl, str) else None)


def count_mark(
    said: Mapping[str, Any], out: dict[str, Any], data: Mapping[str, Any] | None, enc: Encoding, path: str
) -> None:
    """Count the mark on ``out``, if there is one: a peer's own stays, whatever their number."""
    if MARK not in said or MARK not in out:
        return
    enc.marks.add(path, out, MARK, given=bool(hints_of(data).get("marked")))


def kept_whole(block: Mapping[str, Any], enc: Encoding, path: str) -> dict[str, Any]:
    """A block without a neutral form, as it came; its own mark counts."""
    out = dict(block)
    if isinstance(out.get(MARK), Mapping):
        enc.marks.add(path, out, MARK, given=True)
    return out


def native(data: object) -> Native | None:
    """A residue of this wire, or None where nothing is left over."""
    return Native(WIRE, data) if data else None
