"""One exchange: where it goes, how it is booked, and which error it is."""

import asyncio
import time

import pytest
from aiohttp import web

from minillm import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConnectError,
    ContextLengthError,
    GeneratorInfo,
    MockTransport,
    NotFoundError,
    QuotaError,
    RateLimitError,
    ServerError,
)
from minillm.client import HTTPModel
from minillm.policies.deadline import Deadline
from minillm.policies.options import CallOptions
from minillm.providers import Endpoint, Provider
from minillm.transport import HTTPRequest, MockResponse
from minillm.types import Outcome

from .hosts import KEY, REQUEST, collected, generator, model, ok, whole


async def completed(asked):
    return await asked.complete(REQUEST)


both = pytest.mark.parametrize("ask", [completed, collected])


def refusal(status, message="no", headers=(), **error):
    return MockResponse.json({"error": {"message": message, **error}}, status, dict(headers))


STATUSES = [
    (400, BadRequestError, False),
    (401, AuthenticationError, False),
    (402, QuotaError, False),
    (403, AuthenticationError, False),
    (404, NotFoundError, False),
    (408, ServerError, True),
    (409, BadRequestError, True),
    (413, BadRequestError, False),
    (418, BadRequestError, False),
    (422, BadRequestError, False),
    (429, RateLimitError, True),
    (500, ServerError, True),
    (502, ServerError, True),
    (503, ServerError, True),
    (529, ServerError, True),
]


@both
@pytest.mark.parametrize(("status", "kind", "retryable"), STATUSES)
async def test_every_status_is_its_error(ask, status, kind, retryable):
    with pytest.raises(APIError) as caught:
        await ask(model(refusal(status, headers={"x-request-id": "req-1"})))
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.retryable, error.host, error.request_id) == (status, retryable, "openai", "req-1")
    (attempt,) = error.attempts
    assert (attempt.status, attempt.request_id, attempt.outcome) == (status, "req-1", Outcome.FAILED)
    assert attempt.error == kind.__name__
    assert attempt.duration >= 0


@both
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(400, code="context_length_exceeded"), ContextLengthError),
        (refusal(429, code="insufficient_quota"), QuotaError),
    ],
)
async def test_the_hosts_own_word_is_finer_than_its_status(ask, answer, kind):
    with pytest.raises(kind):
        await ask(model(answer))


@both
async def test_a_page_of_a_proxy_does_not_hide_the_status(ask):
    page = MockResponse(502, {"content-type": "text/html"}, b"<html><h1>Bad gateway</h1></html>")
    with pytest.raises(ServerError, match="Bad gateway") as caught:
        await ask(model(page))
    assert caught.value.body.startswith("<html>")


@both
@pytest.mark.parametrize("cut_after", [0, 10])
async def test_an_error_page_that_is_cut_still_tells_its_status(ask, cut_after):
    with pytest.raises(RateLimitError) as caught:
        await ask(model(MockResponse(429, {}, b'{"error": {"message": "slow down"}}', cut_after=cut_after)))
    assert caught.value.status == 429


@both
async def test_an_error_page_without_end_is_read_only_so_far(ask):
    transport = MockTransport(MockResponse(500, {}, [b"x" * 65536] * 1000))
    with pytest.raises(ServerError):
        await ask(model(transport))
    assert transport.exchanges[0].bytes_read < 2 * 1024 * 1024
    assert transport.exchanges[0].closed


@both
async def test_when_to_come_back_is_told(ask):
    before = time.time()
    with pytest.raises(RateLimitError) as caught:
        await ask(model(refusal(429, headers={"Retry-After": "90"})))
    assert before + 90 <= caught.value.retry_at <= time.time() + 90


