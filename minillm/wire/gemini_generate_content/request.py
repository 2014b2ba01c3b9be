"""Requests, both ways. The model and the wish to stream stand in the path, not in the body."""

from collections.abc import Mapping
from typing import Any

from ...report import Report
from ...types import ChatRequest, Native, Origin
from ..codec import Quirks
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_object
from ..residue import HINTS, hints_of, own, residue, restore, with_hints
from .calls import Calls
from .contents import decode_contents, decode_instruction, encode_contents, encode_instruction, leading
from .dialect import WIRE, native
from .parameters import decode_parameters, say_parameters
from .spelling import REQUEST, Spelling, in_snake
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
    data = own(request.native, WIRE)
    out = restore(_said(request, enc), data)
    snake = hints_of(data).get("snake")
    if snake:
        out = in_snake(out, REQUEST, snake)
    return add_extra(add_extra(out, request.extra, "extra"), request.parameters.get("extra"), "parameters.extra")


def _said(request: ChatRequest, enc: Encoding) -> dict[str, Any]:
    said: dict[str, Any] = {}
    lead = leading(request.messages)
    instruction = encode_instruction(request.messages[:lead], enc) if lead else None
    if instruction is not None:
        said["systemInstruction"] = instruction
    said["contents"] = list(encode_contents(request.messages, lead, enc))
    tools = encode_tools(request, enc)
    if tools:
        said["tools"] = tools
    choice = encode_choice(request.tool_choice)
    if choice is not None:
        said["toolConfig"] = choice
    say_parameters(request.parameters, request.model, said, enc)
    return said


def decode_request(body: Mapping[str, Any], model: str | None, stream: bool | None) -> ChatRequest:
    """A request out of its JSON body. Both spellings of its fields are read, camelCase and snake_case.

    Raises:
        DecodeError: the body is no request of this wire.
    """
    spelling = Spelling()
    raw: Mapping[str, Any] = spelling.in_camel(want_object(body, ""), REQUEST)
    calls = Calls("request")
    instruction = raw.get("systemInstruction")
    lead = [] if instruction is None else [decode_instruction(instruction, calls)]
    tools, layout = decode_tools(raw.get("tools"))
    request = ChatRequest(
        model or as_text(raw.get("model")),
        (*lead, *decode_contents(raw.get("contents"), calls)),
        tools,
        decode_choice(raw.get("toolConfig")),
        decode_parameters(raw),
        bool(stream),
        native=Native(WIRE, {HINTS: {"tools": layout}}) if layout else None,
    )
    said = _said(request, Encoding(WIRE, Quirks(), Report.ignore(), asking=True))
    rest = with_hints(residue(raw, said), tools=layout or None, snake=spelling.hints)
    object.__setattr__(request, "native", native(rest))  # fresh, seen by nobody
    return request
