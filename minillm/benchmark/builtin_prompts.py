"""Prompts that come along: each stresses something else."""

import io
import struct
import wave
import zlib
from functools import cache

from ..types import AudioPart, ImagePart
from .plan import Prompt

__all__ = ["BUILT_IN", "built_in"]

_LINES = 160
_SIDE = 64  # pixels
_SECONDS, _RATE = 2, 16000

#: Name -> what it is good for.
BUILT_IN = {
    "short": "a short question, a short answer: time to first token, overhead",
    "story": "a short question, an answer as long as max_tokens lets it be: speed of generation",
    "long": "some three thousand tokens, then a question about them: reading the prompt, caches of prompts",
    "json": "an answer in JSON",
    "code": "an answer in code, with a system message",
    "picture": "a picture of 64 x 64 pixels (made here, a few hundred bytes) and a question about it",
    "sound": "two seconds of sound (a tone, made here) and a question about it",
}


@cache
def built_in(name: str) -> Prompt:
    """The prompt of that name. Raises KeyError for any other."""
    about = BUILT_IN[name]
    if name == "short":
        return Prompt.of(name, "Name three rivers of Europe.", description=about)
    if name == "story":
        return Prompt.of(name, "Tell the story of a lighthouse keeper, in at least 800 words.", description=about)
    if name == "long":
        return Prompt.of(name, f"{_log()}\n\nWhich ship carried the fewest crates?", description=about)
    if name == "json":
        text = "List five capitals as a JSON array of objects with the keys city and country. JSON only."
        return Prompt.of(name, text, description=about)
    if name == "code":
        system = "You are a careful programmer. Answer with code alone."
        return Prompt.of(
            name, "Write a Python function that merges two sorted lists.", system=system, description=about
        )
    if name == "picture":
        picture = ImagePart.from_bytes(_picture(), mime="image/png")
        return Prompt.of(name, ["Which two colours are in this picture?", picture], description=about)
    sound = AudioPart.from_bytes(_sound(), mime="audio/wav")
    return Prompt.of(name, ["Is this speech, music or a plain tone?", sound], description=about)


def _log() -> str:
    """A harbour's log: no line like another, the same each time."""
    return "\n".join(
        f"{6 + line // 20:02d}:{line % 20 * 3:02d} ship number {line * 37 % 211} landed {100 + line * 53 % 389} crates"
        for line in range(_LINES)
    )


def _picture() -> bytes:
    """Red above blue, as PNG (https://www.w3.org/TR/png-3/)."""
    half = _SIDE // 2
    rows = (b"\0" + b"\xd0\x20\x20" * _SIDE) * half + (b"\0" + b"\x20\x20\xd0" * _SIDE) * half

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def _sound() -> bytes:
    """A square wave of 400 Hz, as WAV."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        period = struct.pack("<h", 8000) * (_RATE // 800) + struct.pack("<h", -8000) * (_RATE // 800)
        file.writeframes(period * (400 * _SECONDS))
    return data.getvalue()
