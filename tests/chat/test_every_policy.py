"""What surrounds a call, on every wire: started answers, transforms, retries, time, the bill.

As ``test_every_option.py``: real sockets, and what the server really received.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from minillm import (
    ChatNode,
    ConfigurationError,
    CostInfo,
    GeneratorInfo,
    ServerError,
    StreamInterrupted,
    TimeoutExceeded,
    TokenPrice,
    Transform,
)
from minillm.types import ChatRequest, Role, Severity, TextDelta
from tests.chat.counting_server import CountingServer, counting
from tests.chat.four_wires import CHAT, GEMINI, MESSAGES, RESPONSES, WIRES, at, body_for, streamed, whole
from tests.chat.test_every_option import DOORS, said
from tests.scripted_server import scripted

LONGEST = 60

by_wire = pytest.mark.parametrize("wire", WIRES)
by_door = pytest.mark.parametrize("door", DOORS)


def user() -> ChatNode:
    return ChatNode.root("Be terse.").add_user("Hi")


def both(wire: str, text: str) -> tuple[bytes, bytes]:
    """One answer, whole and as a stream whose second piece begins in the middle of it."""
    return json.dumps(whole(wire, text)).encode(), streamed(wire, text[:2], text[2:])


# ---------------------------------------------------------------- started answers

# host -> its generator at an address, and how the started answer goes out.
STARTS: dict[str, tuple[Callable[[str], GeneratorInfo], dict[str, Any]]] = {
    "anthropic": (lambda url: at(MESSAGES, url), {"role": "assistant", "content": "Score:"}),
    "openrouter": (
        lambda url: GeneratorInfo.openrouter("meta/llama-4", base_url=url, api_key="k"),
        {"role": "assistant", "content": "Score:"},
    ),
    "mistral": (
        lambda url: GeneratorInfo.mistral("m", base_url=url, api_key="k"),
        {"role": "assistant", "content": "Score:", "prefix": True},
    ),
    "moonshot": (
        lambda url: GeneratorInfo.moonshot("kimi-k2", base_url=url, api_key="k"),
        {"role": "assistant", "content": "Score:", "partial": True},
    ),
    "groq": (
        lambda url: GeneratorInfo.groq("llama-3.3-70b-versatile", base_url=url, api_key="k"),
        {"role": "assistant", "content": "Score:"},
    ),
    "llama_cpp": (lambda url: GeneratorInfo.llama_cpp("m", base_url=url), {"role": "assistant", "content": "Score:"}),
}


@pytest.mark.parametrize("host", STARTS)
@pytest.mark.parametrize("answer", [" 10", "10", "Score: 10"], ids=["with its space", "without", "start repeated"])
async def test_a_started_answer_goes_out_as_one_and_comes_back_whole(host: str, answer: str) -> None:
    """Without the white space at its end, which some hosts refuse; the stream begins with it."""
    make, start = STARTS[host]
    wire = make("http://127.0.0.1").endpoint.wire
    async with scripted(*both(wire, answer)) as server:
        reply = await user().complete(make(server.url), force_prepend="Score: ")
        async with user().stream(make(server.url), force_prepend="Score: ") as stream:
            pieces = [chunk.delta async for chunk in stream]
    assert reply.text == stream.node.text == "".join(pieces) == "Score: 10"
    assert pieces[0] == "Score: "
    for asked in server.asked:
        last = asked.body["messages"][-1]
        if isinstance(last["content"], list):
            last["content"] = last["content"][0]["text"]
        assert last == start


# These continue no answer: two wires, two vendors' endpoints, and the models that stopped doing so.
REFUSE: dict[str, tuple[str, dict[str, Any]]] = {
    "openai": (CHAT, {}),
    "responses": (RESPONSES, {}),
    "gemini": (GEMINI, {}),
    "claude-opus-4-6": (MESSAGES, {"model": "claude-opus-4-6"}),
    "claude-sonnet-5": (MESSAGES, {"model": "claude-sonnet-5"}),
    "claude-haiku-5-5": (MESSAGES, {"model": "claude-haiku-5-5"}),
}


@pytest.mark.parametrize("case", REFUSE)
@by_door
async def test_elsewhere_it_is_refused_before_sending(case: str, door: str) -> None:
    wire, more = REFUSE[case]
    async with scripted() as server:
        gen = at(wire, server.url, **more)
        with pytest.raises(Exception, match=rf"{gen.name} cannot continue .*prepend_instruction=True") as caught:
            await DOORS[door](gen, force_prepend="Score: ")
    error = getattr(caught.value, "errors", (caught.value,))[0]
    assert isinstance(error, ConfigurationError)
    assert server.asked == []


@pytest.mark.parametrize("case", REFUSE)
async def test_or_asked_for_in_words(case: str) -> None:
    """At the end of what the user said last; a loss tells that words are weaker."""
    wire, more = REFUSE[case]
    async with scripted(*both(wire, "Score: 10"), *both(wire, "10")) as server:
        gen = at(wire, server.url, **more)
        for _ in range(2):
            reply = await user().complete(gen, force_prepend="Score: ", prepend_instruction=True)
            async with user().stream(gen, force_prepend="Score: ", prepend_instruction=True) as stream:
                pieces = [chunk.delta async for chunk in stream]
            assert reply.text == stream.node.text == "".join(pieces) == "Score: 10"
            for node in (reply, stream.node):
                (loss,) = node.response.losses
                assert (loss.path, loss.severity) == ("force_prepend", Severity.DEGRADED)
    for asked in server.asked:
        ((role, texts),) = said(wire, asked.body)
        assert role == "user"
        assert "".join(texts) == "Hi\n\nBegin your answer with exactly this text: Score: "


@pytest.mark.parametrize(
    "model",
    [
        *("claude-2.1", "claude-3-opus-20240229", "claude-3-5-sonnet-latest", "claude-3-7-sonnet-20250219"),
        *("claude-sonnet-4-20250514", "claude-opus-4-0", "claude-opus-4-1-20250805", "claude-sonnet-4-5"),
        *("claude-haiku-4-5-20251001", "anthropic/claude-opus-4.5", "claude-opus-4-5@20251101", "deepseek-chat"),
    ],
)
def test_models_that_continue(model: str) -> None:
    from minillm.policies.prefill import continues

    assert continues(at(MESSAGES, "http://127.0.0.1").endpoint.quirks, model)


@pytest.mark.parametrize(
    "model",
    [
        *("claude-opus-4-6", "claude-sonnet-4-6-20260217", "anthropic/claude-opus-4.6", "claude-opus-4-10"),
        *("claude-opus-5", "claude-sonnet-5-20260901", "claude-opus-5-5", "claude-fable-5-1", "claude-opus-10"),
    ],
)
def test_models_that_do_not(model: str) -> None:
    from minillm.policies.prefill import continues

    assert not continues(at(MESSAGES, "http://127.0.0.1").endpoint.quirks, model)
    assert not continues(GeneratorInfo.openrouter("m").endpoint.quirks, model)


# ---------------------------------------------------------------- transforms


def shouted(request: ChatRequest) -> ChatRequest:
    from dataclasses import replace

    messages = tuple(
        replace(message, content=message.text.upper()) if message.role == Role.USER else message
        for message in request.messages
    )
    return replace(request, messages=messages)


def whispered(events: Any) -> Any:
    for event in events:
        if type(event) is TextDelta:
            event.delta = event.delta.lower()
    return events


@by_wire
@by_door
async def test_transforms(wire: str, door: str) -> None:
    """The request on its way out, the answer on its way back, whole or streamed."""
    answer, stream = both(wire, "HELLO.")
    async with scripted(stream if door == "stream" else answer) as server:
        change = Transform(request=shouted, events=whispered)
        reply = await DOORS[door](at(wire, server.url), transforms=[change])
    assert said(wire, server.asked[0].body) == [("user", ["HI"])]
    assert reply.text == "hello."
    assert reply.response.usage is not None
    assert reply.message.origin == (at(wire, server.url).provider.name, at(wire, server.url).model)


# ---------------------------------------------------------------- retries and time


@by_wire
@by_door
async def test_retry(wire: str, door: str) -> None:
    """Every exchange is on the reply; the body is the same each time."""

    async def answer(server: CountingServer, number: int, http: web.Request) -> web.Response:
        if number < 2:
            return web.json_response({"error": {"message": "busy"}}, status=503)
        body = body_for(wire, server.bodies[number], http.path)
        return web.Response(body=body, content_type="application/json" if body[:1] == b"{" else "text/event-stream")

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        reply = await DOORS[door](at(wire, server.url), retry=2, back_off_time=0, exp_back_off=True, max_back_off=1)
    assert [attempt.outcome for attempt in reply.attempts] == ["failed", "failed", "accepted"]
    assert server.bodies[0] == server.bodies[1] == server.bodies[2]


@by_wire
async def test_a_longer_retry_after_than_allowed_fails_at_once(wire: str) -> None:
    async def answer(server: CountingServer, number: int, http: web.Request) -> web.Response:
        return web.json_response({"error": {"message": "busy"}}, status=503, headers={"retry-after": "120"})

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        with pytest.raises(ServerError) as caught:
            await user().complete(at(wire, server.url), max_retry_after=60)
        assert len(server.bodies) == 1
    assert caught.value.retry_at is not None


async def silent(server: CountingServer, number: int, http: web.Request) -> web.StreamResponse:
    """Begins to answer and then says nothing more."""
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(http)
    frames = streamed(CHAT)
    await response.write(frames[: frames.index(b"lo.")])
    await asyncio.Event().wait()
    return response


async def mute(server: CountingServer, number: int, http: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


@pytest.mark.parametrize("option", ["deadline", "first_byte_timeout"])
@by_wire
@by_door
async def test_a_host_that_says_nothing_is_left(wire: str, door: str, option: str) -> None:
    """And its connection closed."""
    async with asyncio.timeout(LONGEST), counting(mute) as server:
        with pytest.raises(Exception, match=r"deadline|first_byte") as caught:
            await DOORS[door](at(wire, server.url), retry=0, **{option: 0.05})
        error = getattr(caught.value, "errors", (caught.value,))[0]
        assert isinstance(error, TimeoutExceeded)
        assert [attempt.outcome for attempt in error.attempts] == ["failed"]
        await server.until(lambda: server.in_flight == 0)


async def test_a_stream_that_falls_silent_keeps_what_came() -> None:
    async with asyncio.timeout(LONGEST), counting(silent) as server:
        with pytest.raises(TimeoutExceeded) as caught:
            async with user().stream(at(CHAT, server.url), idle_timeout=0.2) as stream:
                await stream.finish()
        await server.until(lambda: server.in_flight == 0)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"


@by_wire
async def test_the_deadline_ends_the_waits_between_attempts(wire: str) -> None:
    async def answer(server: CountingServer, number: int, http: web.Request) -> web.Response:
        return web.json_response({"error": {"message": "busy"}}, status=503, headers={"retry-after": "30"})

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        with pytest.raises(TimeoutExceeded, match="the last failure was ServerError"):
            await user().complete(at(wire, server.url), deadline=20)
        assert len(server.bodies) == 1


# ---------------------------------------------------------------- left early, and the bill


@by_wire
@pytest.mark.parametrize("on_cancel", ["discard", "keep"])
async def test_on_cancel(wire: str, on_cancel: str) -> None:
    node = user()
    async with (
        scripted(streamed(wire)) as server,
        node.stream(at(wire, server.url), on_cancel=on_cancel) as stream,  # type: ignore[arg-type]
    ):
        async for _ in stream:
            break
    assert [child.text for child in node.children] == (["Hel"] if on_cancel == "keep" else [])


@by_wire
@by_door
async def test_a_bill_once_a_call(wire: str, door: str) -> None:
    """By the price of this call, of the tokens that the host reports."""
    bills: list[CostInfo] = []
    answer, stream = both(wire, "Hello.")
    async with scripted(stream if door == "stream" else answer) as server:
        reply = await DOORS[door](at(wire, server.url), token_price=TokenPrice(1, 10), cost_callback=bills.append)
    (bill,) = bills
    assert bill.usd == reply.cost.usd
    assert float(bill.usd or 0) == pytest.approx((7 * 1 + 3 * 10) / 1e6)


@by_wire
async def test_usage_is_asked_for_unless_nobody_wants_it(wire: str) -> None:
    """Only Chat streams have to be asked."""
    async with scripted(streamed(wire), streamed(wire)) as server:
        for track in (None, False):
            async with user().stream(at(wire, server.url), track_cost=track) as stream:
                await stream.finish()
    asked = [each.body.get("stream_options") for each in server.asked]
    assert asked == ([{"include_usage": True}, None] if wire == CHAT else [None, None])


@by_wire
async def test_a_cut_stream_is_an_error_with_what_came(wire: str) -> None:
    frames = streamed(wire)
    node = user()
    async with scripted(frames[: frames.index(b"lo.")]) as server:
        with pytest.raises(StreamInterrupted) as caught:
            async with node.stream(at(wire, server.url)) as stream:
                await stream.finish()
    assert caught.value.response is not None
    assert caught.value.response.text == "Hel"
    assert node.children == ()
    assert len(node.attempts) == 1
