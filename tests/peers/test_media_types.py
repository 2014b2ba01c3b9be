"""A picture, a document and a sound, given in every way a wire takes: the SDKs' own types have no complaint."""

import json
from dataclasses import replace
from typing import Any

import pytest

from minillm import FilePart, GeneratorInfo, ImagePart, MockTransport, VideoPart
from minillm.transport import MockResponse
from minillm.types import MediaPart
from tests.media_files import PDF, PNG, WAV, asked
from tests.peers.test_rewritten_types import judged

pytestmark = pytest.mark.peers

ADDRESS = ImagePart.from_url("https://a.test/a.png")
DOCUMENT = FilePart.from_url("https://a.test/a.pdf")
TEXT = FilePart.from_bytes(b"a,b\n1,2\n", name="a.csv")
UNNAMED = replace(PDF, name=None)
ID = FilePart(file_id="file-1")
FILM = VideoPart.from_url("https://youtu.be/x")
EVERYWHERE: tuple[MediaPart, ...] = (PNG, PDF, ADDRESS, ImagePart("image/jpg", PNG.data))

ASKED: dict[str, tuple[str, str, tuple[MediaPart, ...]]] = {
    "openai_chat_completions": ("openai", "gpt-audio", (*EVERYWHERE, WAV, ID, UNNAMED)),
    "openai_responses": ("openai", "gpt-5.4", (*EVERYWHERE, DOCUMENT, TEXT, ID, UNNAMED, ImagePart(file_id="file-2"))),
    "anthropic_messages": ("anthropic", "claude-x", (*EVERYWHERE, DOCUMENT, TEXT, UNNAMED)),
    "gemini_generate_content": ("gemini", "gemini-x", (*EVERYWHERE, WAV, DOCUMENT, TEXT, FILM, UNNAMED)),
}


@pytest.mark.parametrize("wire", ASKED)
async def test_the_sdk_s_types_know_every_form_we_send(wire: str) -> None:
    host, model, parts = ASKED[wire]
    transport = MockTransport(MockResponse(500, {}, b"{}"))
    gen = GeneratorInfo.of(host, model, wire=wire, api_key="k-123456", transport=transport)
    with pytest.raises(Exception, match="500"):
        await asked(*parts).complete(gen, retry=0, max_tokens=9)  # type: ignore[arg-type]
    value: dict[str, Any] = json.loads(transport.requests[0].body)
    said = json.dumps(value)
    assert PNG.data is not None
    assert said.count(PNG.data) == 2
    assert "a.test/a.png" in said
    (findings,) = judged([{"wire": wire, "kind": "request", "value": value}])
    assert findings == []
