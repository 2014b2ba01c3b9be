"""Messages as JSON: everything survives, and what others know stands where they look."""

import json

import pytest
from hypothesis import given

from minillm.errors import ThreadFormatError
from minillm.tree.message_json import message_to_json, read_message
from minillm.types import (
    ImagePart,
    Message,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from tests.tree.messages import exactly, messages

PLAIN_KEYS = {"role", "content", "name", "tool_call_id", "tool_calls"}


def there_and_back(message: Message) -> Message:
    plain, rest = json.loads(json.dumps(message_to_json(message)))
    return read_message(plain, rest, "message", "minillm")


@given(messages)
def test_every_message_survives_whole(message):
    again = there_and_back(message)
    assert again == message
    assert exactly(again) == exactly(message)


@given(messages)
def test_the_plain_half_is_what_other_readers_know(message):
    """The keys, roles and part types of the format's shared subset, and nothing else."""
    plain, _ = message_to_json(message)
    assert set(plain) <= PLAIN_KEYS
    assert plain["role"] in ("system", "user", "assistant", "tool")
    if isinstance(plain["content"], list):
        for part in plain["content"]:
            assert part["type"] in ("text", "image_url", "input_audio", "video_url", "file")
            assert part.keys() == {"type", part["type"]}
    else:
        assert isinstance(plain["content"], str)
    for call in plain.get("tool_calls", []):
        assert {key: type(value) for key, value in call.items()} == {"id": str, "name": str, "arguments": str}


def test_simple_messages_have_no_rest():
    calls = (TextPart("let me see"), ToolCallPart("c1", "get_weather", '{"city":"Paris"}'))
    for message in (
        Message(Role.USER, "hi"),
        Message(Role.ASSISTANT, calls),
        Message(Role.TOOL, (ToolResultPart("c1", content="15 degrees"),)),
        Message(Role.USER, (TextPart("look"), ImagePart(url="https://h/x.png", detail="high"))),
    ):
        assert message_to_json(message)[1] == {}


def test_without_the_rest_the_rest_is_all_that_is_lost():
    """Another program may drop our key: the conversation stands."""
    parts = (ReasoningPart("thinking", "sig"), TextPart("hi", signature="s"), ToolCallPart("c", "f", "{}"))
    plain, rest = message_to_json(Message(Role.ASSISTANT, parts))
    assert rest["parts"][0] == {"type": "reasoning", "text": "thinking", "signature": "sig"}
    again = read_message(plain, {}, "message", "minillm")
    assert again.parts == (TextPart("hi"), ToolCallPart("c", "f", "{}"))


def test_what_another_program_changed_holds():
    parts = (ReasoningPart("thinking"), TextPart("hi", signature="s"), ToolCallPart("c", "f", "{}"))
    plain, rest = message_to_json(Message(Role.ASSISTANT, parts))
    plain["content"][0]["text"] = "edited"
    plain["content"].append({"type": "text", "text": "added"})
    del plain["tool_calls"]
    again = read_message(plain, rest, "message", "minillm")
    assert again.parts == (ReasoningPart("thinking"), TextPart("edited", signature="s"), TextPart("added"))
    plain["content"] = "only text"
    assert read_message(plain, rest, "m", "r").parts[1] == TextPart("only text", signature="s")


def test_a_role_others_do_not_know_is_told_as_one_they_do():
    plain, rest = message_to_json(Message(Role.DEVELOPER, "x"))
    assert (plain["role"], rest) == ("system", {"role": "developer"})
    plain["role"] = "user"
    assert read_message(plain, rest, "m", "r").role is Role.USER


@pytest.mark.parametrize(
    ("plain", "place"),
    [
        ({}, "message.role"),
        ({"role": "robot", "content": ""}, "message.role"),
        ({"role": 1, "content": ""}, "message.role"),
        ({"role": "user"}, "message.content"),
        ({"role": "user", "content": None}, "message.content"),
        ({"role": "user", "content": 5}, "message.content"),
        ({"role": "user", "content": [5]}, "message.content[0]"),
        ({"role": "user", "content": [{"type": "hologram"}]}, "message.content[0].type"),
        ({"role": "user", "content": [{"type": "text"}]}, "message.content[0].text"),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {}}]}, "message.content[0].image_url.url"),
        ({"role": "user", "content": "", "name": 3}, "message.name"),
        ({"role": "assistant", "content": "", "tool_calls": [{"id": "c"}]}, "message.tool_calls[0].name"),
        ({"role": "assistant", "content": "", "tool_calls": {"id": "c"}}, "message.tool_calls"),
        ({"role": "tool", "content": "", "tool_call_id": 7}, "message.tool_call_id"),
    ],
)
def test_a_bad_message_is_refused_by_place(plain, place):
    with pytest.raises(ThreadFormatError) as caught:
        read_message(plain, {}, "message", "minillm")
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("rest", "place"),
    [
        ({"parts": 1}, "minillm.parts"),
        ({"parts": [{"from": "elsewhere"}]}, "minillm.parts[0].from"),
        ({"parts": [{"type": "dream"}]}, "minillm.parts[0].type"),
        ({"parts": [{"type": "reasoning", "text": 1}]}, "minillm.parts[0].text"),
        ({"origin": ["one"]}, "minillm.origin"),
        ({"native": {"data": 1}}, "minillm.native.wire"),
        ({"extra": []}, "minillm.extra"),
        ({"role": 1}, "minillm.role"),
    ],
)
def test_a_bad_rest_is_refused_by_place(rest, place):
    with pytest.raises(ThreadFormatError) as caught:
        read_message({"role": "user", "content": "x"}, rest, "message", "minillm")
    assert caught.value.place == place


def test_an_unknown_role_names_the_allowed_ones():
    with pytest.raises(ThreadFormatError, match="system, developer, user, assistant, tool"):
        read_message({"role": "robot", "content": ""}, {}, "message", "minillm")
