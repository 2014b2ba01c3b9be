"""The tool loop: what it asks, runs and keeps; how it ends; that it goes on from wherever it stopped."""

import asyncio
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from minillm import (
    Budget,
    ChatNode,
    ChatResponse,
    ConfigurationError,
    InterruptedToolCalls,
    InvalidOutput,
    Message,
    MockModel,
    NodeCompletionParameters,
    Reply,
    RunLimits,
    RunStopped,
    ServerError,
    StreamConsumed,
    StreamInterrupted,
    TextPart,
    TokenPrice,
    ToolCallPart,
    ToolDefinition,
    Transform,
    Usage,
    fallback,
    hedge,
    run_sync,
    tool,
)
from minillm.chat import (
    CallFinished,
    CallStarted,
    RoundEnded,
    RoundStarted,
    RunEnded,
    StopReason,
)
from minillm.tree import forget_started_calls, started_calls
from minillm.types import Attempt, Choice, FinishReason, MessageStart, NativePart, PartStart, StreamFailed, TextDelta
from tests.chat.run_tools import Gate, call, calling, kinds, results, says, start


@tool
async def add(a: int, b: int) -> int:
    return a + b


@tool
async def fail(words: str = "no luck") -> None:
    raise ValueError(words)


SUM = call("add", "c1", '{"a": 1, "b": 2}')
MORE = call("add", "c2", '{"a": 3, "b": 4}')


# ---------------------------------------------------------------- rounds


async def test_who_follows_hears_of_every_event_before_the_reader_does() -> None:
    """And the text of a round grows beside; awaited, nothing is streamed and nothing of it kept."""
    heard: list[Any] = []
    run = start().run(says(calling(SUM, text="Sum."), "Three."), tools=[add])
    read: list[Any] = []
    texts = []
    async with run.follow(heard.append):
        async for event in run:
            read.append(event)
            assert heard[-1] is event
            if isinstance(event, RoundStarted | RoundEnded):
                texts.append(run.text)
    assert len(heard) == len(read)
    assert texts == ["", "Sum.", "", "Three."]
    alone = start().run(says("Three."))
    assert (await alone).text == "Three."
    assert alone.text == ""


async def test_it_asks_runs_and_asks_again_until_the_model_answers() -> None:
    node, model = start(), says(calling(SUM, MORE), calling(call("add", "c3", '{"a": 3, "b": 7}')), "Ten.")
    run = node.run(model, tools=[add])
    reply = await run
    assert isinstance(reply, Reply)
    assert (reply.text, reply.output, run.stop_reason) == ("Ten.", "Ten.", StopReason.DONE)
    assert (run.rounds, run.calls, len(run.replies)) == (3, 3, 3)
    assert run.reply is reply is run.node
    assert results(reply) == [("c1", "3", False), ("c2", "7", False), ("c3", "10", False)]
    assert [len(request.messages) for request in model.requests] == [2, 5, 7]
    assert all(request.tools == (add.definition,) for request in model.requests)


async def test_every_turn_and_every_result_is_a_node() -> None:
    reply = await start().run(says(calling(SUM, MORE), "7."), tools=[add])
    assert [(node.role, type(node)) for node in reply.path()[1:]] == [
        ("user", ChatNode),
        ("assistant", Reply),
        ("tool", ChatNode),
        ("tool", ChatNode),
        ("assistant", Reply),
    ]


async def test_without_calls_it_is_complete() -> None:
    node = start()
    reply = await node.run(says("Hello."), tools=[add])
    assert (reply.text, reply.parent) == ("Hello.", node)


async def test_question_and_first_turn_attach_together() -> None:
    root = ChatNode.root()
    with pytest.raises(ServerError):
        await root.run(says(ServerError("down")), user="Hi", tools=[add], retry=0)
    assert root.children == ()
    reply = await root.run(says(calling(SUM), "3."), user="Hi", tools=[add])
    assert [node.role for node in reply.path()[1:]] == ["user", "assistant", "tool", "assistant"]


