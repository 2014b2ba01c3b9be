"""Approval: what is asked before a tool runs, and what each decision does."""

import asyncio
from typing import Any

import pytest

from minillm import (
    Allow,
    Answer,
    ChatNode,
    ConfigurationError,
    Defer,
    Deny,
    Edit,
    RunStopped,
    ToolCallPart,
    ToolError,
    tool,
)
from minillm.chat import ApprovalRequest, CallApproved, CallDeferred, CallDenied, StopReason
from minillm.tree import started_calls
from tests.chat.run_tools import call, calling, results, says, start

ran: list[int] = []


@tool
def double(n: int) -> int:
    """Twice the number."""
    ran.append(n)
    return 2 * n


@tool(kind="custom")
def shout(text: str) -> str:
    return text.upper()


@pytest.fixture(autouse=True)
def _fresh() -> None:
    ran.clear()


TWICE = call("double", "c1", '{"n": 4,}')


async def decided(decision: Any, *calls: Any) -> tuple[ChatNode, list[Any]]:
    """The leaf and the loop's own events of a run in which each call is decided on like this."""
    events = []

    async def approve(request: ApprovalRequest) -> Any:
        await asyncio.sleep(0)
        return decision

    async with start().run(says(calling(*(calls or (TWICE,))), "Done."), tools=[double, shout], approve=approve) as run:
        async for event in run:
            events.append(event)
    return run.node, [event for event in events if isinstance(event, CallApproved | CallDenied | CallDeferred)]


@pytest.mark.parametrize("decision", [Allow(), True])
async def test_allow(decision: Any) -> None:
    leaf, events = await decided(decision)
    assert results(leaf) == [("c1", "8", False)]
    assert events == [CallApproved(TWICE)]


@pytest.mark.parametrize("decision", [Deny("not on Sundays"), False])
async def test_deny_tells_the_model_why(decision: Any) -> None:
    leaf, events = await decided(decision)
    reason = decision.reason if decision else "the call was not allowed"
    assert results(leaf) == [("c1", reason, True)]
    assert events == [CallDenied(TWICE, reason)]
    assert ran == []


async def test_edit_runs_with_other_arguments() -> None:
    """The turn stays as it was said; the tree tells what was run instead."""
    leaf, events = await decided(Edit({"n": 5}))
    assert results(leaf) == [("c1", "10", False)]
    turn = next(node for node in leaf.path() if node.message.tool_calls)
    assert turn.message.tool_calls == (TWICE,)
    assert [each.arguments for each in started_calls(turn)] == ['{"n":5}']
    assert [(event.edited, event.call.arguments) for event in events] == [(True, '{"n":5}')]


@pytest.mark.parametrize("kind", ["custom", "function"])
async def test_the_text_of_a_custom_tool_can_be_edited(kind: Any) -> None:
    words = "quiet" if kind == "custom" else '{"input": "quiet"}'
    leaf, _ = await decided(Edit("loud"), call("shout", "c1", words, kind=kind))
    assert results(leaf) == [("c1", "LOUD", False)]


async def test_an_edit_that_does_not_fit_is_the_programs_fault() -> None:
    with pytest.raises(ConfigurationError, match=r"double \(c1\).*n: expected an integer"):
        await decided(Edit({"n": "many"}))
    assert ran == []


async def test_an_answer_stands_in_for_the_result() -> None:
    leaf, _ = await decided(Answer({"n": 9}))
    assert results(leaf) == [("c1", '{"n":9}', False)]
    assert ran == []


async def test_deferred_calls_wait_and_are_asked_about_again() -> None:
    asked: list[str] = []

    def approve(request: ApprovalRequest) -> Any:
        asked.append(request.call.id)
        return Defer() if request.call.id == "c1" and asked.count("c1") == 1 else True

    other = call("double", "c2", '{"n": 1}')
    model = says(calling(TWICE, other), "Done.")
    with pytest.raises(RunStopped) as stopped:
        await start().run(model, tools=[double], approve=approve)
    error = stopped.value
    assert (error.reason, error.calls) == (StopReason.WAITING, (TWICE,))
    assert results(error.node) == [("c2", "2", False)]
    reply = await error.node.run(model, tools=[double], approve=approve)
    assert results(reply) == [("c2", "2", False), ("c1", "8", False)]
    assert asked == ["c1", "c2", "c1"]


