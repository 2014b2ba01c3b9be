"""Bills that a host tells later: the record of a generation, looked up when the exchange is over."""

import asyncio
from decimal import Decimal

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from minillm import ChatNode, CostLedger, GeneratorInfo, MockTransport, StreamInterrupted, TokenPrice, loop_local
from minillm.client import generation
from minillm.client.generation import read_record
from minillm.transport import MockResponse
from minillm.types import CostResolution, Outcome

from .hosts import KEY, USAGE, chunk, whole

NUMBER = "gen-1780944631-noHqUTpPy15yOYO9A2uQ"
RECORD = {
    "id": NUMBER,
    "total_cost": 0.0015,
    "is_byok": False,
    "upstream_inference_cost": 0.0015,
    "tokens_prompt": 9,
    "native_tokens_prompt": 10,
    "native_tokens_cached": 4,
    "native_tokens_completion": 25,
    "native_tokens_reasoning": 5,
}
FOUND = MockResponse.json({"data": RECORD})
LATE = MockResponse.json({"error": {"message": "not found", "code": 404}}, 404)
PENDING, UNKNOWN = CostResolution.PENDING, CostResolution.UNKNOWN
HEADERS = {"x-generation-id": NUMBER, "content-type": "text/event-stream"}
PRICE = TokenPrice(100, 1000, cache_read=10)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    """The waits are the host's need; a test has none."""
    monkeypatch.setattr(generation, "WAITS", (0,) * 4)


def stream_of(*pieces, headers=HEADERS, **more):
    made = MockResponse.sse([*pieces])
    return MockResponse(200, {**made.headers, **headers}, made.body, **more)


LEFT = stream_of(chunk("Hel", id=NUMBER), chunk("lo."), chunk(finish="stop", usage={**USAGE, "cost": 0.1}), "[DONE]")


def asking(answers, **settings):
    """An OpenRouter generator at a host that answers so, a ledger, and what it was asked."""
    transport = MockTransport(answers)
    settings = {"api_key": KEY, **settings, "transport": transport}
    return GeneratorInfo.openrouter("vendor/model", **settings), CostLedger(), transport


async def left_early(gen, ledger, **options):
    root = ChatNode.root("Be brief.")
    async with root.add_user("Hi").stream(gen, cost_callback=ledger, **options) as stream:
        async for _ in stream:
            break
    (user,) = root.children
    return user


async def test_a_stream_that_was_left_is_pending_and_then_what_the_host_says():
    """Nobody waits for it; node and ledger hold the same exchange and see the sum as soon as it is there."""
    gen, ledger, transport = asking([LEFT, LATE, LATE, FOUND])
    user = await left_early(gen, ledger)
    assert (ledger.total.resolution, ledger.total.usd, user.cost.resolution) == (PENDING, None, PENDING)
    assert len(transport.requests) == 1
    await loop_local.aclose()
    (attempt,) = ledger.attempts
    assert (attempt.outcome, attempt.cost.source) == (Outcome.CANCELLED, "host")
    assert ledger.total.usd == user.cost.usd == Decimal("0.0015")
    usage = attempt.usage
    assert (usage.uncached_tokens, usage.cache_read_tokens, usage.output_tokens, usage.reasoning_tokens) == (
        6,
        4,
        25,
        5,
    )
    assert [request.url for request in transport.requests[1:]] == [
        f"https://openrouter.ai/api/v1/generation?id={NUMBER}"
    ] * 3
    assert {request.method for request in transport.requests[1:]} == {"GET"}
    assert transport.requests[-1].headers["authorization"] == f"Bearer {KEY}"


async def test_a_stream_that_was_cut_is_looked_up_too():
    """The host has billed what it sent."""
    cut = stream_of(chunk("Hel"), chunk("lo."), cut_after=150)
    gen, ledger, _ = asking([cut, FOUND])

    async def read():
        async with ChatNode.root("Hi").stream(gen, user="Hi", cost_callback=ledger, retry=0) as stream:
            async for _ in stream:
                pass

    with pytest.raises(StreamInterrupted):
        await read()
    await loop_local.aclose()
    (attempt,) = ledger.attempts
    assert (attempt.outcome, attempt.cost.usd) == (Outcome.FAILED, Decimal("0.0015"))


async def test_a_call_that_was_cancelled_after_its_headers_is_looked_up_too():
    """A whole answer has no chunk that tells its number; the header does."""
    body = MockResponse.json(whole(), headers={"x-generation-id": NUMBER})
    gen, ledger, transport = asking([MockResponse(200, body.headers, [b" ", 60.0, body.body]), FOUND])
    call = asyncio.ensure_future(ChatNode.root("Hi").chat("Hi", gen, cost_callback=ledger))
    while not transport.exchanges or not transport.exchanges[0].bytes_read:
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await loop_local.aclose()
    assert [(each.outcome, each.cost.usd) for each in ledger.attempts] == [(Outcome.CANCELLED, Decimal("0.0015"))]


async def test_an_answer_without_usage_is_looked_up():
    """The number stands in the answer itself where no header tells it."""
    answer = whole(id=NUMBER)
    del answer["usage"]
    gen, ledger, _ = asking([MockResponse.json(answer), FOUND])
    reply = await ChatNode.root("Hi").chat("Hi", gen, cost_callback=ledger)
    assert reply.cost.resolution is PENDING
    await loop_local.aclose()
    assert reply.cost.usd == Decimal("0.0015")


