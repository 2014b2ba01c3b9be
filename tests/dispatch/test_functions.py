"""Without a tree: all four wires in, all four behind, whole and streamed, over sockets; and every policy on the way."""

import json

import pytest

from minillm import (
    Budget,
    BudgetExceeded,
    ChatRequest,
    ChatResponse,
    CompletionParameters,
    CostLedger,
    EncodeError,
    InvalidOutput,
    LossWarning,
    Message,
    MockModel,
    Role,
    ServerError,
    StreamInterrupted,
    TimeoutExceeded,
    TokenPrice,
)
from minillm.dispatch import (
    collect_stream_events,
    dispatch_request,
    dispatch_stream_events,
    run_request_middleware_chain,
    run_stream_middleware_chain,
)
from minillm.report import Report
from minillm.transforms import redact
from minillm.types import Severity, ToolCallPart, collect
from tests.chat.four_wires import CHAT, GEMINI, MESSAGES, RESPONSES, WIRES, at, streamed, whole
from tests.dispatch.bodies import asking, read_stream, read_whole
from tests.plain_requests import conversation
from tests.policies.faulty_hosts import faulty_hosts
from tests.scripted_server import scripted

REQUEST = ChatRequest(None, (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Hi?")))
FAST = {"retry": 0}


@pytest.mark.parametrize("behind", WIRES)
@pytest.mark.parametrize("front", WIRES)
async def test_any_wire_is_answered_by_hosts_of_any_wire(front, behind):
    """The host hears what the client said, the client what the host said; nothing is lost, whole or streamed."""
    async with scripted(json.dumps(whole(behind)).encode(), streamed(behind)) as server:
        gen, report = at(behind, server.url), Report(strict=True)
        body = await dispatch_request(asking(front), gen, wire=front, report=report)
        async with dispatch_stream_events(asking(front), gen, wire=front, report=report) as stream:
            data = b"".join([piece async for piece in stream])
        asked = [each.body for each in server.asked]
    said = [("system", "Be brief."), ("user", "Hi?")]
    assert [conversation(behind, each) for each in asked] == [said, said]
    assert [each.get("model", "in the path") for each in asked] == [
        gen.model if behind != GEMINI else "in the path"
    ] * 2
    text, _, count = read_whole(front, body)
    assert (text, count) == ("Hello.", 3)
    if front == behind:
        assert body == whole(front)
    assert read_stream(front, data)[0] == "Hello."
    assert read_stream(front, data)[1] is not None
    assert stream.text == "Hello."
    assert stream.error is None
    assert stream.response.usage is not None
    assert report.losses == () or all(loss.severity is not Severity.LOST for loss in report.losses)


@pytest.mark.parametrize("behind", WIRES)
async def test_neutral_requests_have_neutral_answers(behind):
    """An answer, its events, and the whole of them are the same."""
    async with scripted(json.dumps(whole(behind)).encode(), streamed(behind)) as server:
        gen = at(behind, server.url)
        answer = await dispatch_request(REQUEST, gen)
        events = await collect_stream_events(REQUEST, gen)
    assert isinstance(answer, ChatResponse)
    assert (answer.text, answer.attempts[-1].wire) == ("Hello.", behind)
    assert collect(events).text == "Hello."


@pytest.mark.parametrize("front", WIRES)
async def test_a_neutral_request_may_be_answered_in_a_wire(front):
    """And a body of one wire in another."""
    model = MockModel(["Hello."] * 3)
    body = await dispatch_request(REQUEST, model, reply_wire=front)
    assert read_whole_text(front, body) == "Hello."
    async with dispatch_stream_events(REQUEST, model, reply_wire=front) as stream:
        assert read_stream(front, b"".join([piece async for piece in stream]))[0] == "Hello."
    body = await dispatch_request(asking(MESSAGES), model, wire=MESSAGES, reply_wire=front)
    assert read_whole_text(front, body) == "Hello."


def read_whole_text(wire, body):
    """A model that is no host counts nothing."""
    counted = {key: value for key, value in whole(wire).items() if key.startswith("usage")}
    return read_whole(wire, {**body, **counted})[0]


async def test_thinking_of_another_vendor_stays_behind_and_is_told():
    """Its own host gets it back, seal and all."""
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "seal"}
    turns = [
        {"role": "user", "content": "Hi?"},
        {"role": "assistant", "content": [thought, {"type": "text", "text": "Yes?"}]},
        {"role": "user", "content": "Go on."},
    ]
    body = asking(MESSAGES, messages=turns, top_k=3, container="c1")
    report = Report()
    async with scripted(*(json.dumps(whole(wire)).encode() for wire in (RESPONSES, MESSAGES))) as server:
        await dispatch_request(body, at(RESPONSES, server.url), wire=MESSAGES, report=report)
        await dispatch_request(body, at(MESSAGES, server.url), wire=MESSAGES, report=Report(strict=True))
        elsewhere, home = (json.dumps(each.body) for each in server.asked)
    assert "seal" not in elsewhere
    assert "seal" in home
    assert '"container": "c1"' in home
    told = {loss.path: loss.severity for loss in report.losses}
    assert told["messages[2].content[0]"] is Severity.NOTE  # behind the instructions, which are a message
    assert told["container"] is Severity.LOST


async def test_what_is_lost_is_warned_of_refused_or_dropped():
    """A strict report refuses before anything is sent; response.losses has it in any case."""
    async with scripted(*[json.dumps(whole(CHAT)).encode()] * 2) as server:
        gen, body = at(CHAT, server.url), asking(MESSAGES, container="c1")
        with pytest.raises(EncodeError, match="container"):
            await dispatch_request(body, gen, wire=MESSAGES, report=Report(strict=True))
        assert server.asked == []
        with pytest.warns(LossWarning, match="container"):
            await dispatch_request(body, gen, wire=MESSAGES)
        await dispatch_request(body, gen, wire=MESSAGES, unsupported="drop")


async def test_transforms_go_along_both_ways():
    """Also where the client's wire is the host's: a frame that was changed is not said as it came."""
    async with scripted(
        streamed(CHAT, "The code is ", "12", "34."), json.dumps(whole(CHAT, "1234")).encode()
    ) as server:
        gen, change = at(CHAT, server.url), [redact("1234", "brief")]
        async with dispatch_stream_events(asking(CHAT), gen, wire=CHAT, transforms=change) as stream:
            data = b"".join([piece async for piece in stream])
        body = await dispatch_request(asking(CHAT), gen, wire=CHAT, transforms=change)
        sent = server.asked[0].raw
    assert b"brief" not in sent
    assert read_stream(CHAT, data) == ("The code is [redacted].", "[DONE]")
    assert read_whole(CHAT, body)[0] == "[redacted]"


async def test_the_chains_are_there_under_their_names():
    """Without any model."""
    made = run_request_middleware_chain(REQUEST, [redact("brief")])
    assert "brief" not in str(made)
    events = await collect_stream_events(REQUEST, MockModel(["a brief word"]))
    assert collect(run_stream_middleware_chain(events, [redact("brief")])).text == "a [redacted] word"


async def test_values_are_asked_for_judged_and_corrected():
    """As in a tree; a stream is judged at its end, and its wire's last frame waits for that."""
    model = MockModel(["no", '{"answer": 5}', "no", "no"])
    answer = await dispatch_request(REQUEST, model, output=int)
    assert (answer.output, len(model.requests)) == (5, 2)
    with pytest.raises(InvalidOutput):
        await collect_stream_events(REQUEST, model, output=int)
    async with dispatch_stream_events(asking(MESSAGES), model, wire=MESSAGES, output=int) as stream:
        data = b"".join([piece async for piece in stream])
    assert isinstance(stream.error, InvalidOutput)
    assert read_stream(MESSAGES, data) == ("no", None)
    assert b"event: error" in data


async def test_a_started_answer_is_told_first():
    """`force_prepend` is the beginning of the answer in every wire."""
    async with scripted(streamed(MESSAGES, "is it.")) as server:
        gen = at(MESSAGES, server.url)
        async with dispatch_stream_events(asking(MESSAGES), gen, wire=MESSAGES, force_prepend="That ") as stream:
            data = b"".join([piece async for piece in stream])
    assert read_stream(MESSAGES, data) == ("That is it.", "message_stop")


async def test_the_bill_is_told_once_whatever_the_end():
    """Answers, streams, streams left early, failures; purses are charged."""
    ledger, budget = CostLedger(), Budget(calls=4)
    options = {"cost_callback": ledger, "budget": budget, "token_price": TokenPrice(1, 1)}
    async with faulty_hosts() as hosts:
        await dispatch_request(REQUEST, hosts.gen("fine"), **options)
        await collect_stream_events(REQUEST, hosts.gen("fine"), **options)
        async with dispatch_stream_events(REQUEST, hosts.gen("stall"), **options) as stream:
            async for _ in stream:
                break
        with pytest.raises(ServerError):
            await dispatch_request(REQUEST, hosts.gen("500"), **FAST, **options)
        with pytest.raises(BudgetExceeded):
            await dispatch_request(REQUEST, hosts.gen("fine"), **options)
        await hosts.until(lambda: hosts.hanging == 0)
    costs = [entry.usd for entry in ledger.entries]
    assert costs[0] == costs[1] > 0  # whole and streamed
    assert costs[2:] == [None, None, 0]  # left early and failed: nobody knows; refused by the purse: nothing was sent


async def test_retries_and_deadlines_are_those_of_complete():
    """A deadline is for all of it."""
    async with faulty_hosts() as hosts:
        with pytest.raises(ServerError) as caught:
            await dispatch_request(REQUEST, hosts.gen("500"), retry=2, back_off_time=0)
        assert len(caught.value.attempts) == 3
        with pytest.raises(TimeoutExceeded):
            await dispatch_request(REQUEST, hosts.gen("hang"), deadline=0.05)
        await hosts.until(lambda: hosts.hanging == 0)


async def test_a_cut_stream_raises_with_what_came():
    """Its partial answer is on the error."""
    async with faulty_hosts() as hosts:
        with pytest.raises(StreamInterrupted) as caught:
            await collect_stream_events(REQUEST, hosts.gen("dropafter"))
    assert caught.value.partial.text.startswith("Pa")


async def test_several_answers_and_tool_calls_go_through():
    """What a node has no place for stands in a response."""
    two = {**whole(CHAT), "choices": [{**whole(CHAT)["choices"][0], "index": n} for n in (0, 1)]}
    async with scripted(json.dumps(two).encode()) as server:
        answer = await dispatch_request(REQUEST, at(CHAT, server.url), n=2)
        assert server.asked[0].body["n"] == 2
    assert len(answer.choices) == 2
    call = ToolCallPart("call_1", "look", '{"at": "Rome"}')
    body = await dispatch_request(asking(CHAT), MockModel([Message(Role.ASSISTANT, (call,))]), wire=CHAT)
    assert body["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "look"


async def test_defaults_of_the_generator_lie_under_the_request():
    """The client wins over them, a keyword over the client."""
    async with scripted(*[json.dumps(whole(CHAT)).encode()] * 2) as server:
        gen = at(CHAT, server.url, defaults=CompletionParameters(seed=1, top_p=0.5))
        await dispatch_request(asking(CHAT, seed=2), gen, wire=CHAT)
        await dispatch_request(asking(CHAT, seed=2), gen, wire=CHAT, seed=3)
        assert [(each.body["seed"], each.body["top_p"]) for each in server.asked] == [(2, 0.5), (3, 0.5)]
