"""How freely the model may call: words, tools, lists of them."""

from typing import Any

import pytest

from minillm.errors import ConfigurationError
from minillm.tools.choice import as_choice
from minillm.tools.definition import tool
from minillm.types import NativeTool, ToolChoice, ToolDefinition, ToolMode


def look(at: str) -> str:
    return at


LOOK = tool(look)
TIME = ToolDefinition("get_time")
OFFERED = (LOOK.definition, TIME)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("auto", ToolChoice()),
        ("none", ToolChoice(ToolMode.NONE)),
        (ToolMode.REQUIRED, ToolChoice(ToolMode.REQUIRED)),
        ("look", ToolChoice.tool("look")),
        (look, ToolChoice.tool("look")),
        (LOOK, ToolChoice.tool("look")),
        (TIME, ToolChoice.tool("get_time")),
        ([LOOK, "get_time"], ToolChoice(ToolMode.REQUIRED, ("look", "get_time"))),
        ((look,), ToolChoice.tool("look")),
        (ToolChoice(names=("look",)), ToolChoice(ToolMode.AUTO, ("look",))),
    ],
)
def test_every_way_to_say_it(said: Any, meant: ToolChoice) -> None:
    assert as_choice(said, OFFERED) == meant


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("sometimes", "'sometimes' is neither"),
        (tool(look, name="listen"), "'listen' is neither"),
        (["look", "listen"], r"'listen' is neither .*\(look, get_time\)"),
        (ToolChoice.tool("listen"), "'listen'"),
        ([], "empty list"),
        (3, "not int"),
        (NativeTool("openai_responses", {"type": "web_search"}), "without a name"),
    ],
)
def test_what_is_not_offered_cannot_be_chosen(said: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        as_choice(said, OFFERED)


def test_nothing_offered_is_said() -> None:
    with pytest.raises(ConfigurationError, match="none were"):
        as_choice("look", ())


def test_a_hosts_own_tool_may_have_a_name_we_do_not_know() -> None:
    own = NativeTool("openai_responses", {"type": "web_search"})
    assert as_choice(ToolChoice.tool("web_search"), (own,)) == ToolChoice.tool("web_search")


def test_a_hosts_own_tool_with_a_name_is_chosen_by_it() -> None:
    own = NativeTool("anthropic_messages", {"type": "web_search_20250305", "name": "web_search"})
    assert as_choice("web_search", (own,)) == ToolChoice.tool("web_search")
