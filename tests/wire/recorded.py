"""What holds for every recorded exchange of a wire, whichever wire it is.

``RecordedLaws`` is a class of tests without ``Test`` in its name: a wire's file derives from it, says what
is its own (paths, typed errors, what was seen by eye), and gets every law for every recorded case. Expected
values come from a reader that shares no code with minillm.
"""

import copy
import dataclasses
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, ClassVar

import pytest

from minillm import errors
from minillm.report import Report
from minillm.types import (
    ChatRequest,
    ChatResponse,
    Choice,
    MediaPart,
    Message,
    MessageEnd,
    Native,
    NativeEvent,
    NativePart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    collect,
)
from minillm.wire import Codec, get_codec
from minillm.wire.sse import ServerSentEvent, SSEDecoder
from tests.wire import corpus

SMALL = 8 * 1024  # streams up to this size are also read byte by byte
CUTS = 60  # where larger ones are cut, at random


# Values


def matches(expected: Any, actual: str) -> bool:
    """A text equals its literal, or the length and hash kept in its place."""
    if isinstance(expected, dict):
        digest = hashlib.sha256(actual.encode()).hexdigest()
        return {"length": len(actual), "sha256": digest} == expected
    return bool(expected == actual)


def assert_text(expected: Any, actual: str, what: str) -> None:
    assert matches(expected, actual), f"{what}: {actual[:300]!r}, expected {expected!r}"


def assert_texts(expected: Iterable[Any], actual: Iterable[str], what: str) -> None:
    wanted, found = list(expected), list(actual)
    assert len(wanted) == len(found), f"{what}: {len(found)}, expected {len(wanted)}"
    for one, other in zip(wanted, found, strict=True):
        assert_text(one, other, what)


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


