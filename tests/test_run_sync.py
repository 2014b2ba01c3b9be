"""Awaiting from code that is not async: outside a loop and inside one."""

import asyncio
import contextvars
import threading

import pytest

from minillm import ChatNode, MockModel, ServerError, run_sync


async def answer(value=42):
    await asyncio.sleep(0)
    return value


def test_without_a_loop_it_runs_in_a_new_one():
    assert run_sync(answer()) == 42


def test_twice_in_a_row():
    """A second loop finds nothing of the first."""
    node = ChatNode.root().add_user("Hi")
    model = MockModel(["one", "two"])
    assert [run_sync(node.complete(model)).text for _ in range(2)] == ["one", "two"]


async def test_inside_a_loop_it_runs_on_another_thread():
    here = threading.get_ident()

    async def where():
        return threading.get_ident()

    assert run_sync(where()) != here


async def test_inside_a_loop_a_completion_works():
    reply = run_sync(ChatNode.root().chat("Hi", MockModel(["Hello."])))
    assert reply.text == "Hello."


def test_a_branch_can_be_awaited_too():
    """It is awaitable without being a coroutine."""
    branch = run_sync(ChatNode.root().add_user("Hi").branch(MockModel(lambda _: "yes"), n=3))
    assert [reply.text for reply in branch] == ["yes", "yes", "yes"]


async def test_a_branch_inside_a_loop():
    branch = run_sync(ChatNode.root().add_user("Hi").branch(MockModel(lambda _: "yes"), n=2))
    assert len(branch) == 2


def test_errors_come_out_bare():
    """Not in the company of the RuntimeError that told that no loop runs."""
    with pytest.raises(ServerError) as caught:
        run_sync(ChatNode.root().chat("Hi", MockModel([ServerError("down")])))
    assert caught.value.__context__ is None


async def test_errors_come_out_of_the_thread():
    with pytest.raises(ServerError):
        run_sync(ChatNode.root().chat("Hi", MockModel([ServerError("down")])))


async def test_the_context_goes_along():
    """Who said ``with Budget(...)`` outside means what happens inside too."""
    variable = contextvars.ContextVar("variable", default="unset")
    variable.set("set")

    async def read():
        return variable.get()

    assert run_sync(read()) == "set"


def test_what_cannot_be_awaited_is_a_type_error():
    with pytest.raises(TypeError):
        run_sync(42)
