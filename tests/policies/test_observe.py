"""What those who watch are told of a call, in order: retries, waits, routes, bills, times. Nobody costs nothing."""

import asyncio
import contextlib
import logging
import pickle

import pytest

from minillm import (
    AllRoutesFailed,
    ChatNode,
    ConfigurationError,
    EventStream,
    GeneratorInfo,
    InvalidOutput,
    MockModel,
    MockTransport,
    RateLimitError,
    RateLimits,
    ServerError,
    StreamInterrupted,
    TokenPrice,
    fallback,
    observe,
    tool,
)
from minillm.observe import Observer
from minillm.policies.cost import Cost
from minillm.policies.observe import Observed, ObservedAttempts
from minillm.policies.options import CallOptions
from minillm.policies.retry import Retry
from minillm.stack import build
from minillm.tools import execute_call, execute_calls
from minillm.transport import MockResponse
from minillm.types import Outcome, TextDelta, ToolCallPart
from tests.chat.four_wires import CHAT, streamed, whole

REQUEST = ("request_started", "attempt_started", "attempt_ended", "request_ended")
BUSY = MockResponse.json({"error": {"message": "slow down"}}, 429)
BROKEN = MockResponse.json({"error": {"message": "oops"}}, 500)
GOOD = MockResponse.json(whole(CHAT, "c4n4ry"), headers={"x-request-id": "r-1"})
STREAM = MockResponse.sse(streamed(CHAT, "c4n4ry", " and", " more"))


class Seen(list):
    """A hook that keeps what it was told."""

    def __call__(self, event):
        self.append(event)

    @property
    def names(self):
        return tuple(event.name for event in self)

    def only(self, name):
        (event,) = (event for event in self if event.name == name)
        return event


def generator(*answers, **settings):
    settings = {"api_key": "k3y", "price": TokenPrice(input=1, output=2), **settings}
    return GeneratorInfo.openai("m", transport=MockTransport(answers), **settings)


async def ask(gen, **options):
    return await ChatNode.root().chat("c4n4ry", gen, **{"back_off_time": 0, **options})


# ---------------------------------------------------------------- nobody, somebody


def layers(model):
    kinds = []
    while model is not None:
        kinds.append(type(model))
        model = getattr(model, "_model", None)
    return kinds


def test_nothing_is_wrapped_where_nobody_watches():
    built = layers(build(generator(), CallOptions()))
    assert Observed not in built
    assert ObservedAttempts not in built


def test_where_it_stands():
    """Around everything, and around cost."""
    built = layers(build(generator(), CallOptions(observe=print)))
    assert built[:4] == [Observed, Retry, ObservedAttempts, Cost]


@pytest.mark.parametrize("where", ["call", "generator", "block", "process", "log"])
def test_whoever_watches_is_enough(where, caplog):
    gen, options = generator(), CallOptions()
    with contextlib.ExitStack() as stack:
        if where == "call":
            options = CallOptions(observe=[print])
        elif where == "generator":
            gen = gen.replace(observe=print)
        elif where == "block":
            stack.enter_context(observe.watching(print))
        elif where == "process":
            stack.callback(observe.add(print))
        else:
            caplog.set_level(logging.INFO, "minillm")
        assert layers(build(gen, options))[0] is Observed


async def test_all_of_them_are_told():
    seen = [Seen() for _ in range(4)]
    remove = observe.add(seen[0])
    with observe.watching(seen[1]):
        await ask(generator(GOOD, observe=seen[2]), observe=seen[3])
    remove()
    assert [each.names for each in seen] == [REQUEST] * 4


# ---------------------------------------------------------------- whole answers