@pytest.mark.parametrize(
    "answers",
    [
        [LATE] * 4,
        [MockResponse.json({"error": {"message": KEY}}, 401)],
        [MockResponse.json({"data": {}})] * 4,
        [MockResponse(body=b"<html>"), MockResponse(body=b"<html>")],
    ],
    ids=["never there", "refused", "no sum in it", "no JSON"],
)
async def test_what_is_not_found_is_unknown_and_never_nothing(answers, caplog):
    """No sum is made up, no key is logged, and nothing is asked without end."""
    gen, ledger, _ = asking([LEFT, *answers])
    await left_early(gen, ledger)
    await loop_local.aclose()
    assert (ledger.total.usd, ledger.total.resolution) == (None, UNKNOWN)
    assert KEY not in caplog.text


async def test_a_loop_that_ends_first_leaves_no_bill_pending(monkeypatch):
    """Who does not wait for the record has an unknown bill, not one that seems to be on its way."""
    monkeypatch.setattr(generation, "WAITS", (3600,))
    monkeypatch.setattr(generation, "PATIENCE", 0)
    gen, ledger, _ = asking([LEFT])
    await left_early(gen, ledger)
    assert ledger.total.resolution is PENDING
    await loop_local.aclose()
    assert ledger.total.resolution is UNKNOWN


async def test_a_price_for_the_call_wins_over_the_record_as_well():
    """The counts are the host's, the price is the user's."""
    gen, ledger, _ = asking([LEFT, FOUND])
    await left_early(gen, ledger, token_price=PRICE)
    await loop_local.aclose()
    assert ledger.total.source == "user"
    assert ledger.total.usd == Decimal(6 * 100 + 4 * 10 + 25 * 1000) / 1_000_000


@pytest.mark.parametrize("options", [{"track_cost": False}, {"wire": "elsewhere"}], ids=str)
async def test_nobody_is_asked_who_keeps_no_record_or_should_not_be(options):
    """``track_cost=False`` asks for nothing; another host has no such path."""
    gen, ledger, transport = asking([LEFT])
    if options.pop("wire", None):
        gen = GeneratorInfo.openai("m", api_key=KEY, transport=transport)
    await left_early(gen, ledger, **options)
    await loop_local.aclose()
    assert len(transport.requests) == 1
    assert ledger.total.resolution is UNKNOWN


async def test_a_refused_request_is_known_to_cost_nothing_and_not_looked_up():
    """A 429 has no generation."""
    refused = MockResponse.json({"error": {"message": "slow"}}, 429, {"x-generation-id": NUMBER})
    gen, ledger, transport = asking([refused])
    with pytest.raises(Exception, match="slow"):
        await ChatNode.root("Hi").chat("Hi", gen, cost_callback=ledger, retry=0)
    await loop_local.aclose()
    assert (len(transport.requests), ledger.total.usd) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "usd"),
    [
        ({}, "0.0015"),
        ({"is_byok": True, "total_cost": 0.0001, "upstream_inference_cost": 0.01}, "0.0101"),
        ({"is_byok": True, "upstream_inference_cost": None}, None),
        ({"total_cost": 0}, "0"),
    ],
)
def test_the_sum_of_a_record(changes, usd):
    """With a key of one's own at the model's host the fee alone would be a false sum."""
    usage = read_record({"data": {**RECORD, **changes}})
    assert usage.cost_usd == (None if usd is None else Decimal(usd))


@pytest.mark.parametrize(
    "body", [None, [], {}, {"data": None}, {"data": {"total_cost": None}}, {"data": {"total_cost": "?"}}]
)
def test_a_record_without_a_sum_is_not_there_yet(body):
    """Whatever the host sends."""
    assert read_record(body) is None


def test_counts_that_make_no_sense_are_not_believed():
    """The sum holds without them."""
    usage = read_record(
        {"data": {"total_cost": 1, "tokens_prompt": 3, "native_tokens_cached": 9, "tokens_completion": -1}}
    )
    assert (usage.uncached_tokens, usage.cache_read_tokens, usage.output_tokens) == (3, None, None)


async def test_over_real_sockets_the_stream_is_closed_first_and_the_record_asked_for_then():
    """Leaving waits for nothing; the host sees the line go before the question comes."""
    seen = []
    gone = asyncio.Event()

    async def stream(request):
        answer = web.StreamResponse(headers=HEADERS)
        await answer.prepare(request)
        await answer.write(b'data: {"id": "x", "choices": [{"index": 0, "delta": {"content": "Hel"}}]}\n\n')
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("closed")
            gone.set()

    async def record(request):
        await gone.wait()
        seen.append((request.query["id"], request.headers["authorization"]))
        return web.json_response({"data": RECORD})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", stream)
    app.router.add_get("/v1/generation", record)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server(shutdown_timeout=0.01)
    gen = GeneratorInfo.openrouter("v/m", api_key=KEY, base_url=f"http://127.0.0.1:{server.port}/v1")
    ledger = CostLedger()
    await left_early(gen, ledger)
    await loop_local.aclose()
    await server.close()
    assert seen == ["closed", (NUMBER, f"Bearer {KEY}")]
    assert ledger.total.usd == Decimal("0.0015")
