"""What a tool run looks like while it goes on: text, calls, what became of them, and why it ended."""

from typing import Any

import anyio
import pytest

from minillm import (
    ChatNode,
    Defer,
    Deny,
    Edit,
    Reply,
    RunLimits,
    RunStopped,
    ServerError,
    notebook,
    tool,
)
from minillm.chat import CallStarted
from minillm.notebook.watching import watched
from minillm.tree.call_marks import StartedCall, mark_started
from minillm.types import MessageStart, TextDelta
from tests.chat.run_tools import Gate, call, calling, says, start
from tests.notebook.talks import EVIL, PRICE, answer

SUM = call("add", "c1", '{"a": 1, "b": 2}')


@tool
async def add(a: int, b: int) -> int:
    return a + b


@tool(idempotent=True)
async def fail(words: str = "no luck") -> None:
    raise ValueError(words)


def lines(shown: Any, *, ended: bool = False) -> list[str]:
    """The picture as words, with no seconds in it."""
    import re

    return re.sub(r" · \d+\.\d s", "", str(shown.picture(ended=ended))).splitlines()


async def watch(node: ChatNode, *replies: Any, **options: Any) -> list[str]:
    """The last picture of a run that ends in whatever way."""
    call = watched(node.run(says(*replies), retry=0, **options))
    await call.enter()
    error: BaseException | None = None
    try:
        await call.result()
    except Exception as caught:
        error = caught
    await call.leave(type(error), error, None)
    return lines(call, ended=True)


async def test_rounds_calls_results_and_the_cost() -> None:
    last = answer("Three, and no luck.")
    shown = await watch(
        start(), calling(SUM, call("fail", "c2"), text="Let me see."), last, tools=[add, fail], token_price=PRICE
    )
    assert shown[0].startswith("done · 2 rounds · 2 results · ")
    assert shown[1].startswith("-- round 1")
    assert shown[2:5] == [
        "Let me see.",
        'add {"a": 1, "b": 2} · done -> 3',
        "fail {} · failed -> ValueError: no luck",
    ]
    assert shown[5].startswith("-- round 2 · m-1 · 30 in, 10 out · $0.00005")
    assert shown[6:] == ["Three, and no luck."]


async def test_its_text_is_seen_as_it_comes_and_its_calls_while_they_run() -> None:
    gate, written = Gate(), anyio.Event()
    shown = watched(
        start().run(says(calling(call("wait", "c1"), call("wait", "c2"), text="One."), "Two."), tools=[gate.tool])
    )
    assert lines(shown) == ["running · 0 rounds · 0 results"]
    run = await shown.enter()
    async for event in run:
        if isinstance(event, MessageStart) and run.rounds == 1:
            assert lines(shown)[1] == "-- round 1 · waiting"
        if isinstance(event, TextDelta) and not written.is_set():
            written.set()
            assert lines(shown)[1:] == ["-- round 1 · writing · 4 characters", "One."]
        if isinstance(event, CallStarted) and event.call.id == "c1":
            assert [line for line in lines(shown) if line.startswith("wait")] == [
                "wait {} · running",
                "wait {} · waiting",
            ]
            gate.open("c1")
            gate.open("c2")
    await shown.leave(None, None, None)
    assert written.is_set()
    assert [line for line in lines(shown, ended=True) if line.startswith("wait")] == [
        "wait {} · done -> done c1",
        "wait {} · done -> done c2",
    ]


async def test_what_approval_decides() -> None:
    decisions = {"c1": True, "c2": Deny("not today"), "c3": Edit({"a": 5, "b": 5}), "c4": Defer()}
    calls = [call("add", id, '{"a": 1, "b": 2}') for id in decisions]
    shown = await watch(start(), calling(*calls), tools=[add], approve=lambda request: decisions[request.call.id])
    assert shown[0].startswith("stopped: calls wait for a result from elsewhere · 1 round · 3 results")
    assert shown[2:] == [
        'add {"a": 1, "b": 2} · done · approved -> 3',
        'add {"a": 1, "b": 2} · denied -> not today',
        'add {"a":5,"b":5} · done · approved with other arguments -> 10',
        'add {"a": 1, "b": 2} · deferred',
    ]


async def test_calls_with_one_id_are_told_apart() -> None:
    same = [call("add", "x", f'{{"a": {n}, "b": 0}}') for n in (1, 2)]
    shown = await watch(start(), calling(*same), "Done.", tools=[add])
    assert shown[2:4] == ['add {"a": 1, "b": 0} · done -> 1', 'add {"a": 2, "b": 0} · done -> 2']


async def test_an_earlier_runs_calls() -> None:
    turn = start().add_assistant(calling(SUM, call("fail", "c2")).content)
    mark_started(turn, StartedCall(1, 1.0))
    options: dict[str, Any] = {"tools": [add, fail]}
    stuck = await watch(turn, "Done.", **options)
    assert stuck[0].startswith("failed: InterruptedToolCalls: fail (c2): begun by an earlier run")
    assert stuck[1] == "-- a turn of an earlier run"
    again = await watch(turn, "Done.", on_interrupted="rerun", **options)
    assert again[2:4] == [
        'add {"a": 1, "b": 2} · done -> 3',
        "fail {} · failed · begun again -> ValueError: no luck",
    ]


async def test_why_it_ended() -> None:
    endless = [calling(SUM)] * 3
    shown = await watch(start(), *endless, tools=[add], limits=RunLimits(rounds=2))
    assert shown[0].startswith("stopped: no more rounds were allowed · 2 rounds · 2 results")
    shown = await watch(start(), ServerError("down"), tools=[add])
    assert shown[0].startswith("failed: ServerError: down · 1 round")
    assert shown[1] == "-- round 1 · not answered"


async def test_a_run_that_is_left() -> None:
    gate = Gate()
    shown = watched(start().run(says(calling(call("wait", "c1"))), tools=[gate.tool]))
    async for event in await shown.enter():
        if isinstance(event, CallStarted):
            break
    await shown.leave(None, None, None)
    assert lines(shown, ended=True)[0].startswith("left · 1 round")
    assert lines(shown, ended=True)[-1] == "wait {} · left"


async def test_shown_it_is_what_it_is_alone() -> None:
    node = start()
    reply = await notebook.show(node.run(says(calling(SUM), "Three."), tools=[add]))
    assert isinstance(reply, Reply)
    assert (reply.text, node.children[0].children[0].children[0]) == ("Three.", reply)
    async with notebook.show(start().run(says(calling(SUM), "Three."), tools=[add])) as run:
        assert "Three." in [event.delta async for event in run if isinstance(event, TextDelta)]
    assert run.reply.text == "Three."
    with pytest.raises(RunStopped):
        await notebook.show(start().run(says(calling(SUM)), tools=[add], limits=RunLimits(rounds=1)))


async def test_hostile_words_of_model_and_tool_are_words() -> None:
    @tool
    async def say(words: str) -> str:
        return EVIL

    import json

    hostile = calling(call("say", EVIL, json.dumps({"words": EVIL})), call(EVIL, "c2", EVIL), text=EVIL)
    made = notebook.show(start().run(says(hostile, EVIL), tools=[say], approve=lambda request: Deny(EVIL)))
    await made
    html = made.picture().html
    assert html.count("<script") == html.count("<img") == 0
    assert html.count("</style>") == 1
    assert "\x1b" not in html + str(made.picture())
    assert "\u202e" not in html
