"""Words of this wire: its name, its finish reasons."""

from typing import Final

from ...types import FinishReason, Native

__all__ = ["BLOCKED", "FOREIGN_CALL", "WIRE", "decode_reason", "encode_reason", "native"]

WIRE: Final = "gemini_generate_content"

#: What ``promptFeedback.blockReason`` means, whatever its word (wire-spec: mapping, section 3).
BLOCKED: Final = FinishReason.CONTENT_FILTER

#: Gemini 3 refuses the first call of a turn without its signature; a call that another vendor's model
#: made has none, and this documented word stands in for it (https://ai.google.dev/gemini-api/docs/thought-signatures).
FOREIGN_CALL: Final = "skip_thought_signature_validator"

# https://ai.google.dev/api/generate-content#FinishReason
_REASONS: Final[dict[str, FinishReason]] = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
    "SAFETY": FinishReason.CONTENT_FILTER,
    "RECITATION": FinishReason.CONTENT_FILTER,
    "LANGUAGE": FinishReason.CONTENT_FILTER,
    "BLOCKLIST": FinishReason.CONTENT_FILTER,
    "PROHIBITED_CONTENT": FinishReason.CONTENT_FILTER,
    "SPII": FinishReason.CONTENT_FILTER,
    "IMAGE_SAFETY": FinishReason.CONTENT_FILTER,
    "IMAGE_PROHIBITED_CONTENT": FinishReason.CONTENT_FILTER,
    "IMAGE_OTHER": FinishReason.CONTENT_FILTER,
    "IMAGE_RECITATION": FinishReason.CONTENT_FILTER,
    "NO_IMAGE": FinishReason.CONTENT_FILTER,
    "MODEL_ARMOR": FinishReason.CONTENT_FILTER,
    "CONTINUATION": FinishReason.PAUSED,
    "OTHER": FinishReason.ERROR,
    "MALFORMED_FUNCTION_CALL": FinishReason.ERROR,
    "MALFORMED_RESPONSE": FinishReason.ERROR,
    "UNEXPECTED_TOOL_CALL": FinishReason.ERROR,
    "TOO_MANY_TOOL_CALLS": FinishReason.ERROR,
    "MISSING_THOUGHT_SIGNATURE": FinishReason.ERROR,
}

_SAID: Final[dict[FinishReason, str]] = {
    FinishReason.STOP: "STOP",
    FinishReason.STOP_SEQUENCE: "STOP",
    FinishReason.LENGTH: "MAX_TOKENS",
    FinishReason.CONTEXT_FULL: "MAX_TOKENS",
    FinishReason.TOOL_CALLS: "STOP",
    FinishReason.CONTENT_FILTER: "SAFETY",
    FinishReason.REFUSAL: "SAFETY",
    FinishReason.PAUSED: "STOP",
    FinishReason.CANCELLED: "OTHER",
    FinishReason.ERROR: "OTHER",
    FinishReason.INTERRUPTED: "OTHER",
    FinishReason.UNKNOWN: "OTHER",
}


def decode_reason(raw: str | None, *, calls: bool) -> FinishReason | None:
    """The neutral reason. Calls end with STOP here: only the parts tell."""
    if not raw:
        return None
    reason = _REASONS.get(raw, FinishReason.UNKNOWN)
    return FinishReason.TOOL_CALLS if calls and reason is FinishReason.STOP else reason


def encode_reason(reason: FinishReason | None, raw: str | None, *, ours: bool = True) -> str | None:
    """The word for a reason: the raw one where this wire said it and it still means the reason."""
    said = raw is not None and (raw in _REASONS or ours)
    if said and reason in (decode_reason(raw, calls=False), decode_reason(raw, calls=True)):
        return raw
    return None if reason is None else _SAID[reason]


def native(data: object) -> Native | None:
    """A residue of this wire, or None where nothing is left over."""
    return Native(WIRE, data) if data else None
