"""A turn with parallel calls, an error, a picture, free text, no and repaired arguments, as each wire documents it."""

from collections.abc import Callable
from typing import Any

import pytest

from minillm import (
    ChatNode,
    ChatResponse,
    ConfigurationError,
    GeneratorInfo,
    Message,
    MockModel,
    MockTransport,
    Role,
    UnansweredToolCalls,
    execute_calls,
)
from minillm.transport import MockResponse
from minillm.types import NativeTool, ToolCallPart, ToolChoice, ToolMode
from minillm.wire import get_codec
from tests.chat.tool_turns import ANSWERS, CALLS, PICTURE, TOOLS, asked, height_of, keepers, results, sent
from tests.wire.checks import (
    answer_of,
    anthropic_answer,
    anthropic_block,
    anthropic_end,
    anthropic_start,
    chat_answer,
    chat_call,
    chat_chunk,
    gemini_frame,
    responses_answer,
)

IDS = [call.id for call in CALLS]
NAMES = [call.name for call in CALLS]
TEXTS = ["31 m", "LookupError: the South tower is closed", None, '{"names":["Ana","Zoë"]}', "8", "31 ft"]
DATA_URL = f"data:image/png;base64,{PICTURE}"
BROKEN = "{'tower': 'North', 'unit': 'ft'}"


async def test_the_results_are_what_the_functions_gave() -> None:
    done = await results()
    assert [result.call_id for result in done] == IDS
    assert [result.is_error for result in done] == [False, True, False, False, False, False]
    assert [call.id for call in done.repaired] == [IDS[5]]


async def test_chat_completions() -> None:
    """https://platform.openai.com/docs/guides/function-calling: results hold text alone, so the picture follows."""
    body = await sent("openai_chat_completions")
    calls, *answers, picture = body["messages"][2:]
    functions = [call["function"]["arguments"] for call in calls["tool_calls"] if call["type"] == "function"]
    assert functions == ['{"tower":"North"}', '{"tower":"South"}', '{"tower":"North"}', "{}", BROKEN]
    assert calls["tool_calls"][4]["custom"] == {"name": "run_sql", "input": "select 1"}
    assert [answer["tool_call_id"] for answer in answers] == IDS
    assert [answer["role"] for answer in answers] == ["tool"] * 6
    assert answers[1]["content"].endswith("LookupError: the South tower is closed")
    assert answers[2]["content"] == "North:"
    assert picture["role"] == "user"
    assert picture["content"][-1] == {"type": "image_url", "image_url": {"url": DATA_URL}}
    kinds = [offered["type"] for offered in body["tools"]]
    assert kinds == ["function", "function", "function", "custom"]


async def test_responses() -> None:
    """https://platform.openai.com/docs/api-reference/responses: outputs may hold pictures."""
    body = await sent("openai_responses")
    items = body["input"][2:]
    assert [item["type"] for item in items[:6]] == [*["function_call"] * 4, "custom_tool_call", "function_call"]
    outputs = items[6:]
    assert [item["call_id"] for item in outputs] == IDS
    assert outputs[4]["type"] == "custom_tool_call_output"
    assert outputs[2]["output"][0] == {"type": "input_text", "text": "North:"}
    assert outputs[2]["output"][1]["image_url"] == DATA_URL
    assert outputs[3]["output"] == TEXTS[3]


async def test_messages() -> None:
    """https://platform.claude.com/docs/en/agents-and-tools/tool-use: all results at the start of one user turn."""
    body = await sent("anthropic_messages")
    assert len(body["messages"]) == 3
    calls = body["messages"][1]["content"][1:]
    assert [call["input"] for call in calls] == [
        {"tower": "North"},
        {"tower": "South"},
        {"tower": "North"},
        {},
        {"input": "select 1"},
        {"input": BROKEN},
    ]
    answers = body["messages"][2]["content"]
    assert body["messages"][2]["role"] == "user"
    assert [answer["tool_use_id"] for answer in answers] == IDS
    assert [answer.get("is_error", False) for answer in answers] == [False, True, False, False, False, False]
    assert answers[1]["content"] == TEXTS[1]
    assert answers[2]["content"][1]["source"] == {"type": "base64", "media_type": "image/png", "data": PICTURE}


