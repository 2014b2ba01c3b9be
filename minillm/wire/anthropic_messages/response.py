"""Whole answers, both ways."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...errors import DecodeError
from ...report import Report
from ...types import ChatResponse, Choice, FinishReason, Message, Native, Part, RefusalPart, Role, ToolCallPart
from ..codec import Quirks
from ..encoding import Encoding
from ..errors import build_error, read_error
from ..fields import as_text, want_object
from ..residue import own, residue, restore
from .blocks import decode_blocks, encode_blocks
from .dialect import WIRE, decode_reason, encode_reason
from .plain import decode_plain
from .usage import decode_usage, encode_usage

__all__ = ["decode_response", "encode_response", "stop_details", "with_refusal"]


def decode_response(body: Any) -> ChatResponse:
    """An answer out of its JSON body.

    Raises:
        APIError: the body holds an error.
        DecodeError: the body is no answer of this wire.
    """
    return decode_plain(body) or _decode_any(body)


def _decode_any(body: Any) -> ChatResponse:
    raw = want_object(body, "")
    if raw.get("type") == "error" or (isinstance(raw.get("error"), Mapping) and "content" not in raw):
        raise build_error(read_error(raw), status=None)
    if "content" not in raw:
        raise DecodeError("an answer has content, and this has none", path="content")
    reason = as_text(raw.get("stop_reason"))
    parts = decode_blocks(raw["content"], "content")
    if reason == "max_tokens" and parts and isinstance(parts[-1], ToolCallPart):
        # The ceiling fell inside the last call: what there is of its arguments must never be run.
        parts = (*parts[:-1], replace(parts[-1], incomplete=True))
    parts = with_refusal(parts, raw.get("stop_details"))
    choice = Choice(0, Message(Role.ASSISTANT, parts), decode_reason(reason), reason)
    response = ChatResponse(
        as_text(raw.get("id")) or "", as_text(raw.get("model")) or "", (choice,), decode_usage(raw.get("usage"))
    )
    # Made a moment ago and seen by nobody: filled in place. Even an empty residue tells whose answer it is.
    object.__setattr__(response, "native", Native(WIRE, {}))
    said = _said(response, Encoding(WIRE, Quirks(), Report.ignore(), asking=False))
    object.__setattr__(response, "native", Native(WIRE, residue(raw, said)))
    return response


def with_refusal(parts: tuple[Part, ...], details: Any) -> tuple[Part, ...]:
    """The parts, and the vendor's explanation of a refusal as the last of them."""
    if isinstance(details, Mapping) and details.get("type") == "refusal" and as_text(details.get("explanation")):
        return (*parts, RefusalPart(details["explanation"]))
    return parts


def stop_details(parts: tuple[Part, ...]) -> dict[str, Any] | None:
    """Refusals have no block on this wire: their words explain the stop."""
    words = [part.text for part in parts if isinstance(part, RefusalPart)]
    return {"type": "refusal", "category": None, "explanation": "\n\n".join(words)} if words else None


def encode_response(response: ChatResponse, quirks: Quirks, report: Report | None) -> dict[str, Any]:
    """The JSON body of an answer."""
    enc = Encoding(WIRE, quirks, report, asking=False)
    for i in range(1, len(response.choices)):
        enc.report.lost(f"choices[{i}]", "answer", "this wire carries one answer a response")
    return restore(_said(response, enc), own(response.native, WIRE))


def _said(response: ChatResponse, enc: Encoding) -> dict[str, Any]:
    parts = response.message.parts
    said_so = {i: part for i, part in enumerate(parts) if not isinstance(part, RefusalPart)}
    content = encode_blocks([*said_so.values()], enc, "choices[0].message.content", assistant=True, places=[*said_so])
    details = stop_details(parts)
    reason, ours = response.finish_reason, own(response.native, WIRE) is not None
    if details is not None and reason in (None, FinishReason.STOP):
        reason = FinishReason.REFUSAL
    said: dict[str, Any] = {
        "id": response.id,
        "type": "message",
        "role": "assistant",
        "model": response.model,
        "content": content,
        "stop_reason": encode_reason(reason, response.raw_finish_reason, ours=ours),
        "stop_sequence": None,
        "usage": encode_usage(response.usage),
    }
    if details is not None:
        said["stop_details"] = details
    return said
