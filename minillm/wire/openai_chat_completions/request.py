"""Requests, both ways."""

from collections.abc import Mapping
from typing import Any

from ...errors import DecodeError
from ...report import Report
from ...types import ChatRequest, Origin
from ..codec import Quirks
from ..encoding import Encoding, add_extra
from ..fields import refuse, want_object
from ..residue import hints_of, own, put_hints, restore
from .dialect import WIRE, native
from .messages import decode_messages, encode_messages
from .parameters import decode_parameters, encode_parameters
from .plain_request import encode_plain
from .tools import decode_choice, decode_tools, encode_choice, encode_tools

__all__ = ["decode_request", "encode_request"]


def decode_request(body: Any, *, model: str | None = None, stream: bool | None = None) -> ChatRequest:
    """A request out of its body.

    Raises:
        DecodeError: the body is not a request of this wire.
    """
    body = want_object(body, "")
    if "messages" not in body:
        raise DecodeError("a request has messages", path="messages")
    rest = {key: value for key, value in body.items() if key != "messages"}
    hints: dict[str, Any] = {}
    said_model = rest.get("model")
    if isinstance(said_model, str):
        del rest["model"]
    elif said_model is not None:
        refuse(said_model, "model", "a text")
    streams = rest.get("stream")
    if streams is True:
        del rest["stream"]
    elif streams not in (None, False):
        refuse(streams, "stream", "true or false")
    parameters = decode_parameters(rest, hints)
    tools = decode_tools(rest)
    choice = decode_choice(rest)
    usage = _decode_usage_wish(rest, hints)
    put_hints(rest, hints)
    return ChatRequest(
        said_model if model is None else model,
        decode_messages(body["messages"], "messages"),
        tools,
        choice,
        parameters,
        bool(streams) if stream is None else stream,
        usage,
        native=native(rest),
    )


def _decode_usage_wish(rest: dict[str, Any], hints: dict[str, Any]) -> bool | None:
    """``stream_options.include_usage`` (the vendor) or ``usage.include`` (OpenRouter)."""
    wish = None
    for field, key in _USAGE_WISHES:
        said = rest.get(field)
        if isinstance(said, dict) and isinstance(said.get(key), bool) and wish in (None, said[key]):
            wish = said[key]
            left = {name: value for name, value in said.items() if name != key}
            if left:
                rest[field] = left
            else:
                del rest[field]
            hints[field] = True
    return wish


_USAGE_WISHES = (("stream_options", "include_usage"), ("usage", "include"))


def encode_request(
    request: ChatRequest, quirks: Quirks, *, origin: Origin | None = None, report: Report | None = None
) -> dict[str, Any]:
    """The body of a request.

    Raises:
        EncodeError: it cannot be said on this wire, or the report is strict and something is lost.
    """
    return encode_plain(request, quirks) or _encode_any(
        request, Encoding(WIRE, quirks, report, asking=True, origin=origin)
    )


def _encode_any(request: ChatRequest, enc: Encoding) -> dict[str, Any]:
    quirks, data = enc.quirks, own(request.native, WIRE)
    hints = hints_of(data)
    said: dict[str, Any] = {}
    if request.model is not None:
        said["model"] = request.model
    tools = encode_tools(request.tools, enc) if request.tools else {}
    said["messages"] = encode_messages(request.messages, enc)
    said.update(tools)
    if request.tool_choice is not None:
        said.update(encode_choice(request.tool_choice, request.tools, enc))
    said.update(encode_parameters(request.parameters, enc, hints))
    if request.stream:
        said["stream"] = True
    if request.include_usage is not None:
        _say_usage_wish(request, said, enc, hints)
    if quirks.prefill in ("prefix", "partial"):
        _mark_prefill(said["messages"], quirks.prefill)
    if enc.ids_rewritten:
        enc.report.note(
            "messages", "tool call ids", "this host takes only ids of its own form; they were rewritten alike"
        )
    enc.settle_marks()
    out = restore(said, data) if data is not None else said
    extra = request.parameters.extra
    if extra:
        add_extra(out, extra, "parameters.extra")
    return add_extra(out, request.extra, "extra") if request.extra else out


def _say_usage_wish(request: ChatRequest, said: dict[str, Any], enc: Encoding, hints: Mapping[str, Any]) -> None:
    came = [(field, key) for field, key in _USAGE_WISHES if hints.get(field)]
    if came:
        for field, key in came:
            said[field] = {key: request.include_usage}
    elif request.include_usage:
        if enc.quirks.stream_usage and request.stream:
            said["stream_options"] = {"include_usage": True}
        if enc.quirks.usage_include:
            said["usage"] = {"include": True}


def _mark_prefill(messages: list[dict[str, Any]], flag: str) -> None:
    """A started answer at the end is continued only where it is marked (Mistral: prefix)."""
    if messages and messages[-1]["role"] == "assistant" and not messages[-1].get("tool_calls"):
        messages[-1].setdefault(flag, True)
