"""The Chat codec against what hosts really sent: 85 recorded exchanges.

Expected values come from ``chat_reader.py``, which shares no code with minillm.
"""

import dataclasses
import functools
import hashlib
import json
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from minillm import errors
from minillm.report import Report
from minillm.types import (
    AudioPart,
    ChatRequest,
    ChatResponse,
    Choice,
    Message,
    ReasoningPart,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    collect,
)
from minillm.wire import get_codec
from minillm.wire.sse import ServerSentEvent, SSEDecoder
from tests.wire import chat_reader, corpus

EXPECTED: dict[str, dict[str, Any]] = json.loads(chat_reader.EXPECTED.read_bytes())
BODIES = [name for name, verdict in EXPECTED.items() if verdict["form"] == "body"]
STREAMS = [name for name, verdict in EXPECTED.items() if verdict["form"] == "stream"]
REFUSED = [name for name, verdict in EXPECTED.items() if verdict["form"] == "error"]

# The raw recordings below were opened and read against expected_chat.json; what each one showed:
CHECKED_BY_EYE = (
    ("text", "one choice, 'The capital of France is Paris.', 15 in, 7 out, stop"),
    ("audio_out", "content null; audio.transcript 'beep' beside 7868 base64 characters that begin 'T2dnUw' (OggS)"),
    ("azure_stream_prelude", "frame 1 has choices [] and empty id and model; the real id comes with frame 2; 'Oi!'"),
    ("cached_tokens", "cached 1 of 20 prompt tokens, 3 reasoning of 4 completion tokens, 'Ciao!'"),
    ("cerebras_reasoning", "message.reasoning in plain words, content '4', 34 of 45 output tokens thought"),
    ("cloudflare_stream", "no role anywhere, finish_reason key missing until the last chunk, which also has usage"),
    ("cloudflare_workers_ai", "content is an object with title and author, not a string; no usage at all"),
    ("content_filter", "the choice has no message at all, finish_reason content_filter, 19 tokens billed"),
    ("databricks_stream_usage_every_chunk", "completion_tokens null until the last chunk says 14; prompt 193 in each"),
    ("deepseek_stream_tools_reasoning", "reasoning_content 'Let me get the current date.', then get_date with '{}'"),
    ("err_midstream_named_event", "reasoning, 'maybe', then event: error with tool_use_failed and no [DONE]"),
    ("fin_empty_or_odd", "finish_reason 'eos'; the text begins with a space"),
    ("gemini_compat_thought_signature", "tool call id is the empty string; signature on the message; no content key"),
    ("groq_stream_x_groq", "usage three times: x_groq.usage, usage beside finish, usage with empty choices"),
    ("json_mode", "cached_tokens 157 although the prompt has 29: totals that contradict each other"),
    ("legacy_function_call", "function_call without id, arguments pretty-printed over three lines"),
    ("length", "content '' and all 100 output tokens are reasoning; 1217 of 1220 written to the cache"),
    ("mistral_content_list", "content is a list: one thinking block (closed), one text block ending '${answer}'"),
    (
        "mistral_stream_content_list",
        "content turns from string to list and back; one frame holds thinking and text",
    ),
    ("mistral_tools", "a whole call and finish_reason in one chunk, no type; usage before padding 'p'"),
    ("n_gt_1", "two choices with different texts and one usage, 43 out"),
    (
        "ollama_stream_reasoning",
        "reasoning 'We need to call ...', the call whole in one chunk, usage with no choices",
    ),
    (
        "openrouter_error_in_200",
        "finish length twice, then error 400 'Token limit reached' with usage, then [DONE]",
    ),
    ("openrouter_reasoning_encrypted", "a readable summary equal to message.reasoning, and one sealed item of 1258"),
    ("openrouter_stream_two_finish", "tool_calls as finish twice, usage with the second; two calls, add and multiply"),
    ("perplexity_stream_usage_every_chunk", "CRLF, no [DONE], usage grows 1..5, message repeats the text so far"),
    ("refusal", "content null, refusal 'I'm very sorry, but I can't assist with that.', finish stop"),
    ("stream_length_tool_args_cut", "file_report opened, arguments never came, finish length"),
    ("stream_n_gt_1", "choices 0 and 1 interleave; only choice 0 ever gets a finish_reason"),
    ("xai_grok", "468 + 82 + 320 reasoning = 870 in total: reasoning stands beside the completion"),
)