def natives(value: Any) -> Iterator[Any]:
    """Every residue inside a value."""
    if isinstance(value, Native):
        yield value.data
    elif isinstance(value, tuple | list):
        for item in value:
            yield from natives(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from natives(getattr(value, field.name))


# Edits


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


# Streams


def frames_of(pieces: Iterable[bytes]) -> list[ServerSentEvent]:
    decoder = SSEDecoder()
    frames = [frame for piece in pieces for frame in decoder.feed(piece)]
    return [*frames, *decoder.finish()]


def cut_at_random(raw: bytes, chance: random.Random) -> list[bytes]:
    places = sorted(chance.sample(range(1, len(raw)), chance.randint(1, min(CUTS, len(raw) - 1))))
    return [raw[start:end] for start, end in zip([0, *places], [*places, len(raw)], strict=True)]


def comparable(events: list[StreamEvent]) -> list[Any]:
    """Events compare by content; an error inside one does not, so its words stand in for it."""
    return [
        ("StreamFailed", type(event.error), str(event.error)) if isinstance(event, StreamFailed) else event
        for event in events
    ]


class RecordedLaws:
    """The laws. What is a class variable here is what a wire's file has to say."""

    folder: ClassVar[str]
    wire: ClassVar[str]
    reader: ClassVar[ModuleType]
    count: ClassVar[int]
    typed: ClassVar[dict[str, tuple[type[errors.APIError], bool]]]
    """What an error is, and whether the same call may succeed later."""
    checked_by_eye: ClassVar[tuple[tuple[str, str], ...]]
    """The raw recordings that were opened and read against the expectations, and what each one showed."""
    malformed: ClassVar[frozenset[str]] = frozenset()
    """Requests that the vendor itself refused as malformed."""
    trailers: ClassVar[frozenset[str]] = frozenset()
    """Streams with a ``[DONE]`` behind the terminal frame, which this protocol does not know."""
    padding: ClassVar[frozenset[str]] = frozenset()
    terminal: ClassVar[re.Pattern[bytes]]
    """A frame's line that holds the terminal marker."""
    text_place: ClassVar[str]
    argument_place: ClassVar[str]
    request_text_place: ClassVar[str]
    delta_place: ClassVar[str]
    deltas: ClassVar[tuple[type, ...]] = (TextDelta, ToolCallDelta, ReasoningDelta, RefusalDelta)
    """The events that say one field of their frame."""

    @classmethod
    def expected(cls) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = json.loads(cls.reader.EXPECTED.read_bytes())
        return found

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        expected = self.expected()
        streams = [name for name, verdict in expected.items() if verdict["form"] == "stream"]
        named = {
            "any_name": list(expected),
            "body_name": [name for name, verdict in expected.items() if verdict["form"] == "body"],
            "error_name": [name for name, verdict in expected.items() if verdict["form"] in ("error", "headers")],
            "stream_name": streams,
            "whole_name": [name for name in streams if expected[name].get("complete")],
            "failed_name": [name for name in streams if "error" in expected[name]],
            "small_name": [name for name in streams if self.is_small(name)],
        }
        for argument, values in named.items():
            if argument in metafunc.fixturenames:
                metafunc.parametrize(argument, values)

    # Access

    @classmethod
    def case(cls, name: str) -> corpus.Case:
        return corpus.case(cls.folder, name)

    @classmethod
    def is_small(cls, name: str) -> bool:
        path = corpus.root() / cls.folder / name / "response.sse"
        return path.exists() and path.stat().st_size <= SMALL

    @classmethod
    def body(cls, name: str) -> Any:
        return json.loads(cls.case(name).body)

    @classmethod
    def codec(cls) -> Codec:
        return get_codec(cls.wire)

    @classmethod
    def events(cls, pieces: Iterable[bytes], *, native: bool = True) -> list[StreamEvent]:
        decoder = cls.codec().stream_decoder(native=native)
        events = [event for frame in frames_of(pieces) for event in decoder.feed(frame)]
        return [*events, *decoder.finish()]

    def payload(self, frame: ServerSentEvent) -> Any:
        if frame.data == "[DONE]":
            return frame.data
        value = json.loads(frame.data)
        return {key: item for key, item in value.items() if key not in self.padding}

    # What differs between the wires

    def native_kind(self, block: Any) -> str:
        return str(block["type"])

    def without_part(self, body: Any, place: int) -> Any:
        """The body of an answer without its part of that number."""
        raise NotImplementedError

    def without_message(self, body: Any, place: int) -> Any:
        """The body of a request without its message of that number."""
        raise NotImplementedError

    def count_messages(self, body: Any) -> int:
        raise NotImplementedError

    def assert_citations(self, expected: dict[str, Any], parts: list[TextPart]) -> None:
        raise NotImplementedError

    # Comparison with the reader

    def kind(self, part: Any) -> str:
        if isinstance(part, NativePart):
            return self.native_kind(part.block)
        if isinstance(part, MediaPart):
            return type(part).__name__.removesuffix("Part").lower()
        return {TextPart: "text", RefusalPart: "refusal", ReasoningPart: "reasoning", ToolCallPart: "tool_use"}[
            type(part)
        ]

    def assert_response(self, expected: dict[str, Any], response: ChatResponse) -> None:
        assert response.id == expected["id"]
        assert response.model == expected["model"]
        assert response.created == expected.get("created")
        assert [choice.index for choice in response.choices] == [choice["index"] for choice in expected["choices"]]
        for wanted, choice in zip(expected["choices"], response.choices, strict=True):
            self.assert_choice(wanted, choice)
        self.assert_usage(expected["usage"], response.usage)

    def assert_choice(self, expected: dict[str, Any], choice: Choice) -> None:
        parts = choice.message.parts
        assert [self.kind(part) for part in parts] == expected["parts"]
        assert choice.finish_reason == expected["finish"]
        assert choice.raw_finish_reason == expected["raw_finish"]
        assert_text(expected["text"], choice.message.text, "text")
        assert_text(expected.get("refusal", ""), choice.message.refusal, "refusal")
        reasoning = [part for part in parts if isinstance(part, ReasoningPart)]
        assert_texts(expected.get("reasoning", []), [part.text for part in reasoning], "reasoning")
        assert_texts(expected.get("sealed", []), [part.sealed for part in reasoning if part.sealed], "sealed")
        self.assert_signatures(expected.get("signatures", []), parts)
        self.assert_calls(expected.get("tool_calls", []), choice.message.tool_calls)
        blocks = [part.block for part in parts if isinstance(part, NativePart)]
        said = [json.dumps(block, sort_keys=True, ensure_ascii=False) for block in blocks]
        assert_texts(expected.get("natives", said), said, "native block")
        texts = [part for part in parts if isinstance(part, TextPart)]
        self.assert_citations(expected, texts)
        tokens = [entry for part in texts for entry in part.logprobs or ()] or list(choice.logprobs or ())
        assert [entry.token for entry in tokens] == expected.get("tokens", [])
        media = [part.data or "" for part in parts if isinstance(part, MediaPart)]
        assert_texts(expected.get("media", []), media, "media")

    def assert_signatures(self, expected: list[Any], parts: Iterable[Any]) -> None:
        signed = [part for part in parts if isinstance(part, ReasoningPart) and part.sealed is None]
        if expected:
            assert_texts(expected, [part.signature or "" for part in signed], "signature")
        else:
            assert not any(part.signature for part in signed)

    def assert_calls(self, expected: list[dict[str, Any]], calls: tuple[ToolCallPart, ...]) -> None:
        assert [call.name for call in calls] == [wanted["name"] for wanted in expected]
        for wanted, call in zip(expected, calls, strict=True):
            assert call.id == wanted["id"] if wanted["id"] else call.id  # invented where the host sent none
            assert call.incomplete is wanted.get("incomplete", False), wanted
            if "text" in wanted:
                assert_text(wanted["text"], call.arguments, "arguments")
            else:
                assert json.loads(call.arguments or "{}") == wanted["arguments"]

    def assert_usage(self, expected: dict[str, Any] | None, usage: Usage | None) -> None:
        if expected is None:
            assert usage is None
            return
        assert usage is not None
        assert usage.input_tokens == expected["input"]
        assert usage.output_tokens == expected["output"]
        assert usage.cache_read_tokens == expected["cached"]
        assert usage.reasoning_tokens == expected["reasoning"]
        assert usage.tool_use_tokens == expected.get("tool_use")
        written = usage.cache_write_tokens
        assert (None if written is None else sum(written.values())) == expected.get("written")
        if expected.get("written_1h") is not None:
            assert written is not None
            assert written["1h"] == expected["written_1h"]

    def assert_api_error(self, name: str, error: Exception) -> None:
        expected, (kind, retryable) = self.expected()[name]["error"], self.typed[name]
        assert type(error) is kind
        assert isinstance(error, errors.APIError)
        assert error.retryable is retryable
        assert error.status == (expected["status"] or 200)
        for key in ("type", "code", "param"):
            if expected.get(key) is not None:
                assert getattr(error, key) == expected[key], key
        if expected.get("request_id") is not None:
            assert error.request_id == self.case(name).headers.get("request-id", expected["request_id"])
        if "message" in expected:  # a key that the host echoes is blanked out
            assert_text(expected["message"], error.message.replace("[key]", "test."), "message")

    # The expectations themselves

    def test_all_cases_are_judged(self) -> None:
        """None added, none missing, every error typed, and the eye saw fifteen."""
        expected = self.expected()
        self.case(next(iter(expected)))
        assert corpus.names(self.folder) == sorted(expected)
        assert len(expected) == self.count
        assert len({name for name, _ in self.checked_by_eye} & set(expected)) >= 15
        assert {name for name, verdict in expected.items() if "error" in verdict} == set(self.typed)

    def test_recording_is_intact(self, any_name: str) -> None:
        """The bytes judged are the bytes recorded, and the reader still reads them as it did."""
        case = self.case(any_name)
        if case.has_body:
            assert hashlib.sha256(case.body).hexdigest() == case.meta["response_sha256"]
        assert self.reader.judge(case) == self.expected()[any_name]

    # Decoding

    def test_body_says_what_the_reader_says(self, body_name: str) -> None:
        self.assert_response(self.expected()[body_name], self.codec().decode_response(self.body(body_name)))

    def test_stream_says_what_the_reader_says(self, whole_name: str) -> None:
        self.assert_response(self.expected()[whole_name], collect(self.events([self.case(whole_name).body])))

    def test_stream_without_native_says_the_same(self, stream_name: str) -> None:
        """The hot path leaves the frames out, and nothing else."""
        raw = self.case(stream_name).body
        bare, whole = self.events([raw], native=False), self.events([raw])
        assert comparable([event for event in bare if not isinstance(event, NativeEvent)]) == comparable(
            [event for event in whole if not isinstance(event, NativeEvent)]
        )
        assert all(getattr(event, "native", None) is None for event in bare)

    def test_stream_with_an_error_keeps_what_came_before_it(self, failed_name: str) -> None:
        with pytest.raises(errors.APIError) as caught:
            collect(self.events([self.case(failed_name).body]))
        self.assert_api_error(failed_name, caught.value)
        assert caught.value.partial is not None
        expected = self.expected()[failed_name]
        assert caught.value.partial.id == expected["id"]
        assert_text(expected["choices"][0]["text"], caught.value.partial.text, "text")
        self.assert_usage(expected["usage"], caught.value.partial.usage)

    def test_refused_request_is_the_typed_error(self, error_name: str) -> None:
        case = self.case(error_name)
        body = case.body if case.has_body else b""
        if case.status == 200:  # an error in a body that came as if it were an answer
            with pytest.raises(errors.APIError) as caught:
                self.codec().decode_response(json.loads(body))
            self.assert_api_error(error_name, caught.value)
            return
        error = self.codec().decode_error(case.status, case.headers, body)
        self.assert_api_error(error_name, error)
        if "request-id" in case.headers:
            assert error.request_id == case.headers["request-id"]

    def test_exactly_one_terminal_event_and_it_is_the_last(self, stream_name: str) -> None:
        kinds = [type(event) for event in self.events([self.case(stream_name).body])]
        ends = [kind for kind in kinds if kind in (MessageEnd, StreamFailed)]
        assert ends == [MessageEnd if self.expected()[stream_name]["complete"] else StreamFailed]
        assert kinds[-1] is ends[0]

    # The same events however the bytes are cut

    def test_stream_gives_the_same_events_byte_by_byte(self, small_name: str) -> None:
        raw = self.case(small_name).body
        assert comparable(self.events(raw[at : at + 1] for at in range(len(raw)))) == comparable(self.events([raw]))

    def test_stream_gives_the_same_events_cut_at_random(self, stream_name: str) -> None:
        raw = self.case(stream_name).body
        whole, chance = comparable(self.events([raw])), random.Random(stream_name)
        for _ in range(5):
            pieces = cut_at_random(raw, chance)
            assert comparable(self.events(pieces)) == whole, [len(piece) for piece in pieces]

    def test_stream_gives_the_same_events_with_other_line_ends(self, stream_name: str) -> None:
        raw = self.case(stream_name).body.replace(b"\r\n", b"\n")
        whole, chance = comparable(self.events([raw])), random.Random(stream_name)
        for ending in (b"\r\n", b"\r"):
            other = raw.replace(b"\n", ending)
            assert comparable(self.events([other])) == whole
            assert comparable(self.events(cut_at_random(other, chance))) == whole

    # The same wire again

    def test_body_is_equal_on_its_own_wire(self, body_name: str) -> None:
        """And nothing was changed by reading it, or by writing it once before."""
        body, report = self.body(body_name), Report()
        before = copy.deepcopy(body)
        response = self.codec().decode_response(body, report=report)
        assert differences(before, self.codec().encode_response(response, report=report)) == {}
        assert differences(before, self.codec().encode_response(response, report=report)) == {}
        assert before == body
        assert not report

    def test_request_is_equal_on_its_own_wire(self, any_name: str) -> None:
        body, report = self.case(any_name).request, Report()
        if body is None:
            return
        if any_name in self.malformed:
            with pytest.raises(errors.DecodeError):
                self.codec().decode_request(body)
            return
        before = copy.deepcopy(body)
        request = self.codec().decode_request(body, report=report)
        assert differences(before, self.codec().encode_request(request, report=report)) == {}
        assert differences(before, self.codec().encode_request(request, report=report)) == {}
        assert before == body
        assert not report

    def test_stream_frames_are_equal_on_their_own_wire(self, stream_name: str) -> None:
        """Frame by frame, padding apart; nothing is added, and nothing left out but a ``[DONE]``."""
        report = Report()
        decoder, encoder = self.codec().stream_decoder(report=report), self.codec().stream_encoder(report=report)
        dropped = 0
        for number, frame in enumerate(frames_of([self.case(stream_name).body])):
            encoded = encoder.feed(*decoder.feed(frame))
            if frame.data == "[DONE]" and stream_name in self.trailers:
                dropped += 1
                assert encoded == []
                continue
            assert [self.payload(found) for found in encoded] == [self.payload(frame)], f"frame {number}"
            assert [found.event for found in encoded] == [frame.event]
        rest = [*encoder.feed(*decoder.finish()), *encoder.finish()]
        expected = self.expected()[stream_name]
        cut = not expected["complete"] and "error" not in expected
        assert len(rest) == (1 if cut else 0)
        assert not cut or b"error" in rest[0].raw
        assert dropped == (stream_name in self.trailers)
        assert not report

    # Proof that encoding is no stored copy: change one thing, and the JSON differs exactly there

    def test_residues_are_no_copies(self, any_name: str) -> None:
        """No text, argument, refusal, thought or seal stands in a residue as well."""
        case = self.case(any_name)
        if case.request is not None and any_name not in self.malformed:
            request = self.codec().decode_request(case.request)
            self.assert_no_copies(request, list(request.messages))
        if self.expected()[any_name]["form"] == "body":
            response = self.codec().decode_response(self.body(any_name))
            self.assert_no_copies(response, [choice.message for choice in response.choices])

    def assert_no_copies(self, value: Any, messages: list[Message]) -> None:
        kept = json.dumps(list(natives(value)), default=str, ensure_ascii=False)
        for part in (part for message in messages for part in message.parts):
            for field in ("text", "arguments", "sealed", "data", "transcript", "signature"):
                said = getattr(part, field, None)
                if isinstance(said, str) and len(said) > 40:
                    assert json.dumps(said, ensure_ascii=False)[1:-1] not in kept, (field, said[:80])

    def test_changed_text_is_the_only_difference(self, body_name: str) -> None:
        body = self.body(body_name)
        response = self.codec().decode_response(body)
        if not any(isinstance(part, TextPart) for part in response.message.parts):
            return
        changed = edited_response(response, TextPart, lambda part: replaced(part, text="EDITED"))
        found = differences(body, self.codec().encode_response(changed, report=Report()))
        assert list(found.values()) == ["EDITED"]
        assert re.match(self.text_place, next(iter(found))), found

    def test_changed_argument_is_the_only_difference(self, body_name: str) -> None:
        body = self.body(body_name)
        response = self.codec().decode_response(body)
        if not response.tool_calls or response.tool_calls[0].kind == "custom":
            return

        def edit(part: ToolCallPart) -> ToolCallPart:
            arguments = {**json.loads(part.arguments or "{}"), "edited": 1}
            return dataclasses.replace(part, arguments=json.dumps(arguments))

        changed = edited_response(response, ToolCallPart, edit)
        found = differences(body, self.codec().encode_response(changed, report=Report()))
        assert len(found) == 1
        assert re.match(self.argument_place, next(iter(found))), found
        assert "edited" in json.dumps(found)

    def test_changed_reasoning_is_the_only_difference(self, body_name: str) -> None:
        body = self.body(body_name)
        response = self.codec().decode_response(body)
        if not any(isinstance(part, ReasoningPart) and part.text for part in response.message.parts[:1]):
            return
        changed = edited_response(response, ReasoningPart, lambda part: replaced(part, text="EDITED"))
        found = differences(body, self.codec().encode_response(changed, report=Report()))
        assert len(found) == 1
        assert "EDITED" in json.dumps(found)

    def test_changed_count_is_the_only_difference(self, body_name: str) -> None:
        body = self.body(body_name)
        response = self.codec().decode_response(body)
        if response.usage is None or response.usage.output_tokens is None:
            return
        usage = dataclasses.replace(response.usage, output_tokens=response.usage.output_tokens + 7)
        changed = dataclasses.replace(response, usage=usage)
        found = differences(body, self.codec().encode_response(changed, report=Report()))
        assert found
        assert all(re.match(r"\.usage(Metadata)?\.(output|total|candidates)", path) for path in found), found

    def test_dropped_part_is_the_only_difference(self, body_name: str) -> None:
        body = self.body(body_name)
        response = self.codec().decode_response(body)
        first = response.choices[0]
        for gone in range(len(first.message.parts)):
            kept = tuple(part for place, part in enumerate(first.message.parts) if place != gone)
            choice = dataclasses.replace(first, message=dataclasses.replace(first.message, content=kept))
            changed = dataclasses.replace(response, choices=(choice, *response.choices[1:]))
            encoded = self.codec().encode_response(changed, report=Report())
            assert differences(self.without_part(body, gone), encoded) == {}, gone

    def test_dropped_message_is_the_only_difference(self, any_name: str) -> None:
        body = self.case(any_name).request
        if body is None or any_name in self.malformed:
            return
        request: ChatRequest = self.codec().decode_request(body)
        assert len(request.messages) == self.count_messages(body)
        for gone in range(len(request.messages)):
            kept = tuple(message for place, message in enumerate(request.messages) if place != gone)
            encoded = self.codec().encode_request(dataclasses.replace(request, messages=kept), report=Report())
            assert differences(self.without_message(body, gone), encoded) == {}, gone

    def test_changed_message_text_is_the_only_difference(self, any_name: str) -> None:
        body = self.case(any_name).request
        if body is None or any_name in self.malformed:
            return
        request: ChatRequest = self.codec().decode_request(body)
        for at, message in enumerate(request.messages):
            if not any(isinstance(part, TextPart) for part in message.parts):
                continue
            changed = edited_message(message, TextPart, lambda part: replaced(part, text="EDITED"))
            messages = (*request.messages[:at], changed, *request.messages[at + 1 :])
            encoded = self.codec().encode_request(dataclasses.replace(request, messages=messages), report=Report())
            found = differences(body, encoded)
            assert list(found.values()) == ["EDITED"], (at, found)
            assert re.match(self.request_text_place, next(iter(found))), found

    def test_changed_delta_is_the_only_difference(self, stream_name: str) -> None:
        """The first delta of each kind in each stream."""
        decoder, encoder = self.codec().stream_decoder(), self.codec().stream_encoder()
        waiting: set[type] = set(self.deltas)
        for frame in frames_of([self.case(stream_name).body]):
            events = decoder.feed(frame)
            target: Any = next((event for event in events if type(event) in waiting), None)
            if target is None:
                encoder.feed(*events)
                continue
            waiting.discard(type(target))
            target.delta = "EDITED"
            (encoded,) = encoder.feed(*events)
            found = differences(self.payload(frame), self.payload(encoded))
            assert list(found.values()) == ["EDITED"], found
            assert re.match(self.delta_place, next(iter(found))), found

    # Cut streams

    def terminal_at(self, raw: bytes) -> int | None:
        """Where the frame with the terminal marker is whole; None where there is none."""
        place = 0
        for line in raw.splitlines(keepends=True):
            place += len(line)
            if self.terminal.search(line):
                return place - len(line) + len(line.rstrip())
        return None

    def test_stream_cut_before_its_terminal_marker_is_interrupted(self, whole_name: str) -> None:
        """Never a short answer that looks whole, and what came is kept."""
        raw = self.case(whole_name).body
        end = self.terminal_at(raw)
        assert end is not None
        step = max(1, end // CUTS)
        for cut in {*range(0, end, step), end - 1}:
            events = self.events([raw[:cut]])
            assert isinstance(events[-1], StreamFailed), cut
            with pytest.raises(errors.StreamInterrupted) as caught:
                collect(events)
            assert caught.value.response is not None
            assert caught.value.retryable
            self.assert_partial(self.reader.read_stream(raw[:cut]), caught.value.response, cut)

    def assert_partial(self, expected: dict[str, Any], partial: ChatResponse, cut: int) -> None:
        """What a reader of the same cut bytes finds is what the partial response holds."""
        assert partial.id == expected["id"], cut
        wanted: dict[str, Any] = expected["choices"][0] if expected["choices"] else {"text": ""}
        assert partial.text == wanted["text"], cut
        reasoning = [part.text for part in partial.message.parts if isinstance(part, ReasoningPart)]
        assert reasoning == wanted.get("reasoning", []), cut
        assert partial.refusal == wanted.get("refusal", ""), cut
        self.assert_calls(wanted.get("tool_calls", []), partial.tool_calls)
        assert partial.finish_reason == wanted.get("finish"), cut

    def test_stream_cut_behind_its_terminal_marker_is_whole(self, whole_name: str) -> None:
        raw = self.case(whole_name).body
        end = self.terminal_at(raw)
        assert end is not None
        for cut in {end, min(end + 1, len(raw)), len(raw)}:
            response = collect(self.events([raw[:cut]]))
            assert response.finish_reason is not None, cut
