"""Calls made ready: the tool found, the arguments read, and nothing run."""

import pytest

from minillm import ConfigurationError, InvalidOutput, ToolCallPart, ToolDefinition, ToolError, tool
from minillm.tools.prepared import prepare_call, runnable, with_arguments
from minillm.types import NativeTool


@tool
def add(a: int, b: int = 1) -> int:
    raise AssertionError("nothing runs here")


@tool(kind="custom")
def shout(text: str) -> str:
    raise AssertionError("nothing runs here")


TOOLS = runnable([add, shout])


def call(name: str, arguments: str, **facts: object) -> ToolCallPart:
    return ToolCallPart("c", name, arguments, **facts)  # type: ignore[arg-type]


def test_tools_by_name() -> None:
    found = runnable([add, ToolDefinition("elsewhere"), NativeTool("w", {"type": "search"})])
    assert found == {"add": add, "elsewhere": None}
    with pytest.raises(ConfigurationError, match="two tools"):
        runnable([add, add])


async def test_what_can_be_run() -> None:
    ready = await prepare_call(call("add", '{"a": 2,}'), TOOLS)
    assert (ready.tool, ready.arguments, ready.repaired, ready.error) == (add, {"a": 2}, True, None)
    assert ready.bound is not None
    assert ready.bound.args == (2, 1)


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        (call("nope", ""), ToolError, "there is no tool 'nope'; there are: add, shout"),
        (call("add", '{"a": "x"}'), InvalidOutput, "the arguments do not fit: a: expected"),
        (call("add", '{"a": 1'), ToolError, "break off"),
        (call("add", '{"a": 1}', incomplete=True), ToolError, "cut off"),
        (call("shout", "he", kind="custom", incomplete=True), ToolError, "cut off"),
        (call("shout", '{"text": "hey"}'), InvalidOutput, "the text alone"),
    ],
)
async def test_what_cannot_says_why(asked: ToolCallPart, kind: type[Exception], words: str) -> None:
    ready = await prepare_call(asked, TOOLS)
    assert isinstance(ready.error, kind)
    assert words in str(ready.error)
    assert ready.bound is None


async def test_other_arguments_under_the_same_id() -> None:
    edited = with_arguments(call("add", '{"a": 1', incomplete=True), {"a": 7})
    assert (edited.id, edited.arguments, edited.incomplete) == ("c", '{"a":7}', False)
    for asked in (call("shout", "hey", kind="custom"), call("shout", '{"input": "hey"}')):
        ready = await prepare_call(with_arguments(asked, "ho"), TOOLS)
        assert ready.arguments == "ho"
