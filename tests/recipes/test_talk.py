"""Steps whose model calls tools: limits, schemas, lists; what is kept while they run, and how they go on."""

import json
import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest

from minillm import (
    ChatNode,
    InterruptedToolCalls,
    MockModel,
    RunStopped,
    ServerError,
    TokenPrice,
    ToolCallPart,
    tool,
)
from minillm.config_file import ConfigFileError
from minillm.generator import GeneratorInfo
from minillm.recipes import RecipeFailed
from minillm.recipes.talk import KeptTalk
from minillm.transport import MockResponse, MockTransport
from tests.chat.run_tools import call, calling
from tests.import_graph import REPOSITORY
from tests.recipes.recipes import done, recipe

ASK = '[[steps]]\nid = "ask"\nkind = "complete"\nprompt = "Go."\ntools = ["add"]\nretry_wait = 0\noptions.retry = 0\n'
SUM = calling(call("add", "c1", '{"a": 1, "b": 2}'), text="Let me add.")


def add(a: int, b: int) -> int:
    """Adds."""
    return a + b


async def test_the_model_calls_tools_until_it_answers():
    """Under the recipe's names; turns and results stand in the conversation."""
    model = MockModel([SUM, "Three."])
    result = await recipe(ASK).run(models={"m": model}, tools={"add": add})
    assert result.outputs == {"ask": "Three."}
    assert result.trace[0].inputs == {"model": "m", "prompt": "Go.", "tools": ["add"]}
    assert [node.role for node in result.conversation.iter_depth_first()][1:] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    assert [each.name for each in model.requests[0].tools] == ["add"]  # type: ignore[union-attr]


async def test_a_schema_and_a_later_step():
    """The answer is held against it; the conversation goes on with the calls in it."""
    schema = 'schema = { type = "object", required = ["n"], properties.n.type = "integer" }\n'
    more = '[[steps]]\nid = "more"\nkind = "complete"\nprompt = "And {steps.ask.output.n}?"\ncontinues = "ask"\n'
    model = MockModel([SUM, '{"n": 3}', "Yes."])
    result = await recipe(ASK + schema + more).run(models={"m": model}, tools={"add": add})
    assert result.outputs == {"more": "Yes."}
    assert len(model.requests[-1].messages) == 5


async def test_a_limit_ends_the_step_and_raising_it_goes_on(tmp_path: Path):
    """What has run is not run again; limits are no other recipe."""
    begun: list[int] = []

    def counted(a: int, b: int) -> int:
        begun.append(a)
        return a + b

    given: dict[str, Any] = {"tools": {"add": counted}, "state": tmp_path / "s"}
    with pytest.raises(RecipeFailed, match="no more rounds were allowed") as caught:
        await done(f"{ASK}limits.rounds = 1\n", [SUM], **given)
    assert isinstance(caught.value.__cause__, RunStopped)
    result = await done(f"{ASK}limits.rounds = 2\n", ["Three."], **given)
    assert (result.outputs, begun) == ({"ask": "Three."}, [1])
    assert [step.status for step in result.trace] == ["failed", "done"]
    assert result.conversation.node_count() == 5
    again = await done(f"{ASK}limits.rounds = 2\n", [], **given)
    assert (again.outputs, again.conversation.node_count()) == ({"ask": "Three."}, 5)


async def test_another_try_goes_on_from_what_has_run():
    """A host that fails in the second round costs no tool its work."""
    begun: list[int] = []

    def counted(a: int, b: int) -> int:
        begun.append(a)
        return a + b

    down = ServerError("down", retryable=True)
    result = await done(f"{ASK}retries = 1\n", [SUM, down, "Three."], tools={"add": counted})
    assert (result.outputs, result.trace[0].tries, begun) == ({"ask": "Three."}, 2, [1])


