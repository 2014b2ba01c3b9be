"""The smallest files that are what they say, made here: a picture, a sound, a document, and one prompt with each."""

import io
import struct
import wave
import zlib

from minillm import AudioPart, ChatNode, FilePart, ImagePart

__all__ = ["PDF", "PNG", "QUESTION", "WAV", "asked", "pdf", "png", "wav"]

QUESTION = "What do these hold?"


def png(red: int = 255, green: int = 0, blue: int = 0) -> bytes:
    """One pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixel = chunk(b"IDAT", zlib.compress(bytes((0, red, green, blue))))
    return b"\x89PNG\r\n\x1a\n" + head + pixel + chunk(b"IEND", b"")


def wav(frames: int = 80) -> bytes:
    """A hundredth of a second of silence."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * frames)
    return buffer.getvalue()


def pdf() -> bytes:
    """One empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, said in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, said)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 4\n0000000000 65535 f \n%strailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


PNG = ImagePart.from_bytes(png(), name="red.png")
PDF = FilePart.from_bytes(pdf(), name="empty.pdf")
WAV = AudioPart.from_bytes(wav(), name="silence.wav")


def asked(*parts: ImagePart | AudioPart | FilePart) -> ChatNode:
    """A conversation that ends with the question and the parts."""
    return ChatNode.root("Be brief.").add_user([QUESTION, *parts])
