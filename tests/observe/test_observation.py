"""What is under way: numbers, what is within what, and who is told."""

import asyncio

from minillm import MockModel, observe
from minillm.observe import Observer, begin_run, begin_tool, current_request, watchers
from minillm.observe.observation import RequestObservation, paced
from minillm.policies.options import CallOptions
from minillm.stack import build
from minillm.types import (
    ChatRequest,
    CompletionParameters,
    Message,
    ResponseFormat,
    ToolCallPart,
)

REQUEST = ChatRequest("m", (Message("user", "Hi"),))


def started(request):
    """The event that tells of a request."""
    seen = []
    RequestObservation((Observer(seen.append),)).started(request, "h", "m", "w", (None, None), streaming=False)
    return seen[0]


def test_nobody_is_the_usual_case():
    assert watchers() == ()
    assert begin_run() is None
    assert begin_tool(ToolCallPart("c", "f"), "f") is None
    assert current_request() is None
    paced(1.0)


def test_settings_hold_numbers_and_short_words_only():
    """What a user wrote is content: stop sequences, the end user's id, schemas, extra keys."""
    parameters = CompletionParameters(
        temperature=0.0,
        stop=("c4n4ry",),
        end_user="c4n4ry",
        metadata={"a": "c4n4ry"},
        extra={"b": "c4n4ry"},
        prediction={"c": "c4n4ry"},
        cache_key="c4n4ry",
        response_format=ResponseFormat("json_schema", {"title": "c4n4ry"}),
    )
    event = started(ChatRequest("m", (), parameters=parameters))
    assert event.settings == {"temperature": 0.0, "response_format": "json_schema"}
    assert "c4n4ry" not in repr(event)


async def test_what_happens_within_a_run_knows_it_and_is_told_to_its_hooks():
    """The run's own hooks hear of tools, too, which have no ``observe=``."""
    seen = []
    run = begin_run(seen.append, model="m")
    with run.around():
        tool = begin_tool(ToolCallPart("c", "f"), "f")
        tool.started()
        with tool.around(), observe.watching(seen.append):
            await build(MockModel("Hi."), CallOptions()).complete(REQUEST)
    parents = {event.name: event.parent for event in seen if hasattr(event, "parent")}
    assert parents == {"run_started": None, "tool_started": run.id, "request_started": tool.id}


async def test_one_hook_is_told_of_a_tool_once():
    seen = []
    with observe.watching(seen.append):
        run = begin_run()
        with run.around():
            begin_tool(ToolCallPart("c", "f"), "f").started()
    assert [event.name for event in seen] == ["run_started", "tool_started"]


async def test_tasks_begun_within_are_within():
    run = begin_run(print_nothing)

    async def child():
        return begin_run(print_nothing).parent

    with run.around():
        assert await asyncio.create_task(child()) == run.id
    assert await asyncio.create_task(child()) is None


def print_nothing(event):
    """A hook."""


def test_a_short_wait_is_none():
    seen = []
    watch = RequestObservation((Observer(seen.append),))
    with watch.around():
        paced(0.0001)
        paced(0.5)
    assert [event.wait for event in seen] == [0.5]
