"""Answers in the words of a wire: exact at home, translated elsewhere, and what is lost is told."""

import json
import warnings

import pytest

from minillm import ChatResponse, EncodeError, LossWarning, Message, ReasoningPart, Role, StreamInterrupted, TextPart
from minillm.dispatch import encode_reply
from minillm.dispatch.reply import StreamSaid
from minillm.report import Report
from minillm.types import Attempt, Choice, MessageEnd, MessageStart, StreamFailed, TextDelta, Usage, UsageUpdate
from minillm.wire import get_codec, rewrite_stream
from minillm.wire.sse import SSEDecoder
from tests.chat.four_wires import CHAT, GEMINI, MESSAGES, RESPONSES, WIRES, streamed, whole
from tests.dispatch.bodies import read_stream, read_whole
from tests.wire import corpus

FOLDER_OF = {
    CHAT: "openai_chat",
    RESPONSES: "openai_responses",
    MESSAGES: "anthropic_messages",
    GEMINI: "gemini_generate",
}


def answered(wire, *parts):
    choice = Choice(0, Message(Role.ASSISTANT, parts or (TextPart("Hello."),)))
    return ChatResponse("r", "m", (choice,), attempts=(Attempt("h", "m", wire, 0.0),))


@pytest.mark.parametrize("wire", WIRES)
def test_on_its_own_wire_it_is_what_it_was(wire):
    """Whole and as a stream, frame by frame."""
    report = Report(strict=True)
    assert encode_reply(get_codec(wire).decode_response(whole(wire)), wire, report=report) == whole(wire)
    decoder, said = get_codec(wire).stream_decoder(), StreamSaid(wire, wire, report, counts=True)
    events = decoder.feed_many(SSEDecoder().feed_each(streamed(wire)))
    assert frames(said.feed(events) + said.feed(decoder.finish()) + said.finish()) == frames(streamed(wire))


def frames(data):
    return [frame.raw if frame.raw == b"[DONE]" else json.loads(frame.raw) for frame in SSEDecoder().feed(data)]


@pytest.mark.parametrize("source", WIRES)
@pytest.mark.parametrize("target", WIRES)
def test_elsewhere_it_says_the_same(source, target):
    """Without a loss, where there is none."""
    report = Report(strict=True)
    text, _, count = read_whole(
        target, encode_reply(get_codec(source).decode_response(whole(source)), target, report=report)
    )
    assert (text, count) == ("Hello.", 3)
    decoder, said = get_codec(source).stream_decoder(), StreamSaid(target, source, report, counts=True)
    data = said.feed(decoder.feed_many(SSEDecoder().feed_each(streamed(source))) + decoder.finish()) + said.finish()
    assert read_stream(target, data)[0] == "Hello."
    assert read_stream(target, data)[1] is not None


def test_what_only_its_author_can_read_stays_behind():
    """A seal of one vendor is no seal of another; at home it stays."""
    answer = answered(MESSAGES, ReasoningPart("So.", "seal"), TextPart("Hello."))
    report = Report()
    assert "seal" not in json.dumps(encode_reply(answer, GEMINI, report=report))
    assert "seal of the reasoning" in str(report.losses)
    assert "seal" in json.dumps(encode_reply(answer, MESSAGES, report=report))


def test_lost_is_a_warning_and_an_error_where_nothing_may_be_lost():
    """What is said otherwise, or missed by nobody, is no warning."""
    many = ChatResponse("r", "m", (Choice(0), Choice(1, Message(Role.ASSISTANT, "Other"))))
    with pytest.warns(LossWarning, match="the answer cannot be said whole in anthropic_messages"):
        encode_reply(many, MESSAGES)
    with pytest.raises(EncodeError):
        encode_reply(many, MESSAGES, report=Report(strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encode_reply(answered(MESSAGES, ReasoningPart("So.", "seal")), GEMINI)


def test_counts_are_kept_from_clients_that_did_not_ask():
    """A chunk without choices would be one too many for some; wherever the counts came."""
    events = [
        MessageStart("i", "m", usage=Usage(uncached_tokens=7)),
        TextDelta(0, "Hi"),
        UsageUpdate(Usage(output_tokens=3)),
    ]
    silent, counting = (StreamSaid(CHAT, None, Report(), counts=counts) for counts in (False, True))
    assert b"usage" not in silent.feed([*events, MessageEnd()])
    assert b"usage" in counting.feed([*events, MessageEnd()])
    own = StreamSaid(CHAT, CHAT, Report(), counts=False)
    decoder = get_codec(CHAT).stream_decoder()
    data = own.feed(decoder.feed_many(SSEDecoder().feed_each(streamed(CHAT))))
    assert b"usage" not in data
    assert read_stream(CHAT, data) == ("Hello.", "[DONE]")
    assert b'"finish_reason":"stop"' in data


def recorded_streams():
    """Every stream that was recorded, by wire."""
    for wire, folder in FOLDER_OF.items():
        for name in corpus.names(folder):
            case = corpus.case(folder, name)
            if case.has_body and case.is_stream and case.status == 200:
                yield wire, name, case.body


@pytest.mark.parametrize("target", WIRES)
def test_recorded_streams_are_said_as_the_rewriter_says_them(target):
    """Events that were read many at a time find back to their frames: at home exactly, elsewhere with equal losses."""
    corpus.case("openai_chat", "text")  # skips, or fails where the corpus is required
    seen = 0
    for source, name, body in recorded_streams():
        theirs, ours = Report(), Report()
        rewriter = rewrite_stream(source=source, target=target, report=theirs)
        expected = rewriter.feed(body) + rewriter.finish()
        decoder, cutter = get_codec(source).stream_decoder(), SSEDecoder()
        said = StreamSaid(target, source, ours, counts=True)
        events = decoder.feed_many(cutter.feed_each(body)) + decoder.feed_many(cutter.finish()) + decoder.finish()
        made = frames(said.feed(events) + said.finish())
        if (
            source == target
            and isinstance(events[-1], StreamFailed)
            and isinstance(events[-1].error, StreamInterrupted)
        ):
            made.pop()  # a cut is said here, where the rewriter of one wire lets it show itself
        assert made == frames(expected), (source, name)
        assert ours.losses == theirs.losses, (source, name)
        seen += 1
    assert seen > 60
