"""Whole answers, both ways."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import DecodeError
from ...report import Report
from ...types import ChatResponse, Choice, FinishReason, Message, Native, Part, RefusalPart, Role, ToolCallPart
from ..codec import Quirks
from ..encoding import Encoding
from ..errors import build_error, read_error
from ..fields import as_number, as_text, want_list, want_object
from ..residue import own, residue, restore
from .dialect import WIRE, decode_reason, encode_reason, raw_reason
from .items import ItemsEncoder, decode_item
from .plain import decode_plain
from .usage import decode_usage, encode_usage

__all__ = ["decode_response", "encode_response", "failure_of", "reason_of"]

# What clients of this wire expect on every response, in the vendor's defaults.
_REQUIRED: Mapping[str, Any] = {
    "error": None,
    "instructions": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": None,
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
}


def decode_response(body: Any) -> ChatResponse:
    """An answer out of its JSON body.

    Raises:
        APIError: it failed, or the body holds an error.
        DecodeError: the body is no answer of this wire.
    """
    return decode_plain(body) or _decode_any(body)


def _decode_any(body: Any) -> ChatResponse:
    raw = want_object(body, "")
    failure = failure_of(raw)
    if failure is not None:
        raise failure
    if "output" not in raw:
        raise DecodeError("an answer has output, and this has none", path="output")
    parts: list[Part] = []
    for i, item in enumerate(want_list(raw["output"] or [], "output")):
        parts.extend(decode_item(item, f"output[{i}]"))
    reason = raw_reason(raw)
    choice = Choice(0, Message(Role.ASSISTANT, tuple(parts)), reason_of(reason, parts), reason)
    response = ChatResponse(
        as_text(raw.get("id")) or "",
        as_text(raw.get("model")) or "",
        (choice,),
        decode_usage(raw.get("usage")),
        as_number(raw.get("created_at")),
    )
    said = _said(response, Encoding(WIRE, Quirks(), Report.ignore(), asking=False))
    # Made a moment ago and seen by nobody: filled in place.
    object.__setattr__(response, "native", Native(WIRE, residue(raw, said)))
    return response


def failure_of(raw: Mapping[str, Any]) -> Exception | None:
    """The typed error of an answer that failed, which comes with status 200 as well."""
    if isinstance(raw.get("error"), Mapping) and raw.get("status") in (None, "failed"):
        return build_error(read_error(raw), status=None)
    if raw.get("status") == "failed":
        return build_error(read_error({"error": {"message": "the answer failed", "code": "server_error"}}), status=None)
    return None


def reason_of(raw: str | None, parts: Sequence[Part]) -> FinishReason | None:
    called = any(isinstance(part, ToolCallPart) for part in parts)
    return decode_reason(raw, calls=called, refused=any(isinstance(part, RefusalPart) for part in parts))


def encode_response(response: ChatResponse, quirks: Quirks, report: Report | None) -> dict[str, Any]:
    """The JSON body of an answer."""
    enc = Encoding(WIRE, quirks, report, asking=False)
    for i in range(1, len(response.choices)):
        enc.report.lost(f"choices[{i}]", "answer", "this wire carries one answer a response")
    data = own(response.native, WIRE)
    said = _said(response, enc)
    if data is not None:
        return restore(said, data)
    if said["status"] == "failed":  # clients look for the reason there
        said["error"] = {"code": "server_error", "message": "the model's answer failed"}
    return {**_REQUIRED, **said}


def _said(response: ChatResponse, enc: Encoding) -> dict[str, Any]:
    status, why = encode_reason(response.finish_reason, response.raw_finish_reason)
    said: dict[str, Any] = {
        "id": response.id,
        "object": "response",
        "created_at": response.created if response.created is not None else 0,
        "status": status,
        "incomplete_details": None if why is None else {"reason": why},
        "model": response.model,
        "output": ItemsEncoder(enc, answer=True, seed=response.id).encode(
            response.message.parts, "choices[0].message.content"
        ),
    }
    if response.usage is not None:
        said["usage"] = encode_usage(response.usage)
    return said
