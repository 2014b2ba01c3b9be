"""Whole answers, both ways."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from ...errors import DecodeError
from ...report import Report
from ...types import ChatResponse, Choice, FinishReason, Message, RefusalPart, Role, TextPart, ToolCallPart
from ..codec import Quirks
from ..encoding import Encoding
from ..errors import build_error, read_error
from ..fields import as_count, as_number, want_list, want_object
from ..residue import hints_of, own, put_hints, restore
from ..tool_calls import invented_id
from .calls import CallIds
from .citations import decode_logprobs, encode_logprobs
from .dialect import WIRE, decode_reason, encode_reason, native
from .messages import decode_message, encode_answer
from .plain import decode_plain
from .usage import decode_usage, encode_usage

__all__ = ["created_at", "decode_response", "encode_response"]

_OWN: Final = frozenset({"choices", "created", "id", "model", "usage"})
_NO_CALLS: Final = CallIds()
_HEAD: Final = ("id", "created", "model")
_OWN_CHOICE: Final = frozenset({"index", "message", "finish_reason", "logprobs"})


def created_at(value: Any) -> float | None:
    """Seconds since the epoch: some hosts send milliseconds."""
    number = as_number(value)
    return number / 1000.0 if number is not None and number > 1e11 else number


def decode_response(body: Any) -> ChatResponse:
    """An answer out of its body.

    Raises:
        APIError: the body, although it came with a good status, holds an error.
        DecodeError: it is no answer of this wire.
    """
    return decode_plain(body) or _decode_any(body)


def _decode_any(body: Any) -> ChatResponse:
    body = want_object(body, "")
    if body.get("error"):
        _raise_error(body)
    if "choices" not in body:
        raise DecodeError("an answer has choices", path="choices", raw=_raw(body))
    id_, model, created = body.get("id"), body.get("model"), body.get("created")
    rest = {key: value for key, value in body.items() if key not in _OWN}
    hints: dict[str, Any] = {}
    if not isinstance(id_, str):
        _keep(body, "id", rest, hints)
        id_ = ""
    if not isinstance(model, str):
        _keep(body, "model", rest, hints)
        model = ""
    if type(created) is not int or created > 1e11:
        _keep(body, "created", rest, hints)
        created = created_at(created)
    usage = decode_usage(body.get("usage"))
    if usage is None and "usage" in body:
        rest["usage"] = body["usage"]
    raw_choices = body["choices"]
    if raw_choices is None:
        rest["choices"], raw_choices = None, ()
    choices = tuple(
        _decode_choice(want_object(raw, f"choices[{at}]"), at, id_)
        for at, raw in enumerate(want_list(raw_choices, "choices"))
    )
    put_hints(rest, hints)
    return ChatResponse(id_, model, choices, usage, created, native=native(rest))


def _keep(body: Mapping[str, Any], key: str, rest: dict[str, Any], hints: dict[str, Any]) -> None:
    """A head field of a wrong kind, or none: as it came, and no field of ours in its place."""
    if key in body:
        rest[key] = body[key]
    hints[f"no {key}"] = True


def _raise_error(body: Mapping[str, Any]) -> None:
    facts = read_error(body)
    error = build_error(facts, status=None, body=_raw(body))
    if body.get("choices"):
        with suppress(DecodeError):  # the error is what counts
            error.partial = decode_response({key: value for key, value in body.items() if key != "error"})
    raise error


def _raw(body: Mapping[str, Any]) -> str:
    from ...json.serialization import dumps

    return dumps(body).decode("utf-8", "replace")[:2000]


def _decode_choice(raw: Mapping[str, Any], at: int, response_id: str) -> Choice:
    rest = {key: value for key, value in raw.items() if key not in _OWN_CHOICE}
    hints: dict[str, Any] = {}
    index = as_count(raw.get("index"))
    if index is None:
        _keep(raw, "index", rest, hints)
        index = at
    said = raw.get("message")
    if said is None:  # recorded (content_filter): Azure leaves a blocked message out altogether
        _keep(raw, "message", rest, hints)
        message = Message(Role.ASSISTANT, "")
    else:
        path = f"choices[{at}].message"
        want_object(said, path)
        ids = CallIds(response_id, index) if "tool_calls" in said or "function_call" in said else _NO_CALLS
        message = decode_message(want_object(said, path), path, ids, asked=False)
    raw_reason = raw.get("finish_reason")
    if not isinstance(raw_reason, str) or not raw_reason:
        _keep(raw, "finish_reason", rest, hints)
        raw_reason = None
    calls = refused = False
    if type(message.content) is tuple:
        calls = any(type(part) is ToolCallPart for part in message.content)
        refused = any(type(part) is RefusalPart for part in message.content)
    reason = decode_reason(raw_reason, calls=calls, refused=refused)
    if calls and reason is FinishReason.LENGTH:
        message = _cut_short(message)
    logprobs = None
    if "logprobs" in raw:
        logprobs = _decode_logprobs(raw["logprobs"], rest)
    put_hints(rest, hints)
    return Choice(index, message, reason, raw_reason, logprobs, native=native(rest))


def _cut_short(message: Message) -> Message:
    """Arguments cut by the length limit: the last call is not whole, unless its text is JSON to the end."""
    parts = list(message.parts)
    at, call = next((at, part) for at, part in reversed(list(enumerate(parts))) if isinstance(part, ToolCallPart))
    try:
        whole = bool(call.arguments) and call.parse_arguments() is not None
    except ValueError:
        whole = False
    if whole:
        return message
    parts[at] = replace(call, incomplete=True)
    return replace(message, content=tuple(parts))


def _decode_logprobs(raw: Any, rest: dict[str, Any]) -> Any:
    entries = decode_logprobs(raw.get("content")) if isinstance(raw, dict) else ()
    if not entries or len(entries) != len(raw["content"]):
        rest["logprobs"] = raw
        return None
    rest["logprobs"] = {key: value for key, value in raw.items() if key != "content"}
    return entries


def encode_response(response: ChatResponse, quirks: Quirks, *, report: Report | None = None) -> dict[str, Any]:
    """The body of an answer.

    Raises:
        EncodeError: the report is strict and something is lost.
    """
    enc = Encoding(WIRE, quirks, report, asking=False)
    data = own(response.native, WIRE)
    hints = hints_of(data)
    said: dict[str, Any] = {"id": response.id, "created": _whole(response.created), "model": response.model}
    if data is None:
        said["object"] = "chat.completion"
        said["id"] = response.id or f"chatcmpl-{invented_id(response.model, response.created)[5:]}"
        said["created"] = said["created"] or 0
    for key in _HEAD:
        if hints.get(f"no {key}") and (not said[key] or _came_as(response, data or {}, key)):
            del said[key]  # it was not there, or the host's own spelling stands in the residue
    if response.choices or data is None or "choices" not in data:
        said["choices"] = [_encode_choice(choice, enc, at) for at, choice in enumerate(response.choices)]
    if response.usage is not None:
        said["usage"] = encode_usage(response.usage)
    return restore(said, data)


def _came_as(response: ChatResponse, data: Mapping[str, Any], key: str) -> bool:
    return key == "created" and response.created == created_at(data.get("created"))


def _whole(created: float | None) -> float | None:
    return int(created) if created is not None and float(created).is_integer() else created


def _encode_choice(choice: Choice, enc: Encoding, at: int) -> dict[str, Any]:
    data = own(choice.native, WIRE)
    hints = hints_of(data)
    said: dict[str, Any] = {}
    if not hints.get("no index"):
        said["index"] = choice.index
    if not hints.get("no message") or choice.message.parts:
        said["message"] = encode_answer(choice.message, enc, f"choices[{at}].message")
    word = encode_reason(choice.finish_reason, choice.raw_finish_reason, ours=data is not None)
    if word is not None:
        said["finish_reason"] = word
    elif data is None:
        said["finish_reason"] = "tool_calls" if choice.message.tool_calls else "stop"
    if choice.logprobs is not None:
        said["logprobs"] = {"content": encode_logprobs(choice.logprobs)}
    elif data is None:
        said["logprobs"] = _part_logprobs(choice.message)
    if data is None and said["logprobs"] is not None:
        said["logprobs"] = {"content": None, "refusal": None, **said["logprobs"]}
    if data is None and choice.finish_reason in (FinishReason.PAUSED, FinishReason.CANCELLED, FinishReason.INTERRUPTED):
        enc.report.degraded(
            f"choices[{at}].finish_reason", str(choice.finish_reason), "there is no such word; it says stop"
        )
    return restore(said, data)


def _part_logprobs(message: Message) -> dict[str, Any] | None:
    """Probabilities that came with the parts (streams, other wires)."""
    said: dict[str, Any] = {}
    for key, kind in (("content", TextPart), ("refusal", RefusalPart)):
        entries = [entry for part in message.parts if isinstance(part, kind) for entry in part.logprobs or ()]
        if entries:
            said[key] = encode_logprobs(entries)
    return said or None
