"""The official openai SDK's own types as judges of every form of request that we send on its first wire."""

from collections.abc import Iterable
from typing import Any

import pytest

from minillm.report import Report
from minillm.types import (
    AudioPart,
    ChatRequest,
    CompletionParameters,
    FilePart,
    ImagePart,
    Message,
    ReasoningConfig,
    RefusalPart,
    ResponseFormat,
    Role,
    TextPart,
    ToolCallPart,
    ToolChoice,
    ToolDefinition,
    ToolMode,
    ToolResultPart,
)
from minillm.wire import get_codec
from tests.peers.test_rewritten_types import judged

pytestmark = pytest.mark.peers

PICTURE = "iVBORw0KGgo="
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}

USER = Message(Role.USER, "What is the weather in Lisbon?")
TOOL = ToolDefinition("get_weather", "The weather in a city", SCHEMA)
STRICT_TOOL = ToolDefinition("get_weather", None, SCHEMA, strict=True)
BARE_TOOL = ToolDefinition("get_time")
CUSTOM_TOOL = ToolDefinition("run_sql", "Runs SQL", kind="custom")
CALL = ToolCallPart("call_1", "get_weather", '{"city":"Lisbon"}')
SECOND_CALL = ToolCallPart("call_2", "get_time", "")
GRAMMAR = {"type": "grammar", "grammar": {"syntax": "regex", "definition": "[a-z]+"}}


def asking(*messages: Message, **fields: Any) -> ChatRequest:
    return ChatRequest("gpt-5.4", messages or (USER,), **fields)


def tuned(**parameters: Any) -> ChatRequest:
    return asking(parameters=CompletionParameters(**parameters))


REQUESTS: dict[str, ChatRequest] = {
    "one_user_message": asking(),
    "all_roles": asking(
        Message(Role.SYSTEM, "Be terse."),
        Message(Role.DEVELOPER, "Answer in English."),
        Message(Role.USER, "Hi", name="ada"),
        Message(Role.ASSISTANT, "Hello."),
        Message(Role.USER, (TextPart("a"), TextPart("b"))),
    ),
    "pictures": asking(
        Message(
            Role.USER,
            (
                TextPart("Compare."),
                ImagePart(url="https://example.com/a.png", detail="low"),
                ImagePart(mime="image/png", data=PICTURE),
            ),
        )
    ),
    "sound": asking(Message(Role.USER, (TextPart("Listen."), AudioPart(mime="audio/wav", data="UklGRg==")))),
    "file": asking(
        Message(
            Role.USER,
            (
                FilePart(mime="application/pdf", data="JVBERi0=", name="a.pdf"),
                FilePart(file_id="file-abc"),
                TextPart("Sum it up."),
            ),
        )
    ),
    "tool_history": asking(
        USER,
        Message(Role.ASSISTANT, (TextPart("I will look."), CALL, SECOND_CALL)),
        Message(Role.TOOL, (ToolResultPart("call_1", "get_weather", "21 degrees"),)),
        Message(Role.TOOL, (ToolResultPart("call_2", "get_time", "noon"),)),
        tools=(TOOL, BARE_TOOL),
    ),
    "tool_results_in_one_message": asking(
        USER,
        Message(Role.ASSISTANT, (CALL, SECOND_CALL)),
        Message(
            Role.TOOL,
            (ToolResultPart("call_1", "get_weather", "21 degrees"), ToolResultPart("call_2", "get_time", "noon")),
        ),
        tools=(TOOL, BARE_TOOL),
    ),
    "refusal_history": asking(USER, Message(Role.ASSISTANT, (RefusalPart("No."),)), USER),
    "custom_tool_history": asking(
        USER,
        Message(Role.ASSISTANT, (ToolCallPart("call_3", "run_sql", "select 1", kind="custom"),)),
        Message(Role.TOOL, (ToolResultPart("call_3", "run_sql", "1"),)),
        tools=(CUSTOM_TOOL,),
    ),
    "tools": asking(tools=(TOOL, BARE_TOOL)),
    "strict_tool": asking(tools=(STRICT_TOOL,)),
    "custom_tool_with_grammar": asking(tools=(ToolDefinition("name_it", kind="custom", format=GRAMMAR),)),
    "choice_auto": asking(tools=(TOOL,), tool_choice=ToolChoice()),
    "choice_none": asking(tools=(TOOL,), tool_choice=ToolChoice(ToolMode.NONE)),
    "choice_required": asking(tools=(TOOL,), tool_choice=ToolChoice(ToolMode.REQUIRED)),
    "choice_one": asking(tools=(TOOL,), tool_choice=ToolChoice.tool("get_weather")),
    "choice_some": asking(
        tools=(TOOL, BARE_TOOL), tool_choice=ToolChoice(ToolMode.REQUIRED, ("get_weather", "get_time"))
    ),
    "one_call_at_a_time": asking(tools=(TOOL,), parameters=CompletionParameters(parallel_tool_calls=False)),
    "sampling": tuned(
        max_tokens=100,
        temperature=0.5,
        top_p=0.9,
        frequency_penalty=0.1,
        presence_penalty=-0.1,
        stop=("END", "STOP"),
        seed=7,
        n=2,
    ),
    "bias_and_logprobs": tuned(logit_bias={"50256": -100}, logprobs=True, top_logprobs=3),
    "reasoning": tuned(reasoning=ReasoningConfig(effort="high"), verbosity="low"),
    "json_mode": tuned(response_format=ResponseFormat("json")),
    "text_mode": tuned(response_format=ResponseFormat("text")),
    "json_schema": tuned(response_format=ResponseFormat("json_schema", SCHEMA, "city", strict=True)),
    "spoken_answer": tuned(modalities=("text", "audio"), audio={"voice": "alloy", "format": "mp3"}),
    "prediction": tuned(prediction={"type": "content", "content": "def f():"}),
    "bookkeeping": tuned(
        service_tier="flex", store=True, end_user="user-7", cache_key="prefix-1", metadata={"run": "nightly"}
    ),
    "streaming": asking(stream=True),
    "streaming_with_usage": asking(stream=True, include_usage=True),
}


def findings(values: Iterable[Any]) -> list[list[str]]:
    return judged([{"wire": "openai_chat_completions", "kind": "request", "value": value} for value in values])


def test_the_judge_of_types_sees_faults() -> None:
    """It would be no judge if it passed these."""
    bad = [
        {"messages": [{"role": "user", "content": "no model"}]},
        {"model": "m", "messages": [{"role": "tool", "content": "whose result?"}]},
        {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "x", "colour": "red"}]}]},
        {"model": "m", "messages": [{"role": "user", "content": "x"}], "speed": 3},
        {"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [{"type": "function"}]},
    ]
    assert all(findings(bad))


def test_requests_fit_the_types_of_the_openai_sdk() -> None:
    codec = get_codec("openai_chat_completions")
    encoded = [codec.encode_request(request, report=Report(strict=True)) for request in REQUESTS.values()]
    found = findings(encoded)
    assert {name: unfit for name, unfit in zip(REQUESTS, found, strict=True) if unfit} == {}
