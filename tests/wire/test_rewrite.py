"""Every recorded body and stream to every wire: read again there it says the same, or the report tells; and
the report is not padded."""

import contextlib
import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minillm import errors
from minillm.report import Report
from minillm.types import FinishReason, Severity, StreamFailed, ToolCallDelta
from minillm.wire import WIRES, get_codec, rewrite_request, rewrite_response, rewrite_stream
from minillm.wire.sse import SSEDecoder
from tests.wire import corpus, rewritings
from tests.wire.rewritings import ANTHROPIC, CHAT, FOLDERS, GEMINI, MODEL, RESPONSES

KINDS = ("request", "response", "stream")
FOLDER_OF = {wire: folder for folder, wire in FOLDERS.items()}


@pytest.fixture(scope="module", autouse=True)
def needs_corpus() -> None:
    corpus.case("openai_chat", "text")  # skips, or fails where the corpus is required


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", WIRES)
@pytest.mark.parametrize("source", WIRES)
def test_what_is_read_again_is_what_was_said_or_the_report_tells(source: str, target: str, kind: str) -> None:
    """Text, calls and totals are equal, the finish reason is the table's, and all else that differs is told."""
    found = [r for r in rewritings.all_rewritings() if (r.source, r.target, r.kind) == (source, target, kind)]
    assert len(found) >= 15
    complaints = [f"{made.name}: {complaint}" for made in found for complaint in made.complaints()]
    assert complaints == []


@pytest.mark.parametrize("wire", WIRES)
def test_to_the_same_wire_nothing_changes_and_nothing_is_lost(wire: str) -> None:
    for made in rewritings.all_rewritings():
        if made.source == made.target == wire:
            assert made.losses == (), made.name
    for case in rewritings.cases(FOLDER_OF[wire]):
        if case.is_stream:
            rewriter = rewrite_stream(source=wire, target=wire)
            out = rewriter.feed(case.body) + rewriter.finish()
            assert bare_frames(out) == bare_frames(case.body), case.name


def bare_frames(data: bytes) -> list[Any]:
    """Frames without the padding and numbering that are not promised."""
    decoder = SSEDecoder()
    found = []
    for frame in [*decoder.feed(data), *decoder.finish()]:
        try:
            value = json.loads(frame.raw)
        except ValueError:
            continue  # [DONE], or cut inside
        found += [without_padding(item) for item in (value if isinstance(value, list) else [value])]
    return found


