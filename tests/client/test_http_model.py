"""A model behind HTTP: whole answers, streams, and every way in which either may end."""

import asyncio
import json
import math

import pytest
from aiohttp import web

from minillm import (
    APIError,
    AuthenticationError,
    ChatNode,
    ConfigurationError,
    DecodeError,
    FinishReason,
    GeneratorInfo,
    MockTransport,
    RateLimitError,
    ServerError,
    StreamInterrupted,
    TimeoutExceeded,
    Timeouts,
    TransportError,
    Usage,
)
from minillm.client import HTTPModel
from minillm.policies.deadline import Deadline
from minillm.policies.options import CallOptions
from minillm.transport import MockResponse
from minillm.types import Finish, MessageEnd, Outcome, PartStart, TextDelta

from .hosts import KEY, PIECES, REQUEST, chunk, collected, generator, model, ok, whole


async def completed(asked):
    return await asked.complete(REQUEST)


both = pytest.mark.parametrize("ask", [completed, collected])


SOON = 0.01


def sse(*events):
    return MockResponse.sse(events)


# ---------------------------------------------------------------- whole answers and streams


async def test_a_whole_answer():
    response = await model([ok()]).complete(REQUEST)
    assert (response.id, response.model, response.text) == ("c-1", "m-1", "Hello.")
    assert (response.finish_reason, response.usage.total_tokens) == (FinishReason.STOP, 10)
    assert response.message.origin == ("openai", "m")


async def test_a_stream_gives_the_same_answer():
    transport = MockTransport([sse(*PIECES)])
    async with model(transport).stream(REQUEST) as stream:
        events = [event async for event in stream]
        streamed = await stream.collect()
    assert [event.delta for event in events if isinstance(event, TextDelta)] == ["Hel", "lo."]
    assert streamed == await model([ok()]).complete(REQUEST)
    assert streamed.message.origin == ("openai", "m")
    assert json.loads(transport.requests[0].body)["stream"] is True


@pytest.mark.parametrize("native", [False, True])
async def test_the_frames_behind_events_are_kept_only_when_asked_for(native):
    async with HTTPModel(generator([sse(*PIECES)]), CallOptions(), native=native).stream(REQUEST) as stream:
        assert {event.native is not None async for event in stream} == {native}


async def test_a_stream_that_comes_all_at_once_is_whole():
    """What is found waiting is decoded in pieces; none may be lost, and none cut."""
    words = [f"word {number} " for number in range(2000)]
    frames = b"".join(b"data: " + json.dumps(piece).encode() + b"\n\n" for piece in [*map(chunk, words), *PIECES[2:3]])
    answer = MockResponse(200, {"content-type": "text/event-stream"}, (frames + b"data: [DONE]\n\n",))
    async with model([answer]).stream(REQUEST) as stream:
        deltas = [event.delta async for event in stream if type(event) is TextDelta]
        assert deltas == words
        assert (await stream.collect()).text == "".join(words)


async def test_the_attempt_of_a_stream():
    async with model([sse(*PIECES)]).stream(REQUEST) as stream:
        assert stream.attempt.outcome is Outcome.PENDING
        assert stream.attempt.first_content_after >= 0
        response = await stream.collect()
    (attempt,) = response.attempts
    assert (attempt.outcome, attempt.status) == (Outcome.ACCEPTED, 200)
    assert attempt.usage.total_tokens == 10
    assert attempt.duration >= attempt.first_content_after


# ---------------------------------------------------------------- answers that are none


@both
@pytest.mark.parametrize("body", [b"", b" \n\n "])
async def test_an_empty_body_may_pass(ask, body):
    with pytest.raises(DecodeError, match="empty body") as caught:
        await ask(model(MockResponse(200, {"content-type": "application/json"}, body)))
    assert caught.value.retryable