async def test_errors_of_tools_are_results_for_the_model() -> None:
    """Its own exception, a tool that is not there, arguments that do not fit, and ones that were cut off."""
    calls = (
        call("fail", "c1"),
        call("missing", "c2"),
        call("add", "c3", '{"a": "x", "b": 1}'),
        call("add", "c4", '{"a": 1, "b', incomplete=True),
    )
    run = start().run(says(calling(*calls), "Sorry."), tools=[add, fail])
    reply = await run
    told = {id: text for id, text, is_error in results(reply) if is_error}
    assert told["c1"] == "ValueError: no luck"
    assert told["c2"] == "there is no tool 'missing'; there are: add, fail"
    assert told["c3"].startswith("the arguments do not fit: a: expected an integer")
    assert told["c4"] == "the arguments were cut off, so it was not run"
    assert run.calls == 1
    assert isinstance(next(each for each in run.finished if each.call.id == "c1").error, ValueError)


async def test_calls_of_the_hosts_own_tools_are_not_ours() -> None:
    searched = NativePart("anthropic_messages", {"type": "server_tool_use", "id": "s", "name": "web_search"})
    reply = await start().run(says(Message("assistant", [searched, "Found."])), tools=[add])
    assert reply.text == "Found."


async def test_a_turn_that_the_host_paused_is_sent_back_to_go_on() -> None:
    half = ChatResponse("1", "m", (Choice(0, Message("assistant", "Searching"), FinishReason.PAUSED),))
    model = says(half, "Found.")
    reply = await start().run(model, tools=[add])
    assert reply.text == "Found."
    assert model.requests[1].messages[-1].text == "Searching"


async def test_a_demanded_call_is_demanded_once() -> None:
    """In every round it would never come to an answer."""
    for options in ({"tool_choice": "required"}, {"params": NodeCompletionParameters(tool_choice=add)}):
        model = says(calling(SUM), "3.")
        await start().run(model, tools=[add], **options)  # type: ignore[arg-type]
        first, second = (request.tool_choice for request in model.requests)
        assert first is not None
        assert second is None
    model = says(calling(SUM), "3.")
    await start().run(model, tools=[add], tool_choice="none")
    assert [request.tool_choice and request.tool_choice.mode for request in model.requests] == ["none", "none"]


async def test_tools_may_stand_in_params() -> None:
    reply = await start().run(says(calling(SUM), "3."), NodeCompletionParameters(tools=[add]))
    assert results(reply) == [("c1", "3", False)]


@dataclass
class Total:
    total: int


async def test_the_answer_may_be_of_a_type() -> None:
    model = says(calling(SUM), "total unknown", '{"total": 3}')
    reply = await start().run(model, tools=[add], output=Total)
    assert reply.output == Total(3)


# ---------------------------------------------------------------- at the same time


async def test_calls_of_a_turn_run_together_and_each_result_lands_as_it_comes() -> None:
    node, gate = start(), Gate()
    model = says(calling(call("wait", "1"), call("wait", "2"), call("wait", "3")), "Done.")
    task = asyncio.ensure_future(_run(node, model, gate))
    await gate.until_begun(3)
    for id in ("3", "1", "2"):
        gate.open(id)
        while not any(result[0] == id for result in results(next(node.iter_leaves()))):
            await anyio.sleep(0)
    reply = await task
    assert [id for id, _, _ in results(reply)] == ["3", "1", "2"]  # the tree has them as they came
    sent = [part.call_id for message in model.requests[1].messages for part in message.tool_results]
    assert sent == ["1", "2", "3"]  # the host gets them in the order of the calls


async def _run(node: ChatNode, model: MockModel, gate: Gate, **options: Any) -> Any:
    return await node.run(model, tools=[gate.tool], **options)


