"""One prompt with a picture, a document and a sound: on each wire in its documented form, or refused before sending.

Pictures and sounds that come back are in the node, in its file, and in the next request where a wire can say them.
"""

import json

import pytest

from minillm import AudioPart, ChatNode, EncodeError, GeneratorInfo, ImagePart, MockTransport
from minillm.transport import MockResponse
from tests.media_files import PDF, PNG, QUESTION, WAV, asked, png

WIRES = {
    "openai_chat_completions": ("openai", "gpt-audio"),
    "openai_responses": ("openai", "gpt-5.4"),
    "anthropic_messages": ("anthropic", "claude-sonnet-5-5"),
    "gemini_generate_content": ("gemini", "gemini-3.8-flash"),
}
HEARING = ("openai_chat_completions", "gemini_generate_content")

CHAT = [
    {"type": "text", "text": QUESTION},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG.data}"}},
    {"type": "file", "file": {"filename": "empty.pdf", "file_data": f"data:application/pdf;base64,{PDF.data}"}},
    {"type": "input_audio", "input_audio": {"data": WAV.data, "format": "wav"}},
]
RESPONSES = [
    {"type": "input_text", "text": QUESTION},
    {"type": "input_image", "image_url": f"data:image/png;base64,{PNG.data}", "detail": "auto"},
    {"type": "input_file", "file_data": f"data:application/pdf;base64,{PDF.data}", "filename": "empty.pdf"},
]
MESSAGES = [
    {"type": "text", "text": QUESTION},
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG.data}},
    {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF.data},
        "title": "empty.pdf",
    },
]
GEMINI = [
    {"text": QUESTION},
    {"inlineData": {"mimeType": "image/png", "data": PNG.data}},
    {"inlineData": {"mimeType": "application/pdf", "data": PDF.data}},
    {"inlineData": {"mimeType": "audio/wav", "data": WAV.data}},
]


def generator(wire, transport):
    host, model = WIRES[wire]
    return GeneratorInfo.of(host, model, wire=wire, api_key="k-123456", transport=transport)


def said(wire, body):
    """What the user says in a body."""
    if wire == "gemini_generate_content":
        return body["contents"][0]["parts"]
    return next(item["content"] for item in body.get("messages", body.get("input")) if item["role"] == "user")


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("openai_chat_completions", CHAT),
        ("openai_responses", RESPONSES),
        ("anthropic_messages", MESSAGES),
        ("gemini_generate_content", GEMINI),
    ],
)
async def test_the_same_prompt_in_each_wires_documented_form(wire, expected):
    """The sound only where the wire has a form for it; tests/peers holds such bodies to the official SDKs' types."""
    transport = MockTransport(MockResponse.json(ANSWERS[wire]("Hi")))
    parts = [PNG, PDF, WAV][: len(expected) - 1]
    reply = await asked(*parts).complete(generator(wire, transport))
    assert said(wire, json.loads(transport.requests[0].body)) == expected
    assert reply.text == "Hi"
    assert [loss for loss in reply.response.losses if loss.severity == "lost"] == []


async def completed(node, gen):
    await node.complete(gen)


async def opened(node, gen):
    async with node.stream(gen):
        pytest.fail("it must not open")


@pytest.mark.parametrize("wire", [wire for wire in WIRES if wire not in HEARING])
@pytest.mark.parametrize("ask", [completed, opened])
async def test_a_sound_that_a_host_does_not_take_is_refused_before_sending(wire, ask):
    """Naming the host, what it does not take, and what to do; the tree stays as it was."""
    transport = MockTransport([])
    node = asked(PNG, PDF, WAV)
    words = r"^messages\[1\]\.content\[3\]: (OpenAI|Anthropic) takes no audio: send a transcript as text, or ask"
    with pytest.raises(EncodeError, match=words):
        await ask(node, generator(wire, transport))
    assert transport.requests == []
    assert node.children == ()


def chat_answer(text, **more):
    message = {"role": "assistant", "content": text, **more}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def responses_answer(text, *items):
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": content}
    return {"id": "r", "status": "completed", "model": "m", "output": [*items, message]}


def messages_answer(text):
    content = [{"type": "text", "text": text}]
    return {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": content,
        "stop_reason": "end_turn",
    }


def gemini_answer(text, *parts):
    content = {"role": "model", "parts": [{"text": text}, *parts]}
    return {"candidates": [{"index": 0, "content": content, "finishReason": "STOP"}]}


ANSWERS = {
    "openai_chat_completions": chat_answer,
    "openai_responses": responses_answer,
    "anthropic_messages": messages_answer,
    "gemini_generate_content": gemini_answer,
}

DRAWN = ImagePart.from_bytes(png(0, 0, 255))
DRAWN_URL = {"type": "image_url", "image_url": {"url": DRAWN.to_data_url()}}
MADE = {"id": "ig", "type": "image_generation_call", "status": "completed", "result": DRAWN.data}
SPOKEN = {"id": "audio_1", "data": WAV.data, "transcript": "Hi", "expires_at": 1}
BLOB = {"inlineData": {"mimeType": "image/png", "data": DRAWN.data}}
VOICE = {"inlineData": {"mimeType": "audio/wav", "data": WAV.data}}