# What the caller has to do differs by class; the sheet on errors says which status and code means what.
TYPED = {
    "azure_429_retry_after": (errors.RateLimitError, True),
    "azure_error": (errors.NotFoundError, False),
    "deepseek_error": (errors.AuthenticationError, False),
    "err_400_param": (errors.BadRequestError, False),
    "err_401": (errors.AuthenticationError, False),
    "err_404_model": (errors.NotFoundError, False),
    "err_429_insufficient_quota": (errors.QuotaError, False),
    "err_503_overloaded": (errors.ServerError, True),
    "err_midstream_named_event": (errors.BadRequestError, False),
    "err_non_openai_shape": (errors.AuthenticationError, False),
    "groq_tool_use_failed": (errors.BadRequestError, False),
    "llamacpp_500": (errors.ServerError, True),
    "mistral_error": (errors.AuthenticationError, False),
    "openrouter_400": (errors.ContextLengthError, False),
    "openrouter_429": (errors.RateLimitError, True),
    "openrouter_error_in_200": (errors.BadRequestError, False),
}

# Cut at every byte: plain text, reasoning before a call, two calls with comments between frames.
CUT_STREAMS = ("stream_text", "deepseek_stream_tools_reasoning", "openrouter_stream_comments")

PADDING = {"obfuscation", "p"}


def recorded(name: str) -> corpus.Case:
    return corpus.case("openai_chat", name)


def body_of(name: str) -> dict[str, Any]:
    return json.loads(recorded(name).body)


@functools.cache
def codec() -> Any:
    return get_codec("openai_chat_completions")


def frames_of(pieces: Iterable[bytes]) -> list[ServerSentEvent]:
    decoder = SSEDecoder()
    frames = [frame for piece in pieces for frame in decoder.feed(piece)]
    return [*frames, *decoder.finish()]


def events_of(pieces: Iterable[bytes], *, native: bool = True) -> list[StreamEvent]:
    decoder = codec().stream_decoder(native=native)
    events = [event for frame in frames_of(pieces) for event in decoder.feed(frame)]
    return [*events, *decoder.finish()]


def comparable(events: list[StreamEvent]) -> list[Any]:
    """Events compare by content; an error inside one does not, so its words stand in for it."""
    return [
        ("StreamFailed", type(event.error), str(event.error)) if isinstance(event, StreamFailed) else event
        for event in events
    ]


def matches(expected: Any, actual: str) -> bool:
    """A text equals its literal, or the length and hash kept in its place."""
    if isinstance(expected, dict):
        digest = hashlib.sha256(actual.encode()).hexdigest()
        return {"length": len(actual), "sha256": digest} == expected
    return bool(expected == actual)


def assert_text(expected: Any, actual: str, what: str) -> None:
    assert matches(expected, actual), f"{what}: {actual[:300]!r}, expected {expected!r}"


def assert_choice(expected: dict[str, Any], choice: Choice) -> None:
    message = choice.message
    assert choice.index == expected["index"]
    assert choice.finish_reason == expected["finish"]
    assert choice.raw_finish_reason == expected["raw_finish"]
    if "structured" in expected:
        assert json.loads(message.text) == expected["structured"]
    else:
        assert_text(expected["text"], message.text, "text")
    reasoning = [part for part in message.parts if isinstance(part, ReasoningPart)]
    assert_text(expected.get("reasoning", ""), "".join(part.text for part in reasoning), "reasoning")
    assert_text(expected.get("refusal", ""), message.refusal, "refusal")
    sealed = [part.sealed for part in reasoning if part.sealed]
    assert len(sealed) == len(expected.get("sealed", []))
    for wanted, found in zip(expected.get("sealed", []), sealed, strict=True):
        assert_text(wanted, found, "sealed reasoning")
    assert_calls(expected.get("tool_calls", []), message.tool_calls)
    texts = [part for part in message.parts if isinstance(part, TextPart)]
    assert [citation.url for part in texts for citation in part.citations] == expected.get("citations", [])
    tokens = [entry for part in texts for entry in part.logprobs or ()] or list(choice.logprobs or ())
    assert [entry.token for entry in tokens] == expected.get("tokens", [])
    assert_audio(expected.get("audio", {}), [part for part in message.parts if isinstance(part, AudioPart)])


def assert_calls(expected: list[dict[str, str]], calls: tuple[ToolCallPart, ...]) -> None:
    assert [call.name for call in calls] == [wanted["name"] for wanted in expected]
    for wanted, call in zip(expected, calls, strict=True):
        assert call.arguments == wanted["arguments"]
        assert call.id == wanted["id"] if wanted["id"] else call.id  # an id is invented where the host sent none