async def test_only_so_many_run_at_a_time() -> None:
    gate = Gate()
    model = says(calling(*(call("wait", str(i)) for i in range(5))), "Done.")
    task = asyncio.ensure_future(_run(start(), model, gate, limits=RunLimits(parallel=2)))
    for i in range(5):
        await gate.until_begun(min(5, i + 2))
        for _ in range(20):
            await anyio.sleep(0)
        assert len(gate.begun) == min(5, i + 2)
        gate.open(gate.begun[i])
    await task


async def test_sync_tools_run_in_threads() -> None:
    import threading

    here = threading.get_ident()

    @tool
    def where() -> bool:
        return threading.get_ident() == here

    reply = await start().run(says(calling(call("where", "1"), call("where", "2")), "Done."), tools=[where])
    assert [text for _, text, _ in results(reply)] == ["false", "false"]


async def test_a_tool_that_takes_too_long_is_an_error_for_the_model() -> None:
    @tool(timeout=0.01)
    async def slow() -> None:
        await anyio.sleep_forever()

    @tool
    async def other() -> None:
        await anyio.sleep_forever()

    model = says(calling(call("slow", "1"), call("other", "2")), "Never mind.")
    reply = await start().run(model, tools=[slow, other], limits=RunLimits(call_seconds=0.02))
    assert results(reply) == [
        ("1", "it did not end within 0.01 s and was stopped", True),
        ("2", "it did not end within 0.02 s and was stopped", True),
    ]


async def test_calls_of_one_id_run_one_after_another() -> None:
    """Nobody could tell whose result it is."""
    most = running = 0

    @tool
    async def count() -> int:
        nonlocal most, running
        running += 1
        most = max(most, running)
        await anyio.sleep(0)
        running -= 1
        return most

    reply = await start().run(says(calling(call("count", "same"), call("count", "same")), "2."), tools=[count])
    assert [text for _, text, _ in results(reply)] == ["1", "1"]


async def test_the_call_itself_is_given_to_the_tool() -> None:
    seen = []

    @tool
    def pay(amount: int, call: ToolCallPart) -> str:
        seen.append(call.id)
        return "paid"

    await start().run(says(calling(call("pay", "key-1", '{"amount": 3}')), "Paid."), tools=[pay])
    assert seen == ["key-1"]


# ---------------------------------------------------------------- events


async def test_events_of_the_model_and_of_the_loop_come_in_their_order() -> None:
    node, events = start(), []
    async with node.run(says(calling(SUM, text="Let me see."), "3."), tools=[add]) as run:
        async for event in run:
            events.append(event)
            if isinstance(event, CallStarted):
                (begun,) = started_calls(run.replies[-1])
                assert begun.position == 0
    told = [event for event in events if type(event).__module__.startswith("minillm.chat")]
    assert list(kinds(told)) == [
        "RoundStarted",
        "CallStarted",
        "CallFinished",
        "RoundEnded",
        "RoundStarted",
        "RoundEnded",
        "RunEnded",
    ]
    assert "".join(event.delta for event in events if isinstance(event, TextDelta)) == "Let me see.3."
    assert told[0] == RoundStarted(1, node)
    assert isinstance(told[2], CallFinished)
    assert (told[2].result.content, told[2].node, told[2].reused) == ("3", run.reply.parent, False)
    assert told[2].seconds is not None
    assert told[3] == RoundEnded(1, run.reply.parent)
    assert told[-1] == RunEnded(StopReason.DONE, run.reply)


async def test_it_can_be_finished_after_some_events() -> None:
    async with start().run(says(calling(SUM), "3."), tools=[add]) as run:
        async for event in run:
            if isinstance(event, CallStarted):
                break
        assert (await run.finish()).text == "3."


async def test_a_run_is_used_once_and_opened_before() -> None:
    run = start().run(says("Hi"))
    with pytest.raises(StreamConsumed, match="async with"):
        await anext(run)
    with pytest.raises(StreamConsumed, match="has not ended"):
        run.reply  # noqa: B018
    await run
    with pytest.raises(StreamConsumed, match="used"):
        await run


