"""Media types by magic bytes, then by name; data URLs and base64 as people write them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.types.media_type import (
    canonical,
    decode_base64,
    guess_media_type,
    kind_of_type,
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
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "video/x-matroska"),
        (b"\0\0\0\x18ftypavif", "image/avif"),
        (b"\0\0\0\x18ftypheix", "image/heic"),
        (b"\0\0\0\x18ftypmif1", "image/heif"),
        (b"\0\0\0\x18ftyp3gp5", "video/3gpp"),
        (b"\0\0\0\x18moov", "video/quicktime"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"BM\x36\0\0\0\0\0\0\0", "image/bmp"),
        (b"FORM\0\0\0\x10AIFFCOMM", "audio/aiff"),
        (b"fLaC", "audio/flac"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf3\x40\xc4", "audio/mpeg"),
        (b"\xff\xe3\x18\xc4", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"#!AMR\n", "audio/amr"),
        (b"\x00\x00\x01\xba", "video/mpeg"),
        (b"FLV\x01", "video/x-flv"),
        (b"{\\rtf1", "application/rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        ("\ufeffwords".encode("utf-16"), None),
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


def test_a_text_that_begins_like_a_bitmap_is_none():
    """Two letters are no proof."""
    assert media_type_of_bytes(b"BMW builds cars. " * 3) is None


def zipped(*files):
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files:
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("files", "ending"),
    [
        ([("[Content_Types].xml", "x" * 100_000), ("word/document.xml", "<w/>")], "docx"),
        ([("[Content_Types].xml", ""), ("xl/workbook.xml", "<w/>")], "xlsx"),
        ([("[Content_Types].xml", ""), ("ppt/presentation.xml", "<w/>")], "pptx"),
        ([("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "")], "odt"),
        ([("mimetype", "application/epub+zip"), ("a.xhtml", "")], "epub"),
        ([("notes.txt", "word")], "zip"),
        ([("mimetype", "nonsense")], "zip"),
    ],
)
def test_an_office_file_is_told_from_an_archive(files, ending):
    """Without a name, and whatever the name says."""
    expected = media_type_of_name(f"a.{ending}")
    assert media_type_of_bytes(zipped(*files)) == expected
    assert guess_media_type(zipped(*files), "a.png") == expected


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (b"PK\x03\x04" + b"\0" * 40, "a.docx", media_type_of_name("a.docx")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "application/msword"),
        (b"\0\0\0\x18ftypisom", "song.m4a", "audio/mp4"),
        (b"\x1aE\xdf\xa3", "voice.weba", "audio/webm"),
        (b"OggS", "voice.opus", "audio/opus"),
        (b"OggS", "film.mp4", "audio/ogg"),
    ],
)
def test_a_name_tells_what_a_container_holds(head, name, expected):
    assert guess_media_type(head, name) == expected


@pytest.mark.parametrize(
    ("said", "usual"),
    [
        ("image/jpg", "image/jpeg"),
        ("IMAGE/JPEG; q=1", "image/jpeg"),
        ("audio/mp3", "audio/mpeg"),
        ("audio/x-wav", "audio/wav"),
        ("audio/x-m4a", "audio/mp4"),
        ("video/avi", "video/x-msvideo"),
        ("text/plain;charset=utf-8", "text/plain"),
        ("application/x-unheard-of", "application/x-unheard-of"),
    ],
)
def test_other_spellings_of_a_media_type(said, usual):
    assert canonical(said) == usual
    assert canonical(usual) == usual


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("image/png", "image"),
        ("Audio/wav", "audio"),
        ("video/mp4", "video"),
        ("text/csv", "document"),
        (None, "document"),
    ],
)
def test_kinds(media_type, kind):
    assert kind_of_type(media_type) == kind


@given(st.binary(max_size=80))
def test_any_bytes_may_be_looked_at(data):
    assert media_type_of_bytes(data) == media_type_of_bytes(data)


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


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=5))
def test_padded_pieces_one_behind_the_other_are_read(pieces):
    """A streamed sound comes so, each piece encoded by itself."""
    assert decode_base64("".join(base64.b64encode(piece).decode() for piece in pieces)) == b"".join(pieces)


@pytest.mark.parametrize("text", ["!", "A", "AA==A", "AA==AA=", "AA==!AA==", "A=", "====", "päää"])
def test_what_is_no_base64_is_refused(text):
    with pytest.raises(ValueError, match="not base64"):
        decode_base64(text)