def assert_audio(expected: dict[str, Any], parts: list[AudioPart]) -> None:
    assert len(parts) == (1 if expected else 0)
    for part in parts:
        assert_text(expected["data"], part.data or "", "audio")
        assert part.transcript == expected["transcript"]


def assert_usage(expected: dict[str, Any] | None, usage: Usage | None) -> None:
    if expected is None:
        assert usage is None
        return
    assert usage is not None
    assert usage.input_tokens == expected["input"]
    assert usage.output_tokens == expected["output"]
    if "cached" not in expected["odd"]:
        assert usage.cache_read_tokens == expected["cached"]
    if "reasoning" not in expected["odd"]:
        assert usage.reasoning_tokens == expected["reasoning"]
    written = usage.cache_write_tokens
    assert (None if written is None else sum(written.values())) == expected["written"]


def assert_response(expected: dict[str, Any], response: ChatResponse) -> None:
    assert response.id == expected["id"]
    assert response.model == expected["model"]
    assert response.created == expected["created"]
    assert len(response.choices) == len(expected["choices"])
    for wanted, choice in zip(expected["choices"], response.choices, strict=True):
        assert_choice(wanted, choice)
    assert_usage(expected["usage"], response.usage)


def assert_api_error(name: str, error: Exception) -> None:
    expected, (kind, retryable) = EXPECTED[name]["error"], TYPED[name]
    assert type(error) is kind
    assert isinstance(error, errors.APIError)
    assert error.retryable is retryable
    assert error.status == expected["status"]
    assert error.type == expected["type"]
    assert error.param == expected["param"]
    code = expected["code"]
    assert error.code == (None if code is None else str(code))


def differences(before: Any, after: Any, path: str = "") -> dict[str, Any]:
    """Path -> new value (or the marker ``...`` for what is gone) of everything that is not the same."""
    if isinstance(before, dict) and isinstance(after, dict):
        found: dict[str, Any] = {}
        for key in {**before, **after}:
            found |= differences(before.get(key, ...), after.get(key, ...), f"{path}.{key}")
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        found = {}
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            found |= differences(one, other, f"{path}[{place}]")
        return found
    # 1 == 1.0 and True == 1 in Python, while a bool is no number in JSON.
    same = before == after and isinstance(before, bool) == isinstance(after, bool)
    return {} if same else {path: after}


# The corpus and the expectations themselves


def test_all_85_cases_are_judged() -> None:
    """None added, none missing, and the eye saw thirty."""
    corpus.case("openai_chat", "text")
    assert corpus.names("openai_chat") == sorted(EXPECTED)
    assert len(EXPECTED) == 85
    assert len({name for name, _ in CHECKED_BY_EYE} & set(EXPECTED)) == 30
    assert {name for name, verdict in EXPECTED.items() if "error" in verdict} == set(TYPED)


@pytest.mark.parametrize("name", EXPECTED)
def test_recording_is_intact(name: str) -> None:
    """The bytes judged are the bytes recorded, and the reader still reads them as it did."""
    case = recorded(name)
    assert hashlib.sha256(case.body).hexdigest() == case.meta["response_sha256"]
    verdict = chat_reader.shorten(chat_reader.read_case(case.body, case.is_stream, case.status))
    assert verdict == EXPECTED[name]


# Decoding


@pytest.mark.parametrize("name", BODIES)
def test_body_says_what_the_reader_says(name: str) -> None:
    assert_response(EXPECTED[name], codec().decode_response(body_of(name)))


@pytest.mark.parametrize("name", [name for name in STREAMS if name not in TYPED])
def test_stream_says_what_the_reader_says(name: str) -> None:
    assert EXPECTED[name]["complete"]
    assert_response(EXPECTED[name], collect(events_of([recorded(name).body])))


@pytest.mark.parametrize("name", [name for name in STREAMS if name in TYPED])
def test_stream_with_an_error_keeps_what_came_before_it(name: str) -> None:
    with pytest.raises(errors.APIError) as caught:
        collect(events_of([recorded(name).body]))
    assert_api_error(name, caught.value)
    assert caught.value.message == EXPECTED[name]["error"]["message"]
    assert caught.value.partial is not None
    assert_response(EXPECTED[name], caught.value.partial)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_request_is_the_typed_error(name: str) -> None:
    case = recorded(name)
    error = codec().decode_error(case.status, case.headers, case.body)
    assert_api_error(name, error)
    # A host may repeat the key in its message; that stretch is blanked out.
    assert error.message.split("provided:")[0] == EXPECTED[name]["error"]["message"].split("provided:")[0]
    assert "sk-fake-key" not in str(error)
    assert "sk-fake-key" not in repr(error)
    for header in ("x-request-id", "apim-request-id", "mistral-correlation-id"):
        if header in case.headers:
            assert error.request_id == case.headers[header]


