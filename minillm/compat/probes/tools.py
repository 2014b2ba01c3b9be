"""Functions that a model may call: offered, demanded, forbidden, several, their results."""

from typing import Any

from ...json import validate
from ...types import (
    ChatResponse,
    FinishReason,
    Message,
    Role,
    ToolCallPart,
    ToolChoice,
    ToolDefinition,
    ToolMode,
    ToolResultPart,
)
from ..probe import probe
from ..samples import TICKET
from ..subject import Subject
from ..verdict import Finding, degraded, failed, inconclusive, passed
from .answers import NOT_SHOWN, repeated

__all__ = [
    "choice_auto",
    "choice_named",
    "choice_none",
    "choice_required",
    "no_arguments",
    "of_calls",
    "parallel_off",
    "parallel_tools",
    "tool_result",
    "tools",
    "tools_stream",
]

GROUP = "tools"
_PLACE: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = ToolDefinition("get_weather", "The weather of a city now.", _PLACE)
TIME = ToolDefinition("get_time", "The time in a city now.", _PLACE)
RESTART = ToolDefinition("restart_server", "Restart the server. Takes nothing.", None)
QUESTION = "What is the weather in Lisbon now? Use a tool."
GREETING = "Say hello. Do not use any tool."
NONE_CALLED = "taken, but no function was called: the model is free not to, or the host leaves the tools unread"


@probe(
    GROUP,
    "a question that a function answers",
    "a call of that function with arguments that fit its schema; arguments that do not fit are degraded",
    refused={"capabilities.tools": False},
    granted={"capabilities.tools": True},
)
async def tools(subject: Subject) -> Finding:
    return of_calls(await subject.ask(QUESTION, tools=[WEATHER]), WEATHER)


@probe(GROUP, "the same in pieces", "a whole call, put together out of its pieces")
async def tools_stream(subject: Subject) -> Finding:
    seen = await subject.stream(QUESTION, tools=[WEATHER])
    return of_calls(seen.response, WEATHER)


@probe(
    GROUP,
    'tool_choice "auto" with a question that needs no function',
    "text and no call",
)
async def choice_auto(subject: Subject) -> Finding:
    response = await subject.ask("What is two and two? Answer in a word.", tools=[WEATHER], choice=ToolChoice())
    if response.tool_calls:
        return inconclusive("taken; the model called a function where none was needed")
    if not response.text.strip():
        return failed("neither text nor a call")
    return passed("text, and no call")


@probe(
    GROUP,
    'tool_choice "required" with a question that needs no function',
    "a call although the user wishes for none; no call is a failure: the host promised one",
)
async def choice_required(subject: Subject) -> Finding:
    response = await subject.ask(GREETING, tools=[WEATHER, TIME], choice=ToolChoice(ToolMode.REQUIRED))
    if not response.tool_calls:
        return _none_came(response, "a call was demanded, and none came")
    return passed(f"{response.tool_calls[0].name} was called")


@probe(
    GROUP,
    "tool_choice that names one of two functions, with a question for the other",
    "a call of the named one; another or none is a failure",
)
async def choice_named(subject: Subject) -> Finding:
    response = await subject.ask(QUESTION, tools=[WEATHER, TIME], choice=ToolChoice.tool("get_time"))
    called = {call.name for call in response.tool_calls}
    if called == {"get_time"}:
        return passed("the named function was called")
    if not called:
        return _none_came(response, "the function that was named is not called")
    return failed(f"get_time was named, {', '.join(sorted(called))} is called", ignored=True)


@probe(
    GROUP,
    'tool_choice "none" with a question for a function',
    "no call, while the same request without it brings one; a call is a failure",
    requests=2,
)
async def choice_none(subject: Subject) -> Finding:
    response = await subject.ask(QUESTION, tools=[WEATHER], choice=ToolChoice(ToolMode.NONE))
    if response.tool_calls:
        return failed("calls were forbidden, and one came", ignored=True)
    free = await subject.ask(QUESTION, tools=[WEATHER])
    if free.tool_calls:
        return passed("no call, but one where it is allowed")
    return inconclusive("no call, but none where it is allowed either")


