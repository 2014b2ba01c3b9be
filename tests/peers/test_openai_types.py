"""The official openai SDKs, Python and JavaScript, as judges of what we send and what we serve."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
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
from tests.peers import server
from tests.peers.harness import HERE, node, peers_root, program

pytestmark = pytest.mark.peers

JUDGES = HERE / "judges"
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

PLAIN_NAMES = [*server.ANSWERS, *server.ERRORS]
FINISH = {"length": "length", "call": "tool_calls", "parallel_call": "tool_calls", "text_and_call": "tool_calls"}


async def run(*command: str | Path, given: Any) -> Any:
    """A judge's verdict: JSON in, JSON out."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaints = await process.communicate(json.dumps(given).encode())
    assert process.returncode == 0, complaints.decode()[-2000:]
    return json.loads(output)


async def judged(kind: str, values: Sequence[Any]) -> list[list[str]]:
    python = program("sdk", "bin", "python")
    found: list[list[str]] = await run(
        python, JUDGES / "openai_types.py", given=[{"kind": kind, "value": value} for value in values]
    )
    return found


async def python_sdk(base_url: str, names: list[str]) -> Any:
    return await run(program("sdk", "bin", "python"), JUDGES / "openai_client.py", base_url, given=names)


async def javascript_sdk(base_url: str, names: list[str]) -> Any:
    program("npm", "node_modules", "openai", "package.json")
    return await run(node(), JUDGES / "openai_client.cjs", peers_root() / "npm", base_url, given=names)


SDKS = pytest.mark.parametrize("sdk", [python_sdk, javascript_sdk], ids=["python", "javascript"])


async def test_the_judge_of_types_sees_faults() -> None:
    """It would be no judge if it passed these."""
    bad = [
        {"messages": [{"role": "user", "content": "no model"}]},
        {"model": "m", "messages": [{"role": "tool", "content": "whose result?"}]},
        {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "x", "colour": "red"}]}]},
        {"model": "m", "messages": [{"role": "user", "content": "x"}], "speed": 3},
        {"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [{"type": "function"}]},
    ]
    assert all(await judged("request", bad))
    assert all(await judged("response", [{"id": "x", "choices": []}]))
    assert all(await judged("chunk", [{"id": "x", "object": "chat.completion", "created": 1, "model": "m"}]))


async def test_requests_fit_the_types_of_the_openai_sdk() -> None:
    codec = get_codec("openai_chat_completions")
    encoded = [codec.encode_request(request, report=Report(strict=True)) for request in REQUESTS.values()]
    findings = await judged("request", encoded)
    assert {name: found for name, found in zip(REQUESTS, findings, strict=True) if found} == {}


async def test_responses_fit_the_types_of_the_openai_sdk() -> None:
    codec = get_codec("openai_chat_completions")
    encoded = [codec.encode_response(response, report=Report(strict=True)) for response in server.ANSWERS.values()]
    findings = await judged("response", encoded)
    assert {name: found for name, found in zip(server.ANSWERS, findings, strict=True) if found} == {}


async def test_chunks_fit_the_types_of_the_openai_sdk() -> None:
    codec = get_codec("openai_chat_completions")
    named = []
    for name in server.ANSWERS:
        encoder = codec.stream_encoder(report=Report(strict=True))
        frames = [frame for event in server.events(name, with_usage=True) for frame in encoder.feed(event)]
        frames += encoder.finish()
        assert frames[-1].data == "[DONE]"
        named += [(name, json.loads(frame.data)) for frame in frames[:-1]]
    findings = await judged("chunk", [chunk for _, chunk in named])
    assert [(name, chunk, found) for (name, chunk), found in zip(named, findings, strict=True) if found] == []


@SDKS
async def test_sdk_reads_our_answers_in_every_way(sdk: Any) -> None:
    """Whole, chunk by chunk, and through the stream helper: the same answer three times."""
    names = list(server.ANSWERS)
    async with server.serving() as ours:
        report = await sdk(ours.base_url, names)
    for name in names:
        ways = dict(report[name])
        if name == "length" and "error" in ways["helper"]:
            # The Python helper refuses any answer cut by length; it names the reason, so it read us well.
            assert ways.pop("helper")["error"] == "LengthFinishReasonError"
        for way, found in ways.items():
            assert "error" not in found, f"{name} {way}: {found}"
            assert_read(name, found)


def assert_read(name: str, found: dict[str, Any]) -> None:
    response = server.ANSWERS[name]
    assert found["text"] == response.text
    assert found["refusal"] == response.refusal
    assert found["finish"] == FINISH.get(name, "stop")
    assert found["calls"] == [
        {"id": call.id, "name": call.name, "arguments": call.arguments} for call in response.tool_calls
    ]
    if response.usage is None:
        assert found["usage"] is None
        return
    usage = found["usage"]
    assert usage["prompt_tokens"] == response.usage.input_tokens
    assert usage["completion_tokens"] == response.usage.output_tokens
    assert usage["total_tokens"] == response.usage.total_tokens
    if name == "usage":
        assert usage["prompt_tokens_details"]["cached_tokens"] == 20
        assert usage["completion_tokens_details"]["reasoning_tokens"] == 12


@SDKS
async def test_sdk_raises_its_own_error_for_ours(sdk: Any) -> None:
    """The class an SDK's user catches follows from our status and body."""
    classes = {
        "error_400": "BadRequestError",
        "error_401": "AuthenticationError",
        "error_404": "NotFoundError",
        "error_429": "RateLimitError",
        "error_503": "InternalServerError",
    }
    async with server.serving() as ours:
        report = await sdk(ours.base_url, list(classes))
    for name, expected in classes.items():
        for way, found in report[name].items():
            assert found["error"] == expected, (name, way, found)
            assert found["status"] == server.ERRORS[name].status
            assert found["code"] == server.ERRORS[name].code


@SDKS
async def test_sdk_is_told_when_our_stream_breaks(sdk: Any) -> None:
    """A stream that fails half way is an error at the other end too, never a short answer."""
    async with server.serving() as ours:
        report = await sdk(ours.base_url, list(server.BREAKS))
    for name in server.BREAKS:
        for way in ("chunks", "helper"):
            assert report[name][way].get("error"), (name, way, report[name][way])


async def test_what_the_sdk_sends_is_understood() -> None:
    """The other direction: the body the SDK builds decodes to the request its user wrote."""
    async with server.serving() as ours:
        await python_sdk(ours.base_url, ["call"])
    whole, streamed, helped = ours.requests
    for request in ours.requests:
        assert request.model == "call"
        assert [message.text for message in request.messages] == ["go"]
        assert [tool.name for tool in request.tools if isinstance(tool, ToolDefinition)] == ["get_weather", "get_time"]
    assert (whole.stream, streamed.stream, helped.stream) == (False, True, True)
    assert (whole.include_usage, streamed.include_usage) == (None, True)