def without_padding(value: Any) -> Any:
    if isinstance(value, dict):
        gone = ("obfuscation", "p", "sequence_number")
        return {key: without_padding(item) for key, item in value.items() if key not in gone}
    return [without_padding(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("target", WIRES)
@pytest.mark.parametrize("source", WIRES)
def test_a_stream_comes_out_the_same_however_its_bytes_are_cut(source: str, target: str) -> None:
    chance = random.Random(source + target)
    streams = [case for case in rewritings.cases(FOLDER_OF[source]) if case.is_stream and len(case.body) < 60_000]
    for case in chance.sample(streams, 8):
        whole = run_stream([case.body], source, target)
        places = sorted(chance.sample(range(1, len(case.body)), min(len(case.body) - 1, 60)))
        pieces = [case.body[a:b] for a, b in zip([0, *places], [*places, len(case.body)], strict=True)]
        assert run_stream(pieces, source, target) == whole, case.name


def run_stream(pieces: list[bytes], source: str, target: str) -> bytes:
    rewriter = rewrite_stream(source=source, target=target, report=Report())
    return b"".join(rewriter.feed(piece) for piece in pieces) + rewriter.finish()


@pytest.mark.parametrize("target", WIRES)
@pytest.mark.parametrize("source", WIRES)
def test_text_goes_out_with_the_frame_it_came_in(source: str, target: str) -> None:
    """No target waits for the end: half of the text has gone out when half of it has come."""
    name = {CHAT: "stream_text", RESPONSES: "stream_text", ANTHROPIC: "stream_text", GEMINI: "url_context"}[source]
    body = corpus.case(FOLDER_OF[source], name).body
    rewriter = rewrite_stream(source=source, target=target, report=Report())
    come = body[: len(body) * 2 // 3]
    gone = rewriter.feed(come)
    so_far = rewritings.decode_stream(source, come).text()
    assert so_far
    assert rewritings.decode_stream(target, gone).text() == so_far


def fields_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all object keys."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(value, dict):
            yield (*path, key)
        yield from fields_of(item, (*path, key))


def without(body: Any, path: tuple[Any, ...]) -> Any:
    copied = copy.deepcopy(body)
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return copied


def value_at(body: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


def losses_of(kind: str, body: Any, source: str, target: str) -> Counter[tuple[str, str]]:
    report = Report()
    if kind == "request":
        model = MODEL if source == GEMINI else None
        rewrite_request(body, source=source, target=target, model=model, report=report)
    else:
        rewrite_response(body, source=source, target=target, report=report)
    return Counter({(loss.path, loss.what): loss.count for loss in report.losses})


def whats(losses: Counter[tuple[str, str]]) -> Counter[str]:
    return Counter(what for _, what in losses.elements())


def bodies(source: str) -> Iterator[tuple[str, str, Any]]:
    for case in rewritings.cases(FOLDER_OF[source]):
        if case.request is not None:
            yield "request", case.name, case.request
        if case.is_json:
            yield "response", case.name, json.loads(case.body)


@pytest.mark.parametrize("target", WIRES)
@pytest.mark.parametrize("source", WIRES)
def test_without_a_field_exactly_its_loss_is_gone(source: str, target: str) -> None:
    """The report is not padded: a loss stands for a field that was there."""
    if source == target:
        return
    chance = random.Random(f"{source} {target}")
    tried = 0
    listed = list(bodies(source))
    chance.shuffle(listed)
    for kind, name, body in listed:
        try:
            told = losses_of(kind, body, source, target)
        except errors.MiniLLMError:
            continue
        at: dict[Any, list[Any]] = {}
        for path in fields_of(body):
            at.setdefault(path[-1], []).append(path)
        for path_, what in told:
            if len(at.get(what, ())) != 1 or what in SHARED or path_.rpartition(".")[2] != what:
                continue
            tried += 1
            place = at[what][0]
            try:
                left = losses_of(kind, without(body, place), source, target)
            except errors.DecodeError:
                continue  # a field that has to be there
            gone = told - left
            assert (path_, what) in gone, (name, what)
            if not isinstance(value_at(body, place), dict | list):  # in those several losses may stand
                assert set(gone) == {(path_, what)}, (name, what)
            assert left - told == Counter(), (name, what)
    assert tried >= 10


# Losing these changes what the rest of the body means: another field speaks in their place.
SHARED = {"type", "role", "name", "reasoning", "logprobs"}


@pytest.mark.parametrize("source", WIRES)
def test_without_any_one_field_no_other_loss_appears(source: str) -> None:
    """Sampled: taking a field away never makes the report longer, unless the rest no longer says the same."""
    chance = random.Random(source)
    listed = [(kind, name, body) for kind, name, body in bodies(source) if len(json.dumps(body)) < 20_000]
    target = {CHAT: ANTHROPIC, RESPONSES: CHAT, ANTHROPIC: RESPONSES, GEMINI: CHAT}[source]
    for kind, name, body in chance.sample(listed, 40):
        paths = [path for path in fields_of(body) if path[-1] not in MEANING]
        for path in chance.sample(paths, min(len(paths), 12)):
            try:
                told = losses_of(kind, body, source, target)
                left = losses_of(kind, without(body, path), source, target)
            except errors.MiniLLMError:
                continue  # a field that has to be there
            # Without a message or a block those behind it have other numbers: only what is lost is compared.
            assert whats(left) - whats(told) == Counter(), (name, path)


# Without these the block around them is another thing, or has another place.
MEANING = {
    *("type", "role", "name", "text", "content", "source", "data", "tools", "parts", "id", "tool_use_id", "call_id"),
    *("tool_call_id", "input", "url", "image_url", "thinking", "signature", "output", "text", "stop_reason"),
    *(
        "candidates",
        "input_schema",
        "schema",
        "format",
        "json_schema",
        "additionalProperties",
        "required",
        "promptTokenCount",
        "items",
        "properties",
        "$ref",
        "anyOf",
    ),
    *("functionCall", "functionResponse", "function", "arguments", "inlineData", "fileData", "title", "messages"),
    *("contents", "thought", "finishReason", "finish_reason", "mimeType", "message", "summary", "status"),
}


def test_a_cut_stream_is_said_in_the_target_s_own_form() -> None:
    """``encode`` says it, ``raise`` raises it, ``end`` ends as the source did."""
    body = corpus.case("openai_chat", "stream_text").body
    cut = body[: body.index(b'"finish_reason":"stop"') - 200]
    for target in WIRES:
        if target == CHAT:
            continue
        for on_cut, failed in (("encode", True), ("end", True)):
            rewriter = rewrite_stream(source=CHAT, target=target, report=Report(), on_cut=on_cut)  # type: ignore[arg-type]
            out = rewriter.feed(cut) + rewriter.finish()
            collector = rewritings.decode_stream(target, out)
            assert (collector.error is not None) is failed
            assert isinstance(collector.error, errors.StreamInterrupted) is (on_cut == "end")
        rewriter = rewrite_stream(source=CHAT, target=target, report=Report(), on_cut="raise")
        rewriter.feed(cut)
        with pytest.raises(errors.StreamInterrupted):
            rewriter.finish()


def test_unknown_words_are_refused() -> None:
    with pytest.raises(errors.ConfigurationError, match="on_cut"):
        rewrite_stream(source=CHAT, target=CHAT, on_cut="ignore")  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match="no wire"):
        rewrite_request({}, source="ollama", target=CHAT)


CALL = '{"id":"x","model":"m","choices":[{"index":0,"delta":{"tool_calls":[%s]},"finish_reason":%s}]}'


def chat_stream(*calls: str) -> bytes:
    frames = [CALL % (call, "null") for call in calls] + [CALL % ("", '"tool_calls"'), "[DONE]"]
    return "".join(f"data: {frame}\n\n" for frame in frames).encode()


INTERLEAVED = chat_stream(
    '{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\\"x\\":"}}',
    '{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{\\"y\\":"}}',
    '{"index":0,"function":{"arguments":"1}"}}',
    '{"index":1,"function":{"arguments":"2}"}}',
)


@pytest.mark.parametrize("target", [RESPONSES, ANTHROPIC, GEMINI])
def test_interleaved_calls_come_out_one_after_the_other(target: str) -> None:
    rewriter = rewrite_stream(source=CHAT, target=target, report=Report(strict=True))
    out = rewriter.feed(INTERLEAVED) + rewriter.finish()
    calls = rewritings.decode_stream(target, out).response().tool_calls
    assert [(call.id, call.name, json.loads(call.arguments)) for call in calls] == [
        ("a", "f", {"x": 1}),
        ("b", "g", {"y": 2}),
    ]
    if target == ANTHROPIC:
        kinds = [frame["type"] for frame in bare_frames(out) if frame["type"].startswith("content_block_s")]
        assert kinds == ["content_block_start", "content_block_stop"] * 2


def test_anthropic_gets_no_counts_first_and_the_real_ones_at_the_end() -> None:
    body = corpus.case("openai_responses", "stream_text").body
    rewriter = rewrite_stream(source=RESPONSES, target=ANTHROPIC, report=Report())
    frames = bare_frames(rewriter.feed(body) + rewriter.finish())
    usage = rewritings.decode_stream(RESPONSES, body).usage
    assert usage is not None
    assert frames[0]["message"]["usage"]["input_tokens"] == 0
    (last,) = [frame for frame in frames if frame["type"] == "message_delta"]
    assert last["usage"]["output_tokens"] == usage.output_tokens
    assert last["usage"]["input_tokens"] == usage.uncached_tokens


def test_chat_says_the_usage_in_a_chunk_of_its_own() -> None:
    body = corpus.case("anthropic_messages", "stream_text").body
    rewriter = rewrite_stream(source=ANTHROPIC, target=CHAT, report=Report())
    out = rewriter.feed(body) + rewriter.finish()
    frames = bare_frames(out)
    assert out.endswith(b"data: [DONE]\n\n")
    assert frames[-1]["choices"] == []
    assert frames[-1]["usage"]["total_tokens"] > 0


def test_a_loss_is_told_once_however_many_deltas_brought_it() -> None:
    for made in rewritings.all_rewritings():
        if made.kind == "stream":
            repeated = [loss for loss in made.losses if loss.count > 1]
            assert repeated == [], (made.name, made.source, made.target)


def test_residues_never_enter_another_wire() -> None:
    """A word that only one vendor knows, put into every object, is nowhere in what comes out."""
    for source, folder in ((wire, FOLDER_OF[wire]) for wire in WIRES):
        for case in rewritings.cases(folder)[::3]:
            if case.request is None:
                continue
            body = marked(case.request)
            for target in WIRES:
                if target != source:
                    model = MODEL if source == GEMINI else None
                    try:
                        out = rewrite_request(body, source=source, target=target, model=model, report=Report())
                    except errors.DecodeError:
                        continue
                    assert "x_only_here" not in json.dumps(out), (case.name, target)


# What users write themselves: there any word may stand.
FREE = ("arguments", "args", "input", "input_schema", "parameters", "parametersJsonSchema", "schema", "metadata")
FREE += ("response", "responseJsonSchema", "responseSchema")


def marked(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if key in FREE:
            return value
        return {**{k: marked(item, k) for k, item in value.items()}, "x_only_here": {"a": 1}}
    return [marked(item, key) for item in value] if isinstance(value, list) else value


def test_reasoning_of_another_vendor_stays_behind_whole() -> None:
    body = {
        "model": "m",
        "max_tokens": 10,
        "messages": [
            {"role": "user", "content": "q"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "secret thought", "signature": "SIG"},
                    {"type": "redacted_thinking", "data": "SEALED"},
                    {"type": "text", "text": "a"},
                ],
            },
            {"role": "user", "content": "r"},
        ],
    }
    for target in WIRES:
        report = Report(strict=True)
        out = json.dumps(rewrite_request(body, source=ANTHROPIC, target=target, report=report))
        here = target == ANTHROPIC
        assert [word in out for word in ("secret thought", "SIG", "SEALED")] == [here] * 3
        assert len(report.losses) == (0 if here else 2)
        assert {loss.severity for loss in report.losses} <= {Severity.NOTE}


def test_a_refusal_never_becomes_text() -> None:
    body = json.loads(corpus.case("openai_chat", "refusal").body)
    words = body["choices"][0]["message"]["refusal"]
    for target in WIRES:
        out = rewrite_response(body, source=CHAT, target=target, report=Report())
        read = get_codec(target).decode_response(out)
        assert words not in read.text
        assert words in json.dumps(out)
        assert read.finish_reason in (FinishReason.REFUSAL, FinishReason.CONTENT_FILTER)


def test_free_text_calls_become_objects_piece_by_piece() -> None:
    body = corpus.case("openai_responses", "stream_custom_tool").body
    report = Report()
    rewriter = rewrite_stream(source=RESPONSES, target=ANTHROPIC, report=report)
    out = rewriter.feed(body) + rewriter.finish()
    decoder, frames = get_codec(ANTHROPIC).stream_decoder(), SSEDecoder()
    deltas = [e for f in frames.feed(out) for e in decoder.feed(f) if isinstance(e, ToolCallDelta)]
    assert len(deltas) > 3
    assert set(json.loads("".join(delta.delta for delta in deltas))) == {"input"}
    assert [loss.severity for loss in report.losses if "free-text" in loss.what] == [Severity.DEGRADED]


def test_a_strict_report_refuses_what_would_be_lost() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "q"}], "seed": 7}
    with pytest.raises(errors.EncodeError, match="seed"):
        rewrite_request(body, source=CHAT, target=ANTHROPIC, report=Report(strict=True))
    with pytest.warns(errors.LossWarning, match="seed"):
        rewrite_request(body, source=CHAT, target=ANTHROPIC)


