"""Requests, both ways."""

from collections.abc import Mapping
from typing import Any

from ...report import Report
from ...types import ChatRequest, Origin
from ..codec import Quirks
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_object
from ..residue import own, residue, restore
from .dialect import MARK, WIRE, native
from .messages import decode_messages, decode_system, encode_messages, encode_system, leading
from .parameters import decode_parameters, say_parameters
from .tools import decode_choice, decode_tools, encode_choice, encode_tools

__all__ = ["decode_request", "encode_request"]


def encode_request(
    request: ChatRequest, quirks: Quirks, origin: Origin | None, report: Report | None
) -> dict[str, Any]:
    """The JSON body of a request.

    Raises:
        EncodeError: it cannot be said, or the report is strict and something is lost.
    """
    enc = Encoding(WIRE, quirks, report, asking=True, origin=origin)
    out = restore(_said(request, enc), own(request.native, WIRE))
    if isinstance(out.get(MARK), dict):
        enc.marks.add("", out, MARK, given=True)  # the automatic mark of the whole request counts as one, at its end
    for extra in (request.extra, request.parameters.get("extra")):
        if extra and isinstance(extra.get(MARK), dict):
            enc.marks.add("extra", dict(extra), MARK, given=True)
    enc.settle_marks()
    if enc.ids_rewritten:
        enc.report.note("messages", "ids of tool calls", "rewritten: this vendor takes letters, digits, _ and - only")
    return add_extra(add_extra(out, request.extra, "extra"), request.parameters.get("extra"), "parameters.extra")


def _said(request: ChatRequest, enc: Encoding) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if request.model is not None:
        said["model"] = request.model
    tools = encode_tools(request, enc)
    if tools:
        said["tools"] = tools  # marks count in this order: tools, system, messages
    lead = leading(request.messages)
    system = encode_system(request.messages[:lead], enc) if lead else None
    if system is not None and (system or request.messages[0].content == ""):
        said["system"] = system
    said["messages"] = encode_messages(request.messages, lead, enc)
    choice = encode_choice(request, offered=bool(request.tools))
    if choice is not None:
        said["tool_choice"] = choice
    if request.stream:
        said["stream"] = True
    say_parameters(request.parameters, said, enc)
    return said


def decode_request(body: Mapping[str, Any], model: str | None, stream: bool | None) -> ChatRequest:
    """A request out of its JSON body.

    Raises:
        DecodeError: the body is no request of this wire.
    """
    raw = want_object(body, "")
    system = [] if raw.get("system") is None else [decode_system(raw["system"])]
    request = ChatRequest(
        as_text(raw.get("model")) or model,
        (*system, *decode_messages(raw.get("messages"))),
        decode_tools(raw.get("tools")),
        decode_choice(raw.get("tool_choice")),
        decode_parameters(raw),
        raw.get("stream") is True if stream is None else stream,
    )
    said = _said(request, Encoding(WIRE, Quirks(), Report.ignore(), asking=True))
    object.__setattr__(request, "native", native(residue(raw, said)))  # fresh, seen by nobody
    return request
