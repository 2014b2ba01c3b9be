"""The known traps of the official SDKs: our own answer, broken in the way that springs each.

What an SDK makes of the broken answer shows that the trap is real and that the reading of the whole one
could fail. ``springs`` says what it does: ``raises``, ``misreads`` (no error, and not what was said),
``forgets`` (a chat that leaves the turn out of what it sends next), or ``reads`` (no trap: a tolerance that
other servers lean on).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from minillm.errors import ServerError
from tests.peers.sdk_breakages import (
    Frames,
    as_a_list,
    as_an_error_list,
    bare_responses,
    chat_calls,
    counts_only_at_the_start,
    cut_before_the_reason,
    cut_inside_the_arguments,
    edited,
    empty_arguments,
    empty_end,
    error_behind,
    from_one,
    in_two_lines,
    nested_elsewhere,
    no_content_at_the_end,
    no_output_yet,
    no_parts_at_the_end,
    only_flat,
    repeat_names,
    replaced,
    sent,
    side_by_side,
    snake,
    sources_one_by_one,
    unknown_things,
    unnamed,
    unnamed_error,
    unnumbered,
    usage_apart,
    with_lines,
    with_strangers,
    without,
    without_usage,
)
from tests.peers.sdk_scenarios import SCENARIOS, events
from tests.peers.sdk_server import ANTHROPIC, CHAT, GEMINI, RESPONSES, Reply, frames

Spring = Literal["raises", "misreads", "reads", "forgets"]


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
    broken: Callable[[Frames], bytes]
    springs: dict[str, Spring]
    scenario: str = "plain"
    fails: bool = False
    is_stream: bool = True
    status: int = 200

    def whole(self) -> Frames:
        failure = ServerError("the model fell over", status=500) if self.fails else None
        return frames(self.wire, events(SCENARIOS[self.scenario].answer, failure))

    def reply(self) -> Reply:
        return Reply(self.broken(self.whole()), self.status, is_stream=self.is_stream)


chat, responses = partial(Trap, CHAT), partial(Trap, RESPONSES)
messages, gemini = partial(Trap, ANTHROPIC), partial(Trap, GEMINI)


def through(sdks: str, ways: str, spring: Spring) -> dict[str, Spring]:
    return {f"{sdk}.{way}": spring for sdk in sdks.split() for way in ways.split()}


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
        unnamed_error,
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
