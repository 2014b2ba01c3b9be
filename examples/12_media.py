"""Pictures, sounds and documents: loaded by what they are, sent in each wire's own form, refused before a host would.

Run: python examples/12_media.py
"""

import asyncio
import io
import json
import tempfile
import wave
import zlib
from pathlib import Path

from minillm import ChatNode, EncodeError, GeneratorInfo, MediaError, MockTransport, media


def make_files(folder: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    pixel = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    head = chunk(b"IHDR", bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]))
    (folder / "red.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + pixel + chunk(b"IEND", b""))
    with wave.open(sound := io.BytesIO(), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 80)
    (folder / "silence.wav").write_bytes(sound.getvalue())
    (folder / "report.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")


async def main(folder: Path) -> None:
    make_files(folder)
    # Read in a thread; the part is picked by what the bytes are. from_file() does the same and blocks.
    parts = [await media.load(folder / name) for name in ("red.png", "report.pdf", "silence.wav")]
    for part in parts:
        print(part.name, part.mime, type(part).__name__)
    question = ChatNode.root().add_user(["What do these hold?", *parts])

    # A host that plays itself: Gemini takes all three, each in its own form.
    gemini = MockTransport.json({"candidates": [{"content": {"parts": [{"text": "Red."}]}, "finishReason": "STOP"}]})
    reply = await question.complete(GeneratorInfo.gemini("gemini-3.8-flash", api_key="k", transport=gemini))
    sent = json.loads(gemini.requests[0].body or b"")["contents"][0]["parts"]
    print("Gemini:", [part.get("inlineData", part).get("mimeType", "text") for part in sent], "->", reply.text)

    # Anthropic has no form for sounds: that is told before anything is sent.
    claude = GeneratorInfo.anthropic("claude-sonnet-5-5", api_key="k")
    images = claude.capabilities.image
    print("Anthropic takes:", images and sorted(images.types or ()))
    try:
        await question.complete(claude)
    except EncodeError as error:
        print("refused:", error)
    try:
        await media.load(folder / "lost.png")
    except MediaError as error:
        print("refused:", str(error).partition(" (")[0].rpartition("/")[2])


with tempfile.TemporaryDirectory() as folder:
    asyncio.run(main(Path(folder)))
