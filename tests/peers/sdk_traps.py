"""The known traps of the official SDKs: our own answer, broken in the way that springs each.

What an SDK makes of the broken answer shows that the trap is real and that the reading of the whole one
could fail. ``springs`` says what it does: ``raises``, ``misreads`` (no error, and not what was said),
``forgets`` (a chat that leaves the turn out of what it sends next), or ``reads`` (no trap: a tolerance that
other servers lean on).
"""

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from minillm.errors import ServerError
from minillm.wire.sse import ServerSentEvent, encode_event
from tests.peers.sdk_scenarios import SCENARIOS, events
from tests.peers.sdk_server import ANTHROPIC, CHAT, GEMINI, RESPONSES, Reply, frames

Spring = Literal["raises", "misreads", "reads", "forgets"]
Frames = list[ServerSentEvent]


@dataclass(frozen=True)
class Trap:
    """A scenario's streamed answer, broken.

    Args:
        broken: our frames in, the bytes to send out.
        springs: what each SDK does through each door, by ``sdk.way``.
        fails: our own answer breaks off with an error here, which the SDK must see.
        is_stream: it goes out as a stream of events.
        status: the HTTP status it goes out with.
    """

    wire: str
    scenario: str
    broken: Callable[[Frames], bytes]
    springs: dict[str, Spring]
    fails: bool = False
    is_stream: bool = True
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def whole(self) -> Frames:
        failure = ServerError("the model fell over", status=500) if self.fails else None
        return frames(self.wire, events(SCENARIOS[self.scenario].answer, failure))

    def reply(self) -> Reply:
        return Reply(self.broken(self.whole()), self.status, self.headers, self.is_stream)


# How frames are broken ------------------------------------------------------------------------------------------


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


# The traps, as the sheets measured them -------------------------------------------------------------------------


def through(sdks: str, ways: str, spring: Spring) -> dict[str, Spring]:
    return {f"{sdk}.{way}": spring for sdk in sdks.split() for way in ways.split()}


def chat(
    broken: Callable[[Frames], bytes], springs: dict[str, Spring], scenario: str = "plain", *, fails: bool = False
) -> Trap:
    return Trap(CHAT, scenario, broken, springs, fails)


def responses(
    broken: Callable[[Frames], bytes], springs: dict[str, Spring], scenario: str = "plain", *, fails: bool = False
) -> Trap:
    return Trap(RESPONSES, scenario, broken, springs, fails)


def messages(
    broken: Callable[[Frames], bytes], springs: dict[str, Spring], scenario: str = "plain", *, fails: bool = False
) -> Trap:
    return Trap(ANTHROPIC, scenario, broken, springs, fails)


def gemini(
    broken: Callable[[Frames], bytes],
    springs: dict[str, Spring],
    scenario: str = "plain",
    *,
    fails: bool = False,
    is_stream: bool = True,
    status: int = 200,
) -> Trap:
    return Trap(GEMINI, scenario, broken, springs, fails, is_stream, status)


OPENAI, CLAUDE, GOOGLE = "openai-py openai-js", "anthropic-py anthropic-js", "google-py google-js"
READ: dict[str, dict[str, Spring]] = {
    CHAT: through(OPENAI, "chunks helper", "reads"),
    RESPONSES: through(OPENAI, "chunks helper", "reads"),
    ANTHROPIC: through(CLAUDE, "chunks helper", "reads"),
    GEMINI: through(GOOGLE, "chunks", "reads"),
}
MISREAD = through(OPENAI, "chunks helper", "misreads")
JS_HELPER_RAISES: dict[str, Spring] = {"openai-js.helper": "raises"}