async def test_a_whole_answer():
    seen = Seen()
    reply = await ask(generator(GOOD), observe=seen, temperature=0.5, tools=[])
    started, ended = seen.only("request_started"), seen.only("request_ended")
    assert (started.host, started.model, started.wire) == ("openai", "m", CHAT)
    assert (started.address, started.port, started.streaming) == ("api.openai.com", 443, False)
    assert (started.messages, started.settings) == (1, {"temperature": 0.5})
    assert {event.id for event in seen} == {started.id}
    assert (ended.response_id, ended.response_model, ended.finish_reasons) == ("c-1", "m", ("stop",))
    assert (ended.usage.input_tokens, ended.usage.output_tokens) == (7, 3)
    assert ended.cost == reply.cost
    assert ended.attempts == reply.attempts
    assert ended.attempts[0].request_id == "r-1"
    assert ended.duration >= ended.attempts[0].duration > 0
    assert "c4n4ry" not in repr(seen)
    assert "k3y" not in repr(seen)


async def test_retries_are_told_with_their_reason_and_all_is_on_the_bill():
    seen = Seen()
    await ask(generator(BUSY, BROKEN, GOOD), observe=seen, retry=3)
    assert seen.names == (
        "request_started",
        *("attempt_started", "attempt_ended", "retry_scheduled") * 2,
        *("attempt_started", "attempt_ended"),
        "request_ended",
    )
    retries = [event for event in seen if event.name == "retry_scheduled"]
    assert [(event.error_type, event.status, event.number) for event in retries] == [
        ("RateLimitError", 429, 1),
        ("ServerError", 500, 2),
    ]
    ended = [event for event in seen if event.name == "attempt_ended"]
    assert [event.attempt.outcome for event in ended] == [Outcome.FAILED, Outcome.FAILED, Outcome.ACCEPTED]
    assert [event.number for event in ended] == [1, 2, 3]
    assert all(event.attempt.cost is not None for event in ended), "the bill is made before it is told"
    assert len(seen.only("request_ended").attempts) == 3


async def test_a_failure_after_the_last_retry():
    seen = Seen()
    with pytest.raises(RateLimitError):
        await ask(generator(BUSY, BUSY), observe=seen, retry=1)
    failed = seen.only("request_failed")
    assert (failed.error_type, failed.status, len(failed.attempts)) == ("RateLimitError", 429, 2)
    assert failed.cost.usd == 0
    assert failed.error is None


async def test_a_rejected_answer_and_its_correction():
    """Asked again by another policy than retry: the exchanges tell."""
    seen = Seen()
    good = MockResponse.json(whole(CHAT, "{}"))
    await ask(generator(GOOD, good), observe=seen, expect="object")
    assert seen.names == ("request_started", *("attempt_started", "attempt_ended") * 2, "request_ended")
    assert [attempt.outcome for attempt in seen.only("request_ended").attempts] == [Outcome.REJECTED, Outcome.ACCEPTED]


async def test_what_fails_before_sending():
    seen = Seen()
    with pytest.raises(Exception, match="api_key"):
        await ask(generator(api_key=None, base_url="http://127.0.0.1:1/v1"), observe=seen)
    assert seen.only("attempt_ended").attempt is None
    assert seen.only("request_failed").attempts == ()


async def test_a_wait_for_ones_turn():
    """The second of two that may not run at once."""
    seen = Seen()
    gen = generator(MockResponse.json(whole(CHAT), headers={}), GOOD, observe=seen, limits=RateLimits(concurrency=1))
    slow = MockTransport([MockResponse(200, {"content-type": "application/json"}, GOOD.body, delay=0.02), GOOD])
    await asyncio.gather(*(ask(gen.replace(transport=slow)) for _ in range(2)))
    waited = seen.only("paced")
    assert waited.wait >= 0.01
    assert seen.names.count("request_ended") == 2


async def test_cancelled_while_waiting_for_the_answer():
    seen, slow = Seen(), MockResponse(200, {"content-type": "application/json"}, GOOD.body, delay=60)
    task = asyncio.create_task(ask(generator(slow), observe=seen))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen.only("request_failed").error_type == "CancelledError"
    assert seen.only("attempt_ended").attempt.outcome is Outcome.CANCELLED
    assert len(seen.only("request_failed").attempts) == 1


