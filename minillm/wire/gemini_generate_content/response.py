"""Whole answers, both ways."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import DecodeError
from ...report import Report
from ...types import ChatResponse, Choice, Message, Native, Part, RefusalPart, Role, ToolCallPart
from ..codec import Quirks
from ..encoding import Encoding
from ..errors import build_error, read_error
from ..fields import as_count, as_object, as_text, want_list, want_object
from ..residue import HINTS, hints_of, own, residue, restore
from .calls import Calls
from .dialect import BLOCKED, WIRE, decode_reason, encode_reason
from .grounding import citation_sources, with_citations
from .logprobs import decode_logprobs, encode_logprobs
from .parts import decode_parts, encode_part
from .plain import decode_plain
from .usage import decode_usage, encode_usage

__all__ = ["NO_SOURCE", "decode_response", "encode_response", "refusal_text"]

_BLOCKED = {"blocked": True}

NO_SOURCE = "this wire cites addresses; sources without one cannot be said"


def decode_response(body: Any) -> ChatResponse:
    """An answer out of its JSON body.

    Raises:
        APIError: the body holds an error.
        DecodeError: the body is no answer of this wire.
    """
    return decode_plain(body) or _decode_any(body)


def _decode_any(body: Any) -> ChatResponse:
    raw = want_object(body, "")
    if isinstance(raw.get("error"), Mapping):
        raise build_error(read_error(raw), status=None)
    if "candidates" not in raw and "promptFeedback" not in raw and "usageMetadata" not in raw:
        raise DecodeError("an answer has candidates or promptFeedback, and this has neither", path="candidates")
    calls = Calls(as_text(raw.get("responseId")) or "")
    candidates = want_list(raw.get("candidates") or [], "candidates")
    choices = tuple(_decode_candidate(item, i, calls) for i, item in enumerate(candidates))
    blocked = as_text((as_object(raw.get("promptFeedback")) or {}).get("blockReason"))
    if not choices and blocked is not None:
        # The prompt was blocked: there is no candidate, but there is a reason, and callers look for it there.
        choices = (Choice(0, Message(Role.ASSISTANT, ()), BLOCKED, blocked, native=Native(WIRE, {HINTS: _BLOCKED})),)
    response = ChatResponse(
        as_text(raw.get("responseId")) or "",
        as_text(raw.get("modelVersion")) or "",
        choices,
        decode_usage(raw.get("usageMetadata")),
    )
    said = _said(response, Encoding(WIRE, Quirks(), Report.ignore(), asking=False))
    object.__setattr__(response, "native", Native(WIRE, residue(raw, said)))  # fresh, seen by nobody
    return response


def _decode_candidate(raw: Any, position: int, calls: Calls) -> Choice:
    path = f"candidates[{position}]"
    said = want_object(raw, path)
    content = as_object(said.get("content")) or {}
    parts = with_citations(decode_parts(content.get("parts") or [], f"{path}.content.parts", calls), said)
    reason = as_text(said.get("finishReason"))
    called = any(isinstance(part, ToolCallPart) for part in parts)
    index = as_count(said.get("index"))
    choice = Choice(
        position if index is None else index,
        Message(Role.ASSISTANT, parts),
        decode_reason(reason, calls=called),
        reason,
        decode_logprobs(said.get("logprobsResult")),
        native=Native(WIRE, {}),
    )
    ours = _candidate_said(choice, Encoding(WIRE, Quirks(), Report.ignore(), asking=False), path)
    object.__setattr__(choice, "native", Native(WIRE, residue(said, ours)))  # fresh, seen by nobody
    return choice


def encode_response(response: ChatResponse, quirks: Quirks, report: Report | None) -> dict[str, Any]:
    """The JSON body of an answer."""
    return restore(_said(response, Encoding(WIRE, quirks, report, asking=False)), own(response.native, WIRE))


def _said(response: ChatResponse, enc: Encoding) -> dict[str, Any]:
    said: dict[str, Any] = {}
    candidates = [
        restore(_candidate_said(choice, enc, f"choices[{i}]"), own(choice.native, WIRE))
        for i, choice in enumerate(response.choices)
        if not hints_of(own(choice.native, WIRE)).get("blocked")
    ]
    if candidates or response.usage is None:  # a body with neither would be no answer
        said["candidates"] = candidates
    if response.usage is not None:
        said["usageMetadata"] = encode_usage(response.usage)
    if response.model:
        said["modelVersion"] = response.model
    if response.id:
        said["responseId"] = response.id
    return said


def _candidate_said(choice: Choice, enc: Encoding, path: str) -> dict[str, Any]:
    parts = [
        encoded
        for i, part in enumerate(choice.message.parts)
        if not isinstance(part, RefusalPart)
        and (encoded := encode_part(part, enc, f"{path}.message.content[{i}]")) is not None
    ]
    said: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": choice.index}
    ours = own(choice.native, WIRE) is not None
    reason = encode_reason(choice.finish_reason, choice.raw_finish_reason, ours=ours)
    refused = refusal_text(choice.message.parts)
    if refused:
        said["finishMessage"] = refused
        reason = "SAFETY" if reason in (None, "STOP") else reason
    if reason is not None:
        said["finishReason"] = reason
    sources, unsaid = citation_sources(choice.message.parts)
    if sources:
        said["citationMetadata"] = {"citationSources": sources}
    if unsaid:
        enc.report.lost(f"{path}.message.content", "citations", NO_SOURCE)
    if choice.logprobs:
        said["logprobsResult"] = encode_logprobs(choice.logprobs)
    return said


def refusal_text(parts: Sequence[Part]) -> str:
    """Refusals have no part on this wire: their words stand beside the finish reason."""
    return "\n\n".join(part.text for part in parts if isinstance(part, RefusalPart))