async def test_generate_content() -> None:
    """https://ai.google.dev/gemini-api/docs/function-calling: results by name, errors under ``error``."""
    body = await sent("gemini_generate_content")
    _, calls, answers = body["contents"]
    said = [part["functionCall"] for part in calls["parts"] if "functionCall" in part]
    assert [call["name"] for call in said] == NAMES
    assert "args" not in said[3]
    assert answers["role"] == "user"
    found = [part["functionResponse"] for part in answers["parts"]]
    assert [answer["name"] for answer in found] == NAMES
    assert found[0]["response"] == {"output": "31 m"}
    assert found[1]["response"] == {"error": TEXTS[1]}
    assert found[2]["parts"] == [{"inlineData": {"mimeType": "image/png", "data": PICTURE}}]


# The same choice in each wire's words.
CHOICES: dict[str, Any] = {
    "openai_chat_completions": lambda body: body["tool_choice"],
    "openai_responses": lambda body: body["tool_choice"],
    "anthropic_messages": lambda body: body["tool_choice"],
    "gemini_generate_content": lambda body: body["toolConfig"]["functionCallingConfig"],
}
ONE = {
    "openai_chat_completions": {"type": "function", "function": {"name": "keepers"}},
    "openai_responses": {"type": "function", "name": "keepers"},
    "anthropic_messages": {"type": "tool", "name": "keepers"},
    "gemini_generate_content": {"mode": "ANY", "allowedFunctionNames": ["keepers"]},
}


@pytest.mark.parametrize("wire", ANSWERS)
async def test_a_tool_that_must_be_called(wire: str) -> None:
    assert CHOICES[wire](await sent(wire, tool_choice=keepers)) == ONE[wire]


async def test_some_of_which_one_must_be_called() -> None:
    """By name where the wire can say so; Anthropic is offered these alone."""
    body = await sent("anthropic_messages", tool_choice=[height_of, "keepers"])
    assert ([offered["name"] for offered in body["tools"]], body["tool_choice"]) == (
        ["height_of", "keepers"],
        {"type": "any"},
    )
    body = await sent("gemini_generate_content", tool_choice=[height_of, "keepers"])
    assert CHOICES["gemini_generate_content"](body) == {"mode": "ANY", "allowedFunctionNames": ["height_of", "keepers"]}


# One call each, as each wire answers with it.
CALLING: dict[str, Any] = {
    "openai_chat_completions": chat_answer(
        {"tool_calls": [{"id": "c1", "type": "function", "function": {"name": "keepers", "arguments": ""}}]},
        "tool_calls",
    ),
    "openai_responses": responses_answer(
        {"type": "function_call", "call_id": "c1", "name": "keepers", "arguments": "{}", "status": "completed"}
    ),
    "anthropic_messages": anthropic_answer(
        {"type": "tool_use", "id": "c1", "name": "keepers", "input": {}}, stop="tool_use"
    ),
    "gemini_generate_content": gemini_frame({"functionCall": {"name": "keepers", "id": "c1"}}, finish="STOP"),
}


@pytest.mark.parametrize("wire", ANSWERS)
async def test_there_and_back(wire: str) -> None:
    """Nothing runs on complete; what is run is answered, and the conversation goes on."""
    transport = MockTransport([MockResponse.json(CALLING[wire]), MockResponse.json(ANSWERS[wire])])
    gen = GeneratorInfo.custom("m", base_url="https://host.test", wire=wire, api_key="k", transport=transport)
    ran = []

    def keepers() -> str:
        """Who keeps the lighthouses."""
        ran.append(1)
        return "Ana"

    reply = await ChatNode.root().chat("Who?", gen, tools=[keepers], retry=0)
    assert ran == []
    assert [(call.name, call.parse_arguments()) for call in reply.message.tool_calls] == [("keepers", {})]
    node = reply.add_tool_results(await execute_calls(reply.message.tool_calls, [keepers]))
    assert ran == [1]
    assert (await node.complete(gen, tools=[keepers], retry=0)).text == "Done."
    assert b"Ana" in transport.requests[1].body


async def go_through(door: str, leaf: ChatNode, model: MockModel) -> None:
    if door == "stream":
        async with leaf.stream(model):
            pass
    elif door == "build_request":
        leaf.build_request(model)
    else:
        await getattr(leaf, door)(model)


