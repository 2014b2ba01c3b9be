"""Pictures that the host made land in the message as pictures, and go back as the item they came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.report import Report
from minillm.types import ChatRequest, ImagePart, Message, NativePart, PartEnd, PartStart, TextPart, collect
from minillm.types.media_source import as_base64
from minillm.wire import get_codec, rewrite_response, rewrite_stream
from minillm.wire.openai_responses.pictures import decode_picture, encode_picture
from minillm.wire.sse import SSEDecoder, encode_event

CODEC = get_codec("openai_responses")
PNG = as_base64(b"\x89PNG\r\n\x1a\n" + b"\0" * 8)
ITEM = {"id": "ig_1", "type": "image_generation_call", "status": "completed", "result": PNG, "revised_prompt": "a cat"}
TEXT = {"type": "output_text", "text": "Here.", "annotations": [], "logprobs": []}
SAID = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [TEXT]}
BODY = {"id": "r", "object": "response", "status": "completed", "model": "m", "output": [ITEM, SAID]}

FRAMES = [
    {"type": "response.created", "response": {"id": "r", "model": "m", "created_at": 1}},
    {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {"id": "ig_1", "type": "image_generation_call", "status": "in_progress", "result": None},
    },
    {"type": "response.image_generation_call.generating", "output_index": 0, "item_id": "ig_1"},
    {
        "type": "response.image_generation_call.partial_image",
        "output_index": 0,
        "item_id": "ig_1",
        "partial_image_index": 0,
        "partial_image_b64": "AAAA",
    },
    {"type": "response.output_item.done", "output_index": 0, "item": ITEM},
    {"type": "response.completed", "response": {**BODY, "output": [ITEM]}},
]


def raw(frames=FRAMES):
    import json

    from minillm.wire.sse import ServerSentEvent

    return b"".join(encode_event(ServerSentEvent(frame["type"], json.dumps(frame).encode())) for frame in frames)


def events(data, native=True):
    frames, decoder = SSEDecoder(), CODEC.stream_decoder(native=native)
    found = [event for frame in frames.feed(data) for event in decoder.feed(frame)]
    return found + decoder.finish()


def test_it_is_a_picture_among_the_parts():
    message = CODEC.decode_response(BODY).message
    picture, text = message.parts
    assert message.images == (picture,)
    assert (picture.mime, picture.data, text.text) == ("image/png", PNG, "Here.")
    assert picture.to_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("more", "mime"),
    [({"output_format": "webp"}, "image/webp"), ({"result": as_base64(b"\xff\xd8\xff\xe0")}, "image/jpeg")],
)
def test_its_type_is_told_by_the_item_or_by_its_bytes(more, mime):
    assert decode_picture({**ITEM, **more}).mime == mime


@pytest.mark.parametrize("result", [None, "", 7])
def test_without_a_picture_the_item_is_kept_whole(result):
    item = {**ITEM, "result": result, "status": "failed"}
    assert decode_picture(item) is None
    (part,) = CODEC.decode_response({**BODY, "output": [item]}).message.parts
    assert part == NativePart("openai_responses", item)


@given(
    st.dictionaries(
        st.sampled_from(["id", "status", "prompt", "size", "output_format", "x", "~"]), st.text() | st.none()
    ),
    st.sampled_from([PNG, "!", "AAAA"]),
)
def test_any_item_comes_back_as_it_was(more, data):
    item = {**more, "type": "image_generation_call", "result": data}
    assert encode_picture(decode_picture(item)) == item


def test_it_goes_back_to_its_host_as_it_came():
    """In the next request, too."""
    response = CODEC.decode_response(BODY)
    assert CODEC.encode_response(response)["output"] == BODY["output"]
    request = ChatRequest("m", (Message("user", "Draw"), response.message, Message("user", "Bluer")))
    report = Report()
    sent = CODEC.encode_request(request, report=report)["input"]
    assert sent[1] == ITEM
    assert report.losses == ()
    assert CODEC.decode_request({"model": "m", "input": sent}).messages[1].images == response.message.images


def test_shown_by_the_user_it_is_a_picture_like_any_other():
    picture = CODEC.decode_response(BODY).message.images[0]
    request = ChatRequest("m", (Message("user", ["What is this?", picture]),))
    (_, said) = CODEC.encode_request(request)["input"][0]["content"]
    assert said == {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "auto"}


@pytest.mark.parametrize("native", [True, False])
def test_a_stream_brings_it_whole(native):
    found = events(raw(), native)
    starts = [event for event in found if isinstance(event, PartStart)]
    assert [event.part for event in starts] == [ImagePart("image/png", PNG)]
    assert sum(isinstance(event, PartEnd) for event in found) == 1
    assert collect(found).message.images == (ImagePart("image/png", PNG),)
    found[-1].message = None  # the snapshot is not needed for it
    assert collect(found).message.images == (ImagePart("image/png", PNG),)


def test_a_stream_without_a_picture_keeps_the_item():
    failed = {**ITEM, "result": None, "status": "failed"}
    found = events(raw([*FRAMES[:2], {**FRAMES[4], "item": failed}]))
    assert [event.part for event in found if isinstance(event, PartStart)] == [NativePart("openai_responses", failed)]


def test_a_stream_said_anew_says_it_again():
    """Without the frames it came in."""
    encoder = CODEC.stream_encoder(report=Report(strict=True))
    frames = [frame for event in events(raw(), native=False) for frame in encoder.feed(event)]
    again = b"".join(encode_event(frame) for frame in frames)
    assert collect(events(again)).message.images == (ImagePart("image/png", PNG),)
    assert [part.native.data for part in collect(events(again)).message.images] == [
        part.native.data for part in collect(events(raw())).message.images
    ]


def test_other_wires_that_can_say_it_do():
    """Google's in its own form, OpenRouter's dialect of Chat in another; Anthropic's has none, and that is told."""
    gemini = rewrite_response(BODY, source="openai_responses", target="gemini_generate_content", report=Report())
    assert {"inlineData": {"data": PNG, "mimeType": "image/png"}} in gemini["candidates"][0]["content"]["parts"]
    chat = rewrite_response(BODY, source="openai_responses", target="openai_chat_completions", report=Report())
    assert chat["choices"][0]["message"]["images"][0]["image_url"]["url"].endswith(PNG)
    report = Report()
    rewrite_response(BODY, source="openai_responses", target="anthropic_messages", report=report)
    assert any(loss.what == "image" for loss in report.losses)


@pytest.mark.parametrize("target", ["gemini_generate_content", "openai_chat_completions"])
def test_so_they_do_in_streams(target):
    rewriter = rewrite_stream(source="openai_responses", target=target, report=Report())
    data = rewriter.feed(raw()) + rewriter.finish()
    frames, decoder = SSEDecoder(), get_codec(target).stream_decoder()
    found = [event for frame in frames.feed(data) for event in decoder.feed(frame)] + decoder.finish()
    assert [part.data for part in collect(found).message.images] == [PNG]


def test_text_beside_it_stays_text():
    assert CODEC.decode_response(BODY).message.parts[1] == TextPart("Here.")