async def test_it_has_one_reader() -> None:
    gate = Gate()
    async with start().run(says(calling(call("wait", "1"))), tools=[gate.tool]) as run:
        reading = asyncio.ensure_future(run.finish())
        await gate.until_begun(1)
        with pytest.raises(StreamConsumed, match="one reader"):
            await anext(run)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


def test_without_an_event_loop() -> None:
    run = start().run(says(calling(SUM), "3."), tools=[add])
    assert run_sync(run).text == "3."
    assert repr(run) == "Run(done: 2 rounds, 1 call)"


# ---------------------------------------------------------------- stopping


async def test_the_last_allowed_round_still_runs_its_tools() -> None:
    node, model = start(), says(calling(SUM), calling(MORE), "7.")
    with pytest.raises(RunStopped) as stopped:
        await node.run(model, tools=[add], limits=RunLimits(rounds=1))
    error = stopped.value
    assert (error.reason, results(error.node)) == (StopReason.ROUNDS, [("c1", "3", False)])
    assert (await error.node.run(model, tools=[add])).text == "7."


async def test_no_round_begins_once_so_many_calls_were_run() -> None:
    model = says(calling(SUM, MORE), calling(call("add", "c3", '{"a":0,"b":0}')), "Never asked.")
    async with start().run(model, tools=[add], limits=RunLimits(calls=3)) as run:
        async for _ in run:
            pass
    assert (run.stop_reason, run.calls, run.rounds) == (StopReason.CALLS, 3, 2)
    with pytest.raises(RunStopped, match="no more calls"):
        run.reply  # noqa: B018
    assert len(results(run.node)) == 3


@pytest.mark.parametrize("streamed", [False, True])
async def test_its_time_gives_up_the_answer_and_keeps_what_is_done(streamed: bool) -> None:
    gate, model = Gate(), MockModel()

    async def answer(_: Any) -> Any:
        if len(model.requests) == 1:
            return calling(SUM)
        gate.begun.append("asked")
        return await anyio.sleep_forever()

    model._answering = answer
    run = start().run(model, tools=[add], limits=RunLimits(seconds=0.5))
    if streamed:
        async with run:
            async for _ in run:
                pass
    else:
        with pytest.raises(RunStopped, match="time"):
            await run
    assert gate.begun == ["asked"]
    assert (run.stop_reason, results(run.node)) == (StopReason.SECONDS, [("c1", "3", False)])


async def test_a_stream_in_the_middle_is_given_up_too() -> None:
    from minillm.chat_model import EventStream

    class Endless(MockModel):
        def stream(self, request: Any) -> Any:
            from contextlib import asynccontextmanager

            batches: list[Any] = [[MessageStart("1", "m"), PartStart(0, TextPart("")), TextDelta(0, "Well")]]

            async def read() -> Any:
                if batches:
                    return batches.pop()
                return await anyio.sleep_forever()

            @asynccontextmanager
            async def opened() -> Any:
                yield EventStream(read)

            return opened()

    node, seen = start(), []
    async with node.run(Endless(), limits=RunLimits(seconds=0.05)) as run:
        async for event in run:
            seen.append(event)
    assert TextDelta(0, "Well") in seen
    assert (run.stop_reason, node.children) == (StopReason.SECONDS, ())


def priced(message: Message, tokens: int = 100) -> ChatResponse:
    reason = FinishReason.TOOL_CALLS if message.tool_calls else FinishReason.STOP
    return ChatResponse("1", "m", (Choice(0, message, reason),), Usage(tokens, output_tokens=0))