@pytest.mark.parametrize("door", ["complete", "stream", "branch", "build_request"])
async def test_an_unanswered_call_is_told_before_sending(door: str) -> None:
    """By every door, with the names and ids of those that wait."""
    model = MockModel(["never"])
    leaf = asked().add_tool_results({call.id: "x" for call in CALLS if call.id not in (IDS[0], IDS[3])})
    with pytest.raises(UnansweredToolCalls, match=r"height_of \(call_00000001\), keepers \(call_00000004\)") as told:
        await go_through(door, leaf, model)
    assert [call.id for call in told.value.calls] == [IDS[0], IDS[3]]
    assert model.requests == []
    assert leaf.is_leaf


async def test_results_in_any_order_are_put_in_the_calls_order() -> None:
    done = list(await results())
    leaf = asked().add_tool_results(reversed(done))
    answered = [message.tool_results[0] for message in leaf.thread() if message.tool_results]
    assert answered == done


async def test_what_is_offered_reaches_the_request() -> None:
    own = NativeTool("openai_responses", {"type": "web_search"})

    def look(at: str) -> str:
        """Looks."""
        return at

    request = (
        ChatNode.root()
        .add_user("Hi")
        .build_request(MockModel(), tools=[*TOOLS, look, own], tool_choice=ToolChoice(ToolMode.AUTO, ("look",)))
    )
    names = [getattr(offered, "name", None) for offered in request.tools]
    assert names == ["height_of", "picture_of", "keepers", "run_sql", "look", None]
    assert request.tool_choice == ToolChoice(ToolMode.AUTO, ("look",))
    with pytest.raises(ConfigurationError, match="two tools are named 'keepers'"):
        ChatNode.root().build_request(MockModel(), tools=[*TOOLS, keepers])


async def test_a_call_that_was_cut_is_answered_without_running() -> None:
    """Its result says so, and the conversation can go on."""
    cut = ToolCallPart("c1", "height_of", '{"tower": "Nor', incomplete=True)
    node = ChatNode(Message(Role.ASSISTANT, (cut,)))
    done = await execute_calls([cut], TOOLS)
    leaf = node.add_tool_results(done)
    assert (await leaf.complete(MockModel(["Again, then."]))).text == "Again, then."
    assert done[0].is_error


HALF = '{"tower": "Nor'
# A call cut by the limit of tokens, as each wire that sends such tells it. Gemini sends a call whole or not at all.
CUT: dict[str, Callable[[], ChatResponse]] = {
    "chat": lambda: whole(
        "openai_chat_completions",
        chat_answer({"tool_calls": [{"id": "c1", "type": "function", "function": FUNCTION}]}, "length"),
    ),
    "chat_stream": lambda: answer_of(
        "openai_chat_completions", chat_call(0, HALF, "c1", "height_of"), chat_chunk("length"), "[DONE]"
    ),
    "responses": lambda: whole(
        "openai_responses",
        responses_answer(
            {"type": "function_call", "call_id": "c1", **FUNCTION, "status": "incomplete"},
            status="incomplete",
            incomplete_details={"reason": "max_output_tokens"},
        ),
    ),
    "messages": lambda: whole("anthropic_messages", anthropic_answer({**TOOL_USE, "input": {}}, stop="max_tokens")),
    "messages_stream": lambda: answer_of(
        "anthropic_messages",
        anthropic_start(),
        *anthropic_block(0, TOOL_USE, {"type": "input_json_delta", "partial_json": HALF}),
        *anthropic_end("max_tokens"),
    ),
    "messages_stream_without_any": lambda: answer_of(
        "anthropic_messages", anthropic_start(), *anthropic_block(0, TOOL_USE), *anthropic_end("max_tokens")
    ),
}
FUNCTION = {"name": "height_of", "arguments": HALF}
TOOL_USE = {"type": "tool_use", "id": "c1", "name": "height_of", "input": {}}


def whole(wire: str, body: Any) -> ChatResponse:
    return get_codec(wire).decode_response(body)


@pytest.mark.parametrize("cut", CUT)
async def test_a_call_cut_by_the_host_never_runs(cut: str) -> None:
    """Also where what came would do: without arguments every function with defaults could run."""
    ran = []

    def height_of(tower: str = "North") -> None:
        ran.append(tower)

    response = CUT[cut]()
    assert response.finish_reason == "length"
    (result,) = await execute_calls(response.tool_calls, [height_of])
    assert (ran, result.is_error) == ([], True)
    assert "cut off" in result.text
