"""Sizes of media off their first bytes."""

import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.cost.media_size import media_size
from minillm.types import AudioPart, FilePart, ImagePart, VideoPart


def png(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + b"IHDR"
        + header
        + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )


def jpeg(width, height):
    profile = b"\xff\xe2" + struct.pack(">H", 5000) + bytes(4998)
    table = b"\xff\xc4" + struct.pack(">H", 4) + bytes(2)
    return b"\xff\xd8" + profile + table + b"\xff\xc0" + struct.pack(">HBHH", 17, 8, height, width) + bytes(10)


def webp(form, body):
    return b"RIFF" + struct.pack("<I", 100) + b"WEBP" + form + struct.pack("<I", len(body)) + body + bytes(20)


PICTURES = {
    "png": png(640, 480),
    "jpeg": jpeg(640, 480),
    "gif": b"GIF89a" + struct.pack("<HH", 640, 480) + bytes(10),
    "webp, extended": webp(b"VP8X", bytes(4) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")),
    "webp, lossless": webp(b"VP8L", b"\x2f" + (639 | 479 << 14).to_bytes(4, "little")),
    "webp, lossy": webp(b"VP8 ", bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", 640, 480)),
}


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES)
def test_pixels(data):
    size = media_size(ImagePart(mime="image/x", data=base64.b64encode(data).decode(), detail="low"))
    assert (size.width, size.height, size.detail, size.seen) == (640, 480, "low", True)


def test_seconds_of_sound():
    head = (
        b"RIFF" + bytes(4) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 24_000, 48_000, 2, 16) + b"data" + bytes(4)
    )
    sound = media_size(AudioPart(mime="audio/wav", data=base64.b64encode(head + bytes(96_000)).decode()))
    assert sound.seconds == pytest.approx(2, rel=0.01)
    assert media_size(
        AudioPart(mime="audio/mpeg", data=base64.b64encode(bytes(80_000)).decode())
    ).seconds == pytest.approx(10, rel=0.01)


def test_seconds_of_film():
    short = b"\x00\x00\x00\x18ftypmp42" + bytes(8) + b"mvhd" + bytes(12) + struct.pack(">II", 1000, 30_000)
    long = b"moov" + b"mvhd\x01" + bytes(19) + struct.pack(">IQ", 600, 6000)
    for data, seconds in ((short, 30), (long, 10), (b"nothing", 0)):
        assert media_size(VideoPart(mime="video/mp4", data=base64.b64encode(data).decode())).seconds == seconds


def test_pages_of_a_document():
    """Of one that packs its objects, the count in the page tree; else the pages themselves."""
    loose = b"%PDF-1.4 << /Type /Pages /Kids [] >> << /Type /Page >> <</Type/Page>> <</Type /Page\n>>"
    packed = b"%PDF-1.7 << /Type /Pages /Count 12 >> << /Count 3 >>"
    for data, pages in ((loose, 3), (packed, 12), (b"%PDF-1.4", 0)):
        assert media_size(FilePart(mime="application/pdf", data=base64.b64encode(data).decode())).pages == pages


def test_a_text_file_is_its_text():
    assert media_size(FilePart(mime="text/plain", data=base64.b64encode(b"hi").decode())).text == "hi"


def test_what_is_given_by_reference_is_not_seen():
    assert not media_size(ImagePart(url="https://example.test/a.png")).seen


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF0000WEBPVP8X", b"RIFF0000WAVEfmt "]),
)
def test_garbage_has_some_size(rest, start):
    """Whatever the bytes are, nothing raises and no size is negative."""
    data = base64.b64encode(start + rest).decode()
    for part in (
        ImagePart(data=data),
        AudioPart(data=data),
        VideoPart(data=data),
        FilePart(mime="application/pdf", data=data),
    ):
        assert min(media_size(part)[1:6]) >= 0
