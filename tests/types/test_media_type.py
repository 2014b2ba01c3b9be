"""Media types by magic bytes, then by name; data URLs and base64 as people write them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.types.media_type import (
    decode_base64,
    guess_media_type,
    media_type_of_bytes,
    media_type_of_name,
    parse_data_url,
)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
        (b"RIFF\x10\0\0\0AVI LIST", "video/x-msvideo"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x18ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"%PDF-1.7", "application/pdf"),
        (b"ID3\x04", "audio/mpeg"),
        (b"OggS\0", "audio/ogg"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"PK\x03\x04", "application/zip"),
        (b"plain words", None),
        (b"", None),
    ],
)
def test_magic_bytes(head, expected):
    assert media_type_of_bytes(head + b"\0" * 40) == expected


def test_a_form_type_counts_only_in_a_riff_container():
    """The words WEBP or WAVE at byte 8 of a text are no picture and no sound."""
    assert media_type_of_bytes(b"The big WEBP question") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.PNG", "image/png"),
        ("https://a.test/x.jpg?size=1#top", "image/jpeg"),
        ("archive.tar.mp3", "audio/mpeg"),
        ("noending", None),
        ("x.unknown", None),
        ("", None),
    ],
)
def test_names(name, expected):
    assert media_type_of_name(name) == expected


def test_bytes_win_over_the_name():
    assert guess_media_type(b"%PDF-1.7", "picture.png") == "application/pdf"
    assert guess_media_type(b"?", "picture.png") == "image/png"
    assert guess_media_type() is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("data:image/png;base64,AAAA", ("image/png", "AAAA")),
        ("DATA:text/plain;charset=utf-8;BASE64,AAAA", ("text/plain;charset=utf-8", "AAAA")),
        ("data:;base64,AAAA", ("", "AAAA")),
        ("data:text/plain,hello", None),
        ("data:image/png;base64", None),
        ("https://a.test", None),
    ],
)
def test_data_urls(url, expected):
    assert parse_data_url(url) == expected


@given(st.binary(max_size=200))
def test_base64_of_every_alphabet_and_padding_is_read(data):
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(data).decode()
        assert decode_base64(text) == data
        assert decode_base64(text.rstrip("=")) == data


def test_base64_in_lines_is_read():
    """As MIME writes it, 76 characters a line."""
    data = bytes(range(256))
    assert decode_base64(base64.encodebytes(data).decode()) == data


@pytest.mark.parametrize("text", ["!", "A", "AA==A", "päää"])
def test_what_is_no_base64_is_refused(text):
    with pytest.raises(ValueError, match="not base64"):
        decode_base64(text)
