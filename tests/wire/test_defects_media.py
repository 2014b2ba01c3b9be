"""Pictures, sounds and files on their way to another wire: silent losses of an earlier adapter."""

import json
from typing import Any

from minillm.types import FilePart
from minillm.wire import WIRES, get_codec
from tests.wire.checks import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    MODEL,
    OTHERS,
    PICTURE,
    PIXEL,
    RESPONSES,
    Body,
    Check,
    Checks,
    asked,
    base64_source,
    chat,
    messages,
    user,
    with_result,
)

defect = Checks()


def parts_of(target: str, out: Body) -> list[Any]:
    (message,) = get_codec(target).decode_request(out, model=MODEL).messages
    return [type(part).__name__ for part in message.parts]


@defect("L7")
def pictures_stay_between_the_texts() -> None:
    """The order of text and pictures is the user's; text behind a call is told where it cannot stand."""
    blocks = [{"type": "text", "text": "this"}, PICTURE, {"type": "text", "text": "or this"}, PICTURE]
    for target in WIRES:
        out, losses = asked(ANTHROPIC, target, messages(blocks))
        assert parts_of(target, out) == ["TextPart", "ImagePart"] * 2, target
        assert losses == ""
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    turn = {"role": "assistant", "content": [call, {"type": "text", "text": "Calling."}]}
    result = user([{"type": "tool_result", "tool_use_id": "toolu_1", "content": "ok"}])
    body = {"max_tokens": 50, "messages": [*user("Go"), turn, *result]}
    assert "text behind a tool call" in asked(ANTHROPIC, CHAT, body)[1]


@defect("L11")
def pictures_in_a_result_stay_pictures() -> None:
    """In the result where it may hold them; behind it, and told, where it holds text only. Never as JSON text."""
    body = with_result(content=[{"type": "text", "text": "shot"}, PICTURE])
    out, losses = asked(ANTHROPIC, RESPONSES, body)
    assert [item["type"] for item in out["input"][-1]["output"]] == ["input_text", "input_image"]
    assert losses == ""
    out, losses = asked(ANTHROPIC, GEMINI, body)
    assert out["contents"][-1]["parts"][0]["functionResponse"]["parts"][0]["inlineData"]["data"] == PIXEL
    assert losses == ""
    out, losses = asked(ANTHROPIC, CHAT, body)
    assert PIXEL not in json.dumps(out["messages"][-2])
    assert out["messages"][-1]["role"] == "user"
    assert PIXEL in json.dumps(out["messages"][-1])
    assert "media in a tool result" in losses


@defect("L12", "L37")
def an_inline_picture_becomes_a_data_url() -> None:
    """Chat gets ``image_url.url`` and nothing else of another wire's object."""
    for source, body in ((ANTHROPIC, messages([PICTURE])), (GEMINI, gemini_inline("image/png"))):
        out, losses = asked(source, CHAT, body)
        assert out["messages"][0]["content"] == [
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
        ]
        assert losses == ""


def gemini_inline(mime: str) -> Body:
    return {"contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": mime, "data": PIXEL}}]}]}


@defect("L13")
def files_and_sounds_arrive_or_are_told() -> None:
    """A PDF is a file part for Chat, a sound an ``input_audio``; Responses and Messages take no sound."""
    document = {"type": "document", "source": base64_source("application/pdf"), "title": "a.pdf"}
    out, _ = asked(ANTHROPIC, CHAT, messages([document]))
    (part,) = out["messages"][0]["content"]
    assert part["type"] == "file"
    assert part["file"]["file_data"] == f"data:application/pdf;base64,{PIXEL}"
    out, losses = asked(GEMINI, CHAT, gemini_inline("audio/wav"))
    assert out["messages"][0]["content"][0]["input_audio"] == {"data": PIXEL, "format": "wav"}
    assert losses == ""
    sound = chat(
        [{"type": "text", "text": "Hi"}, {"type": "input_audio", "input_audio": {"data": PIXEL, "format": "wav"}}]
    )
    for target in (RESPONSES, ANTHROPIC):
        out, losses = asked(CHAT, target, sound)
        assert PIXEL not in json.dumps(out)
        assert "lost" in losses
        assert "audio" in losses


@defect("L14")
def an_inline_file_for_responses_is_a_data_url_with_a_name() -> None:
    """``file_data`` names its media type, and only known keys stand beside it."""
    document = {"type": "document", "source": base64_source("application/pdf"), "title": "a.pdf"}
    out, _ = asked(ANTHROPIC, RESPONSES, messages([document]))
    (part,) = out["input"][0]["content"]
    assert part == {
        "type": "input_file",
        "filename": "a.pdf",
        "file_data": f"data:application/pdf;base64,{PIXEL}",
    }


@defect("L15")
def a_file_part_of_chat_is_read() -> None:
    """Bytes, name and media type stand in their fields, and reach another wire."""
    file = {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PIXEL}"}
    body = chat([{"type": "file", "file": file}])
    ((part,),) = (m.parts for m in get_codec(CHAT).decode_request({"model": MODEL, **body}).messages)
    assert isinstance(part, FilePart)
    assert (part.mime, part.data, part.name) == ("application/pdf", PIXEL, "a.pdf")
    out, _ = asked(CHAT, ANTHROPIC, body)
    assert out["messages"][0]["content"][0]["source"] == base64_source("application/pdf")


@defect("L16")
def the_id_of_a_file_stays_with_its_host() -> None:
    """Another host does not know it: it is not sent, and told."""
    picture = {"type": "image", "source": {"type": "file", "file_id": "file_011"}}
    for target in OTHERS[ANTHROPIC]:
        out, losses = asked(ANTHROPIC, target, messages([picture, {"type": "text", "text": "Hi"}]))
        assert "file_011" not in json.dumps(out)
        assert "file id" in losses


@defect.each
def test_defect(check: Check) -> None:
    check()
