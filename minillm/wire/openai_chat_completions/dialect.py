"""Words of this wire: its name, its finish reasons, its media formats."""

from typing import Final

from ...types import FinishReason, Native

__all__ = ["AUDIO_FORMATS", "AUDIO_TYPES", "WIRE", "decode_reason", "encode_reason", "native"]

WIRE: Final = "openai_chat_completions"

# The vendor's five, then what dialects add (wire-spec: dialects 1, 2, 4, 10).
REASONS: Final[dict[str, FinishReason]] = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
    "function_call": FinishReason.TOOL_CALLS,
    "eos": FinishReason.STOP,
    "error": FinishReason.ERROR,
    "model_length": FinishReason.CONTEXT_FULL,
    "insufficient_system_resource": FinishReason.ERROR,
    "abort": FinishReason.CANCELLED,
}

_SAID: Final[dict[FinishReason, str]] = {
    FinishReason.STOP: "stop",
    FinishReason.STOP_SEQUENCE: "stop",
    FinishReason.LENGTH: "length",
    FinishReason.CONTEXT_FULL: "length",
    FinishReason.TOOL_CALLS: "tool_calls",
    FinishReason.CONTENT_FILTER: "content_filter",
    FinishReason.REFUSAL: "stop",  # beside ``message.refusal``
    FinishReason.PAUSED: "stop",
    FinishReason.CANCELLED: "stop",
    FinishReason.ERROR: "error",  # OpenRouter's word; the vendor has none
    FinishReason.INTERRUPTED: "stop",
    FinishReason.UNKNOWN: "stop",
}

AUDIO_TYPES: Final[dict[str, str]] = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "opus": "audio/opus",
    "pcm16": "audio/pcm",
    "ogg": "audio/ogg",
    "m4a": "audio/mp4",
    "webm": "audio/webm",
}
AUDIO_FORMATS: Final[dict[str, str]] = {
    **{media_type: name for name, media_type in AUDIO_TYPES.items()},
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mp3": "mp3",
}


def decode_reason(raw: str | None, *, calls: bool, refused: bool) -> FinishReason | None:
    """The neutral reason. What the message holds counts first: servers say ``stop`` with tool calls
    (dialects, checklist 2), and a refusal always ends with ``stop``."""
    if not raw:
        return None
    reason = REASONS.get(raw, FinishReason.UNKNOWN)
    if reason is FinishReason.STOP:
        if calls:
            return FinishReason.TOOL_CALLS
        if refused:
            return FinishReason.REFUSAL
    return reason


def encode_reason(reason: FinishReason | None, raw: str | None, *, ours: bool) -> str | None:
    """The word for a reason: the raw one where this wire said it and it still means the reason.

    Args:
        ours: ``raw`` came over this wire.
    """
    if ours and raw is not None:
        if raw not in REASONS and reason is FinishReason.UNKNOWN:
            return raw
        if any(decode_reason(raw, calls=calls, refused=refused) is reason for calls, refused in _CASES):
            return raw
    return None if reason is None else _SAID[reason]


_CASES: Final = ((False, False), (True, False), (False, True))


def native(data: object) -> Native:
    """A residue of this wire."""
    return Native(WIRE, data)
