"""Prompts that come along."""

import base64
import io
import wave

import pytest

from minillm import AudioPart, ImagePart
from minillm.benchmark.builtin_prompts import BUILT_IN, built_in
from minillm.types import TextPart
from minillm.wire import get_codec


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_is_the_same_each_time_and_says_what_it_is_for(name: str) -> None:
    prompt = built_in(name)
    assert (prompt.name, prompt.description) == (name, BUILT_IN[name])
    assert prompt.messages[-1].role == "user"
    built_in.cache_clear()
    assert built_in(name).messages == prompt.messages


def test_there_is_no_other() -> None:
    with pytest.raises(KeyError):
        built_in("none")


def test_the_long_one_is_long_and_no_line_is_like_another() -> None:
    text = built_in("long").messages[0].text
    lines = text.splitlines()
    assert len(text) > 6000
    assert len(set(lines)) == len(lines)


def test_the_picture_is_a_picture() -> None:
    """Its chunks have the lengths and checksums they say; its rows unpack to the size in its header."""
    import struct
    import zlib

    (part,) = (part for part in built_in("picture").messages[0].parts if isinstance(part, ImagePart))
    assert part.data is not None
    data = base64.b64decode(part.data)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert zlib.crc32(kind + body) == checksum
        chunks[kind], at = body, at + 12 + length
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    assert len(zlib.decompress(chunks[b"IDAT"])) == (1 + 3 * width) * height


def test_the_sound_is_a_sound() -> None:
    (part,) = (part for part in built_in("sound").messages[0].parts if isinstance(part, AudioPart))
    assert part.data is not None
    data = base64.b64decode(part.data)
    with wave.open(io.BytesIO(data)) as file:
        assert file.getnframes() / file.getframerate() == 2.0


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "sound"])
@pytest.mark.parametrize("wire", ["openai_chat_completions", "openai_responses", "anthropic_messages"])
def test_every_wire_can_say_them(name: str, wire: str) -> None:
    from minillm.report import Report
    from minillm.types import ChatRequest

    report = Report()
    body = get_codec(wire).encode_request(ChatRequest("m", built_in(name).messages), report=report)
    assert body
    assert not [loss for loss in report.losses if loss.severity == "lost"]
    assert any(isinstance(part, TextPart) for part in built_in(name).messages[-1].parts)