async def test_calls_side_by_side_are_told_apart():
    """Siblings of a branch, each with a number of its own."""
    seen = Seen()
    gen = generator(*[GOOD] * 4, observe=seen)
    await ChatNode.root().add_user("Hi").branch(gen, n=4)
    ids = {event.id for event in seen}
    assert len(ids) == 4
    for number in ids:
        assert tuple(event.name for event in seen if event.id == number)[:2] == REQUEST[:2]
        assert [event.name for event in seen if event.id == number][-1] == "request_ended"


async def test_any_model_is_observed():
    seen = Seen()
    await ask(MockModel("Hi."), observe=seen)
    assert seen.names == REQUEST
    assert seen.only("request_started").host == "MockModel"


async def test_one_stack_may_serve_many_at_once():
    seen = Seen()
    model = build(MockModel(["Hi."] * 3), CallOptions(observe=seen))
    from minillm.types import ChatRequest, Message

    request = ChatRequest("m", (Message("user", "Hi"),))
    await asyncio.gather(*(model.complete(request) for _ in range(3)))
    assert len({event.id for event in seen}) == 3


# ---------------------------------------------------------------- streams


async def test_a_stream():
    seen = Seen()
    async with ChatNode.root().stream(generator(STREAM), user="Hi", observe=seen) as stream:
        assert seen.names == ("request_started", "attempt_started", "stream_opened")
        await stream.finish()
    assert seen.names == (*REQUEST[:2], "stream_opened", *REQUEST[2:])
    ended = seen.only("request_ended")
    assert ended.left is False
    assert ended.first_content_after == stream.node.attempts[0].first_content_after > 0
    assert (ended.usage.output_tokens, ended.response_id) == (3, "c-1")
    assert ended.cost == stream.node.cost


async def test_chunks_are_for_those_who_asked():
    with_chunks, without, said = Seen(), Seen(), Seen()
    hooks = [Observer(with_chunks, chunks=True), without, Observer(said, chunks=True, content=True)]
    pieces = MockResponse(
        200, {"content-type": "text/event-stream"}, [frame + b"\n\n" for frame in STREAM.body.split(b"\n\n") if frame]
    )
    async with ChatNode.root().stream(generator(pieces), user="Hi", observe=hooks) as stream:
        await stream.finish()
    chunks = [event for event in with_chunks if event.name == "chunk_received"]
    assert [event.number for event in chunks] == [1, 2, 3, 4, 5][: len(chunks)]
    assert len(chunks) >= 3
    assert all(event.chunk is None for event in chunks)
    assert "chunk_received" not in without.names
    told = [each for event in said if event.name == "chunk_received" for each in event.chunk]
    assert "".join(each.delta for each in told if isinstance(each, TextDelta)) == "c4n4ry and more"