@both
async def test_a_body_that_is_no_json_is_kept(ask):
    with pytest.raises(DecodeError) as caught:
        await ask(model(MockResponse(200, {"content-type": "application/json"}, b"<html>hotel wifi</html>")))
    assert "hotel wifi" in caught.value.raw
    assert "hotel wifi" not in str(caught.value)
    assert caught.value.attempts[0].outcome is Outcome.FAILED


@both
async def test_json_that_is_no_answer_is_the_peers_fault(ask):
    with pytest.raises(DecodeError):
        await ask(model(MockResponse.json({"hello": "world"})))


@both
async def test_an_error_that_comes_with_status_200_is_an_error(ask):
    with pytest.raises(RateLimitError) as caught:
        await ask(model(MockResponse.json({"error": {"message": "slow down", "code": 429}})))
    assert caught.value.host == "openai"
    assert caught.value.attempts[0].status == 200  # what HTTP said stays what it said


async def test_a_body_that_is_too_large_is_refused():
    with pytest.raises(TransportError, match="larger than 10 bytes"):
        await model([ok()], max_response_bytes=10).complete(REQUEST)


async def test_a_whole_answer_that_is_cut_is_interrupted():
    with pytest.raises(StreamInterrupted) as caught:
        await model(MockResponse(200, {}, json.dumps(whole()).encode(), cut_after=20)).complete(REQUEST)
    assert caught.value.retryable
    assert caught.value.attempts[0].outcome is Outcome.FAILED


# ---------------------------------------------------------------- answers of another form than was asked for


async def test_json_in_answer_to_a_stream_request_is_replayed():
    """Some servers ignore the wish."""
    async with model([MockResponse.json(whole(), headers={"content-type": "application/json; charset=utf-8"})]).stream(
        REQUEST
    ) as stream:
        kinds = [type(event) async for event in stream]
        response = await stream.collect()
    assert kinds[-2:] == [Finish, MessageEnd]
    assert PartStart in kinds
    assert response == await model([ok()]).complete(REQUEST)
    assert response.message.origin == ("openai", "m")
    assert response.attempts[0].usage.total_tokens == 10


async def test_a_host_that_cannot_stream_is_asked_for_the_whole():
    transport = MockTransport([ok()])
    async with model(transport, streaming=False).stream(REQUEST) as stream:
        response = await stream.collect()
    assert response == await model([ok()]).complete(REQUEST)
    assert "stream" not in json.loads(transport.requests[0].body)
    assert response.message.origin == ("openai", "m")
    assert [attempt.outcome for attempt in response.attempts] == [Outcome.ACCEPTED]
    assert response.attempts[0].usage.total_tokens == 10


@pytest.mark.parametrize("settings", [{"streaming": False}, {}])
async def test_a_replay_that_is_left_early_is_on_the_bill_with_what_it_used(settings):
    """The host has sent, and charged, the whole of it."""
    ends = []
    async with model([ok()], **settings).stream(REQUEST) as stream:
        stream.on_end(lambda stream, _: ends.append(stream.attempt.usage.total_tokens))
        await anext(stream)
    assert ends == [10]


async def test_an_error_of_a_host_that_cannot_stream_is_raised_on_entering():
    with pytest.raises(AuthenticationError):
        await collected(model([MockResponse.json({"error": {"message": "no"}}, 401)], streaming=False))


# ---------------------------------------------------------------- streams that break


async def test_an_error_before_any_content_is_a_failure_to_open():
    """Entering is the retry boundary: what is raised there can be asked again."""
    transport = MockTransport([sse({"error": {"message": "overloaded", "code": 503}}, "[DONE]")])
    with pytest.raises(ServerError) as caught:
        await model(transport).stream(REQUEST).__aenter__()
    assert caught.value.attempts[0].outcome is Outcome.FAILED
    assert transport.exchanges[0].closed


