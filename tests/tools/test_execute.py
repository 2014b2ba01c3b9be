"""Calls in, results out, whatever happens between."""

import argparse
import asyncio
import contextvars
import functools
import threading
from typing import Any

import pytest

from minillm import (
    ChatNode,
    Message,
    Role,
    ToolCallPart,
    ToolDefinition,
    ToolError,
    ToolResultPart,
    execute_calls,
    tool,
)
from minillm.errors import ConfigurationError, InvalidOutput
from minillm.tools import execute_call
from minillm.tools.execute import ExecutedCall, ToolResults
from minillm.types import ImagePart, NativeTool, TextPart

WHO: contextvars.ContextVar[str] = contextvars.ContextVar("WHO", default="nobody")


@tool
def add(a: int, b: int) -> int:
    return a + b


@tool
async def greet(name: str = "you") -> str:
    await asyncio.sleep(0)
    return f"hi {name}"


@tool
def fail(words: str) -> None:
    raise ValueError(words)


def call(name: str, arguments: str = "", id: str = "c1", **facts: Any) -> ToolCallPart:
    return ToolCallPart(id, name, arguments, **facts)


async def run(made: Any, arguments: str = "", **facts: Any) -> ExecutedCall:
    definition = getattr(made, "definition", None)
    name = definition.name if definition is not None else made.__name__
    return await execute_call(call(name, arguments, **facts), [made])


async def test_functions_and_coroutines_answer() -> None:
    results = await execute_calls([call("add", '{"a":1,"b":2}', "x"), call("greet", "", "y")], [add, greet])
    assert list(results) == [ToolResultPart("x", "add", "3"), ToolResultPart("y", "greet", "hi you")]
    assert (results.errors, results.repaired) == ((), ())


async def test_plain_functions_need_no_decorator() -> None:
    def double(a: int) -> int:
        return 2 * a

    assert (await run(double, '{"a": 2}')).result.content == "4"


async def test_results_are_in_the_order_of_the_calls_and_the_calls_run_together() -> None:
    """The first waits for the last: one after another they would never end."""
    opened = asyncio.Event()

    async def wait() -> str:
        await opened.wait()
        return "first"

    async def open_it() -> str:
        opened.set()
        return "last"

    results = await execute_calls([call("wait", id="1"), call("open_it", id="2")], [wait, open_it])
    assert [result.content for result in results] == ["first", "last"]


async def test_a_limit_is_kept() -> None:
    running = most = 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await execute_calls([call("work", id=str(i)) for i in range(6)], [work], limit=2)
    assert most == 2
    with pytest.raises(ConfigurationError, match="limit"):
        await execute_calls([], [work], limit=0)


async def test_sync_functions_run_in_threads_with_the_callers_context() -> None:
    WHO.set("ana")
    here = threading.get_ident()

    def who() -> list[Any]:
        return [WHO.get(), threading.get_ident() == here]

    assert (await run(who)).result.content == '["ana",false]'


@pytest.mark.parametrize("plain", [False, True])
async def test_a_timeout_is_a_result_too(plain: bool) -> None:
    """A thread cannot be stopped, and the model is told that too."""
    done = threading.Event()

    async def waits() -> None:
        await asyncio.Event().wait()

    def blocks() -> None:
        done.wait(10)

    ran = await run(tool(blocks if plain else waits, timeout=0.01))
    done.set()
    end = "and may still be at work" if plain else "and was stopped"
    assert (ran.result.content, ran.result.is_error) == (f"it did not end within 0.01 s {end}", True)
    assert isinstance(ran.error, ToolError)


async def test_an_exception_is_a_result_with_its_message_alone() -> None:
    done = await run(fail, '{"words": "no such tower"}')
    assert done.result == ToolResultPart("c1", "fail", "ValueError: no such tower", is_error=True)
    assert isinstance(done.error, ValueError)


async def test_the_log_tells_the_place_of_a_failure_and_not_its_words(caplog: pytest.LogCaptureFixture) -> None:
    """They may quote arguments; the whole exception is in the result."""
    with caplog.at_level("INFO", "minillm"):
        await run(fail, '{"words": "c4n4ry"}')
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert "tool fail (c1) failed" in record.getMessage()
    assert "test_execute.py" in record.getMessage()
    assert "c4n4ry" not in caplog.text


async def test_an_exception_without_words_is_named() -> None:
    async def broken() -> None:
        raise KeyError

    assert (await run(broken)).result.content == "KeyError"


async def test_a_tool_error_speaks_for_itself() -> None:
    def broken() -> None:
        raise ToolError("the tower is closed")

    assert (await run(broken)).result == ToolResultPart("c1", "broken", "the tower is closed", is_error=True)


async def test_one_that_fails_does_not_take_the_others() -> None:
    results = await execute_calls([call("fail", '{"words":"x"}', "1"), call("greet", id="2")], [fail, greet])
    assert [result.is_error for result in results] == [True, False]
    assert [type(error) for error in results.errors] == [ValueError]


