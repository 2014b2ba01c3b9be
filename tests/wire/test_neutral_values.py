"""Random neutral values on every wire: encoded, read again and rewritten, or refused with a typed error."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minillm.errors import MiniLLMError
from minillm.report import Report
from minillm.types import ChatRequest, ChatResponse, Collector
from minillm.wire import WIRES, get_codec, rewrite_request, rewrite_response, rewrite_stream
from minillm.wire.sse import encode_event
from tests.wire import neutral_values as random_

pytestmark = pytest.mark.filterwarnings("error")


@settings(max_examples=120)
@given(random_.requests, st.sampled_from(WIRES), st.sampled_from(WIRES))
def test_any_request(request_: ChatRequest, wire: str, target: str) -> None:
    codec = get_codec(wire)
    with suppress(MiniLLMError):
        body = json.loads(json.dumps(codec.encode_request(request_, report=Report())))
        again = codec.decode_request(body, model="some-model", stream=request_.stream)
        assert codec.encode_request(again, report=Report()) == body
        rewrite_request(body, source=wire, target=target, model="some-model", report=Report())


@settings(max_examples=120)
@given(random_.responses, st.sampled_from(WIRES), st.sampled_from(WIRES))
def test_any_answer(response: ChatResponse, wire: str, target: str) -> None:
    codec = get_codec(wire)
    with suppress(MiniLLMError):
        body = json.loads(json.dumps(codec.encode_response(response, report=Report())))
        assert codec.encode_response(codec.decode_response(body), report=Report()) == body
        rewrite_response(body, source=wire, target=target, report=Report())


@settings(max_examples=200)
@given(random_.event_sequences, st.sampled_from(WIRES), st.sampled_from(WIRES))
def test_any_sequence_of_events(events: list[Any], wire: str, target: str) -> None:
    """Encoding never fails; what comes out is read again, and its visible text is what went in."""
    encoder = get_codec(wire).stream_encoder(report=Report())
    frames = [frame for event in events for frame in encoder.feed(event)] + encoder.finish()
    data = b"".join(encode_event(frame) for frame in frames)
    rewriter = rewrite_stream(source=wire, target=target, report=Report())
    out = rewriter.feed(data) + rewriter.finish()
    before, after = collected(wire, data), collected(target, out)
    assert (before.error is None) is (after.error is None) or target == "openai_responses"
    assert before.text() == after.text()


def collected(wire: str, data: bytes) -> Collector:
    from tests.wire.rewritings import decode_stream

    return decode_stream(wire, data)