async def test_tokens_counted_before_a_failure_to_open_are_on_the_bill():
    counted = {
        "id": "c-1",
        "object": "chat.completion.chunk",
        "model": "m-1",
        "choices": [],
        "usage": {"prompt_tokens": 7, "completion_tokens": 0},
    }
    with pytest.raises(ServerError) as caught:
        await collected(model([sse({"error": {"message": "down", "code": 500}}, counted, "[DONE]")]))
    assert caught.value.attempts[0].usage.input_tokens == 7


async def test_an_error_behind_content_is_raised_with_what_came():
    with pytest.raises(ServerError) as caught:
        await collected(model([sse(chunk("Hel"), {"error": {"message": "down", "code": 500}}, "[DONE]")]))
    assert caught.value.partial.text == "Hel"
    assert caught.value.attempts[0].status == 200


@pytest.mark.parametrize("cut_after", [None, 10**6])
async def test_bytes_that_end_too_soon_are_an_interruption(cut_after):
    """Whether the peer ends politely or the line breaks."""
    body = MockResponse.sse([chunk("Hel")]).body
    answer = MockResponse(200, {"content-type": "text/event-stream"}, body, cut_after=cut_after)
    with pytest.raises(StreamInterrupted) as caught:
        await collected(model([answer]))
    assert caught.value.response.text == "Hel"
    assert caught.value.retryable


async def test_bytes_that_end_before_any_content_are_a_failure_to_open():
    transport = MockTransport([MockResponse(200, {"content-type": "text/event-stream"}, b": hi\n\n")])
    with pytest.raises(StreamInterrupted):
        await model(transport).stream(REQUEST).__aenter__()
    assert transport.exchanges[0].closed


async def test_a_line_that_breaks_behind_the_last_word_loses_nothing():
    """Every choice has said why it ended; only [DONE] is missing."""
    body = MockResponse.sse([chunk("Hello."), chunk(finish="stop", usage=whole()["usage"])]).body
    answer = MockResponse(200, {"content-type": "text/event-stream"}, body, cut_after=10**6)
    response = await collected(model([answer]))
    assert (response.text, response.finish_reason) == ("Hello.", FinishReason.STOP)


async def test_a_line_that_falls_silent_behind_the_last_word_loses_nothing():
    """A proxy that forgets to close: failing a whole answer after two minutes helps nobody."""
    answer = sse(chunk("Hello."), chunk(finish="stop"), math.inf)
    response = await collected(model([answer], timeouts=Timeouts(None, None, SOON)))
    assert (response.text, response.finish_reason) == ("Hello.", FinishReason.STOP)


async def test_a_frame_that_is_garbage_ends_the_stream_and_the_connection():
    transport = MockTransport([sse(chunk("Hel"), "{broken", chunk("lo"))])
    with pytest.raises(DecodeError) as caught:
        await collected(model(transport))
    assert caught.value.partial.text == "Hel"
    assert transport.exchanges[0].closed


@pytest.mark.parametrize("size", [1, 7, 64])
async def test_a_stream_is_the_same_however_its_bytes_are_cut(size):
    data = b"".join(MockResponse.sse([chunk("Grüße, "), chunk("世界"), chunk(finish="stop"), "[DONE]"]).body)
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    response = await collected(model([MockResponse(200, {"content-type": "text/event-stream"}, pieces)]))
    assert response.text == "Grüße, 世界"


# ---------------------------------------------------------------- leaving


async def test_leaving_a_stream_closes_its_connection_at_once():
    transport = MockTransport([sse(chunk("Hel"), math.inf, chunk("lo."))])
    async with model(transport).stream(REQUEST) as stream:
        await anext(stream)
        assert not transport.exchanges[0].closed
    assert transport.exchanges[0].closed
    assert not transport.exchanges[0].released
    assert (stream.attempt.outcome, stream.attempt.usage) == (Outcome.CANCELLED, None)


async def test_an_error_of_the_reader_closes_it_too():
    transport = MockTransport([sse(*PIECES)])
    with pytest.raises(KeyError):
        async with model(transport).stream(REQUEST):
            raise KeyError("mine")
    assert transport.exchanges[0].closed