def test_model_and_stream_come_from_the_path_where_they_stand_there() -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "q"}]}]}
    out = rewrite_request(body, source=GEMINI, target=CHAT, model="gemini-x", stream=True, report=Report(strict=True))
    assert (out["model"], out["stream"], out["stream_options"]) == ("gemini-x", True, {"include_usage": True})
    back = rewrite_request(out, source=CHAT, target=GEMINI, report=Report(strict=True))
    assert back == body


# Random bodies: whatever a peer sends, the answer is a decode or a typed error.


def mutated(body: Any, chance: random.Random) -> Any:
    """The body with a few things in it replaced, dropped, repeated or nested."""
    body = copy.deepcopy(body)
    for _ in range(chance.randint(1, 4)):
        paths = list(fields_of(body))
        if not paths:
            return body
        path = chance.choice(paths)
        inner = body
        for step in path[:-1]:
            inner = inner[step]
        odd: list[Any] = [None, True, 0, -1, 1e300, "", "\ud800", [], {}, [[]], {"type": "text"}, 2**70]
        if chance.random() < 0.2:
            del inner[path[-1]]
        elif chance.random() < 0.3:
            inner[path[-1]] = [inner[path[-1]]]
        else:
            inner[path[-1]] = chance.choice(odd)
    return body


