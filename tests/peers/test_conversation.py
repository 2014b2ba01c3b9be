"""One conversation on all four wires, whole and streamed, against servers that are not ours or say what hosts said.

System, a picture, two tools called at once, their results, a follow-up. What was asked is read from the
request's JSON by hand and by aimock itself, never by our own decoders.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from minillm import ChatNode, GeneratorInfo
from minillm.transport import HTTPRequest, HTTPResponse, default_transport
from minillm.types import ImagePart, TextPart, ToolCallPart, ToolDefinition, ToolResultPart
from minillm.wire import WIRES
from tests.peers.harness import fetch, fetch_json
from tests.plain_requests import Said, conversation, tool_names
from tests.scripted_server import Asked, scripted
from tests.wire import anthropic_reader, chat_reader, gemini_reader, responses_reader
from tests.wire.corpus import case

PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
CITY = {"type": "object", "properties": {"tower": {"type": "string"}}, "required": ["tower"]}
TOOLS = [ToolDefinition("height_of", "In metres", CITY), ToolDefinition("age_of", "In years", CITY)]
QUESTION, FOLLOW_UP = "Compare the lighthouses.", "Which is older?"
RESULTS = {"height_of": "31", "age_of": "1874"}

Ask = Callable[..., Awaitable[Any]]


async def whole(node: ChatNode, gen: GeneratorInfo) -> Any:
    return await node.complete(gen, tools=TOOLS, retry=0)


async def streamed(node: ChatNode, gen: GeneratorInfo) -> Any:
    async with node.stream(gen, tools=TOOLS, retry=0) as stream:
        heard = "".join([chunk.delta async for chunk in stream])
        reply = await stream.finish()
    assert heard == reply.text
    return reply


WAYS = pytest.mark.parametrize("ask", [whole, streamed])
ALL_WIRES = pytest.mark.parametrize("wire", sorted(WIRES))


def start() -> ChatNode:
    return ChatNode.root("You know towers.").add_user([TextPart(QUESTION), ImagePart(data=PICTURE)])


def with_results(reply: ChatNode) -> ChatNode:
    calls = reply.message.tool_calls
    results = [ToolResultPart(call.id, call.name, RESULTS.get(call.name, f"of {call.name}")) for call in calls]
    return reply.add_tool_results(results)


# ------------------------------------------------------------------ aimock answers


@dataclass
class Listening:
    """The usual transport, with what it is given to send."""

    bodies: list[Any] = field(default_factory=list)

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        self.bodies.append(json.loads(request.body))
        return await default_transport().send(request)


def aimock_generator(aimock: str, wire: str, transport: Listening) -> GeneratorInfo:
    version = "v1beta" if wire == "gemini_generate_content" else "v1"
    return GeneratorInfo.custom("m", base_url=f"{aimock}/{version}", wire=wire, api_key="x", transport=transport)


PICTURE_TEXT = ImagePart(data=PICTURE).data or ""
BEGINNING: list[Said] = [("system", "You know towers."), ("user", QUESTION), ("image", PICTURE_TEXT)]
CALLED: list[Said] = [
    ("assistant", "I will ask."),
    ("call", "call_height", "height_of", '{"tower": "North"}'),
    ("call", "call_age", "age_of", '{"tower": "South"}'),
    ("result", "call_height", "31"),
    ("result", "call_age", "1874"),
]
AFTERWARDS: list[Said] = [("assistant", "North is 31 m high, South is from 1874."), ("user", FOLLOW_UP)]


@pytest.mark.peers
@WAYS
@ALL_WIRES
async def test_aimock_leads_the_conversation(aimock: str, wire: str, ask: Ask) -> None:
    fetch(f"{aimock}/__aimock/reset/journal", {})
    transport = Listening()
    gen = aimock_generator(aimock, wire, transport)

    called = await ask(start(), gen)
    answered = await ask(with_results(called), gen)
    followed = await ask(answered.add_user(FOLLOW_UP), gen)

    assert called.message.tool_calls == (
        ToolCallPart("call_height", "height_of", '{"tower":"North"}'),
        ToolCallPart("call_age", "age_of", '{"tower":"South"}'),
    )
    # aimock's Gemini has a word of its own for the end with calls; Google says STOP.
    end = "unknown" if wire == "gemini_generate_content" else "tool_calls"
    assert [_seen(reply) for reply in (called, answered, followed)] == [
        ("I will ask.", end, 40, 9),
        ("North is 31 m high, South is from 1874.", "stop", 70, 12),
        ("South, by far.", "stop", 90, 4),
    ]
    roles = ["system", "user", "assistant", "tool", "tool", "assistant", "user", "assistant"]
    assert [node.message.role for node in followed.path()] == roles
    assert [conversation(wire, body) for body in transport.bodies] == [
        BEGINNING,
        BEGINNING + CALLED,
        BEGINNING + CALLED + AFTERWARDS,
    ]
    assert all(tool_names(wire, body) == ["height_of", "age_of"] for body in transport.bodies)
    _check_aimocks_reading(aimock)


@pytest.mark.peers
@WAYS
@pytest.mark.parametrize("first", range(4))
async def test_a_conversation_may_change_its_wire_at_every_turn(aimock: str, first: int, ask: Ask) -> None:
    """The calls of one host are answered at a second and followed up at a third; nothing said is lost on the way."""
    wires = [sorted(WIRES)[(first + turn) % 4] for turn in range(3)]
    transport = Listening()
    one, two, three = (aimock_generator(aimock, wire, transport) for wire in wires)
    called = await ask(start(), one)
    answered = await ask(with_results(called), two)
    followed = await ask(answered.add_user(FOLLOW_UP), three)
    assert followed.text == "South, by far."
    assert followed.response.losses == ()
    assert [conversation(wire, body) for wire, body in zip(wires, transport.bodies, strict=True)] == [
        BEGINNING,
        BEGINNING + CALLED,
        BEGINNING + CALLED + AFTERWARDS,
    ]


def _seen(reply: Any) -> tuple[str, str, int, int]:
    usage = reply.response.usage
    return reply.text, str(reply.response.finish_reason), usage.input_tokens, usage.output_tokens


def _check_aimocks_reading(aimock: str) -> None:
    """What aimock itself understood of the last request, whatever wire it came on."""
    journal = fetch_json(f"{aimock}/__aimock/journal")
    entries = journal if isinstance(journal, list) else journal["entries"]
    assert [entry["response"]["status"] for entry in entries] == [200, 200, 200]
    messages = entries[-1]["body"]["messages"]
    calls = [call for message in messages for call in message.get("tool_calls") or []]
    results = [message for message in messages if message["role"] == "tool"]
    assert messages[0] == {"role": "system", "content": "You know towers."}
    assert messages[-1] == {"role": "user", "content": FOLLOW_UP}
    assert [(call["id"], call["function"]["name"]) for call in calls] == [
        ("call_height", "height_of"),
        ("call_age", "age_of"),
    ]
    assert [message["tool_call_id"] for message in results] == ["call_height", "call_age"]
    assert [tool["function"]["name"] for tool in entries[-1]["body"]["tools"]] == ["height_of", "age_of"]


# ------------------------------------------------------------------ recorded hosts answer

# For each wire: what hosts really sent when two tools were called at once, with their results, and for a follow-up.
RECORDED = {
    "openai_chat_completions": {
        whole: ("parallel_tool_calls", "tool_result_followup", "text"),
        streamed: ("stream_parallel_tools", "stream_text", "stream_logprobs"),
    },
    "openai_responses": {
        whole: ("parallel_tool_calls", "tool_result_followup", "text"),
        streamed: ("stream_parallel_tools", "stream_text", "logprobs"),
    },
    "anthropic_messages": {
        whole: ("parallel_tool_calls", "tool_result_followup", "text"),
        streamed: ("stream_parallel_tools", "stream_text", "cache_read"),
    },
    "gemini_generate_content": {
        whole: ("parallel_tool_calls", "tool_result_followup", "text"),
        streamed: ("stream_parallel_tools", "stream_text", "image_in"),
    },
}
# The corpus folder of a wire, and the reader of its answers that shares no code with minillm.
READERS: dict[str, tuple[str, Any]] = {
    "openai_chat_completions": ("openai_chat", chat_reader),
    "openai_responses": ("openai_responses", responses_reader),
    "anthropic_messages": ("anthropic_messages", anthropic_reader),
    "gemini_generate_content": ("gemini_generate", gemini_reader),
}


@WAYS
@ALL_WIRES
async def test_recorded_answers_lead_the_conversation(wire: str, ask: Ask) -> None:
    folder, reader = READERS[wire]
    cases = [case(folder, name) for name in RECORDED[wire][ask]]
    read = [reader.read_case(one.body, one.is_stream, one.status) for one in cases]
    async with scripted(*(one.body for one in cases)) as server:
        gen = GeneratorInfo.custom("m", base_url=f"{server.url}/v1", wire=wire, api_key="key-1234")
        called = await ask(start(), gen)
        answered = await ask(with_results(called), gen)
        followed = await ask(answered.add_user(FOLLOW_UP), gen)

    for reply, expected in zip((called, answered, followed), read, strict=True):
        _check_reply(reply, expected)
    said = [_joined(conversation(wire, asked.body)) for asked in server.asked]
    results = [("result", call.id, RESULTS.get(call.name, f"of {call.name}")) for call in called.message.tool_calls]
    assert said[0] == BEGINNING
    assert said[1] == BEGINNING + _repeated(read[0]) + results
    assert said[2] == said[1] + _repeated(read[1]) + [("user", FOLLOW_UP)]
    assert len(results) > 1
    for asked in server.asked:
        _check_streaming(asked, stream=ask is streamed)


def _check_reply(reply: Any, expected: dict[str, Any]) -> None:
    """The tree holds what the independent reader found in the host's bytes."""
    choice, usage = expected["choices"][0], expected["usage"]
    assert reply.text == choice["text"]
    assert [(call.name, call.parse_arguments()) for call in reply.message.tool_calls] == [
        (call["name"], _parsed(call["arguments"])) for call in choice.get("tool_calls", [])
    ]
    assert all(call.id for call in reply.message.tool_calls)
    assert str(reply.response.finish_reason) == choice["finish"]
    found = reply.response.usage
    assert (found and (found.input_tokens, found.output_tokens)) == (usage and (usage["input"], usage["output"]))