async def test_cancelling_the_opening_closes_it_too():
    transport = MockTransport([sse(math.inf)])
    attempts = []
    asked = HTTPModel(generator(transport, timeouts=Timeouts(None, None, None)), CallOptions(), attempts=attempts)
    task = asyncio.ensure_future(collected(asked))
    while not transport.exchanges:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert transport.exchanges[0].closed
    assert attempts[0].outcome is Outcome.CANCELLED


async def test_a_finished_stream_gives_its_connection_back():
    transport = MockTransport([sse(*PIECES, math.inf)])  # what follows the terminal marker is nobody's business
    response = await collected(model(transport))
    assert response.text == "Hello."
    assert transport.exchanges[0].released


async def test_a_stream_may_be_opened_in_one_task_and_left_in_another():
    transport = MockTransport([sse(*PIECES)])
    manager = HTTPModel(generator(transport), CallOptions(), Deadline(60)).stream(REQUEST)
    stream = await asyncio.create_task(manager.__aenter__())
    response = await asyncio.create_task(stream.collect())
    await asyncio.create_task(manager.__aexit__(None, None, None))
    assert response.text == "Hello."
    assert transport.exchanges[0].closed


# ---------------------------------------------------------------- time

NEVER = MockResponse(delay=math.inf)


@both
async def test_the_first_byte_timeout(ask):
    with pytest.raises(TimeoutExceeded, match="first_byte_timeout") as caught:
        await ask(model([NEVER], timeouts=Timeouts(None, SOON, None)))
    assert caught.value.retryable


async def test_the_idle_timeout_keeps_what_came():
    answer = sse(chunk("Hel"), math.inf, chunk("lo."))
    with pytest.raises(TimeoutExceeded, match="idle_timeout") as caught:
        await collected(model([answer], timeouts=Timeouts(None, None, SOON)))
    assert caught.value.partial.text == "Hel"


@both
async def test_a_calls_own_timeouts_win_over_the_generators(ask):
    options = CallOptions(timeouts=Timeouts(None, SOON, None))
    with pytest.raises(TimeoutExceeded, match="first_byte_timeout"):
        await ask(model([NEVER], options, timeouts=Timeouts(None, None, None)))


def late(answers, seconds=SOON, **settings):
    return HTTPModel(
        generator(answers, timeouts=Timeouts(None, None, None), **settings), CallOptions(), Deadline(seconds)
    )


HANGING = [
    NEVER,  # before the headers
    MockResponse(200, {"content-type": "application/json"}, [math.inf]),  # before the body
    MockResponse(200, {"content-type": "application/json"}, [b"{", math.inf]),  # inside it
]


@both
@pytest.mark.parametrize("answer", HANGING)
async def test_the_deadline_stands_over_every_wait(ask, answer):
    transport = MockTransport([answer])
    with pytest.raises(TimeoutExceeded, match="deadline") as caught:
        await ask(late(transport))
    assert [attempt.outcome for attempt in caught.value.attempts] == [Outcome.FAILED]
    assert all(exchange.closed for exchange in transport.exchanges)


async def test_the_deadline_stands_over_a_stream_that_has_begun():
    transport = MockTransport([sse(chunk("Hel"), math.inf, chunk("lo."))])
    with pytest.raises(TimeoutExceeded, match="deadline") as caught:
        await collected(late(transport, 0.5))
    assert caught.value.partial.text == "Hel"
    assert transport.exchanges[0].closed


@both
async def test_after_the_deadline_nothing_is_sent(ask):
    transport = MockTransport([ok()])
    with pytest.raises(TimeoutExceeded):
        await ask(late(transport, 0))
    assert transport.requests == []