def test_host_that_says_when_to_come_back_is_heard() -> None:
    """Azure by ``retry-after``, OpenRouter by the epoch milliseconds of its rate-limit header."""
    azure, openrouter = recorded("azure_429_retry_after"), recorded("openrouter_429")
    assert codec().decode_error(azure.status, azure.headers, azure.body).retry_at is not None
    assert codec().decode_error(openrouter.status, openrouter.headers, openrouter.body).retry_at == 1754667660.0


def test_call_cut_by_length_is_incomplete() -> None:
    """Its arguments are missing, so it must never run."""
    (call,) = collect(events_of([recorded("stream_length_tool_args_cut").body])).tool_calls
    assert call.incomplete
    with pytest.raises(ValueError, match="cut off"):
        call.parse_arguments()


@pytest.mark.parametrize("name", [name for name in BODIES if "tool_calls" in json.dumps(EXPECTED[name]["choices"])])
def test_recorded_arguments_parse(name: str) -> None:
    for call in codec().decode_response(body_of(name)).tool_calls:
        assert isinstance(call.parse_arguments(), dict)


# The same events however the bytes are cut


def cut_at_random(raw: bytes, chance: random.Random) -> list[bytes]:
    places = sorted(chance.sample(range(1, len(raw)), chance.randint(1, 60)))
    return [raw[start:end] for start, end in zip([0, *places], [*places, len(raw)], strict=True)]


@pytest.mark.parametrize("name", STREAMS)
def test_stream_gives_the_same_events_byte_by_byte(name: str) -> None:
    raw = recorded(name).body
    whole = comparable(events_of([raw]))
    assert comparable(events_of(raw[at : at + 1] for at in range(len(raw)))) == whole


@pytest.mark.parametrize("name", STREAMS)
def test_stream_gives_the_same_events_cut_at_random(name: str) -> None:
    raw = recorded(name).body
    whole = comparable(events_of([raw]))
    chance = random.Random(name)
    for _ in range(10):
        pieces = cut_at_random(raw, chance)
        assert comparable(events_of(pieces)) == whole, [len(piece) for piece in pieces]


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"], ids=["crlf", "cr"])
@pytest.mark.parametrize("name", STREAMS)
def test_stream_gives_the_same_events_with_other_line_ends(name: str, ending: bytes) -> None:
    raw = recorded(name).body
    other = raw.replace(b"\r\n", b"\n").replace(b"\n", ending)
    whole = comparable(events_of([raw]))
    assert comparable(events_of([other])) == whole
    assert comparable(events_of(other[at : at + 1] for at in range(len(other)))) == whole
    chance = random.Random(name)
    for _ in range(3):
        assert comparable(events_of(cut_at_random(other, chance))) == whole


@pytest.mark.parametrize("name", STREAMS)
def test_stream_without_native_gives_the_same_events(name: str) -> None:
    """The hot path leaves the frames out, and nothing else."""
    raw = recorded(name).body
    bare = events_of([raw], native=False)
    known = [event for event in events_of([raw]) if type(event).__name__ != "NativeEvent"]
    assert comparable([event for event in bare if type(event).__name__ != "NativeEvent"]) == comparable(known)
    assert all(getattr(event, "native", None) is None for event in bare)


@pytest.mark.parametrize("name", [name for name in STREAMS if name not in TYPED])
def test_exactly_one_terminal_event_and_it_is_the_last(name: str) -> None:
    kinds = [type(event).__name__ for event in events_of([recorded(name).body])]
    assert [kind for kind in kinds if kind in ("MessageEnd", "StreamFailed")] == ["MessageEnd"]
    assert kinds[-1] == "MessageEnd"


# The same wire again


@pytest.mark.parametrize("name", BODIES)
def test_body_is_equal_on_its_own_wire(name: str) -> None:
    body, report = body_of(name), Report()
    response = codec().decode_response(body, report=report)
    assert differences(body, codec().encode_response(response, report=report)) == {}
    assert not report


@pytest.mark.parametrize("name", EXPECTED)
def test_request_is_equal_on_its_own_wire(name: str) -> None:
    body, report = recorded(name).request, Report()
    if body is None:
        assert name in ("err_429_insufficient_quota", "err_503_overloaded")
        return
    request = codec().decode_request(body, report=report)
    assert differences(body, codec().encode_request(request, report=report)) == {}
    assert not report


