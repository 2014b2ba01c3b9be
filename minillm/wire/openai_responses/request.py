"""Requests, both ways."""

from collections.abc import Mapping
from typing import Any

from ...report import Report
from ...types import ChatRequest, Message, Origin, Role
from ..codec import Quirks
from ..encoding import Encoding, add_extra
from ..fields import as_text, want_list, want_object
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import WIRE, native
from .input import decode_input, decode_instructions, encode_input, is_instructions
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
    enc.settle_marks()
    return add_extra(add_extra(out, request.extra, "extra"), request.parameters.get("extra"), "parameters.extra")


def _said(request: ChatRequest, enc: Encoding) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if request.model is not None:
        said["model"] = request.model
    messages, lead = request.messages, 0
    if messages and is_instructions(messages[0]):
        said["instructions"] = messages[0].text
        lead = 1
    items = list(encode_input(request, lead, enc))
    form = hints_of(own(request.native, WIRE)).get("input")
    if form == "text" and len(items) == 1 and _is_plain(items[0]):
        said["input"] = items[0]["content"]
    elif items or form != "absent":
        said["input"] = items
    tools = encode_tools(request, enc)
    if tools:
        said["tools"] = tools
    choice = encode_choice(request)
    if choice is not None:
        said["tool_choice"] = choice
    if request.stream:
        said["stream"] = True
    say_parameters(request.parameters, said, enc)
    return said


def _is_plain(item: dict[str, Any]) -> bool:
    """Whether an item says no more than a text from the user."""
    return set(item) == {"role", "content"} and item["role"] == "user" and isinstance(item["content"], str)


def decode_request(body: Mapping[str, Any], model: str | None, stream: bool | None) -> ChatRequest:
    """A request out of its JSON body.

    Raises:
        DecodeError: the body is no request of this wire.
    """
    raw = want_object(body, "")
    messages: list[Message] = []
    if isinstance(raw.get("instructions"), str):
        messages.append(decode_instructions(raw["instructions"]))
    given = raw.get("input")
    form = "text" if isinstance(given, str) else "absent" if "input" not in raw else None
    if isinstance(given, str):
        messages.append(Message(Role.USER, given))
    elif given is not None:
        messages += decode_input(want_list(given, "input"))
    request = ChatRequest(
        as_text(raw.get("model")) or model,
        tuple(messages),
        decode_tools(raw.get("tools")),
        decode_choice(raw.get("tool_choice")),
        decode_parameters(raw),
        raw.get("stream") is True if stream is None else stream,
        native=native(with_hints({}, input=form)),
    )
    said = _said(request, Encoding(WIRE, Quirks(), Report.ignore(), asking=True))
    object.__setattr__(request, "native", native(with_hints(residue(raw, said), input=form)))  # fresh, seen by nobody
    return request