# The wire, a whole answer, the same as a stream, what it holds, and how that goes back (None: told, not sent).
RETURNED = [
    (
        "openai_chat_completions",
        chat_answer("Hi", images=[DRAWN_URL]),
        [
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hi"}}]},
            {"choices": [{"index": 0, "delta": {"images": [DRAWN_URL]}}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            "[DONE]",
        ],
        DRAWN,
        None,
    ),
    (
        "openai_chat_completions",
        chat_answer(None, audio=SPOKEN),
        [
            {"choices": [{"index": 0, "delta": {"audio": {"id": "audio_1", "transcript": "Hi"}}}]},
            {"choices": [{"index": 0, "delta": {"audio": {"data": WAV.data[:40]}}}]},
            {"choices": [{"index": 0, "delta": {"audio": {"data": WAV.data[40:]}}}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            "[DONE]",
        ],
        AudioPart(data=WAV.data, file_id="audio_1", transcript="Hi"),
        {"audio": {"id": "audio_1"}},
    ),
    (
        "openai_responses",
        responses_answer("Hi", MADE),
        [
            {"type": "response.created", "response": {"id": "r", "model": "m"}},
            {"type": "response.output_item.added", "output_index": 0, "item": {**MADE, "result": None}},
            {"type": "response.output_item.done", "output_index": 0, "item": MADE},
            {"type": "response.completed", "response": responses_answer("Hi", MADE)},
        ],
        DRAWN,
        MADE,
    ),
    (
        "gemini_generate_content",
        gemini_answer("Hi", BLOB, VOICE),
        [gemini_answer("Hi", BLOB, VOICE)],
        DRAWN,
        BLOB,
    ),
    (
        "gemini_generate_content",
        gemini_answer("Hi", VOICE),
        [gemini_answer("Hi", VOICE)],
        AudioPart("audio/wav", WAV.data),
        VOICE,
    ),
]


@pytest.mark.parametrize(("wire", "body", "frames", "part", "back"), RETURNED)
@pytest.mark.parametrize("stream", [False, True])
async def test_pictures_and_sounds_in_answers_land_in_the_node(wire, body, frames, part, back, stream, tmp_path):
    """As parts of the reply, whole or streamed; in its file; and in the next request."""
    first = MockResponse.sse(frames) if stream else MockResponse.json(body)
    transport = MockTransport([first, MockResponse.json(ANSWERS[wire]("And?"))])
    gen = generator(wire, transport)
    root = ChatNode.root()
    if stream:
        async with root.stream(gen, user="Draw or speak") as events:
            async for _ in events:
                pass
        reply = events.node
    else:
        reply = await root.chat("Draw or speak", gen)
    assert part in reply.message.parts
    found = (reply.message.images if isinstance(part, ImagePart) else reply.message.audio)[0]
    assert found.to_bytes() == part.to_bytes()
    assert found.media_type == (part.media_type or "audio/wav")

    reply.save_thread(tmp_path / "thread.json")
    again = ChatNode.from_thread_file(tmp_path / "thread.json").leaf
    assert again.message == reply.message

    # Chat has no place for a picture of the model's: it is left out and told, as a warning by default.
    await again.chat("Go on", gen, unsupported="drop")
    sent = json.dumps(json.loads(transport.requests[1].body), sort_keys=True)
    if back is None:
        assert DRAWN.data not in sent
    else:
        assert json.dumps(back, sort_keys=True).strip("{}") in sent


async def test_what_one_host_drew_is_shown_to_another():
    """In a message of the user's, where every wire takes pictures."""
    drawing = MockTransport(MockResponse.json(responses_answer("Done", MADE)))
    reply = await ChatNode.root().chat("Draw", generator("openai_responses", drawing))
    looking = MockTransport(MockResponse.json(messages_answer("Blue.")))
    shown = ChatNode.root().add_user(["Which colour?", *reply.message.images])
    await shown.complete(generator("anthropic_messages", looking))
    (_, block) = said("anthropic_messages", json.loads(looking.requests[0].body))
    assert block == {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DRAWN.data}}


async def test_a_spoken_conversation_goes_on_at_a_host_without_ears():
    """As its transcript, which is told; nobody has to change the tree."""
    speaking = MockTransport(MockResponse.json(chat_answer(None, audio=SPOKEN)))
    reply = await ChatNode.root().chat("Say hi", generator("openai_chat_completions", speaking))
    reading = MockTransport(MockResponse.json(messages_answer("You said hi.")))
    answer = await reply.chat("What did you say?", generator("anthropic_messages", reading))
    messages = json.loads(reading.requests[0].body)["messages"]
    assert [message["content"] for message in messages] == [
        "Say hi",
        [{"type": "text", "text": "Hi"}],
        "What did you say?",
    ]
    assert [str(loss.severity) for loss in answer.response.losses] == ["degraded"]
