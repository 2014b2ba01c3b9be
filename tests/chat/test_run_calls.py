"""The calls of a turn: what is on disk when, and what becomes of those that an earlier run left."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from minillm import Allow, Answer, ChatNode, Deny, InterruptedToolCalls, MockModel, ToolCallPart, tool
from minillm.chat import ApprovalRequest, CallInterrupted, CallStarted
from minillm.tree import StartedCall, journal, started_calls
from minillm.tree.call_marks import mark_started
from tests.chat.run_tools import Gate, call, calling, results, says, start

ran: list[str] = []


@tool
def pay(call: ToolCallPart, amount: int = 1) -> str:
    ran.append(call.id)
    return f"paid {amount}"


@tool(idempotent=True)
def look(call: ToolCallPart) -> str:
    ran.append(call.id)
    return "seen"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    ran.clear()


def loaded(path: Path) -> ChatNode:
    """The end of the newest conversation in a file."""
    return list(ChatNode.from_tree_file(path).iter_leaves())[-1]


# ---------------------------------------------------------------- what is on disk


async def test_a_call_is_on_disk_before_its_tool_runs(tmp_path: Path) -> None:
    path, node, seen = tmp_path / "tree.jsonl", start(), []

    @tool
    def peek() -> None:
        turn = next(each for each in loaded(path).path() if each.message.tool_calls)
        seen.append([each.position for each in started_calls(turn)])

    with journal(node, path):
        await node.run(says(calling(call("peek", "1")), "Done."), tools=[peek])
    assert seen == [[0]]


async def test_each_result_is_on_disk_when_it_is_there(tmp_path: Path) -> None:
    """So that a crash between two tools keeps what the first has done."""
    path, node, gate = tmp_path / "tree.jsonl", start(), Gate()
    model = says(calling(call("wait", "1"), call("wait", "2"), call("wait", "3")), "Done.")
    with journal(node, path):
        async with anyio.create_task_group() as group:
            group.start_soon(_run, node, model, gate)
            await gate.until_begun(3)
            gate.open("2")
            while not results(loaded(path)):
                await anyio.sleep(0)
            leaf = loaded(path)
            assert results(leaf) == [("2", "done 2", False)]
            gate.open("1")
            gate.open("3")
    assert results(loaded(path))[0][0] == "2"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sum("started" in line["minillm"] for line in lines) == 3


async def _run(node: ChatNode, model: MockModel, gate: Gate) -> None:
    await node.run(model, tools=[gate.tool])


async def test_a_journal_that_cannot_be_written_lets_no_tool_run(tmp_path: Path) -> None:
    node = start()

    def full(*_: object) -> None:
        raise OSError("no space left")

    def approve(_: ApprovalRequest) -> bool:
        lines._append = full  # type: ignore[method-assign]
        return True

    with journal(node, tmp_path / "tree.jsonl") as lines:
        with pytest.raises(OSError, match="no space"):
            await node.run(says(calling(call("pay", "1")), "Done."), tools=[pay], approve=approve)
        del lines._append
    assert ran == []


# ---------------------------------------------------------------- interrupted


def left_behind(tmp_path: Path, *calls: ToolCallPart, started: tuple[StartedCall, ...]) -> ChatNode:
    """The end of a run that was killed, as its file tells it."""
    turn = start().add_child(ChatNode(calling(*calls)))
    for each in started:
        mark_started(turn, each)
    turn.save_tree(tmp_path / "tree.jsonl")
    return loaded(tmp_path / "tree.jsonl")


PAY, LOOK = call("pay", "p", '{"amount": 3}'), call("look", "l")
BOTH = (StartedCall(0, 1000.5), StartedCall(1, 1001.5))


@pytest.mark.parametrize("options", [{}, {"on_interrupted": "error"}, {"on_interrupted": "rerun"}])
async def test_without_a_word_on_it_nothing_is_run(tmp_path: Path, options: Any) -> None:
    leaf = left_behind(tmp_path, PAY, LOOK, call("look", "new"), started=BOTH)
    model = says()
    with pytest.raises(InterruptedToolCalls, match=r"pay \(p\)") as caught:
        await leaf.run(model, tools=[pay, look], **options)
    assert [each.id for each in caught.value.calls] == (
        ["p"] if options.get("on_interrupted") == "rerun" else ["p", "l"]
    )
    assert (ran, model.requests) == ([], [])


async def test_an_error_it_is_even_where_somebody_could_be_asked(tmp_path: Path) -> None:
    leaf = left_behind(tmp_path, PAY, started=BOTH[:1])
    with pytest.raises(InterruptedToolCalls):
        await leaf.run(says(), tools=[pay], on_interrupted="error", approve=lambda _: True)


async def test_without_its_tool_there_is_nothing_to_decide(tmp_path: Path) -> None:
    """It may have been carried out: the model is not told that there is no such tool."""
    leaf = left_behind(tmp_path, PAY, started=BOTH[:1])
    with pytest.raises(InterruptedToolCalls, match="Give the tool"):
        await leaf.run(says(), tools=[look], approve=lambda _: True)


async def test_asked_it_is_reported_and_decided(tmp_path: Path) -> None:
    leaf = left_behind(tmp_path, PAY, LOOK, call("look", "new"), started=BOTH)
    asked: list[tuple[str, float | None]] = []

    def approve(request: ApprovalRequest) -> Any:
        asked.append((request.call.id, request.interrupted_at))
        return Answer("paid 3, says the bank") if request.call.id == "p" else Allow()

    run = leaf.run(says("Done."), tools=[pay, look], approve=approve)
    reply = await run
    assert run.interrupted == (CallInterrupted(PAY, 1000.5), CallInterrupted(LOOK, 1001.5))
    assert asked == [("p", 1000.5), ("l", 1001.5), ("new", None)]
    assert sorted(ran) == ["l", "new"]
    assert results(reply)[0] == ("p", "paid 3, says the bank", False)


async def test_what_is_idempotent_may_be_run_again_unasked(tmp_path: Path) -> None:
    leaf = left_behind(tmp_path, PAY, LOOK, started=BOTH)
    asked = []

    def approve(request: ApprovalRequest) -> Any:
        asked.append(request.call.id)
        return Deny("it was cut off; ask the bank")

    run = leaf.run(says("Done."), tools=[pay, look], approve=approve, on_interrupted="rerun")
    reply = await run
    assert (asked, ran) == (["p"], ["l"])
    assert len(run.interrupted) == 2
    assert ("p", "it was cut off; ask the bank", True) in results(reply)


async def test_run_again_it_has_the_same_id_and_edited_arguments(tmp_path: Path) -> None:
    started = (StartedCall(0, 1.0, '{"amount":5}'),)
    leaf = left_behind(tmp_path, PAY, started=started)
    run = leaf.run(says("Done."), tools=[pay], approve=lambda request: request.arguments == {"amount": 5})
    reply = await run
    assert ran == ["p"]
    assert results(reply) == [("p", "paid 5", False)]
    turn = reply.path()[2]
    assert [(each.position, each.arguments) for each in started_calls(turn)] == [(0, '{"amount":5}')] * 2


async def test_a_result_given_by_hand_settles_it(tmp_path: Path) -> None:
    leaf = left_behind(tmp_path, PAY, started=BOTH[:1])
    reply = await leaf.add_tool_results({"p": "paid 3"}).run(says("Done."), tools=[pay])
    assert (reply.text, ran) == ("Done.", [])


async def test_a_run_that_was_left_leaves_its_calls_interrupted() -> None:
    """In the same program too: whoever cancels a tool cannot know how far it came."""
    gate, node = Gate(), start()
    async with node.run(says(calling(call("wait", "1"))), tools=[gate.tool]) as run:
        async for event in run:
            if isinstance(event, CallStarted):
                await gate.until_begun(1)
                break
    with pytest.raises(InterruptedToolCalls, match=r"wait \(1\)"):
        await run.node.run(says(), tools=[gate.tool])


class Stop(BaseException):
    """Like KeyboardInterrupt, which would end these tests: no Exception, and no wish of the loop's."""


@pytest.mark.parametrize("where", ["thread", "task", "approve"])
async def test_what_is_meant_for_the_program_comes_out_of_the_run_as_itself(where: str) -> None:
    """In no ExceptionGroup, and from whichever task; the call that it came from is an interrupted one."""

    def stop() -> None:
        raise Stop

    async def stop_in_task() -> None:
        raise Stop

    def approve(request: ApprovalRequest) -> bool:
        if where == "approve":
            raise Stop
        return True

    made = tool(stop_in_task if where == "task" else stop, name="stop")
    run = start().run(says(calling(call("stop", "c1"), call("look", "c2"))), tools=[made, look], approve=approve)
    with pytest.raises(Stop):
        await run
    assert len(started_calls(run.replies[0])) == (0 if where == "approve" else 2)
    assert "c1" not in [id for id, _, _ in results(run.node)]
