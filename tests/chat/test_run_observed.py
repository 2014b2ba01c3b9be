"""A run under observation: rounds and tools are within it, its end is told with its reason, its sums and its errors."""

import asyncio

import pytest
from opentelemetry import trace

from minillm import RunLimits, RunStopped, ServerError, observe, tool
from minillm.types import TextDelta
from tests.chat.run_tools import call, calling, says, start
from tests.observe.test_otel import Telemetry, otel


@tool
async def add(a: int, b: int) -> int:
    return a + b


@tool
async def wait() -> None:
    await asyncio.sleep(30)


SUM = call("add", "c1", '{"a": 1, "b": 2}')
MORE = call("add", "c2", '{"a": 3, "b": 4}')
STARTS = ("run_started", "request_started", "tool_started")


class Seen(list):
    """A hook that keeps what it was told."""

    def __call__(self, event):
        self.append(event)

    def only(self, name):
        (event,) = (event for event in self if event.name == name)
        return event


@pytest.mark.parametrize("streamed", [False, True])
async def test_rounds_and_tools_are_within_the_run(streamed):
    """With a hook of the call alone, tools are told of too."""
    seen = Seen()
    run = start().run(says(calling(SUM, MORE), "Ten."), tools=[add], observe=seen)
    if streamed:
        async with run:
            async for _ in run:
                assert observe.current_request() is None
    else:
        await run
    begun = seen.only("run_started")
    assert [event.parent for event in seen if event.name in STARTS] == [None, *[begun.id] * 4]
    ended = seen.only("run_ended")
    assert (ended.id, ended.stop_reason, ended.rounds) == (begun.id, "done", 2)
    assert seen[-1] is ended
    assert ended.cost == run.cost


async def test_a_limit_is_a_reason_and_no_error():
    seen = Seen()
    with pytest.raises(RunStopped):
        await start().run(says(calling(SUM)), tools=[add], observe=seen, limits=RunLimits(rounds=1))
    assert seen.only("run_ended").stop_reason == "rounds"


async def test_left_early():
    seen = Seen()
    async with start().run(says(calling(SUM), "Ten."), tools=[add], observe=seen) as run:
        async for _ in run:
            break
    assert seen.only("run_ended").stop_reason == "left"


async def test_an_error_of_the_model():
    seen = Seen()
    with pytest.raises(ServerError):
        await start().run(says(ServerError("c4n4ry")), tools=[add], observe=seen, retry=0)
    assert seen.only("run_failed").error_type == "ServerError"
    assert "c4n4ry" not in repr(seen)


async def test_cancelled_with_a_tool_under_way():
    seen = Seen()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await start().run(says(calling(call("wait", "c1"))), tools=[wait], observe=seen)
    assert [event.error_type for event in seen if event.name.endswith("failed")] == ["CancelledError"] * 2
    assert seen[-1].name == "run_failed"


async def test_nobody_watches():
    run = start().run(says(calling(SUM), "Three."), tools=[add])
    async with run:
        assert run._watch is None
        await run.finish()


async def test_spans_of_a_run_that_is_read_as_it_goes(caplog):
    """Between two events the program is in none of our spans; what it asks then is not within the run."""
    telemetry = Telemetry()
    try:
        with telemetry.tracer.start_as_current_span("work") as work:
            async with start().run(says(calling(SUM, MORE), "Ten."), tools=[add]) as run:
                async for event in run:
                    assert trace.get_current_span() is work
                    if isinstance(event, TextDelta):
                        await start().chat("And you?", says("Well."))
    finally:
        otel.uninstrument()
    agent = telemetry.span("invoke_agent")
    assert agent.parent.span_id == work.get_span_context().span_id
    assert [span.parent.span_id for span in telemetry.spans if span.name == "execute_tool add"] == [
        agent.context.span_id
    ] * 2
    chats = [span.parent.span_id for span in telemetry.spans if span.name.startswith("chat")]
    assert sorted(chats) == sorted([agent.context.span_id] * 2 + [work.get_span_context().span_id])
    assert agent.attributes["minillm.rounds"] == 2
    assert "detach" not in caplog.text