async def test_a_stream_that_is_left_early():
    seen = Seen()
    pieces = [b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n', 30.0]
    slow = MockResponse(200, {"content-type": "text/event-stream"}, pieces)
    async with ChatNode.root().stream(generator(slow), user="Hi", observe=seen) as stream:
        async for _ in stream:
            break
    ended = seen.only("request_ended")
    assert (ended.left, ended.finish_reasons) == (True, ())
    assert ended.attempts[0].outcome is Outcome.CANCELLED


async def test_a_stream_whose_reader_is_cancelled():
    seen = Seen()
    pieces = [b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n', 30.0]
    slow = MockResponse(200, {"content-type": "text/event-stream"}, pieces)

    async def read():
        async with ChatNode.root().stream(generator(slow), user="Hi", observe=seen) as stream:
            await stream.finish()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await read()
    assert seen.only("request_failed").error_type == "CancelledError"


async def test_a_fault_in_the_callers_block_is_not_the_requests():
    seen = Seen()
    with pytest.raises(ZeroDivisionError):
        async with ChatNode.root().stream(generator(STREAM), user="Hi", observe=seen):
            raise ZeroDivisionError
    assert seen.only("request_ended").left is True


async def test_a_stream_that_is_cut():
    seen = Seen()
    cut = MockResponse.sse(STREAM.body[:-200])
    with pytest.raises(StreamInterrupted):
        async with ChatNode.root().stream(generator(cut), user="Hi", observe=seen) as stream:
            await stream.finish()
    failed = seen.only("request_failed")
    assert (failed.error_type, failed.response_id) == ("StreamInterrupted", "c-1")
    assert seen.only("attempt_ended").error_type == "StreamInterrupted"


async def test_a_stream_whose_answer_is_rejected():
    seen = Seen()
    with pytest.raises(InvalidOutput):
        async with ChatNode.root().stream(generator(STREAM), user="Hi", expect="object", observe=seen) as stream:
            await stream.finish()
    assert seen.only("request_failed").error_type == "InvalidOutput"


async def test_a_stream_that_does_not_open():
    seen = Seen()
    with pytest.raises(ServerError):
        async with ChatNode.root().stream(generator(BROKEN, BROKEN), user="Hi", observe=seen, retry=1, back_off_time=0):
            pass
    assert "stream_opened" not in seen.names
    assert seen.names.count("attempt_ended") == 2
    assert seen.names[-1] == "request_failed"


async def test_nothing_is_held_while_a_stream_is_open():
    """Entered in one task, read in a second, left in a third."""
    seen = Seen()
    manager = ChatNode.root().stream(generator(STREAM), user="Hi", observe=seen)
    stream = await asyncio.create_task(manager.__aenter__())
    await asyncio.create_task(stream.finish())
    await asyncio.create_task(manager.__aexit__(None, None, None))
    assert seen.names[-1] == "request_ended"
    assert observe.current_request() is None


# ---------------------------------------------------------------- tools


@tool
def height_of(tower: str) -> str:
    return f"{tower} is c4n4ry"


@tool
async def fails(tower: str) -> str:
    raise LookupError(f"no {tower}")


async def test_tools_are_told_of():
    seen = Seen()
    calls = [ToolCallPart("c1", "height_of", '{"tower": "c4n4ry"}'), ToolCallPart("c2", "fails", '{"tower":"c4n4ry"}')]
    with observe.watching(seen):
        await execute_calls([*calls, ToolCallPart("c3", "c4n4ry")], [height_of, fails])
    ended = seen.only("tool_ended")
    assert (ended.tool, ended.call_id, ended.repaired) == ("height_of", "c1", False)
    failed = {event.call_id: event for event in seen if event.name == "tool_failed"}
    assert (failed["c2"].error_type, failed["c2"].tool) == ("LookupError", "fails")
    assert "in fails" in failed["c2"].place
    assert (failed["c3"].tool, failed["c3"].error_type) == ("unknown", "ToolError")
    assert "c4n4ry" not in repr(seen)


async def test_what_a_tool_asks_happens_within_it():
    seen = Seen()

    async def ask_again() -> str:
        return (await ask(MockModel("Hi."))).text

    with observe.watching(seen):
        await execute_call(ToolCallPart("c", "ask_again"), [ask_again])
    assert seen.only("request_started").parent == seen.only("tool_started").id


async def test_a_tool_that_is_cancelled():
    seen = Seen()

    async def sleep() -> None:
        await asyncio.sleep(30)

    with observe.watching(seen), pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await execute_call(ToolCallPart("c", "sleep"), [sleep])
    assert seen.only("tool_failed").error_type == "CancelledError"


async def test_a_hook_that_raises_does_not_change_an_answer():
    def faulty_hook(event):
        raise RuntimeError("c4n4ry")

    gen = generator(BUSY, GOOD, STREAM, observe=Observer(faulty_hook, chunks=True, content=True))
    assert (await ask(gen)).text == "c4n4ry"
    async with ChatNode.root().stream(gen, user="Hi") as stream:
        assert (await stream.finish()).text == "c4n4ry and more"


# ---------------------------------------------------------------- plans


async def test_a_plan_and_its_routes():
    """The plan is a request, each route that is asked is one of its own within it."""
    seen = Seen()
    plan = fallback([generator(BROKEN), generator(GOOD)], retry=0)
    await ask(plan, observe=seen)
    first, *routes = [event for event in seen if event.name == "request_started"]
    assert (first.plan, first.model) == (True, plan.name)
    assert [route.parent for route in routes] == [first.id] * 2
    assert [(event.news, event.index, event.error_type) for event in seen if event.name == "route_changed"] == [
        ("failed", 0, "ServerError"),
        ("selected", 1, None),
    ]
    assert {event.id for event in seen if event.name == "route_changed"} == {first.id}
    assert (seen[-1].id, seen[-1].name, len(seen[-1].attempts)) == (first.id, "request_ended", 2)
    assert seen.only("request_failed").id == routes[0].id


async def test_a_plan_that_fails_and_tells_its_own_callback_too():
    seen, told = Seen(), []
    plan = fallback([generator(BROKEN), generator(BROKEN)], retry=0, on_route=told.append)
    with pytest.raises(AllRoutesFailed):
        await ask(plan, observe=seen)
    assert [event.news for event in told] == ["failed", "failed"]
    assert (seen[-1].name, seen[-1].error_type, len(seen[-1].attempts)) == ("request_failed", "AllRoutesFailed", 2)


async def test_a_streamed_plan():
    seen = Seen()
    plan = fallback([generator(BROKEN), generator(STREAM)], retry=0)
    async with ChatNode.root().stream(plan, user="Hi", observe=seen) as stream:
        await stream.finish()
    assert seen.names.count("request_ended") == 2
    assert seen.names.count("request_failed") == 1
    assert len(seen[-1].attempts) == 2
    assert seen[-1].left is False


@pytest.mark.parametrize("midstream", ["restart", "continue"])
async def test_a_route_that_takes_over_in_the_middle_is_within_the_plan_too(midstream):
    """Whoever reads the stream is in no context of ours when that happens; afterwards he is in none either."""
    seen = Seen()
    frames = streamed(CHAT, "c4n4ry", " and", " more")
    cut = MockResponse.sse(frames[: frames.index(b" more")])
    plan = fallback([generator(cut), MockModel(["c4n4ry and more"])], midstream=midstream, retry=0)
    async with ChatNode.root().stream(plan, user="Hi", observe=seen) as stream:
        async for _ in stream:
            assert observe.current_request() is None
    assert stream.node.text == "c4n4ry and more"
    whole_plan, first, second = [event for event in seen if event.name == "request_started"]
    assert (first.parent, second.parent) == (whole_plan.id, whole_plan.id)


class Own:
    """A model of a program's own, whose streams do not say that they were left."""

    async def complete(self, request):
        raise NotImplementedError

    @contextlib.asynccontextmanager
    async def stream(self, request):
        batches = [[TextDelta(0, "a")], [TextDelta(0, "b")]]

        async def read():
            return batches.pop(0) if batches else None

        yield EventStream(read)


async def test_a_model_that_does_not_end_its_streams():
    seen = Seen()
    async with ChatNode.root().stream(Own(), user="Hi", observe=seen) as stream:
        async for _ in stream:
            break
    assert seen.names[-2:] == ("attempt_ended", "request_ended")
    assert seen[-1].left is True


# ---------------------------------------------------------------- settings


def test_what_is_no_hook_is_refused_before_anything_is_sent():
    for wrong in (lambda: CallOptions(observe=3), lambda: generator(observe="print")):
        with pytest.raises(ConfigurationError, match="hook must be callable"):
            wrong()


def test_a_hook_does_not_travel_with_its_generator():
    """It is a function of this program; the rest of the generator can be pickled, and compares without it."""
    gen = GeneratorInfo.openai("m", observe=lambda event: None)
    assert pickle.loads(pickle.dumps(gen)).observe is None
    assert gen == GeneratorInfo.openai("m")
