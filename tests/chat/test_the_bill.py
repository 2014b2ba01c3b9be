"""The bill of calls that went wrong in every way: an entry an exchange, and the sum of what is known."""

import asyncio
import json
from decimal import Decimal

import pytest

from minillm import ChatNode, CostLedger, EmptyResponse, GeneratorInfo, MockTransport, TokenPrice, loop_local
from minillm.client import generation
from minillm.transport import MockResponse
from minillm.tree import subtree_cost
from minillm.types import Outcome

KEY = "canary-k3y-0123456789"
RECORD = MockResponse.json({"data": {"total_cost": 0.5, "tokens_prompt": 5, "tokens_completion": 5}})
USAGE = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    """The waits are the host's need."""
    monkeypatch.setattr(generation, "WAITS", (0,))


def chunk(text=None, finish=None, **more):
    choice = {"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish}
    return {"id": "gen-1", "object": "chat.completion.chunk", "model": "v/m", "choices": [choice], **more}


def streamed(*pieces, **more):
    made = MockResponse.sse([*pieces])
    return MockResponse(200, {**made.headers, "x-generation-id": "gen-1"}, made.body, **more)


def whole(text, **usage):
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    body = {
        "id": "gen-2",
        "object": "chat.completion",
        "model": "v/m",
        "choices": [choice],
        "usage": {**USAGE, **usage},
    }
    return MockResponse.json(body, headers={"x-generation-id": "gen-2"})


BUSY = MockResponse.json({"error": {"message": "busy", "code": 429}}, 429)
DOWN = MockResponse.json({"error": {"message": "down", "code": 502}}, 502)
WHOLE_STREAM = streamed(chunk("Hel"), chunk("lo."), chunk(finish="stop", usage={**USAGE, "cost": 0.25}), "[DONE]")


def host(answers):
    """OpenRouter, answering posts in this order; a record for each stream that told no sum."""
    posts = iter(answers)
    return MockTransport(lambda request: RECORD if request.method == "GET" else next(posts))


async def test_cut_left_rejected_retried_and_answered_each_is_an_entry_of_its_own(tmp_path):
    """Host, record and refusal each say their part; an empty answer that was rejected was paid all the same."""
    ledger = CostLedger()
    cut = streamed(chunk("Hel"), chunk("lo."), cut_after=200)
    transport = host(
        [
            cut,
            WHOLE_STREAM,  # left early
            *(BUSY, DOWN, whole("", cost=0.01), whole("Hello.", cost=0.02)),  # three retries
            WHOLE_STREAM,  # read to its end
        ]
    )
    gen = GeneratorInfo.openrouter("v/m", api_key=KEY, transport=transport)
    root = ChatNode.root("Be brief.")
    user = root.add_user("Hi")

    async def read(limit=None):
        async with user.stream(gen, cost_callback=ledger, retry=0) as stream:
            async for _ in stream:
                if limit:
                    break

    with pytest.raises(Exception, match="ended before"):
        await read()
    await read(limit=1)
    reply = await user.complete(gen, cost_callback=ledger, retry=3, back_off_time=0, crash_on_empty_response=True)
    await read()
    await loop_local.aclose()

    said = [(each.outcome.value, each.status, each.cost.usd, each.cost.source) for each in ledger.attempts]
    assert said == [
        ("failed", 200, Decimal("0.5"), "host"),
        ("cancelled", 200, Decimal("0.5"), "host"),
        ("failed", 429, Decimal(0), ""),
        ("failed", 502, None, ""),
        ("rejected", 200, Decimal("0.01"), "host"),
        ("accepted", 200, Decimal("0.02"), "host"),
        ("accepted", 200, Decimal("0.25"), "host"),
    ]
    # Behind the 502 a model may have been at work: the sum is a lower bound and says so.
    assert (ledger.total.usd, ledger.known_usd) == (None, Decimal("1.28"))
    assert subtree_cost(root).known_usd == Decimal("1.28")
    assert reply.cost.known_usd == Decimal("0.03")
    assert user.cost.known_usd == Decimal("1.0")  # the calls that gave no reply
    assert len(ledger) == 4

    path = tmp_path / "bill.jsonl"
    assert ledger.save_jsonl(path) == 7
    text = path.read_text()
    assert KEY not in text
    assert "Hello" not in text
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["usd"] for row in rows if row["usd"] is not None and Decimal(row["usd"]) == 0] == ["0"]
    assert sum(Decimal(row["known_usd"]) for row in rows) == ledger.known_usd