async def test_arguments_that_do_not_fit_are_told_with_their_place() -> None:
    done = await run(add, '{"a": 1, "b": "two"}')
    assert done.result.is_error
    assert done.result.content == "the arguments do not fit: b: expected an integer, not a string"
    assert isinstance(done.error, InvalidOutput)
    assert done.error.path == "b"


async def test_repaired_arguments_are_told() -> None:
    results = await execute_calls([call("add", '{"a": 1, "b": 2,}', "x"), call("add", '{"a":1,"b":2}', "y")], [add])
    assert [result.content for result in results] == ["3", "3"]
    assert [asked.id for asked in results.repaired] == ["x"]
    assert [done.repaired for done in results.executed] == [True, False]


async def test_repaired_arguments_that_do_not_fit_are_told_too() -> None:
    done = await run(add, "{'a': 1}")
    assert (done.repaired, done.result.is_error) == (True, True)


async def test_incomplete_calls_never_run() -> None:
    ran = []

    def note(text: str = "") -> None:
        ran.append(text)

    free = tool(lambda_free(ran), name="free", kind="custom")
    results = await execute_calls(
        [
            call("note", '{"text": "a"}', "1", incomplete=True),
            call("note", '{"text": "a', "2"),
            call("free", "rm -rf /ho", "3", kind="custom", incomplete=True),
        ],
        [note, free],
    )
    assert ran == []
    assert all(result.is_error and "was not run" in result.text for result in results)


def lambda_free(ran: list[str]) -> Any:
    def free(text: str) -> None:
        ran.append(text)

    return free


async def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    done = await execute_call(call("subtract"), [add, greet])
    assert done.result == ToolResultPart("c1", "subtract", "there is no tool 'subtract'; there are: add, greet", True)
    assert (await execute_call(call("x"), [])).result.content == "there is no tool 'x'; there are: none"


async def test_custom_tools_get_their_text_as_it_is() -> None:
    @tool(kind="custom")
    def run_sql(sql: str) -> str:
        return sql.upper()

    assert (await run(run_sql, "select '{'", kind="custom")).result.content == "SELECT '{'"
    assert (await run(run_sql, "", kind="custom")).result.content == ""


async def test_custom_tools_get_their_text_from_wires_that_have_none() -> None:
    """Anthropic and Gemini are offered a function of one text."""

    @tool(kind="custom")
    def run_sql(sql: str) -> str:
        return sql.upper()

    assert (await run(run_sql, '{"input": "select 1"}')).result.content == "SELECT 1"
    for arguments in ("{}", '{"input": 1}', '{"input": "a", "b": 2}', '{"sql": "a"}'):
        assert "as 'input'" in (await run(run_sql, arguments)).result.text


async def test_the_calls_id_is_there_for_who_asks() -> None:
    def pay(amount: int, call: ToolCallPart) -> str:
        return f"{call.id}:{amount}"

    assert (await run(pay, '{"amount": 3}', id="call_9")).result.content == "call_9:3"


async def test_parts_and_whole_results_are_kept() -> None:
    image = ImagePart(mime="image/png", data="iVBORw0KGgo=")

    def draw() -> list[Any]:
        return ["Here:", image]

    def refuse() -> ToolResultPart:
        return ToolResultPart("", content="not today", is_error=True)

    assert (await run(draw)).result.content == (TextPart("Here:"), image)
    assert (await run(refuse)).result == ToolResultPart("c1", "refuse", "not today", is_error=True)


async def test_a_result_that_cannot_be_said_is_an_error() -> None:
    def raw() -> bytes:
        return b"x"

    done = await run(raw)
    assert done.result.is_error
    assert "cannot be said as JSON" in done.result.text


async def test_a_definition_without_a_function_is_the_programs_own_fault() -> None:
    """Told before anything runs: a result would be the model's fault."""
    ran = []

    def note() -> None:
        ran.append(1)

    with pytest.raises(ToolError, match=r"look \(2\) has no function"):
        await execute_calls([call("note", id="1"), call("look", id="2")], [note, ToolDefinition("look")])
    assert ran == []


async def test_hosts_own_tools_are_passed_over() -> None:
    own = NativeTool("openai_responses", {"type": "web_search"})
    assert (await execute_call(call("greet"), [own, greet])).result.content == "hi you"


async def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two tools"):
        await execute_calls([], [add, add])


async def test_awaitables_from_plain_functions_are_awaited() -> None:
    partial = tool(functools.partial(greet.function, name="ana"))
    assert (await run(partial)).result.content == "hi ana"

    def sync_door() -> Any:
        return greet("bo")

    assert (await run(sync_door)).result.content == "hi bo"


async def test_cancelling_ends_the_coroutines() -> None:
    started, ended = asyncio.Event(), []

    async def wait() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    for calls in ([call("wait")], [call("wait", id="1"), call("wait", id="2")]):
        started.clear()
        ended.clear()
        task = asyncio.create_task(execute_calls(calls, [wait]))
        await started.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(ended) == len(calls)