TRAPS: dict[str, Trap] = {
    # openai-chat, section 9
    "chat-no-done": chat(replaced(b"data: [DONE]\n\n", b""), READ[CHAT]),
    "chat-comment-first": chat(with_lines(b": keep-alive"), READ[CHAT]),
    "chat-data-without-space": chat(replaced(b"data: ", b"data:"), READ[CHAT]),
    "chat-error-not-at-the-top": chat(edited(nested_elsewhere), MISREAD | JS_HELPER_RAISES, fails=True),
    "chat-no-finish-reason": chat(cut_before_the_reason, MISREAD | JS_HELPER_RAISES),
    "chat-call-without-index": chat(
        chat_calls(lambda call: call.pop("index")), through(OPENAI, "helper", "raises"), "one-tool"
    ),
    "chat-id-and-name-repeated": chat(repeat_names, MISREAD | {"openai-js.helper": "reads"}, "one-tool"),
    "chat-two-calls-at-index-0": chat(
        chat_calls(lambda call: call.update(index=0)), MISREAD | JS_HELPER_RAISES, "parallel-tools"
    ),
    # openai-responses, section 10
    "responses-unnamed-events": responses(unnamed, READ[RESPONSES]),
    "responses-no-sequence-number": responses(edited(unnumbered), READ[RESPONSES]),
    "responses-done-at-the-end": responses(with_lines(b"data: [DONE]", last=True), READ[RESPONSES]),
    "responses-comments": responses(with_lines(b": keep-alive", each=True), READ[RESPONSES]),
    "responses-unknown-event": responses(
        with_strangers({"type": "response.weather.done"}), READ[RESPONSES] | JS_HELPER_RAISES
    ),
    "responses-bare-response-objects": responses(edited(bare_responses), READ[RESPONSES]),
    "responses-output-null-at-first": responses(edited(no_output_yet), READ[RESPONSES]),
    "responses-no-created": responses(
        without("response.created", "response.in_progress"),
        through(OPENAI, "chunks", "reads") | through(OPENAI, "helper", "raises"),
    ),
    "responses-no-item-added": responses(
        without("response.output_item.added"),
        through(OPENAI, "chunks", "reads") | through(OPENAI, "helper", "raises"),
    ),
    "responses-no-content-part-added": responses(
        without("response.content_part.added"),
        through(OPENAI, "chunks", "reads") | through(OPENAI, "helper", "raises"),
    ),
    "responses-no-done-events": responses(
        without("response.output_text.done", "response.content_part.done", "response.output_item.done"),
        READ[RESPONSES],
    ),
    "responses-no-terminal-event": responses(
        without("response.completed"),
        MISREAD | {"openai-py.helper": "raises"},
    ),
    "responses-empty-terminal-snapshot": responses(edited(empty_end), MISREAD),
    "responses-flat-error": responses(
        edited(only_flat), through(OPENAI, "chunks helper", "raises") | {"openai-py.chunks": "misreads"}, fails=True
    ),
    # anthropic-messages, section 10
    "messages-unnamed-events": messages(
        unnamed, through(CLAUDE, "chunks", "misreads") | through(CLAUDE, "helper", "raises")
    ),
    "messages-comments": messages(with_lines(b": keep-alive", each=True), READ[ANTHROPIC]),
    "messages-done-at-the-end": messages(with_lines(b"data: [DONE]", last=True), READ[ANTHROPIC]),
    "messages-blocks-side-by-side": messages(side_by_side, READ[ANTHROPIC], "parallel-tools"),
    "messages-arguments-cut-off": messages(
        cut_inside_the_arguments, through(CLAUDE, "chunks helper", "misreads"), "one-tool"
    ),
    "messages-call-without-pieces": messages(sent, READ[ANTHROPIC], "tool-without-arguments"),
    "messages-start-without-usage": messages(without_usage("message_start"), through(CLAUDE, "helper", "raises")),
    "messages-delta-without-usage": messages(without_usage("message_delta"), through(CLAUDE, "helper", "raises")),
    "messages-counts-only-at-the-start": messages(
        edited(counts_only_at_the_start), through(CLAUDE, "chunks helper", "misreads")
    ),
    "messages-index-from-one": messages(
        edited(from_one), {"anthropic-py.helper": "raises", "anthropic-js.helper": "misreads"}
    ),
    "messages-no-message-start": messages(without("message_start"), through(CLAUDE, "helper", "raises")),
    "messages-no-message-stop": messages(
        without("message_stop"), {"anthropic-py.helper": "reads", "anthropic-js.helper": "raises"}
    ),
    "messages-unknown-event-and-delta": messages(
        with_strangers(
            {"type": "weather", "wind": 3},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "weather_delta", "wind": 3}},
        ),
        READ[ANTHROPIC],
    ),
    "messages-unnamed-error": messages(
        lambda given: sent(ServerSentEvent("" if f.event == "error" else f.event, f.raw) for f in given),
        through(CLAUDE, "chunks helper", "misreads") | {"anthropic-js.helper": "raises"},
        fails=True,
    ),
    # gemini-generate, section 10
    "gemini-comment": gemini(with_lines(b": keep-alive"), {"google-py.chunks": "raises", "google-js.chunks": "reads"}),
    "gemini-event-name": gemini(
        with_lines(b"event: message", each=True), {"google-py.chunks": "raises", "google-js.chunks": "misreads"}
    ),
    "gemini-data-without-space": gemini(
        replaced(b"data: ", b"data:"), {"google-py.chunks": "raises", "google-js.chunks": "reads"}
    ),
    "gemini-done-at-the-end": gemini(with_lines(b"data: [DONE]", last=True), through(GOOGLE, "chunks", "raises")),
    "gemini-event-in-two-lines": gemini(in_two_lines, {"google-py.chunks": "reads", "google-js.chunks": "raises"}),
    "gemini-crlf": gemini(replaced(b"\n", b"\r\n"), READ[GEMINI]),
    "gemini-error-not-the-first-key": gemini(
        edited(error_behind), {"google-py.chunks": "misreads", "google-js.chunks": "raises"}, fails=True
    ),
    "gemini-error-in-a-list": gemini(
        as_an_error_list, through(GOOGLE, "chunks", "raises"), is_stream=False, status=429
    ),
    "gemini-list-instead-of-a-stream": gemini(
        as_a_list, {"google-py.chunks": "misreads", "google-js.chunks": "raises"}, is_stream=False
    ),
    "gemini-no-content-at-the-end": gemini(edited(no_content_at_the_end), READ[GEMINI]),
    "gemini-usage-apart": gemini(usage_apart, READ[GEMINI]),
    "gemini-unknown-fields-and-parts": gemini(edited(unknown_things), READ[GEMINI]),
    "gemini-snake-case": gemini(edited(snake), through(GOOGLE, "chunks", "misreads"), "one-tool"),
    "gemini-signature-alone-in-a-part": gemini(sent, READ[GEMINI], "thinking"),
    "gemini-call-without-arguments": gemini(sent, READ[GEMINI], "tool-without-arguments"),
    # Found here
    "chat-sources-in-two-chunks": chat(sources_one_by_one, {"openai-py.helper": "raises"}, "sources"),
    "chat-empty-arguments": chat(
        edited(empty_arguments), through(OPENAI, "helper", "raises"), "tool-without-arguments"
    ),
    "gemini-chunk-without-parts": gemini(
        edited(no_parts_at_the_end), through("google-py", "chat_chunks", "forgets"), "plain"
    ),
}
