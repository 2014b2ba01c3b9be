"""The SSE decoder against every recorded stream of every wire, judged by the reader's own line splitter."""

import random

import pytest

from minillm.wire import get_codec
from minillm.wire.sse import SSEDecoder
from tests.wire import chat_reader, corpus

WIRES = ("openai_chat", "openai_responses", "anthropic_messages", "gemini_generate")


def recorded_streams(wire: str) -> list[tuple[str, bytes]]:
    corpus.case("openai_chat", "text")  # skips or fails where there is no corpus
    cases = [corpus.case(wire, name) for name in corpus.names(wire)]
    return [(case.name, case.body) for case in cases if case.is_stream]


def frames(pieces: list[bytes]) -> list[tuple[str, bytes]]:
    decoder = SSEDecoder()
    found = [frame for piece in pieces for frame in decoder.feed(piece)]
    return [(frame.event, frame.raw) for frame in [*found, *decoder.finish()]]


@pytest.mark.parametrize("wire", WIRES)
def test_frames_are_those_of_a_second_reader(wire: str) -> None:
    streams = recorded_streams(wire)
    assert len(streams) >= 20
    for name, raw in streams:
        expected = chat_reader.split_events(raw)
        assert expected, name
        assert frames([raw]) == expected, name


@pytest.mark.parametrize("wire", WIRES)
def test_frames_do_not_depend_on_where_the_bytes_are_cut(wire: str) -> None:
    chance = random.Random(wire)
    for name, raw in recorded_streams(wire):
        whole = frames([raw])
        if len(raw) < 8192:
            assert frames([raw[at : at + 1] for at in range(len(raw))]) == whole, name
        for _ in range(3):
            places = sorted(chance.sample(range(1, len(raw)), min(len(raw) - 1, 40)))
            pieces = [raw[start:end] for start, end in zip([0, *places], [*places, len(raw)], strict=True)]
            assert frames(pieces) == whole, (name, places)


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("wire", WIRES)
def test_the_short_path_of_a_batch_gives_the_events_of_single_frames(wire: str, native: bool) -> None:
    codec = get_codec(CODECS.get(wire, wire))
    for name, raw in recorded_streams(wire):
        single, batch = codec.stream_decoder(native=native), codec.stream_decoder(native=native)
        frames = SSEDecoder().feed(raw)
        expected = [event for frame in frames for event in single.feed(frame)]
        made = batch.feed_many(SSEDecoder().feed_each(raw))
        for one, other in zip(made, expected, strict=True):
            assert same(one, other), name
            assert one.native == other.native, name


CODECS = {"openai_chat": "openai_chat_completions", "gemini_generate": "gemini_generate_content"}


def same(one: object, other: object) -> bool:
    """Errors are never equal to each other."""
    return type(one) is type(other) and (one == other or type(one).__name__ == "StreamFailed")