@pytest.mark.parametrize("name", STREAMS)
def test_stream_frames_are_equal_on_their_own_wire(name: str) -> None:
    """Frame by frame, padding apart; nothing is added but a closing ``[DONE]``."""
    report = Report()
    decoder, encoder = codec().stream_decoder(report=report), codec().stream_encoder(report=report)
    for number, frame in enumerate(frames_of([recorded(name).body])):
        encoded = encoder.feed(*decoder.feed(frame))
        assert [payload(found) for found in encoded] == [payload(frame)], f"frame {number}"
        assert [found.event or "message" for found in encoded] == [frame.event or "message"]
    rest = [*encoder.feed(*decoder.finish()), *encoder.finish()]
    assert [payload(found) for found in rest] in ([], ["[DONE]"])
    assert not report


def payload(frame: ServerSentEvent) -> Any:
    if frame.data == "[DONE]":
        return frame.data
    value = json.loads(frame.data)
    return {key: item for key, item in value.items() if key not in PADDING}


# Proof that encoding is no stored copy: change one thing, and the JSON differs exactly there


@pytest.mark.parametrize("name", [name for name in BODIES if EXPECTED[name]["choices"][0]["text"]])
def test_changed_text_is_the_only_difference(name: str) -> None:
    body = body_of(name)
    changed = edited_response(codec().decode_response(body), TextPart, lambda part: replaced(part, text="EDITED"))
    found = differences(body, codec().encode_response(changed, report=Report()))
    assert list(found.values()) == ["EDITED"]
    assert next(iter(found)).startswith(".choices[0].message.content")


@pytest.mark.parametrize("name", [name for name in BODIES if EXPECTED[name]["choices"][0].get("tool_calls")])
def test_changed_argument_is_the_only_difference(name: str) -> None:
    body = body_of(name)
    response = codec().decode_response(body)
    changed = edited_response(response, ToolCallPart, lambda part: replaced(part, arguments='{"edited":1}'))
    found = differences(body, codec().encode_response(changed, report=Report()))
    legacy = "function_call" if "function_call" in body["choices"][0]["message"] else "tool_calls[0].function"
    assert found == {f".choices[0].message.{legacy}.arguments": '{"edited":1}'}


@pytest.mark.parametrize("name", [name for name in BODIES if EXPECTED[name]["choices"][0].get("refusal")])
def test_changed_refusal_is_the_only_difference(name: str) -> None:
    body = body_of(name)
    response = codec().decode_response(body)
    kind = next(type(part) for part in response.message.parts if type(part).__name__ == "RefusalPart")
    changed = edited_response(response, kind, lambda part: replaced(part, text="EDITED"))
    found = differences(body, codec().encode_response(changed, report=Report()))
    assert found == {".choices[0].message.refusal": "EDITED"}


@pytest.mark.parametrize("name", EXPECTED)
def test_dropped_message_is_the_only_difference(name: str) -> None:
    body = recorded(name).request
    if body is None:
        return
    for gone in range(len(body["messages"])):
        request: ChatRequest = codec().decode_request(body)
        assert len(request.messages) == len(body["messages"])
        kept = tuple(message for at, message in enumerate(request.messages) if at != gone)
        encoded = codec().encode_request(dataclasses.replace(request, messages=kept), report=Report())
        wanted = [message for at, message in enumerate(body["messages"]) if at != gone]
        assert differences({**body, "messages": wanted}, encoded) == {}


@pytest.mark.parametrize("name", EXPECTED)
def test_changed_message_text_is_the_only_difference(name: str) -> None:
    body = recorded(name).request
    if body is None:
        return
    request: ChatRequest = codec().decode_request(body)
    for at, message in enumerate(request.messages):
        if not any(isinstance(part, TextPart) for part in message.parts):
            continue
        changed = edited_message(message, TextPart, lambda part: replaced(part, text="EDITED"))
        messages = (*request.messages[:at], changed, *request.messages[at + 1 :])
        encoded = codec().encode_request(dataclasses.replace(request, messages=messages), report=Report())
        found = differences(body, encoded)
        assert list(found.values()) == ["EDITED"]
        assert next(iter(found)).startswith(f".messages[{at}].content")