@both
async def test_the_hosts_limits_are_kept_with_good_and_bad_answers(ask):
    headers = {"x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "0"}
    with pytest.raises(RateLimitError) as caught:
        await ask(model(refusal(429, headers=headers)))
    assert caught.value.attempts[0].rate_limits["requests"].remaining == 0
    response = await ask(model(MockResponse.json(whole(), headers={**headers, "x-ratelimit-remaining-requests": "99"})))
    assert response.rate_limits["requests"].remaining == 99


@both
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_an_error_and_is_not_followed(ask, status):
    transport = MockTransport(MockResponse(status, {"location": "https://elsewhere.test/"}))
    with pytest.raises(APIError, match="credentials are not carried to another address") as caught:
        await ask(model(transport))
    assert caught.value.status == status
    assert not caught.value.retryable
    assert len(transport.requests) == 1


async def test_a_redirect_of_a_real_server_carries_no_key(serve):
    seen = []

    async def elsewhere(request):
        seen.append(request)
        return web.json_response(whole())

    other = await serve(elsewhere)

    async def handler(request):
        raise web.HTTPTemporaryRedirect(other + "/chat/completions")

    asked = HTTPModel(GeneratorInfo.custom("m", base_url=await serve(handler), api_key=KEY), CallOptions())
    with pytest.raises(APIError, match="redirects"):
        await asked.complete(REQUEST)
    assert seen == []


@both
async def test_an_echoed_key_is_nowhere_in_the_error(ask):
    """Some hosts say which key was wrong. Texts are cut, too, and half a key is as good as one."""
    message = f"Incorrect API key provided: {KEY}."
    long = "x" * 1990 + KEY + " and so on"
    for answer in (
        refusal(401, message, code=KEY, type=KEY, param=KEY, detail={"sent": [f"Bearer {KEY}"]}, request_id=KEY),
        MockResponse(500, {}, long.encode()),
        MockResponse(500, {}, ("y" * 190 + KEY + " and so on").encode()),
        MockResponse.json({"error": {"message": message, "code": 401, "metadata": {"raw": KEY}}}),
    ):
        with pytest.raises(APIError) as caught:
            await ask(model(answer))
        error = caught.value
        told = str(error) + repr(error) + repr(vars(error)) + repr(error.attempts)
        assert KEY[:6] not in told


@both
async def test_an_echoed_header_is_nowhere_in_the_error(ask):
    with pytest.raises(APIError) as caught:
        await ask(model(refusal(403, "bad tenant s3cret-tenant"), headers={"x-tenant": "s3cret-tenant"}))
    assert "s3cret-tenant" not in repr(vars(caught.value)) + str(caught.value)


@both
async def test_a_frame_that_is_garbage_is_kept_without_the_key(ask):
    answers = MockResponse(200, {"content-type": "text/event-stream"}, f"data: {{broken {KEY}\n\n".encode())
    from minillm import DecodeError

    with pytest.raises(DecodeError) as caught:
        await ask(model(answers))
    assert caught.value.raw
    assert KEY not in repr(vars(caught.value)) + str(caught.value)


@both
async def test_what_goes_out(ask):
    transport = MockTransport([ok()])
    await ask(model(transport, headers={"X-Title": "app"}, base_url="https://h.test/v1/"))
    (request,) = transport.requests
    assert (request.method, request.url) == ("POST", "https://h.test/v1/chat/completions")
    assert request.headers == {"content-type": "application/json", "authorization": f"Bearer {KEY}", "x-title": "app"}


@both
async def test_a_rows_query_goes_behind_the_path(ask):
    row = Provider(
        name="h", endpoints=(Endpoint(base_url="https://h.test", query={"api-version": "1 2"}),), key_required=False
    )
    transport = MockTransport([ok()])
    asked = HTTPModel(GeneratorInfo(model="m", provider=row, transport=transport), CallOptions())
    await ask(asked)
    assert transport.requests[0].url == "https://h.test/chat/completions?api-version=1+2"


@both
async def test_an_attempt_is_noted_when_it_starts_and_booked_when_it_ends(ask):
    attempts = []
    asked = HTTPModel(generator([ok()]), CallOptions(), attempts=attempts)
    response = await ask(asked)
    assert response.attempts == tuple(attempts)
    (attempt,) = attempts
    assert (attempt.host, attempt.model, attempt.wire) == ("openai", "m", "openai_chat_completions")
    assert (attempt.outcome, attempt.status) == (Outcome.ACCEPTED, 200)
    assert attempt.usage.total_tokens == 10
    assert abs(attempt.started_at - time.time()) < 60
    assert attempt.duration >= 0


@both
async def test_an_error_that_a_mock_raises_twice_tells_of_its_own_attempt_each_time(ask):
    transport = MockTransport(ConnectError("no route to host", retryable=True))
    attempts = []
    for _ in range(2):
        with pytest.raises(ConnectError) as caught:
            await ask(HTTPModel(generator(transport), CallOptions(), attempts=attempts))
        assert len(caught.value.attempts) == 1
        assert caught.value.attempts[0] is attempts[-1]
    assert attempts[0] is not attempts[1]


@both
async def test_a_fault_of_a_transport_is_raised_as_it_is_and_booked(ask):
    attempts = []
    with pytest.raises(KeyError):
        await ask(HTTPModel(generator(MockTransport(KeyError("bug"))), CallOptions(), attempts=attempts))
    assert (attempts[0].outcome, attempts[0].error) == (Outcome.FAILED, "KeyError")


@both
async def test_a_key_with_a_line_break_is_refused_without_showing_it(ask, serve):
    async def never(request):
        pytest.fail("nothing may be sent")

    gen = GeneratorInfo.custom("m", base_url=await serve(never), api_key=KEY + "\nx-other: 1")
    with pytest.raises(ConfigurationError, match="line break") as caught:
        await ask(HTTPModel(gen, CallOptions()))
    assert KEY not in str(caught.value)


class Silent:
    """A transport that has what it sends in its frame, as any does, and breaks or never answers."""

    def __init__(self, breaks):
        self.breaks = breaks

    async def send(self, request):
        if self.breaks:
            raise ConnectError("no way")
        await asyncio.sleep(60)


def shown(error):
    """The variables of all frames behind an error: what a tool would show."""
    while error is not None:
        traceback = error.__traceback__
        while traceback is not None:
            yield from traceback.tb_frame.f_locals.values()
            traceback = traceback.tb_next
        error = error.__cause__ or error.__context__


@both
@pytest.mark.parametrize("seconds", [None, 60])
@pytest.mark.parametrize("breaks", [True, False])
async def test_no_frame_of_an_error_holds_what_was_sent(ask, seconds, breaks):
    gen = GeneratorInfo.openai("m", api_key=KEY, transport=Silent(breaks))
    asked = HTTPModel(gen, CallOptions(), None if seconds is None else Deadline(seconds))
    task = asyncio.ensure_future(ask(asked))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises((asyncio.CancelledError, ConnectError)) as caught:
        await task
    values = list(shown(caught.value))
    assert any(value is asked for value in values)
    assert not any(isinstance(value, HTTPRequest) for value in values)
    assert not any(isinstance(value, dict) and any(KEY in str(held) for held in value.values()) for value in values)