@pytest.mark.parametrize("source", WIRES)
def test_mutated_bodies_give_a_typed_error_or_a_rewriting(source: str) -> None:
    chance = random.Random(f"mutated {source}")
    listed = [(kind, name, body) for kind, name, body in bodies(source) if len(json.dumps(body)) < 20_000]
    for number in range(3000):
        kind, name, body = chance.choice(listed)
        changed = mutated(body, chance)
        try:
            losses_of(kind, changed, source, chance.choice(WIRES))
        except errors.MiniLLMError:
            pass
        except Exception as error:  # what must not happen, with what it takes to see it again
            raise AssertionError((number, kind, name, json.dumps(changed)[:2000])) from error


@pytest.mark.parametrize("source", WIRES)
def test_mutated_streams_end_in_a_typed_error_or_a_rewriting(source: str) -> None:
    chance = random.Random(f"mutated stream {source}")
    streams = [case.body for case in rewritings.cases(FOLDER_OF[source]) if case.is_stream and len(case.body) < 20_000]
    for number in range(600):
        frames = SSEDecoder().feed(chance.choice(streams))
        target = chance.choice(WIRES)
        rewriter = rewrite_stream(source=source, target=target, report=Report())
        out = b""
        for frame in frames:
            try:
                value = json.loads(frame.raw)
            except ValueError:
                continue
            if chance.random() < 0.15:
                value = mutated(value, chance)
            name = f"event: {frame.event}\n" if frame.event else ""
            out += rewriter.feed(f"{name}data: {json.dumps(value)}\n\n".encode())
        out += rewriter.finish()
        decoder = get_codec(target).stream_decoder()
        for frame in SSEDecoder().feed(out):
            for event in decoder.feed(frame):
                failed = isinstance(event, StreamFailed)
                assert not failed or isinstance(event.error, errors.MiniLLMError), number


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)
WORDS = ("messages", "contents", "input", "role", "content", "parts", "type", "text", "choices", "candidates", "output")
WORDS += ("usage", "message", "tools", "function", "name", "user", "assistant", "tool_calls", "id", "model", "system")
near_bodies = st.recursive(
    st.sampled_from(WORDS) | st.none() | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=150)
