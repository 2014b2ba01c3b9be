"""Structured output over sockets on all four wires: what the host is asked, and what comes of its answer."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from minillm import ChatNode, GeneratorInfo, InvalidOutput, ResponseFormat
from minillm.types import ChatResponse, Choice, FinishReason, Message, Outcome, Severity, Usage
from minillm.wire import WIRES, get_codec
from minillm.wire.sse import encode_event
from tests.scripted_server import ScriptedServer, scripted

CHAT, RESPONSES, MESSAGES, GEMINI = WIRES
WIRE = pytest.mark.parametrize("wire", WIRES)


@dataclass
class Person:
    """Somebody."""

    name: str
    age: int = 0


@dataclass
class Scores:
    by_name: dict[str, int]


GOOD = '{"name": "Ann", "age": 7}'
SCHEMA = {
    "type": "object",
    "description": "Somebody.",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "default": 0}},
    "required": ["name"],
    "additionalProperties": False,
}
STRICT = {
    **SCHEMA,
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}


def answered(wire: str, text: str) -> bytes:
    """A whole answer as the vendor writes it."""
    choice = Choice(0, Message("assistant", text), FinishReason.STOP)
    return json.dumps(
        get_codec(wire).encode_response(ChatResponse("id", "m", (choice,), Usage(3, output_tokens=2)))
    ).encode()


def streamed(wire: str, *pieces: str) -> bytes:
    from minillm.types import Finish, MessageEnd, MessageStart, PartEnd, PartStart, TextDelta, TextPart

    encoder = get_codec(wire).stream_encoder()
    events = [
        MessageStart("id", "m"),
        PartStart(0, TextPart("")),
        *(TextDelta(0, piece) for piece in pieces),
        PartEnd(0),
        Finish(0, FinishReason.STOP),
        MessageEnd(),
    ]
    frames = [frame for event in events for frame in encoder.feed(event)] + encoder.finish()
    return b"".join(encode_event(frame) for frame in frames)


def host(server: ScriptedServer, wire: str, *, like: str | None = None) -> GeneratorInfo:
    """A generator for the scripted server with the row of a vendor of this wire."""
    names = {CHAT: "openai", RESPONSES: "openai", MESSAGES: "anthropic", GEMINI: "gemini"}
    gen = GeneratorInfo.from_name(
        f"{like or names[wire]}:gemini-3-pro" if wire == GEMINI else f"{like or names[wire]}:m"
    )
    return gen.replace(wire=wire, base_url=server.url, api_key="key")


def asked_format(wire: str, body: dict[str, Any]) -> Any:
    """What the request says of the answer's form."""
    match wire:
        case "openai_chat_completions":
            return body.get("response_format")
        case "openai_responses":
            return body.get("text", {}).get("format")
        case "anthropic_messages":
            return body.get("output_config", {}).get("format")
        case _:
            config = body.get("generationConfig", {})
            return {key: value for key, value in config.items() if key.startswith("response")} or None


NATIVE: dict[str, Any] = {
    CHAT: {"type": "json_schema", "json_schema": {"name": "Person", "schema": STRICT, "strict": True}},
    RESPONSES: {"type": "json_schema", "name": "Person", "schema": STRICT, "strict": True},
    MESSAGES: {"type": "json_schema", "schema": SCHEMA},
    GEMINI: {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA},
}


@WIRE
async def test_each_vendor_is_asked_in_its_own_mode(wire: str) -> None:
    """Nothing is added to the prompt, and the answer is a Person."""
    async with scripted(answered(wire, GOOD)) as server:
        reply = await ChatNode.root().chat("Who?", host(server, wire), output=Person)
    assert asked_format(wire, server.asked[0].body) == NATIVE[wire]
    assert b"JSON Schema" not in server.asked[0].raw
    assert reply.output == Person("Ann", 7)
    assert all(loss.severity is not Severity.LOST for loss in reply.response.losses)


@WIRE
async def test_a_list_goes_as_the_member_of_an_object(wire: str) -> None:
    async with scripted(answered(wire, '{"answer": [1, 2]}')) as server:
        reply = await ChatNode.root().chat("Which?", host(server, wire), output=list[int])
    said = json.dumps(asked_format(wire, server.asked[0].body))
    assert '"answer": {"type": "array", "items": {"type": "integer"}}' in said
    assert reply.output == [1, 2]


@WIRE
async def test_what_does_not_fit_is_asked_for_again_on_every_wire(wire: str) -> None:
    """The conversation that asks again is one that the wire can say."""
    async with scripted(answered(wire, '{"name": 1}'), answered(wire, GOOD)) as server:
        reply = await ChatNode.root("Guess.").chat("Who?", host(server, wire), output=Person)
    assert reply.output == Person("Ann", 7)
    assert [attempt.outcome for attempt in reply.attempts] == [Outcome.REJECTED, Outcome.ACCEPTED]
    assert all(attempt.usage is not None and attempt.usage.output_tokens == 2 for attempt in reply.attempts)
    decoded = get_codec(wire).decode_request(server.asked[1].body)
    assert [message.text for message in decoded.messages[-3:-1]] == ["Who?", '{"name": 1}']
    assert "name: expected a string" in decoded.messages[-1].text
    assert asked_format(wire, server.asked[1].body) == NATIVE[wire]