async def test_a_scope_of_anyio_cancels_too() -> None:
    import anyio

    async def wait() -> None:
        scope.cancel()
        await asyncio.Event().wait()

    for calls in ([call("wait")], [call("wait", id="1"), call("greet", id="2")]):
        with anyio.CancelScope() as scope:
            await execute_calls(calls, [wait, greet])
        assert scope.cancelled_caught


async def test_cancelling_does_not_wait_for_a_thread() -> None:
    """Neither that of a task nor that of a scope."""
    import anyio

    started, release = threading.Event(), threading.Event()
    finished = []

    def block() -> None:
        started.set()
        release.wait(10)
        finished.append(1)

    task = asyncio.create_task(execute_calls([call("block")], [block]))
    await asyncio.to_thread(started.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def cancel() -> None:
        await asyncio.to_thread(started.wait)
        scope.cancel()

    started.clear()
    with anyio.CancelScope() as scope:
        cancelling = asyncio.create_task(cancel())
        await execute_calls([call("block")], [block])
    await cancelling
    assert finished == []
    release.set()


async def test_a_tool_that_is_cancelled_from_inside_has_failed() -> None:
    """Nobody asked for the siblings to stop."""

    async def cancelled() -> None:
        inner = asyncio.ensure_future(asyncio.Event().wait())
        inner.cancel()
        await inner

    results = await execute_calls([call("cancelled", id="1"), call("greet", id="2")], [cancelled, greet])
    assert [result.content for result in results] == ["it was cancelled", "hi you"]
    assert (await run(cancelled)).result.is_error

    def cancelled_in_a_thread() -> None:
        raise asyncio.CancelledError

    assert (await run(cancelled_in_a_thread)).result.content == "it was cancelled"


async def test_what_is_no_failure_of_a_tool_comes_out_as_itself() -> None:
    """Like KeyboardInterrupt, out of several calls as out of one; the others are cancelled."""

    class Stop(BaseException):
        pass

    @tool
    async def stop() -> None:
        raise Stop

    @tool
    async def wait() -> None:
        await asyncio.sleep(30)

    for names in (["stop"], ["wait", "stop", "wait"]):
        with pytest.raises(Stop):
            await execute_calls([call(name, id=str(i)) for i, name in enumerate(names)], [stop, wait])


async def test_a_tool_cannot_end_the_program() -> None:
    """Parsers of arguments exit at words they do not like, and those words are the model's."""

    def parse() -> None:
        argparse.ArgumentParser(exit_on_error=True).parse_args(["--nonsense"])

    async def leave() -> None:
        raise SystemExit("bye")

    for function, code in ((parse, 2), (leave, "bye")):
        done = await run(function)
        assert done.result.content == f"it wanted to end the program: SystemExit({code!r})"
        assert isinstance(done.error, ToolError)


async def test_no_calls_no_results() -> None:
    results = await execute_calls([], [add])
    assert (len(results), list(results)) == (0, [])


async def test_results_are_a_sequence() -> None:
    results = await execute_calls([call("greet", id=str(i)) for i in range(3)], [greet])
    assert isinstance(results[1:], ToolResults)
    assert results[-1].call_id == "2"
    assert repr(results) == "ToolResults(3 results)"
    assert repr(await execute_calls([call("x")], [])) == "ToolResults(1 results, 1 failed)"


async def test_the_results_go_on_the_tree() -> None:
    asked = ChatNode(Message(Role.ASSISTANT, (call("add", '{"a":1,"b":1}', "1"), call("greet", id="2"))))
    leaf = asked.add_tool_results(await execute_calls(asked.message.tool_calls, [greet, add]))
    assert [message.tool_results[0].content for message in leaf.thread()[1:]] == ["2", "hi you"]


async def test_equal_ids_are_answered_each() -> None:
    """Some local models number every call 0."""
    asked = ChatNode(Message(Role.ASSISTANT, (call("add", '{"a":1,"b":1}', "0"), call("greet", id="0"))))
    leaf = asked.add_tool_results(await execute_calls(asked.message.tool_calls, [greet, add]))
    assert [message.tool_results[0].content for message in leaf.thread()[1:]] == ["2", "hi you"]


@pytest.mark.parametrize("calls", ["add", None, 3, Message(Role.USER, "x"), ["add"], [Message(Role.USER, "x")]])
async def test_what_is_no_call_is_refused_by_name(calls: Any) -> None:
    """The commonest slip is to hand in the message instead of its calls."""
    with pytest.raises(ConfigurationError, match=r"ToolCallPart is expected.*tool_calls"):
        await execute_calls(calls, [add])
    with pytest.raises(ConfigurationError, match="ToolCallPart is expected"):
        await execute_call(calls, [add])


@pytest.mark.parametrize("limit", [0, -1, "2", 1.5])
async def test_a_limit_is_a_number_of_calls(limit: Any) -> None:
    with pytest.raises(ConfigurationError, match="limit must be a number"):
        await execute_calls([], [add], limit=limit)


async def test_an_exception_that_cannot_say_itself_is_a_result_too() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def fail() -> None:
        raise Mute

    (result,) = await execute_calls([ToolCallPart("c", "fail", "{}")], [fail])
    assert (result.content, result.is_error) == ("Mute", True)
