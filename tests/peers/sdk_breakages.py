"""Our own frames, broken in one way each: what springs the traps of the official SDKs.

Each takes the frames of a streamed answer and gives the bytes to send instead.
"""

import copy
import json
from collections.abc import Callable, Iterable
from typing import Any

from minillm.wire.sse import ServerSentEvent, encode_event

Frames = list[ServerSentEvent]


def sent(given: Iterable[ServerSentEvent]) -> bytes:
    return b"".join(encode_event(frame) for frame in given)


def edited(edit: Callable[[Any], Any]) -> Callable[[Frames], bytes]:
    """Each frame's JSON through ``edit``, which changes it in place, or gives back None to leave it out."""

    def broken(given: Frames) -> bytes:
        out = []
        for frame in given:
            if frame.raw == b"[DONE]":
                out.append(frame)
                continue
            value = edit(copy.deepcopy(json.loads(frame.raw)))
            if value is not None:
                out.append(ServerSentEvent(frame.event, json.dumps(value)))
        return sent(out)

    return broken


def without(*types: str) -> Callable[[Frames], bytes]:
    """No frames of these types."""
    return edited(lambda value: None if value["type"] in types else value)


def with_lines(*lines: bytes, each: bool = False, last: bool = False) -> Callable[[Frames], bytes]:
    """Lines that are no data, in front of the first frame, of each, or behind the last."""
    extra = b"\n".join(lines)

    def broken(given: Frames) -> bytes:
        if each:
            return b"".join(extra + b"\n" + encode_event(frame) for frame in given)
        return sent(given) + extra + b"\n\n" if last else extra + b"\n\n" + sent(given)

    return broken


def replaced(old: bytes, new: bytes) -> Callable[[Frames], bytes]:
    return lambda given: sent(given).replace(old, new)


def unnamed(given: Frames) -> bytes:
    return sent(ServerSentEvent("", frame.raw) for frame in given)


def unnamed_error(given: Frames) -> bytes:
    return sent(ServerSentEvent("" if frame.event == "error" else frame.event, frame.raw) for frame in given)


def in_two_lines(given: Frames) -> bytes:
    """Each event's JSON over two data lines."""
    return b"".join(b"data: " + frame.raw[:1] + b"\ndata: " + frame.raw[1:] + b"\n\n" for frame in given)


def as_a_list(given: Frames) -> bytes:
    return b"[" + b",".join(frame.raw for frame in given) + b"]"


def calls_of(chunk: Any) -> list[Any]:
    return [call for choice in chunk["choices"] for call in choice["delta"].get("tool_calls", [])]


def chat_calls(change: Callable[[Any], Any]) -> Callable[[Frames], bytes]:
    def edit(chunk: Any) -> Any:
        for call in calls_of(chunk):
            change(call)
        return chunk

    return edited(edit)


def repeat_names(given: Frames) -> bytes:
    """The id and the name of a call with every fragment of it."""
    known: dict[int, Any] = {}

    def change(call: Any) -> None:
        first = known.setdefault(call["index"], copy.deepcopy(call))
        call["id"] = first["id"]
        call["function"]["name"] = first["function"]["name"]

    return chat_calls(change)(given)


def cut_before_the_reason(given: Frames) -> bytes:
    """Everything but the finish reason and what follows it."""
    return sent(frame for frame in given if b'"finish_reason":null' in frame.raw)


def empty_arguments(chunk: Any) -> Any:
    for call in calls_of(chunk):
        call["function"]["arguments"] = ""
    return chunk


def sources_one_by_one(given: Frames) -> bytes:
    """Each source in a chunk of its own."""
    out = []
    for frame in given:
        value = None if frame.raw == b"[DONE]" else json.loads(frame.raw)
        delta = value["choices"][0]["delta"] if value and value["choices"] else {}
        if "annotations" not in delta:
            out.append(frame)
        for source in delta.get("annotations", []):
            value["choices"][0]["delta"] = {"annotations": [source]}
            out.append(ServerSentEvent("", json.dumps(value)))
    return sent(out)


def nested_elsewhere(value: Any) -> Any:
    """The error, but not where clients look for it."""
    return {"choices": [], "detail": value["error"]} if "error" in value else value