@given(json_values | near_bodies, st.sampled_from(WIRES), st.sampled_from(WIRES))
def test_any_json_is_rewritten_or_refused_with_a_typed_error(body: Any, source: str, target: str) -> None:
    for kind in ("request", "response"):
        try:
            losses_of(kind, body, source, target)
        except errors.MiniLLMError:
            pass


@settings(max_examples=100)
@given(
    st.lists(st.binary(max_size=40) | near_bodies.map(lambda v: f"data: {json.dumps(v)}\n\n".encode()), max_size=6),
    st.sampled_from(WIRES),
    st.sampled_from(WIRES),
)
def test_any_bytes_are_rewritten_without_an_untyped_exception(pieces: list[bytes], source: str, target: str) -> None:
    run_stream(pieces, source, target)


@pytest.mark.parametrize("source", WIRES)
def test_nesting_without_end_is_no_recursion_error(source: str) -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = {"content": [deep], "parts": [deep]} if source == GEMINI else {"type": "tool_result", "content": [deep]}
    for kind in ("request", "response"):
        for key in ("messages", "contents", "input", "content", "output", "candidates", "choices"):
            with contextlib.suppress(errors.MiniLLMError):
                losses_of(kind, {key: [deep] if kind == "response" else deep}, source, CHAT)