async def test_nothing_is_free_that_only_said_nothing():
    """No price, no usage, no answer: three ways of not knowing, none of them 0."""
    ledger = CostLedger()
    silent = whole("Hello.")
    body = json.loads(silent.body)
    del body["usage"]
    transport = MockTransport([silent, MockResponse.json(body), DOWN])
    gen = GeneratorInfo.openai("m", api_key=KEY, transport=transport)
    root = ChatNode.root("Hi")
    for _ in range(2):
        await root.chat("Hi", gen, cost_callback=ledger, retry=0)
    with pytest.raises(Exception, match="down"):
        await root.chat("Hi", gen, cost_callback=ledger, retry=0)
    assert [entry.usd for entry in ledger.entries] == [None, None, None]
    assert [entry.resolution.value for entry in ledger.entries] == ["unpriced", "unknown", "unknown"]


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("streams", [False, True])
async def test_a_callback_is_told_once_a_completion_and_its_fault_never_loses_the_answer(asynchronous, streams, caplog):
    """Retries are inside a completion; streams are told as whole answers are."""
    told = []

    def tell(cost):
        told.append(cost)
        raise RuntimeError("the database is down")

    async def tell_later(cost):
        await asyncio.sleep(0)
        tell(cost)

    answers = [BUSY, WHOLE_STREAM if streams else whole("Hello.", cost=0.25)]
    gen = GeneratorInfo.openrouter("v/m", api_key=KEY, transport=MockTransport(answers))
    options = {"cost_callback": tell_later if asynchronous else tell, "retry": 1, "back_off_time": 0}
    user = ChatNode.root("Hi").add_user("Hi")
    if streams:
        async with user.stream(gen, **options) as stream:
            reply = await stream.finish()
    else:
        reply = await user.complete(gen, **options)
    assert (reply.text, len(told), told[0].usd) == ("Hello.", 1, Decimal("0.25"))
    assert "the cost callback failed" in caplog.text


@pytest.mark.parametrize("streams", [False, True])
async def test_a_price_for_the_call_wins_everywhere(streams):
    """Over the host's own sum, whole and streamed, in node and ledger."""
    ledger = CostLedger()
    answers = [WHOLE_STREAM if streams else whole("Hello.", cost=0.25)]
    gen = GeneratorInfo.openrouter("v/m", api_key=KEY, transport=MockTransport(answers))
    options = {"cost_callback": ledger, "token_price": TokenPrice(1_000_000, 1_000_000)}
    user = ChatNode.root("Hi").add_user("Hi")
    if streams:
        async with user.stream(gen, **options) as stream:
            reply = await stream.finish()
    else:
        reply = await user.complete(gen, **options)
    assert (reply.cost.usd, reply.cost.source) == (ledger.total.usd, ledger.total.source) == (30, "user")


async def test_a_rejected_answer_is_on_the_bill_of_the_node_that_was_asked():
    """The call failed, so there is no reply to carry it."""
    gen = GeneratorInfo.openrouter("v/m", api_key=KEY, transport=MockTransport([whole("", cost=0.01)]))
    user = ChatNode.root("Hi").add_user("Hi")
    with pytest.raises(EmptyResponse):
        await user.complete(gen, retry=0, crash_on_empty_response=True)
    assert [(each.outcome, each.cost.usd) for each in user.attempts] == [(Outcome.REJECTED, Decimal("0.01"))]