@both
async def test_the_deadline_stands_over_the_start_of_a_local_server(ask, monkeypatch):
    async def never(_):
        await asyncio.Event().wait()

    monkeypatch.setattr("minillm.client.http_model.server_for", never)
    with pytest.raises(TimeoutExceeded, match="deadline"):
        await ask(HTTPModel(GeneratorInfo.local(), CallOptions(), Deadline(SOON)))


# ---------------------------------------------------------------- keys


@both
async def test_a_missing_key_is_told_before_anything_is_sent(ask):
    transport = MockTransport([ok()])
    gen = GeneratorInfo.openai("m", transport=transport)
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        await ask(HTTPModel(gen, CallOptions()))
    assert transport.requests == []


# ---------------------------------------------------------------- real servers


def custom(base_url, **settings):
    return HTTPModel(GeneratorInfo.custom("m", base_url=base_url, **{"api_key": KEY, **settings}), CallOptions())


async def stream_response(request, pieces=PIECES):
    answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await answer.prepare(request)
    for piece in pieces:
        data = piece if isinstance(piece, str) else json.dumps(piece)
        await answer.write(f"data: {data}\n\n".encode())
    return answer


async def test_whole_and_streamed_from_a_real_server(serve):
    async def handler(request):
        body = await request.json()
        assert request.headers["authorization"] == f"Bearer {KEY}"
        return await stream_response(request) if body.get("stream") else web.json_response(whole())

    asked = custom(await serve(handler))
    assert (await asked.complete(REQUEST)).text == "Hello."
    assert (await collected(asked)).text == "Hello."


async def test_an_error_of_a_real_server(serve):
    async def handler(_):
        return web.json_response({"error": {"message": "slow down"}}, status=429, headers={"retry-after": "7"})

    asked = custom(await serve(handler))
    for ask in (completed, collected):
        with pytest.raises(RateLimitError) as caught:
            await ask(asked)
        assert caught.value.retry_at is not None


async def test_a_real_server_that_drops_the_line_in_the_middle(serve):
    async def handler(request):
        answer = await stream_response(request, [chunk("Hel")])
        request.transport.abort()
        return answer

    with pytest.raises(StreamInterrupted) as caught:
        await collected(custom(await serve(handler)))
    assert caught.value.response.text == "Hel"


async def test_json_from_a_real_server_in_answer_to_a_stream_request(serve):
    async def handler(_):
        return web.json_response(whole())

    assert (await collected(custom(await serve(handler)))).text == "Hello."


async def test_a_real_server_sees_at_once_that_a_stream_was_left(serve):
    """It may stop to generate, and its slot is free."""
    gone = asyncio.Event()

    async def handler(request):
        answer = await stream_response(request, [chunk("Hel")])
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:  # aiohttp cancels the handler when its client is gone
            gone.set()
            raise
        return answer

    async with custom(await serve(handler)).stream(REQUEST) as stream:
        await anext(stream)
    async with asyncio.timeout(30):
        await gone.wait()


async def test_a_connection_is_used_again_after_a_finished_stream(serve):
    """And after a whole answer, and after an error."""
    peers = []

    async def handler(request):
        peers.append(request.transport.get_extra_info("peername"))
        body = await request.json()
        if body["messages"][-1]["content"] == "fail":
            return web.json_response({"error": {"message": "no"}}, status=400)
        return await stream_response(request) if body.get("stream") else web.json_response(whole())

    gen = GeneratorInfo.custom("m", base_url=await serve(handler), api_key=KEY)
    root = ChatNode.root()
    for _ in range(3):
        async with root.stream(gen, user="Hi") as stream:
            await stream.finish()
        await root.chat("Hi", gen)
        with pytest.raises(APIError):
            await root.chat("fail", gen)
    assert len(peers) == 9
    assert len(set(peers)) == 1


async def test_usage_of_a_real_stream(serve):
    response = await collected(custom(await serve(stream_response)))
    assert response.usage.total_tokens == 10
    assert isinstance(response.attempts[0].usage, Usage)