def bare_responses(value: Any) -> Any:
    if "response" in value:
        kept = ("id", "object", "status", "output", "incomplete_details", "usage")
        value["response"] = {key: value["response"][key] for key in kept if key in value["response"]}
    return value


def no_output_yet(value: Any) -> Any:
    if value["type"] in ("response.created", "response.in_progress"):
        value["response"]["output"] = None
    return value


def empty_end(value: Any) -> Any:
    if value["type"] == "response.completed":
        value["response"]["output"] = []
    return value


def only_flat(value: Any) -> Any:
    if value["type"] == "error":
        del value["error"]
    return value


def unnumbered(value: Any) -> Any:
    value.pop("sequence_number", None)
    return value


def with_strangers(*strangers: dict[str, Any]) -> Callable[[Frames], bytes]:
    """Events that nobody knows, behind the first three."""

    def broken(given: Frames) -> bytes:
        unknown = [ServerSentEvent(each["type"], json.dumps(each)) for each in strangers]
        return sent([*given[:3], *unknown, *given[3:]])

    return broken


def side_by_side(given: Frames) -> bytes:
    """Both tool blocks open at once, their pieces in turn."""
    values = [(frame, json.loads(frame.raw)) for frame in given]
    pieces = {n: [f for f, v in values if v["type"] == "content_block_delta" and v["index"] == n] for n in (0, 1)}
    turns = [piece for pair in zip(pieces[0], pieces[1], strict=False) for piece in pair]
    turns += [piece for n in (0, 1) for piece in pieces[n][min(map(len, pieces.values())) :]]
    kinds = {kind: [f for f, v in values if v["type"] == kind] for kind in {v["type"] for _, v in values}}
    head = [*kinds["message_start"], *kinds["content_block_start"]]
    tail = [*kinds["content_block_stop"], *kinds["message_delta"], *kinds["message_stop"]]
    return sent([*head, *turns, *tail])


def cut_inside_the_arguments(given: Frames) -> bytes:
    """The last pieces of the arguments never come."""
    pieces = [frame for frame in given if b"input_json_delta" in frame.raw]
    return sent(frame for frame in given if frame not in pieces[3:])


def without_usage(kind: str) -> Callable[[Frames], bytes]:
    def edit(value: Any) -> Any:
        if value["type"] == kind:
            (value.get("message", value)).pop("usage")
        return value

    return edited(edit)


def counts_only_at_the_start(value: Any) -> Any:
    if value["type"] == "message_delta":
        value["usage"] = {"output_tokens": value["usage"]["output_tokens"]}
    return value


def from_one(value: Any) -> Any:
    if "index" in value:
        value["index"] += 1
    return value


def error_behind(value: Any) -> Any:
    return {"candidates": [], **value} if "error" in value else value


def snake(value: Any) -> Any:
    for name in ("finishReason", "usageMetadata", "thoughtSignature", "functionCall"):
        value = json.loads(json.dumps(value).replace(f'"{name}"', f'"{_SNAKE[name]}"'))
    return value


_SNAKE = {
    "finishReason": "finish_reason",
    "usageMetadata": "usage_metadata",
    "thoughtSignature": "thought_signature",
    "functionCall": "function_call",
}


def no_content_at_the_end(value: Any) -> Any:
    for candidate in value["candidates"]:
        if "finishReason" in candidate:
            del candidate["content"]
    return value


def no_parts_at_the_end(value: Any) -> Any:
    for candidate in value["candidates"]:
        if "finishReason" in candidate:
            candidate["content"]["parts"] = []
    return value


def usage_apart(given: Frames) -> bytes:
    *most, last = [json.loads(frame.raw) for frame in given]
    usage = last.pop("usageMetadata")
    return sent(ServerSentEvent("", json.dumps(value)) for value in (*most, last, {"usageMetadata": usage}))


def unknown_things(value: Any) -> Any:
    value["weather"] = "fine"
    for candidate in value["candidates"]:
        candidate["content"].setdefault("parts", []).append({"hologram": {"depth": 3}})
    return value


def as_an_error_list(given: Frames) -> bytes:
    return b'[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]'