@pytest.mark.parametrize("name", STREAMS)
def test_changed_delta_is_the_only_difference(name: str) -> None:
    """The first text delta and the first argument delta of each stream."""
    decoder, encoder = codec().stream_decoder(), codec().stream_encoder()
    waiting: set[type] = {TextDelta, ToolCallDelta}
    for frame in frames_of([recorded(name).body]):
        events = decoder.feed(frame)
        target = next((event for event in events if type(event) in waiting), None)
        if target is None:
            encoder.feed(*events)
            continue
        waiting.discard(type(target))
        target.delta = "EDITED"
        (encoded,) = encoder.feed(*events)
        found = differences(payload(frame), payload(encoded))
        assert list(found.values()) == ["EDITED"], found
        assert next(iter(found)).startswith(".choices[0].delta.")


def replaced(part: Any, **changes: Any) -> Any:
    return dataclasses.replace(part, **changes)


def edited_message(message: Message, kind: type, edit: Callable[[Any], Any]) -> Message:
    """The message with its first part of a kind edited, everything else as it was."""
    if isinstance(message.content, str):
        return dataclasses.replace(message, content=edit(TextPart(message.content)).text)
    at = next(place for place, part in enumerate(message.content) if isinstance(part, kind))
    parts = (*message.content[:at], edit(message.content[at]), *message.content[at + 1 :])
    return dataclasses.replace(message, content=parts)


def edited_response(response: ChatResponse, kind: type, edit: Callable[[Any], Any]) -> ChatResponse:
    first = response.choices[0]
    changed = dataclasses.replace(first, message=edited_message(first.message, kind, edit))
    return dataclasses.replace(response, choices=(changed, *response.choices[1:]))


# Cut streams


def terminal_at(raw: bytes) -> int:
    """Where the terminal marker is whole: the end of the frame that gives the last choice its finish_reason."""
    place = 0
    for line in raw.splitlines(keepends=True):
        place += len(line)
        if b'"finish_reason":"' in line:
            return place - len(line) + len(line.rstrip(b"\r\n"))
    raise AssertionError("the recording has no finish_reason")


@pytest.mark.parametrize("name", CUT_STREAMS)
def test_stream_cut_before_its_terminal_marker_is_interrupted(name: str) -> None:
    """At every byte: never a short answer that looks whole, and what came is kept."""
    raw = recorded(name).body
    assert len(raw) < 6 * 1024
    for cut in range(terminal_at(raw)):
        events = events_of([raw[:cut]])
        assert isinstance(events[-1], StreamFailed), cut
        with pytest.raises(errors.StreamInterrupted) as caught:
            collect(events)
        assert caught.value.response is not None
        assert_partial(chat_reader.read_stream(raw[:cut]), caught.value.response, cut)


def assert_partial(expected: dict[str, Any], partial: ChatResponse, cut: int) -> None:
    """What a reader of the same cut bytes finds is what the partial response holds."""
    assert partial.id == expected["id"], cut
    choices = expected["choices"]
    assert len(partial.choices) == len(choices) or not partial.choices, cut
    wanted = choices[0] if choices else {"text": ""}
    assert partial.text == wanted["text"], cut
    assert partial.reasoning == wanted.get("reasoning", ""), cut
    calls = [(call["name"], call["arguments"]) for call in wanted.get("tool_calls", [])]
    assert [(call.name, call.arguments) for call in partial.tool_calls] == calls, cut
    assert partial.finish_reason is None
    # Arguments that look whole may still be growing: without the end nobody knows.
    assert all(call.incomplete for call in partial.tool_calls), cut


def test_stream_is_not_whole_while_one_of_its_choices_is_open() -> None:
    """Choice 1 of this recording never says why it ended: only ``[DONE]`` makes the answer whole."""
    raw = recorded("stream_n_gt_1").body
    frames = raw.split(b"\n\n")
    assert frames[-2:] == [b"data: [DONE]", b""]
    with pytest.raises(errors.StreamInterrupted) as caught:
        collect(events_of([b"\n\n".join(frames[:-2]) + b"\n\n"]))
    assert caught.value.response is not None
    assert [choice.raw_finish_reason for choice in caught.value.response.choices] == ["stop", None]


@pytest.mark.parametrize("name", CUT_STREAMS)
def test_stream_cut_after_its_terminal_marker_is_whole(name: str) -> None:
    """Usage or ``[DONE]`` may be lost, the answer is not."""
    raw = recorded(name).body
    for cut in range(terminal_at(raw), len(raw)):
        response = collect(events_of([raw[:cut]]))
        assert response.finish_reason == EXPECTED[name]["choices"][0]["finish"], cut