async def test_a_purse_ends_it_before_what_it_cannot_pay() -> None:
    """The calls of the tools themselves are paid from it too."""
    purse = Budget(calls=3)

    @tool
    async def ask(question: str) -> str:
        return (await ChatNode.root().chat(question, says("42"))).text

    model = says(calling(call("ask", "1", '{"question": "?"}')), calling(SUM), "Never asked.")
    run = start().run(model, tools=[add, ask], limits=RunLimits(budget=purse))
    with pytest.raises(RunStopped, match="budget") as stopped:
        await run
    assert stopped.value.__cause__ is not None
    assert (purse.spent.calls, run.stop_reason) == (3, StopReason.BUDGET)
    assert [id for id, _, _ in results(run.node)] == ["1", "c1"]
    assert run.rounds == 2  # the third was not asked


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("plan", [fallback, partial(hedge, after=9)], ids=["fallback", "hedge"])
async def test_the_purse_of_a_run_pays_for_the_routes_of_a_plan(plan: Any, streamed: bool) -> None:
    """They are built when their turn has come, which is after the run has made its call."""
    purse = Budget(calls=2)
    routes = plan([MockModel(lambda request: calling(SUM)), says("Never asked.")])
    run = start().run(routes, tools=[add], limits=RunLimits(budget=purse))
    if streamed:
        async with run:
            async for _ in run:
                pass
    else:
        with pytest.raises(RunStopped):
            await run
    assert (purse.spent.calls, run.rounds, run.stop_reason) == (2, 2, StopReason.BUDGET)


async def test_usage_and_cost_of_every_round_are_kept() -> None:
    price = TokenPrice(input=Decimal(10), output=Decimal(0))
    model = says(priced(calling(SUM)), priced(Message("assistant", "3."), 300))
    run = start().run(model, tools=[add], token_price=price)
    await run
    assert [str(each.cost.usd) for each in run.replies] == ["0.001", "0.003"]
    assert (str(run.cost.usd), len(run.attempts)) == ("0.004", 2)
    assert run.cost.usage is not None
    assert run.cost.usage.input_tokens == 400


async def test_answers_that_were_begun_anew_are_on_the_runs_bill() -> None:
    """Each is a sibling of the turn with its own exchanges; the run has them all."""
    broken = [MessageStart(), PartStart(0, TextPart("")), TextDelta(0, "Su"), StreamFailed(StreamInterrupted("cut"))]
    plan = fallback([says(broken, broken), says(calling(SUM), "3.")], midstream="restart", retry=0, cooldown=None)
    node = start()
    async with node.run(plan, tools=[add]) as run:
        reply = await run.finish()
    assert [len(child.path()) for child in node.children] == [3, 3]
    assert [len(each.attempts) for each in run.replies] == [1, 1]
    assert (len(run.attempts), reply.text) == (4, "3.")


async def test_what_failed_is_on_the_runs_bill_too() -> None:
    failed = Attempt("h", "m", "openai_chat_completions", 1.0, status=500)
    model = says(priced(calling(SUM)), ServerError("down", attempts=[failed]))
    run = start().run(model, tools=[add], retry=0)
    with pytest.raises(ServerError):
        await run
    assert (run.attempts[1:], run.stop_reason) == ((failed,), StopReason.FAILED)
    assert run.cost.usd is None  # it told nothing of its bill
    assert results(run.node) == [("c1", "3", False)]


async def test_calls_without_a_function_are_left_to_the_caller() -> None:
    """The others are run; with the missing result it goes on."""
    elsewhere = ToolDefinition("elsewhere")
    model = says(calling(call("elsewhere", "x"), SUM), "Done.")
    run = start().run(model, tools=[add, elsewhere])
    with pytest.raises(RunStopped, match=r"elsewhere \(x\)") as stopped:
        await run
    assert (run.stop_reason, [each.id for each in run.waiting]) == (StopReason.WAITING, ["x"])
    assert stopped.value.calls == run.waiting
    assert results(run.node) == [("c1", "3", False)]
    reply = await run.node.add_tool_results({"x": "here"}).run(model, tools=[add, elsewhere])
    assert reply.text == "Done."


# ---------------------------------------------------------------- leaving


async def test_leaving_stops_the_tools_at_once() -> None:
    node, gate = start(), Gate()
    async with node.run(says(calling(call("wait", "1"), call("wait", "2"))), tools=[gate.tool]) as run:
        async for event in run:
            if isinstance(event, CallStarted) and event.call.id == "2":
                await gate.until_begun(2)
                break
    assert sorted(gate.cancelled) == ["1", "2"]
    assert run.stop_reason is StopReason.LEFT
    with pytest.raises(StreamConsumed, match="left"):
        run.reply  # noqa: B018
    (turn,) = node.children
    assert run.node is turn