async def test_a_call_that_was_cut_is_told_and_run_again_only_where_that_is_allowed(tmp_path: Path):
    """By the run, by the step, or by a tool that is idempotent."""
    begun: list[int] = []

    async def cut(text: str, name: str) -> dict[str, Any]:
        """A run that is cancelled while its tool works."""
        scope = anyio.CancelScope()

        async def never(a: int, b: int) -> int:
            scope.cancel()
            await anyio.sleep_forever()
            return 0

        with scope:
            await done(text, [SUM], tools={"add": never}, state=tmp_path / name)
        assert scope.cancelled_caught
        return {"tools": {"add": add}, "state": tmp_path / name}

    def add(a: int, b: int) -> int:
        begun.append(a)
        return a + b

    given = await cut(ASK, "a")
    words = r"add \(c1\): begun before and not seen to end, .* rerun_interrupted"
    with pytest.raises(RecipeFailed, match=words) as caught:
        await done(ASK, ["Three."], **given)
    assert isinstance(caught.value.__cause__, InterruptedToolCalls)
    assert begun == []
    assert (await done(ASK, ["Three."], rerun_interrupted=True, **given)).outputs == {"ask": "Three."}
    given = await cut(ASK, "b")
    given["tools"] = {"add": tool(add, idempotent=True)}
    assert (await done(ASK, ["Three."], **given)).outputs == {"ask": "Three."}
    given = await cut(f"{ASK}idempotent = true\n", "c")
    assert (await done(f"{ASK}idempotent = true\n", ["Three."], **given)).outputs == {"ask": "Three."}
    assert begun == [1, 1, 1]


async def test_a_list_of_talks(tmp_path: Path):
    """Side by side, each with calls of its own, each kept by itself."""
    text = ASK.replace('"Go."', '"{item}"') + 'each = "range(4)"\n'

    def answering(request: Any) -> Any:
        asked = int(next(each.text for each in request.messages if each.role == "user"))
        if request.messages[-1].role != "tool":
            return calling(call("add", "c1", f'{{"a": {asked}, "b": 10}}'))
        return "It is " + request.messages[-1].tool_results[0].text

    given: dict[str, Any] = {"models": {"m": MockModel(answering)}, "tools": {"add": add}, "state": tmp_path / "s"}
    expected = {"ask": [f"It is {n + 10}" for n in range(4)]}
    assert (await recipe(text).run(**given)).outputs == expected
    assert (await recipe(text).run(**given)).outputs == expected


def billed(request: Any) -> MockResponse:
    message: dict[str, Any] = {"role": "assistant", "content": "ok"}
    if json.loads(request.body)["messages"][-1]["role"] != "tool":
        function = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": function}],
        }
    usage = {"prompt_tokens": 10, "completion_tokens": 10}
    return MockResponse.json({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})


async def test_every_round_is_on_the_bill_once(tmp_path: Path):
    """Also those that an earlier run asked before it was killed: their lines tell what they cost."""
    price = TokenPrice(input=Decimal(1000), output=Decimal(1000))  # two cents an exchange
    gen = GeneratorInfo.openai("gpt-5.4", api_key="none", transport=MockTransport(billed), price=price)
    state = tmp_path / "s"
    text = f"limits.budget_usd = 1\n{ASK}options.max_tokens = 10\n"
    given: dict[str, Any] = {"models": {"m": gen}, "tools": {"add": add}, "state": state}
    result = await recipe(text).run(**given)
    assert (result.cost.usd, len(result.trace[0].attempts)) == (Decimal("0.04"), 2)
    lines = state.read_bytes().splitlines(keepends=True)
    for kept in range(2, len(lines)):  # as killed after each line
        state.write_bytes(b"".join(lines[:kept]))
        result = await recipe(text).run(rerun_interrupted=True, **given)
        assert (result.cost.usd, result.outputs) == (Decimal("0.04"), {"ask": "ok"}), kept
    state.unlink()
    with pytest.raises(RecipeFailed) as caught:  # what a failure's trace tells is not told again
        await recipe(f"{text}limits.rounds = 1\n").run(**given)
    assert caught.value.cost.usd == Decimal("0.02")
    result = await recipe(f"{text}limits.rounds = 2\n").run(**given)
    assert [step.cost.usd for step in result.trace] == [Decimal("0.02"), Decimal("0.02")]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        (
            '["add"]',
            '["add", "ad"]',
            7,
            "steps[0].tools[1]",
            "no tool is called 'ad'; did you mean \"add\"?; given: add",
        ),
        ('["add"]', '["add", "os:system"]', 7, "steps[0].tools[1]", "no module that this recipe may import"),
        ('["add"]', '["add", "add"]', 7, "steps[0].tools[1]", '"add" is there already'),
        ('["add"]', '["add", "raw"]', 7, "steps[0].tools[1]", "the parameter 'x' has no type"),
        ('["add"]', '["add", "same"]', 7, "steps[0].tools", "two tools are named 'add'"),
        ('["add"]', '"add"', 7, "steps[0].tools", "allowed: a list"),
        ('tools = ["add"]', "limits.rounds = 3", 7, "steps[0].limits", "the step has none (tools)"),
        ('tools = ["add"]', "idempotent = true", 7, "steps[0].idempotent", "the step has none (tools)"),
        ("retry_wait = 0", "limits.rounds = 0", 8, "steps[0].limits.rounds", "at least 1"),
        ("retry_wait = 0", "limits.round = 1", 8, "steps[0].limits.round", 'did you mean "rounds"?'),
    ],
)
def test_what_is_wrong_with_tools_is_told_by_line(old, new, line, key, words):
    """Before anything runs."""
    tools = {"add": add, "raw": lambda x: x, "same": tool(add)}
    with pytest.raises(ConfigFileError) as caught:
        recipe(ASK.replace(old, new, 1)).check(models={"m": MockModel()}, tools=tools)
    [problem] = caught.value.problems
    assert (problem.line, problem.key) == (line, key)
    assert words in str(problem)