@probe(
    GROUP,
    "a function without arguments, named in tool_choice",
    "a call whose arguments are none or an empty object",
)
async def no_arguments(subject: Subject) -> Finding:
    response = await subject.ask("Restart the server.", tools=[RESTART], choice=ToolChoice.tool("restart_server"))
    if not response.tool_calls:
        return _none_came(response, "the function that was named is not called")
    try:
        value = response.tool_calls[0].parse_arguments()
    except ValueError:
        return failed("the arguments are no JSON")
    return passed("called with nothing") if value == {} else degraded("called with arguments that it does not have")


@probe(
    GROUP,
    "a question that two functions answer",
    "two calls in one answer, with ids of their own; one alone is inconclusive, since the model may go step by step",
)
async def parallel_tools(subject: Subject) -> Finding:
    response = await _both(subject)
    if not response.tool_calls:
        return inconclusive(NONE_CALLED)
    if len(response.tool_calls) == 1:
        return inconclusive("one call: the model may want to go step by step")
    ids = [call.id for call in response.tool_calls]
    if len(set(ids)) < len(ids):
        return failed("several calls with one id: their results cannot be told apart")
    return passed(f"{len(ids)} calls")


@probe(
    GROUP,
    "the same with parallel calls forbidden",
    "one call, while two come without the ban; two are a failure",
    requests=2,
    refused={"unsupported": ["parallel_tool_calls"]},
)
async def parallel_off(subject: Subject) -> Finding:
    response = await _both(subject, parallel_tool_calls=False)
    if len(response.tool_calls) > 1:
        return failed(f"one call was allowed, {len(response.tool_calls)} came", ignored=True)
    free = await _both(subject)
    if response.tool_calls and len(free.tool_calls) > 1:
        return passed("one call, but several where they are allowed")
    return inconclusive("no more than one call where they are allowed either")


async def _both(subject: Subject, **parameters: Any) -> ChatResponse:
    asked = "What is the weather in Lisbon, and what time is it in Tokyo? Call both functions at once."
    return await subject.ask(asked, tools=[WEATHER, TIME], **parameters)


@probe(
    GROUP,
    "the result of a call, given back",
    "a number that only the result holds stands in the answer",
)
async def tool_result(subject: Subject) -> Finding:
    call = ToolCallPart("call_weather_1", "get_weather", '{"city":"Lisbon"}')
    asked = [
        Message(Role.USER, "What is the temperature in Lisbon now? Use a tool."),
        Message(Role.ASSISTANT, (call,)),
        Message(Role.TOOL, (ToolResultPart(call.id, "get_weather", f"Station {TICKET}: 37.4 degrees Celsius"),)),
    ]
    response = await subject.ask(asked, tools=[WEATHER])
    if "37.4" in response.text or "37,4" in response.text:
        return repeated(response.text) or passed("the result is in the answer")
    if response.tool_calls:
        return inconclusive("taken, but the model calls once more")
    return inconclusive(NOT_SHOWN)


def _none_came(response: ChatResponse, told: str) -> Finding:
    if response.finish_reason is FinishReason.LENGTH:
        return inconclusive("max_tokens ended the answer before a call; give more (max_tokens in the configuration)")
    return failed(told, ignored=True)


def of_calls(response: ChatResponse, wanted: ToolDefinition) -> Finding:
    """What is to be said of the calls in an answer."""
    if not response.tool_calls:
        return inconclusive(NONE_CALLED)
    call = response.tool_calls[0]
    if call.name != wanted.name:
        return failed(f"a function that was not offered is called: {call.name!r}")
    if not call.id:
        return degraded("the call has no id")
    try:
        arguments = call.parse_arguments()
    except ValueError:
        return failed("the arguments are no JSON")
    try:
        validate(arguments, dict(wanted.parameters or {}))
    except ValueError:
        return degraded("called, but with arguments that do not fit the schema")
    return passed(f"{call.name} was called with arguments that fit")
