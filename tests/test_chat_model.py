"""The stream that every model hands out, and whole answers replayed as one."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.chat_model import EventStream, is_content, replay, replayed
from minillm.errors import InvalidOutput, MiniLLMError, ServerError, StreamConsumed, StreamInterrupted
from minillm.types import (
    Attempt,
    AudioDelta,
    AudioPart,
    ChatResponse,
    Choice,
    Citation,
    CitationAdded,
    Finish,
    FinishReason,
    ImagePart,
    Loss,
    Message,
    MessageEnd,
    MessageStart,
    NativePart,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    Role,
    SignatureDelta,
    StreamFailed,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
    collect,
)

HELLO = [
    MessageStart("id", "m"),
    TextDelta(0, "Hel"),
    TextDelta(0, "lo."),
    Finish(0, FinishReason.STOP, "stop"),
    MessageEnd(),
]


def stream_of(*batches, attempt=None):
    """A stream that reads these batches; an exception among them is raised when its turn comes."""
    left = list(batches)

    async def read():
        if not left:
            return None
        batch = left.pop(0)
        if isinstance(batch, BaseException):
            raise batch
        return batch

    return EventStream(read, attempt=attempt)


async def test_events_come_one_by_one_however_they_were_read():
    for batches in ([HELLO], [[event] for event in HELLO], [[], HELLO[:2], [], HELLO[2:], []]):
        assert [event async for event in stream_of(*batches)] == HELLO


async def test_what_has_passed_is_collected():
    stream = stream_of(HELLO)
    async for event in stream:
        if event is HELLO[1]:
            assert stream.collector.text() == "Hel"
    assert stream.response().text == "Hello."


async def test_what_is_still_to_come_is_not_collected():
    """Events are collected many at a time, but never one that nobody has taken; a change of the rest keeps the past."""
    stream = stream_of(HELLO)
    assert await stream.fill()
    assert [stream.take(), stream.take()] == HELLO[:2]
    assert (stream.collector.text(), stream.response().text) == ("Hel", "Hel")
    stream.map(lambda batch: [e for e in batch if not isinstance(e, TextDelta)])
    assert [event async for event in stream] == HELLO[3:]
    assert (stream.collector.text(), stream.collector.complete) == ("Hel", True)


async def test_take_gives_what_is_there_and_fill_waits_for_more():
    stream = stream_of([HELLO[0]], HELLO[1:])
    assert stream.take() is None
    assert await stream.fill()
    assert stream.take() is HELLO[0]
    assert stream.take() is None
    assert await stream.fill()
    assert [stream.take() for _ in range(4)] == HELLO[1:]
    assert not await stream.fill()
    assert not await stream.fill()


async def test_a_second_reader_is_refused():
    """One cursor: two loops would each see half of the answer."""
    arrived = asyncio.Event()

    async def read():
        await arrived.wait()
        return HELLO

    stream = EventStream(read)
    first = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    with pytest.raises(StreamConsumed, match="one reader"):
        await anext(stream)
    arrived.set()
    assert await first is HELLO[0]


async def test_a_reader_that_was_cancelled_leaves_the_stream_readable():
    """A timeout around one read is no end of the stream."""
    arrived = asyncio.Event()

    async def read():
        await arrived.wait()
        return HELLO

    stream = EventStream(read)
    reading = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    arrived.set()
    assert await anext(stream) is HELLO[0]


async def test_collect_gives_the_whole_response():
    attempt = Attempt("h", "m", "w", 0.0)
    response = await stream_of(HELLO, attempt=attempt).collect()
    assert response.text == "Hello."
    assert response.attempts == (attempt,)


async def test_the_end_is_told_once():
    ends = []
    stream = stream_of(HELLO)
    stream.on_end(lambda _, error: ends.append(error))
    await stream.collect()
    stream.end(ValueError())
    assert ends == [None]


async def test_a_stream_without_its_terminal_event_is_interrupted():
    attempt = Attempt("h", "m", "w", 0.0)
    with pytest.raises(StreamInterrupted) as caught:
        await stream_of(HELLO[:3], attempt=attempt).collect()
    assert caught.value.response.text == "Hello."
    assert caught.value.attempts == (attempt,)


async def test_a_failure_among_the_events_is_raised_with_what_came():
    attempt, error, ends = Attempt("h", "m", "w", 0.0), ServerError("down"), []
    stream = stream_of([*HELLO[:2], StreamFailed(error)], attempt=attempt)
    stream.on_end(lambda _, error: ends.append(error))
    with pytest.raises(ServerError) as caught:
        await stream.collect()
    assert caught.value is error
    assert error.partial.text == "Hel"
    assert error.attempts == (attempt,)
    assert ends == [error]


async def test_a_failure_of_reading_is_raised_with_what_came():
    error = StreamInterrupted("cut")
    with pytest.raises(StreamInterrupted) as caught:
        await stream_of(HELLO[:2], error).collect()
    assert caught.value.response.text == "Hel"


async def test_a_fault_of_a_program_is_raised_as_it_is():
    ends = []
    stream = stream_of(HELLO[:2], KeyError("bug"))
    stream.on_end(lambda _, error: ends.append(type(error)))
    with pytest.raises(KeyError):
        await stream.collect()
    assert ends == [KeyError]


async def test_an_error_given_twice_tells_of_the_latest_attempt():
    """A mock raises one instance again and again; its attempts must not be those of the first time."""
    error = ServerError("down")
    for number in (1.0, 2.0):
        with pytest.raises(ServerError):
            await stream_of([TextDelta(0, "a"), StreamFailed(error)], attempt=Attempt("h", "m", "w", number)).collect()
        assert [attempt.started_at for attempt in error.attempts] == [number]


CONTENT = [
    PartStart(0, TextPart("")),
    TextDelta(0, "a"),
    RefusalDelta(0, "a"),
    ReasoningDelta(0, "a"),
    ToolCallDelta(0, "a"),
    SignatureDelta(0, "a"),
    CitationAdded(0, Citation()),
    AudioDelta(0, "AA=="),
]


@pytest.mark.parametrize("event", CONTENT, ids=lambda event: type(event).__name__)
async def test_peeking_ends_at_the_first_content(event):
    """From here on nothing may be asked again, whatever kind of part it is."""
    assert is_content(event)
    stream = stream_of([MessageStart()], [event], ServerError("not read yet"))
    await stream.peek()
    assert await anext(stream) == MessageStart()
    assert await anext(stream) is event


@pytest.mark.parametrize(
    "event", [MessageStart(), UsageUpdate(Usage(1)), Finish(), MessageEnd()], ids=lambda e: type(e).__name__
)
async def test_what_holds_no_answer_is_no_content(event):
    assert not is_content(event)


async def test_peeking_raises_what_fails_before_any_content():
    stream = stream_of([MessageStart()], [UsageUpdate(Usage(7)), StreamFailed(ServerError("down"))])
    with pytest.raises(ServerError):
        await stream.peek()
    assert stream.collector.usage == Usage(7)  # it is on the bill all the same


async def test_peeking_leaves_a_failure_behind_content_to_the_reader():
    stream = stream_of([TextDelta(0, "a"), StreamFailed(ServerError("down"))])
    await stream.peek()
    assert await anext(stream) == TextDelta(0, "a")
    with pytest.raises(ServerError):
        await anext(stream)


async def test_peeking_at_an_answer_without_content_reads_it_whole():
    stream = stream_of([MessageStart()], [MessageEnd()])
    await stream.peek()
    assert [event async for event in stream] == [MessageStart(), MessageEnd()]


async def test_peeking_at_nothing_is_left_to_the_judge():
    stream = stream_of()
    await stream.peek()
    with pytest.raises(StreamInterrupted):
        await stream.collect()


def louder(events):
    return [TextDelta(event.index, event.delta.upper()) if isinstance(event, TextDelta) else event for event in events]


def begins_with(word):
    return lambda event: getattr(event, "delta", "").startswith(word)


async def test_reading_ahead_holds_everything_up_to_an_event():
    """Nothing of it is taken, and what follows is read when its turn comes."""
    stream = stream_of(*[[event] for event in HELLO])
    await stream.peek()
    await stream.read_ahead(begins_with("lo"))
    assert stream.collector.text() == ""
    assert [event async for event in stream] == HELLO
    assert stream.response().text == "Hello."


async def test_reading_ahead_ends_with_the_answer():
    for batches in ([HELLO], [HELLO[:2], HELLO[2:]], [HELLO[:3]]):
        stream = stream_of(*batches)
        await stream.read_ahead(begins_with("never"))
        assert [event async for event in stream] == [event for batch in batches for event in batch]


@pytest.mark.parametrize("as_event", [True, False])
async def test_reading_ahead_raises_what_fails_before_that_with_what_came(as_event):
    ended, error = [], ServerError("no")
    stream = stream_of(HELLO[:2], [StreamFailed(error)] if as_event else error)
    stream.on_end(lambda _, failure: ended.append(failure))
    with pytest.raises(ServerError) as caught:
        await stream.read_ahead(begins_with("lo"))
    assert caught.value.partial.text == "Hel"
    assert ended == [error]


async def test_reading_ahead_again_begins_behind_what_was_taken():
    stream = stream_of(*[[event] for event in HELLO])
    await stream.read_ahead(begins_with("Hel"))
    assert [stream.take(), stream.take()] == HELLO[:2]
    await stream.read_ahead(begins_with("lo"))
    assert [event async for event in stream] == HELLO[2:]
    assert stream.response().text == "Hello."


async def test_an_answer_that_begins_anew_is_the_new_one_alone():
    stream = stream_of(HELLO[:2], HELLO)
    assert [await anext(stream), await anext(stream)] == HELLO[:2]
    partial = stream.response()
    stream.begin_anew(partial)
    assert stream.abandoned == (partial,)
    assert (await stream.collect()).text == "Hello."


async def test_an_answer_may_go_on_from_what_somebody_says():
    stream = stream_of(HELLO[:2], HELLO[2:])
    await anext(stream)
    stream.begin_from((PartStart(0, TextPart("")), TextDelta(0, "Yel")))
    await anext(stream)
    stream.begin_from((PartStart(0, TextPart("")), TextDelta(0, "Yel")))  # what was taken in between goes too
    assert (await stream.collect()).text == "Yello."


@pytest.mark.parametrize("peek", [True, False])
async def test_events_are_rewritten_before_they_are_collected(peek):
    stream = stream_of(HELLO[:2], HELLO[2:])
    if peek:
        await stream.peek()  # what was read ahead is rewritten too
    stream.map(louder)
    assert [event.delta async for event in stream if isinstance(event, TextDelta)] == ["HEL", "LO."]
    assert stream.response().text == "HELLO."


async def test_rewriting_goes_in_the_order_it_was_asked_for():
    stream = stream_of([TextDelta(0, "a")], HELLO[3:])
    stream.map(lambda events: [TextDelta(0, e.delta + "b") if isinstance(e, TextDelta) else e for e in events])
    stream.map(louder)
    assert (await stream.collect()).text == "AB"


async def test_a_batch_may_be_rewritten_to_nothing():
    stream = stream_of(HELLO[:2], HELLO[2:])
    stream.map(lambda events: [event for event in events if not isinstance(event, TextDelta)])
    assert (await stream.collect()).text == ""


async def test_a_judge_sees_the_whole_response_and_may_refuse_it():
    async def strict(response):
        assert response.text == "Hello."
        raise InvalidOutput("no JSON")

    stream = stream_of(HELLO)
    stream.on_response(strict)
    with pytest.raises(InvalidOutput):
        await stream.collect()


async def test_judges_sit_in_order_and_may_change_the_response():
    stream = stream_of(HELLO)
    for word in ("a", "b"):

        async def judge(response, word=word):
            return replace(response, id=response.id + word)

        stream.on_response(judge)
    assert (await stream.collect()).id == "idab"


async def test_an_interrupted_answer_is_not_judged():
    async def never(_):
        pytest.fail("it must not be asked")

    stream = stream_of(HELLO[:2])
    stream.on_response(never)
    with pytest.raises(StreamInterrupted):
        await stream.collect()


async def test_where_an_answer_came_from_stands_on_its_message():
    stream = stream_of(HELLO)
    stream.origin = ("openai", "m")
    assert (await stream.collect()).message.origin == ("openai", "m")


texts = st.text(max_size=5)
tokens = st.builds(TokenLogprob, texts, st.floats(-9, 0))
parts = st.one_of(
    st.builds(
        TextPart,
        texts,
        st.tuples() | st.tuples(st.builds(Citation, texts)),
        st.none() | st.tuples(tokens),
        st.none() | texts,
    ),
    st.builds(RefusalPart, texts),
    st.builds(ReasoningPart, texts, st.none() | texts, st.none() | texts),
    st.builds(ToolCallPart, texts, texts, texts, st.sampled_from(["function", "custom"]), incomplete=st.booleans()),
    st.just(ImagePart("image/png", "AA==")),
    st.just(AudioPart("audio/wav", "AA==", transcript="la")),
    st.just(NativePart("w", {"type": "x"})),
)
choices = st.builds(
    Choice,
    message=st.lists(parts, max_size=4).map(lambda given: Message(Role.ASSISTANT, given))
    | texts.map(lambda text: Message(Role.ASSISTANT, text)),
    finish_reason=st.none() | st.sampled_from(FinishReason),
    raw_finish_reason=st.none() | texts,
)
responses = st.builds(
    lambda id, model, made, usage, created: ChatResponse(
        id,
        model,
        tuple(Choice(i, one.message, one.finish_reason, one.raw_finish_reason) for i, one in enumerate(made)),
        usage,
        created,
    ),
    texts,
    texts,
    st.lists(choices, max_size=3),
    st.none() | st.builds(Usage, st.none() | st.integers(0, 9), output_tokens=st.none() | st.integers(0, 9)),
    st.none() | st.floats(0, 9),
)


def _spoken(message):
    """One empty text is as good as none: it collects to an empty string."""
    return Message(Role.ASSISTANT, "") if message.parts == (TextPart(""),) else message


@given(responses)
def test_a_replayed_answer_collects_to_itself(response):
    expected = replace(response, choices=tuple(replace(one, message=_spoken(one.message)) for one in response.choices))
    assert collect(replay(response)) == expected


@given(responses)
async def test_a_replayed_stream_knows_what_the_response_knows(response):
    attempt, loss = Attempt("h", "m", "w", 0.0), Loss("a", "b", "c")
    stream = replayed(replace(response, attempts=(attempt,), losses=(loss,)))
    await stream.peek()
    again = await stream.collect()
    assert (again.attempts, again.losses, stream.attempt) == ((attempt,), (loss,), attempt)


@given(responses)
def test_a_replay_begins_and_ends_as_streams_do(response):
    events = replay(response)
    assert isinstance(events[0], MessageStart)
    assert isinstance(events[-1], MessageEnd)
    assert sum(isinstance(event, MessageEnd | StreamFailed) for event in events) == 1
    opened = [(event.choice, event.index) for event in events if isinstance(event, PartStart)]
    closed = [(event.choice, event.index) for event in events if isinstance(event, PartEnd)]
    assert opened == closed


def test_the_logprobs_of_a_choice_travel_on_its_text():
    """Whole answers keep them beside the message, streams on the pieces."""
    logprobs = (TokenLogprob("a", -0.1),)
    response = ChatResponse(choices=(Choice(0, Message(Role.ASSISTANT, "a"), logprobs=logprobs),))
    assert collect(replay(response)).message.parts[0].logprobs == logprobs


def test_every_error_of_ours_can_stand_in_a_stream():
    with pytest.raises(MiniLLMError):
        collect([StreamFailed(MiniLLMError("x"))])