def test_what_it_needs():
    assert recipe(ASK).needs.tools == ("add",)


def test_only_nodes_under_the_last_one_are_kept():
    """And none after the block."""
    kept: list[Any] = []
    root = ChatNode.root("s")
    asked = root.add_user("q")
    with KeptTalk(asked, kept.extend):
        ChatNode.root("another tree").add_user("x")
        reply = asked.add_assistant([ToolCallPart("c1", "add", "{}")])
        reply.add_tool_results({"c1": "3"})
    asked.add_assistant("late")
    assert [row["minillm"]["id"] for row in kept] == [reply.id, reply.children[0].id]


# A run that is killed from outside: each call leaves marks behind.
KILLED = """
import asyncio, sys
from minillm import Message, MockModel, ToolCallPart
from minillm.recipes import Recipe

folder, stop, rerun = sys.argv[1], int(sys.argv[2]), len(sys.argv) > 3

def mark(name, n):
    with open(f"{folder}/{name}", "a") as file:
        file.write(f"{n}\\n")

async def work(n: int) -> int:
    mark("begun", n)
    print(n, flush=True)
    if n == stop:
        await asyncio.sleep(3600)
    mark("ended", n)
    return n

def answering(request):
    done = sum(len(each.tool_results) for each in request.messages)
    if done >= 8:
        return f"all {done}"
    calls = [ToolCallPart(f"c{n}", "work", f'{{"n": {n}}}') for n in (done, done + 1)]
    return Message("assistant", tuple(calls))

async def main():
    recipe = Recipe.load(f"{folder}/r.toml")
    result = await recipe.run(
        models={"m": MockModel(answering)}, tools={"work": work}, state=f"{folder}/run.jsonl", rerun_interrupted=rerun
    )
    print("outputs", result.outputs["talk"])

asyncio.run(main())
"""
LONG = """
name = "long"
model = "m"
[[steps]]
id = "talk"
kind = "complete"
prompt = "Do it."
tools = ["work"]
"""


def test_a_killed_talk_goes_on(tmp_path: Path):
    """Inside and between calls: what ended is not run again, nothing is skipped, what was interrupted is told."""
    (tmp_path / "r.toml").write_text(LONG)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}

    def start(stop: int, *more: str) -> "subprocess.Popen[str]":
        program = [sys.executable, "-c", KILLED, str(tmp_path), str(stop), *more]
        return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

    def killed_in(call: int, *more: str) -> None:
        program = start(call, *more)
        assert program.stdout is not None
        while program.stdout.readline().strip() not in ("", str(call)):
            pass
        os.kill(program.pid, signal.SIGKILL)
        program.communicate()

    killed_in(2)
    _, errors = start(-1).communicate()
    assert "work (c2)" in errors
    assert "begun before and not seen to end" in errors
    assert "rerun_interrupted=True (--rerun-interrupted)" in errors
    killed_in(5, "rerun")
    output, errors = start(-1, "rerun").communicate()
    assert output.splitlines()[-1] == "outputs all 8", errors
    state = [json.loads(line) for line in (tmp_path / "run.jsonl").read_bytes().splitlines()]
    rows = {row["minillm"]["id"]: row for line in state for row in line.get("nodes", [])}
    results = [row for row in rows.values() if row["message"]["role"] == "tool"]
    assert len(results) == 8
    begun, ended = ((tmp_path / name).read_text().split() for name in ("begun", "ended"))
    assert set(begun) == set(ended) == {str(n) for n in range(8)}
    assert len(begun) <= 8 + 2 * 2  # two run at a time, and twice they were killed
    assert all(begun.count(str(n)) == 1 for n in (0, 1, 6, 7))
