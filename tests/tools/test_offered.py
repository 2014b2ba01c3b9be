"""What a call offers: tools, functions, definitions and hosts' own, mixed."""

from typing import Any

import pytest

from minillm.errors import ConfigurationError
from minillm.tools.definition import Tool, tool
from minillm.tools.offered import as_tool, definitions, name_of_tool, offered
from minillm.types import NativeTool, ToolDefinition


def look(at: str) -> str:
    """Looks at something."""
    return at


SEARCH = NativeTool("anthropic_messages", {"type": "web_search_20250305", "name": "web_search"})
CODE = NativeTool("openai_responses", {"type": "code_interpreter"})
TIME = ToolDefinition("get_time")


def test_all_kinds_may_stand_together() -> None:
    listen = tool(look, name="listen")
    assert definitions([look, listen, TIME, SEARCH, CODE]) == (
        tool(look).definition,
        listen.definition,
        TIME,
        SEARCH,
        CODE,
    )
    assert [type(made) for made in offered((listen, TIME))] == [Tool, ToolDefinition]


def test_what_is_a_tool_already_is_kept() -> None:
    made = tool(look)
    assert as_tool(made) is made
    assert as_tool(TIME) is TIME


def test_names() -> None:
    assert [name_of_tool(made) for made in (tool(look), TIME, SEARCH, CODE)] == ["look", "get_time", "web_search", None]


@pytest.mark.parametrize(
    "tools",
    [
        [look, tool(look)],
        [TIME, ToolDefinition("get_time", "other words")],
        [look, ToolDefinition("look")],
        [SEARCH, ToolDefinition("web_search")],
    ],
)
def test_two_of_one_name_are_refused(tools: Any) -> None:
    """Nobody could tell whose call it is; hosts refuse it too."""
    with pytest.raises(ConfigurationError, match="two tools are named"):
        definitions(tools)


def test_hosts_own_without_names_do_not_collide() -> None:
    assert len(definitions([CODE, NativeTool("openai_responses", {"type": "web_search"})])) == 2


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ([look, "look"], r"tools\[1\]: .*not str"),
        ([lambda x: x], r"tools\[0\]: .*has no type"),
        ("look", "not one str"),
        (tool(look), "not one Tool"),
        (TIME, "not one ToolDefinition"),
        ({"look": look}, "not one dict"),
        (look, "not one function"),
    ],
)
def test_what_is_no_tool_is_told_with_its_place(tools: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        definitions(tools)