async def test_what_is_asked() -> None:
    seen = []

    def approve(request: ApprovalRequest) -> bool:
        seen.append(request)
        return True

    reply = await start().run(says(calling(TWICE), "Done."), tools=[double], approve=approve)
    (request,) = seen
    assert (request.call, request.tool, request.arguments) == (TWICE, double, {"n": 4})  # repaired
    assert request.node is reply.path()[2]
    assert not request.interrupted


async def test_calls_that_cannot_run_are_not_asked_about() -> None:
    asked = []
    calls = (call("missing", "1"), call("double", "2", '{"n": "x"}'), call("double", "3", "{", incomplete=True))
    reply = await start().run(says(calling(*calls), "Sorry."), tools=[double], approve=asked.append)
    assert asked == []
    assert [is_error for _, _, is_error in results(reply)] == [True] * 3


async def test_they_are_asked_one_after_another_while_others_run() -> None:
    log: list[str] = []

    async def approve(request: ApprovalRequest) -> bool:
        log.append(f"ask {request.call.id}")
        for _ in range(20):
            await asyncio.sleep(0)
        log.append(f"yes {request.call.id}")
        return True

    @tool
    async def work() -> None:
        log.append("work")

    await start().run(says(calling(call("work", "1"), call("work", "2")), "Done."), tools=[work], approve=approve)
    assert log == ["ask 1", "yes 1", "ask 2", "work", "yes 2", "work"]


async def test_a_callback_that_forgets_to_answer_allows_nothing() -> None:
    with pytest.raises(ConfigurationError, match="Deny"):
        await decided(None)
    assert ran == []


async def test_an_error_of_the_callback_is_the_callers() -> None:
    def approve(request: ApprovalRequest) -> bool:
        raise LookupError("no such rule")

    with pytest.raises(LookupError):
        await start().run(says(calling(TWICE), "Done."), tools=[double], approve=approve)


async def test_an_approval_that_is_cancelled_from_within_is_an_error_and_allows_nothing() -> None:
    """Whoever was to answer has gone; the caller was not cancelled."""
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    answer.cancel()

    async def approve(request: ApprovalRequest) -> bool:
        return await answer

    run = start().run(says(calling(TWICE)), tools=[double], approve=approve)
    with pytest.raises(ToolError, match=r"approve= was cancelled before it decided about the call double \(c1\)"):
        await run
    assert (run.stop_reason, ran) == (StopReason.FAILED, [])


SHOUTED = ToolCallPart("c2", "shout", "hello", kind="custom")


@pytest.mark.parametrize(
    ("call", "arguments", "words"),
    [
        (TWICE, "5", "takes a text, any other its arguments by name"),
        (TWICE, {1: 2}, "a key must be a string, not int"),
        (TWICE, {"n": object()}, "n: JSON has no form for object"),
        (TWICE, {"n": "many"}, "the arguments do not fit: n: expected an integer, not a string"),
        (SHOUTED, {"input": "hello"}, "takes a text, any other its arguments by name"),
    ],
)
async def test_an_edit_that_makes_no_call_is_told_by_its_call(call: ToolCallPart, arguments: Any, words: str) -> None:
    """To whoever wrote approve=, not to the model."""
    with pytest.raises(ConfigurationError, match=rf"edited the call {call.name} \({call.id}\) into one .*{words}"):
        await decided(Edit(arguments), call)
    assert ran == []


@pytest.mark.parametrize(("decision", "given"), [(Edit, None), (Edit, 5), (Edit, [1]), (Deny, None), (Deny, 5)])
def test_decisions_hold_what_they_must(decision: Any, given: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{decision.__name__}: .* not {type(given).__name__}$"):
        decision(given)
