"""Settings for a router: sent where the host is one, told as a loss where it is not."""

import json

import pytest

from minillm import ChatNode, EncodeError, GeneratorInfo, LossWarning, MockTransport
from minillm.providers import ProviderSettings

from .hosts import KEY, whole

SETTINGS = ProviderSettings(order=["groq"], sort="price")
ANSWERS = {
    "openai_chat_completions": whole(),
    "openai_responses": {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": "m",
        "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]}],
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
    },
    "anthropic_messages": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "Hello."}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
}


async def sent(make, **options):
    wire = options.pop("wire", "openai_chat_completions")
    transport = MockTransport.json(ANSWERS[wire])
    reply = await ChatNode.root("Hi").chat("Hi", make(transport), max_tokens=9, **options)
    return reply, json.loads(transport.requests[0].body)


def openrouter(transport, **settings):
    return GeneratorInfo.openrouter("v/m", api_key=KEY, transport=transport, **settings)


def openai(transport):
    return GeneratorInfo.openai("m", api_key=KEY, transport=transport)


@pytest.mark.parametrize("wire", ANSWERS)
async def test_the_router_is_told_on_each_of_its_wires(wire):
    """Set once for a generator."""
    reply, body = await sent(lambda it: openrouter(it, routing=SETTINGS, wire=wire), wire=wire)
    assert body["provider"] == {"order": ["groq"], "sort": "price"}
    assert not reply.response.losses


async def test_one_call_says_otherwise():
    """The call's settings are taken whole, in place of the generator's; other extras stay."""
    mine = {"provider": ProviderSettings(only=["azure"]), "models": ["a/b"]}
    _, body = await sent(lambda it: openrouter(it, routing=SETTINGS), extra=mine)
    assert (body["provider"], body["models"]) == ({"only": ["azure"]}, ["a/b"])


async def test_another_host_is_not_sent_them_and_the_loss_is_told():
    """``order`` at OpenAI is an unknown field, and a 400."""
    with pytest.warns(LossWarning, match=r"OpenAI is no router"):
        reply, body = await sent(openai, extra={"provider": SETTINGS, "kept": 1})
    assert "provider" not in body
    assert body["kept"] == 1
    assert [loss.what for loss in reply.response.losses] == ["provider settings"]


async def test_who_wants_no_loss_gets_an_error_before_sending():
    """Prompts for hosts that keep nothing should not go anywhere else in silence."""
    with pytest.raises(EncodeError, match="no router"):
        await sent(openai, extra={"provider": ProviderSettings(zdr=True)}, unsupported="error")


async def test_a_plain_object_of_that_name_is_the_users_own():
    """It may be another host's field."""
    _, body = await sent(openai, extra={"provider": {"order": ["groq"]}})
    assert body["provider"] == {"order": ["groq"]}


async def test_the_router_is_told_which_program_asks():
    """In public headers, which an error's text need not hide."""
    transport = MockTransport.json(whole())
    gen = openrouter(transport, app_name="Thesis", app_url="https://thesis.test")
    await ChatNode.root("Hi").chat("Hi", gen)
    headers = {name.lower(): value for name, value in transport.requests[0].headers.items()}
    assert (headers["x-title"], headers["http-referer"]) == ("Thesis", "https://thesis.test")