@WIRE
async def test_a_stream_is_asked_alike_and_shown_as_it_grows(wire: str) -> None:
    async with (
        scripted(streamed(wire, '{"na', 'me": "A', "nn", '", "age"', ": 7}")) as server,
        ChatNode.root().stream(host(server, wire), user="Who?", output=Person) as stream,
    ):
        values = [value async for value in stream.partials()]
    assert asked_format(wire, server.asked[0].body) == NATIVE[wire]
    assert values[-1] == {"name": "Ann", "age": 7}
    assert stream.node.output == Person("Ann", 7)


@WIRE
async def test_a_stream_is_judged_at_its_end(wire: str) -> None:
    async with (
        scripted(streamed(wire, '{"name": ', "1}")) as server,
        ChatNode.root().stream(host(server, wire), user="Who?", output=Person) as stream,
    ):
        with pytest.raises(InvalidOutput) as caught:
            await stream.finish()
    assert (caught.value.path, caught.value.response.text) == ("name", '{"name": 1}')
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("like", "wire", "left"),
    [
        ("deepseek", CHAT, {"type": "json_object"}),  # JSON mode, which knows no schema
        ("deepseek", MESSAGES, None),
        ("ollama", MESSAGES, None),
    ],
)
async def test_a_host_without_schemas_is_asked_in_words(like: str, wire: str, left: Any) -> None:
    """It is told as a weaker form, which fails no call."""
    async with scripted(answered(wire, f"Sure!\n```json\n{GOOD}\n```")) as server:
        gen = host(server, wire, like=like)
        reply = await ChatNode.root("Guess.").chat("Who?", gen, output=Person, unsupported="error")
    assert asked_format(wire, server.asked[0].body) == left
    decoded = get_codec(wire).decode_request(server.asked[0].body)
    assert decoded.messages[-1].text.startswith("Who?\n\nAnswer with JSON alone")
    assert '"properties":{"name":{"type":"string"}' in decoded.messages[-1].text
    told = [loss for loss in reply.response.losses if loss.path == "parameters.response_format"]
    assert [loss.severity for loss in told] == [Severity.DEGRADED]
    assert (reply.output, reply.response.repaired) == (Person("Ann", 7), True)


async def test_what_anthropic_cannot_be_held_to_is_asked_in_words() -> None:
    """Held to a closed schema, the model could only answer an empty object."""
    async with scripted(answered(MESSAGES, '{"by_name": {"Ann": 3}}')) as server:
        reply = await ChatNode.root().chat("Who?", host(server, MESSAGES), output=Scores, unsupported="error")
    assert asked_format(MESSAGES, server.asked[0].body) is None
    assert b"JSON Schema" in server.asked[0].raw
    assert reply.output == Scores({"Ann": 3})


@pytest.mark.parametrize("wire", [CHAT, RESPONSES])
async def test_what_strict_mode_cannot_say_goes_without_it(wire: str) -> None:
    async with scripted(answered(wire, '{"by_name": {"Ann": 3}}')) as server:
        reply = await ChatNode.root().chat("Who?", host(server, wire), output=Scores, unsupported="error")
    said = asked_format(wire, server.asked[0].body)
    said = said.get("json_schema", said)
    assert "strict" not in said
    assert said["schema"]["properties"]["by_name"] == {"type": "object", "additionalProperties": {"type": "integer"}}
    assert reply.output == Scores({"Ann": 3})


async def test_words_may_be_asked_for() -> None:
    """For a model that does not know the mode its host has."""
    async with scripted(answered(CHAT, GOOD)) as server:
        await ChatNode.root().chat("Who?", host(server, CHAT), output=Person, response_format=ResponseFormat("text"))
    assert asked_format(CHAT, server.asked[0].body) == {"type": "text"}
    assert b"JSON Schema" in server.asked[0].raw


async def test_the_cached_beginning_of_the_prompt_stays_as_it_was() -> None:
    """The words stand behind the mark, and asking again begins with what was asked."""
    async with scripted(answered(MESSAGES, "none"), answered(MESSAGES, GOOD)) as server:
        gen = host(server, MESSAGES, like="openrouter")
        await ChatNode.root("Guess.").chat("Who?", gen, output=Person, cache=True)
    first, again = (asked.body["messages"] for asked in server.asked)
    question = first[0]["content"]
    assert [block["text"] for block in question][:1] == ["Who?"]
    assert "cache_control" in question[0]
    assert again[0]["content"][0] == question[0]
    assert server.asked[0].body["system"] == server.asked[1].body["system"]
