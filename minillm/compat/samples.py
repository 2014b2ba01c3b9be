"""What probes show to a model: a picture, a sound, a document, made here byte by byte; words that nobody guesses."""

import math
import struct
import zlib

__all__ = ["TICKET", "WORD", "beeps", "document", "filler", "picture"]

#: A word that stands in no answer by chance.
WORD = "QUOKKA-5823"
#: Stands beside it wherever it is told, and is never asked for: an answer that holds both repeats what it was sent.
TICKET = "ZEBRA-4410"


def picture(colour: tuple[int, int, int], side: int = 64) -> bytes:
    """A PNG of one colour (https://www.w3.org/TR/png-3/)."""
    row = b"\0" + bytes(colour) * side

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * side)) + chunk(b"IEND", b"")


def beeps(count: int, rate: int = 16000) -> bytes:
    """A WAV file of so many tones with a pause after each."""
    tone = [round(12000 * math.sin(2 * math.pi * 660 * at / rate)) for at in range(rate // 4)]
    sound = (tone + [0] * (rate // 4)) * count
    data = struct.pack(f"<{len(sound)}h", *sound)
    form = struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
    return (
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + form + b"data" + struct.pack("<I", len(data)) + data
    )


def document(text: str) -> bytes:
    """A PDF of one page with one line of plain letters (ISO 32000-1, 7.5)."""
    page = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode("ascii")
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R>>>>>>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table
    return bytes(out)


def filler(words: int) -> str:
    """So many words that say nothing."""
    line = "The river goes on past the mill and the meadow, and nobody counts its stones. "
    return (line * (words // 15 + 1)).strip()
