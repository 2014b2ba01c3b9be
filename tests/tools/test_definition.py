"""tool(): a function in, a tool out, and the function stays what it was."""

import asyncio
import inspect
from typing import Any

import pytest

from minillm import ChatRequest, ConfigurationError, Message, Tool, ToolDefinition, tool
from minillm.report import Report
from minillm.types import CacheBreakpoint, ToolCallPart
from minillm.wire import get_codec


def height_of(tower: str, unit: str = "m") -> str:
    """The height of a lighthouse.

    Asked without a unit, in metres.

    Args:
        tower: its name
        unit: of the answer
    """
    return f"{tower} 31 {unit}"


def test_the_definition_is_read_off_the_function() -> None:
    definition = tool(height_of).definition
    assert definition.name == "height_of"
    assert definition.description == "The height of a lighthouse.\n\nAsked without a unit, in metres."
    assert definition.parameters == {
        "type": "object",
        "properties": {
            "tower": {"type": "string", "description": "its name"},
            "unit": {"type": "string", "description": "of the answer", "default": "m"},
        },
        "required": ["tower"],
        "additionalProperties": False,
    }
    assert (definition.strict, definition.kind) == (None, "function")


def test_the_tool_is_still_the_function() -> None:
    made = tool(height_of)
    assert made("North") == "North 31 m"
    assert made.function is height_of
    assert (made.__name__, made.__doc__, made.__wrapped__) == ("height_of", height_of.__doc__, height_of)  # type: ignore[attr-defined]
    assert inspect.signature(made) == inspect.signature(height_of)
    assert repr(made) == "<Tool height_of>"
    assert made.name == "height_of"


def test_decorators_with_and_without_arguments() -> None:
    @tool
    def plain(a: int) -> int:
        return a

    @tool(name="other", description="Says more.", strict=True, idempotent=True, cache=CacheBreakpoint(), extra={"x": 1})
    async def told(a: int) -> int:
        """Not this."""
        return a

    assert plain(1) == 1
    assert not plain.idempotent
    assert asyncio.run(told(2)) == 2
    assert told.idempotent
    schema = told.definition.parameters
    assert told.definition == ToolDefinition(
        "other", "Says more.", schema, strict=True, cache=CacheBreakpoint(), extra={"x": 1}
    )
    assert tool(told, name="third").definition.name == "third"
    assert tool(told, name="third")(a=3).close() is None  # type: ignore[func-returns-value]


def test_a_strict_tool_goes_out_without_a_loss() -> None:
    """OpenAI's strict mode takes it as it is."""
    report = Report(strict=True)
    made = tool(height_of, strict=True)
    request = ChatRequest("m", (Message("user", "Hi"),), (made.definition,))
    body = get_codec("openai_responses").encode_request(request, report=report)
    assert report.losses == ()
    assert body["tools"][0]["parameters"] == made.definition.parameters
    assert made.definition.parameters != tool(height_of).definition.parameters


def test_without_words_there_is_no_description() -> None:
    def bare(a: int) -> int:
        return a

    assert tool(bare).definition.description is None


def test_without_parameters_none_are_told() -> None:
    def now() -> str:
        """The time."""
        return "noon"

    assert tool(now).definition == ToolDefinition("now", "The time.")


def test_bound_arguments_run_the_function() -> None:
    bound = tool(height_of).bind({"tower": "South"})
    assert height_of(*bound.args, **bound.kwargs) == "South 31 m"


def test_a_custom_tool_takes_text() -> None:
    @tool(kind="custom", format={"type": "grammar", "grammar": {"syntax": "regex", "definition": "[a-z]+"}})
    def run_sql(sql: str, call: ToolCallPart) -> str:
        """Runs SQL."""
        return sql + call.id

    assert run_sql.definition.kind == "custom"
    assert run_sql.definition.parameters is None
    assert run_sql.definition.format is not None
    bound = run_sql.bind("select 1", ToolCallPart("c", "run_sql", "select 1", kind="custom"))
    assert run_sql(*bound.args, **bound.kwargs) == "select 1c"


def two(a: str, b: str) -> None: ...


def lines() -> Any:
    yield 1


async def later() -> Any:
    yield 1


@pytest.mark.parametrize(
    ("function", "options", "words"),
    [
        (3, {}, "not of int"),
        (int, {}, "the class int"),
        (lambda: 1, {}, "'<lambda>' is no name"),
        (height_of, {"name": "height of"}, "'height of' is no name"),
        (height_of, {"name": "x" * 65}, "is no name"),
        (height_of, {"name": ""}, "'' is no name"),
        (two, {"kind": "custom"}, "one parameter, a str"),
        (lines, {}, "yields"),
        (later, {}, "yields"),
    ],
)
def test_what_cannot_be_a_tool_is_refused(function: Any, options: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        tool(function, **options)


def test_a_decorator_in_a_class_says_what_to_do_instead() -> None:
    with pytest.raises(ConfigurationError, match=r"tool\(instance.method\)"):

        class Shop:
            @tool
            def buy(self, item: str) -> None: ...


def test_a_method_becomes_a_tool_of_its_instance() -> None:
    class Shop:
        def __init__(self, name: str) -> None:
            self.name = name

        def buy(self, item: str) -> str:
            """Buys something."""
            return f"{item} at {self.name}"

    made = tool(Shop("Ana's").buy)
    assert isinstance(made, Tool)
    assert made.definition.description == "Buys something."
    assert made("tea") == "tea at Ana's"


@pytest.mark.parametrize("timeout", [0, -1, True, "5"])
def test_a_timeout_is_a_number_of_seconds(timeout: Any) -> None:
    def wait() -> None: ...

    assert tool(wait).timeout is None
    assert tool(wait, timeout=2.5).timeout == 2.5
    with pytest.raises(ConfigurationError, match=r"wait\(\): timeout must be"):
        tool(wait, timeout=timeout)