def _joined(said: list[Said]) -> list[Said]:
    """Neighbouring texts of the model as one: Gemini signs a piece of a text, which then stays a piece."""
    joined: list[Said] = []
    for one in said:
        if one[0] == "assistant" and joined and joined[-1][0] == "assistant":
            joined[-1] = ("assistant", joined[-1][1] + one[1])
        else:
            joined.append(one)
    return joined


def _parsed(arguments: Any) -> Any:
    return json.loads(arguments) if isinstance(arguments, str) else arguments


def _repeated(expected: dict[str, Any]) -> list[Said]:
    """An answer as the next request must say it."""
    choice = expected["choices"][0]
    text: list[Said] = [("assistant", choice["text"])] if choice["text"] else []
    calls: list[Said] = [
        ("call", call["id"], call["name"], json.dumps(_parsed(call["arguments"]), sort_keys=True))
        for call in choice.get("tool_calls", [])
    ]
    return text + calls


def _check_streaming(asked: Asked, *, stream: bool) -> None:
    """Three wires say it in the body, one in the path."""
    if "GenerateContent" in asked.path or "generateContent" in asked.path:
        assert asked.path.endswith(":streamGenerateContent?alt=sse" if stream else ":generateContent")
        assert "stream" not in asked.body
    else:
        assert asked.body.get("stream", False) is stream
