"""Words of this wire: its name, its statuses, its cache marks."""

from collections.abc import Mapping
from typing import Any, Final

from ...types import CacheBreakpoint, FinishReason, Native
from ..fields import as_object, as_text

__all__ = [
    "MARK",
    "WIRE",
    "cache_mark",
    "decode_reason",
    "encode_reason",
    "native",
    "raw_reason",
    "read_cache_mark",
]

WIRE: Final = "openai_responses"
MARK: Final = "prompt_cache_breakpoint"

# There is no stop reason on this wire: the status tells, and why an answer is incomplete.
_STATUSES: Final[dict[str, FinishReason]] = {
    "completed": FinishReason.STOP,
    "max_output_tokens": FinishReason.LENGTH,
    "max_messages": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
    "steered": FinishReason.PAUSED,
    "failed": FinishReason.ERROR,
    "cancelled": FinishReason.CANCELLED,
}
_UNFINISHED: Final = ("queued", "in_progress")

_SAID: Final[dict[FinishReason, tuple[str, str | None]]] = {
    FinishReason.LENGTH: ("incomplete", "max_output_tokens"),
    FinishReason.CONTEXT_FULL: ("incomplete", "max_output_tokens"),
    FinishReason.CONTENT_FILTER: ("incomplete", "content_filter"),
    FinishReason.PAUSED: ("incomplete", "steered"),
    FinishReason.ERROR: ("failed", None),
    FinishReason.CANCELLED: ("cancelled", None),
    FinishReason.INTERRUPTED: ("cancelled", None),
}


def raw_reason(body: Mapping[str, Any]) -> str | None:
    """The word that stands for a stop reason: why it is incomplete, else the status."""
    status = as_text(body.get("status"))
    if status == "incomplete":
        return as_text((as_object(body.get("incomplete_details")) or {}).get("reason")) or "incomplete"
    return status


def decode_reason(raw: str | None, *, calls: bool, refused: bool) -> FinishReason | None:
    """The neutral reason; None while the answer is being made."""
    if raw is None or raw in _UNFINISHED:
        return None
    reason = _STATUSES.get(raw, FinishReason.UNKNOWN)
    if reason is FinishReason.STOP:
        return FinishReason.TOOL_CALLS if calls else FinishReason.REFUSAL if refused else reason
    return reason


def encode_reason(reason: FinishReason | None, raw: str | None) -> tuple[str, str | None]:
    """``(status, why incomplete)``; in the raw word where this wire said it and it still means the reason."""
    if raw is not None:
        if raw in _UNFINISHED and reason is None:
            return raw, None
        meanings = [decode_reason(raw, calls=c, refused=r) for c, r in ((False, False), (True, False), (False, True))]
        if reason in meanings and (raw in _STATUSES or raw == "incomplete"):
            return (raw, None) if raw in ("completed", "failed", "cancelled") else ("incomplete", raw)
    if reason is None:
        return "in_progress", None
    return _SAID.get(reason, ("completed", None))


def cache_mark(mark: CacheBreakpoint) -> dict[str, Any]:
    """A mark in this wire's words."""
    return {"mode": "explicit"} if mark.ttl is None else {"mode": "explicit", "ttl": mark.ttl}


def read_cache_mark(raw: Mapping[str, Any]) -> CacheBreakpoint | None:
    """The mark that an item carries, or None."""
    said = as_object(raw.get(MARK))
    return None if said is None else CacheBreakpoint(as_text(said.get("ttl")))


def native(data: object) -> Native | None:
    """A residue of this wire, or None where nothing is left over."""
    return Native(WIRE, data) if data else None