async def test_cancelling_the_task_stops_them_too() -> None:
    gate = Gate()
    task = asyncio.ensure_future(_run(start(), says(calling(call("wait", "1"))), gate))
    await gate.until_begun(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gate.cancelled == ["1"]


async def test_leaving_stops_the_model() -> None:
    entered = []

    async def answer(_: Any) -> Any:
        entered.append("in")
        try:
            await anyio.sleep_forever()
        finally:
            entered.append("out")

    with anyio.move_on_after(0.05):
        await start().run(MockModel(answer), tools=[add])
    assert entered == ["in", "out"]


async def test_an_exception_in_the_block_is_the_callers_own() -> None:
    run = start().run(says(calling(SUM), "3."), tools=[add])

    async def fail_inside() -> None:
        async with run:
            async for _ in run:
                raise LookupError

    with pytest.raises(LookupError):
        await fail_inside()
    assert run.stop_reason is StopReason.LEFT
    with pytest.raises(StreamConsumed, match=r"run\(\) on .node goes on"):
        run.reply  # noqa: B018


async def test_the_result_of_a_run_can_be_unlisted() -> None:
    """A server's shared root does not grow."""
    root = ChatNode.root()
    reply = await root.run(says(calling(SUM), "3."), user="Hi", tools=[add], attach=False)
    assert root.children == ()
    assert [node.role for node in reply.path()] == ["system", "user", "assistant", "tool", "assistant"]


# ---------------------------------------------------------------- going on


async def test_a_run_that_has_ended_is_not_asked_again(tmp_path: Path) -> None:
    reply = await start().run(says(calling(SUM), "3."), tools=[add])
    reply.save_tree(tmp_path / "tree.jsonl")
    (leaf,) = ChatNode.from_tree_file(tmp_path / "tree.jsonl").iter_leaves()
    run = leaf.run(says(), tools=[add])
    again = await run
    assert again is leaf
    assert isinstance(again, Reply)
    assert (again.text, again.output, run.rounds) == ("3.", "3.", 0)
    assert (await leaf.run(says("Bye."), user="Thanks.")).text == "Bye."


async def test_its_answer_is_judged_again(tmp_path: Path) -> None:
    """Files keep the words, not the value."""
    reply = await start().run(says('{"total": 3}'), output=Total)
    reply.save_tree(tmp_path / "tree.jsonl")
    (leaf,) = ChatNode.from_tree_file(tmp_path / "tree.jsonl").iter_leaves()
    assert (await leaf.run(says(), output=Total)).output == Total(3)
    with pytest.raises(InvalidOutput):
        await reply.clone().run(says(), output=dict[str, str])


async def test_what_somebody_wrote_for_the_model_is_continued() -> None:
    leaf = start().add_assistant("Once upon")
    assert (await leaf.run(says("a time."))).text == "a time."


@pytest.mark.parametrize("at", [1, 2, 3])
async def test_it_can_be_branched_at_any_step(at: int) -> None:
    """From a turn whose results stand in another branch they are taken over; nothing runs twice."""
    ran = []

    @tool
    def note(word: str) -> str:
        ran.append(word)
        return word

    calls = calling(call("note", "1", '{"word": "a"}'), call("note", "2", '{"word": "b"}'))
    reply = await start().run(says(calls, "One."), tools=[note])
    node = reply.path()[at]
    model = says(*([calls] if at == 1 else []), "Two.")
    run = node.run(model, tools=[note])
    other = await run
    assert other.text == "Two."
    assert sorted(results(other)) == sorted(results(reply))
    assert len(ran) == (4 if at == 1 else 2)
    assert [each.reused for each in run.finished] == ([] if at == 4 else [at > 1] * (2 if at < 3 else 1))


async def test_results_that_were_taken_away_can_be_had_anew() -> None:
    ran = []

    @tool
    def note() -> str:
        ran.append("ran")
        return f"run {len(ran)}"

    reply = await start().run(says(calling(call("note", "1")), "One."), tools=[note])
    turn = reply.path()[2]
    turn.children[0].detach()
    with pytest.raises(InterruptedToolCalls):
        await turn.run(says(), tools=[note])
    forget_started_calls(turn)
    assert results(await turn.run(says("Two."), tools=[note])) == [("1", "run 2", False)]


async def test_two_runs_at_once_do_not_run_a_call_twice() -> None:
    gate, node = Gate(), start()
    turn = node.add_child(ChatNode(calling(call("wait", "1"))))
    first = asyncio.ensure_future(_run(turn, says("Done."), gate))
    second = asyncio.ensure_future(_run(turn, says("Done."), gate))
    with pytest.raises(ConfigurationError, match=r"another run has begun the call wait \(1\)"):
        await second
    gate.open("1")
    assert (await first).text == "Done."
    assert gate.begun == ["1"]


async def test_nothing_is_left_behind() -> None:
    """No task outlives its run, however that ends."""
    before = asyncio.all_tasks()
    for _ in range(100):
        gate = Gate()
        async with start().run(says(calling(call("wait", "1"), call("wait", "2"))), tools=[gate.tool]) as run:
            async for event in run:
                if isinstance(event, CallStarted):
                    break
        await start().run(says(calling(SUM), "3."), tools=[add])
    assert asyncio.all_tasks() == before


async def test_a_plan_of_routes_stands_where_a_generator_does() -> None:
    bad = MockModel(lambda _: ServerError("down"))
    good = says(calling(SUM), "3.")
    reply = await start().run(fallback([bad, good]), tools=[add], retry=0)
    assert (reply.text, len(bad.requests), len(good.requests)) == ("3.", 2, 2)


async def test_transforms_are_heeded_in_every_round() -> None:
    model = says(calling(SUM), "3.")
    upper = Transform(request=lambda request: replace(request, model="other"))
    await start().run(model, tools=[add], transforms=[upper])
    assert [request.model for request in model.requests] == ["other", "other"]


async def test_a_cut_answer_ends_the_run_where_it_can_go_on() -> None:
    cut = [
        MessageStart("1", "m"),
        PartStart(0, TextPart("")),
        TextDelta(0, "We"),
        StreamFailed(StreamInterrupted("cut")),
    ]
    model = says(calling(SUM), cut, "3.")
    run = start().run(model, tools=[add], retry=0)
    with pytest.raises(StreamInterrupted):
        async with run:
            await run.finish()
    assert (run.stop_reason, results(run.node)) == (StopReason.FAILED, [("c1", "3", False)])
    assert (await run.node.run(model, tools=[add])).text == "3."


async def test_tools_may_be_any_iterable_of_functions() -> None:
    async def double(n: int) -> int:
        return 2 * n

    model = says(calling(call("double", "1", '{"n": 2}')), "4.")
    reply = await start().run(model, tools=(each for each in [double]))  # type: ignore[arg-type]
    assert results(reply) == [("1", "4", False)]
    assert [len(request.tools) for request in model.requests] == [1, 1]


async def test_the_piece_of_an_answer_is_not_gone_on_from() -> None:
    node = start()
    async with node.run(says("A long answer."), on_cancel="keep") as run:
        async for event in run:
            if isinstance(event, TextDelta):
                break
    (kept,) = node.children
    assert run.node is node
    with pytest.raises(ConfigurationError, match="the node above"):
        await kept.run(says("?"))
    assert (await kept.run(says("Well."), user="Go on.")).text == "Well."


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limits": 5}, "RunLimits"),
        ({"approve": "yes"}, "approve"),
        ({"on_interrupted": "ignore"}, "on_interrupted"),
        ({"tools": [add, add]}, "two tools"),
        ({"temprature": 1}, "no such option"),
    ],
)
async def test_mistakes_are_named(options: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        await start().run(says("Hi"), **options)
