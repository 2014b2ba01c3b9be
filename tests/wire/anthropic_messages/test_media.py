"""Pictures and documents, both ways: bytes, an address or a file's id, each as a source."""

import base64
from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.types import AudioPart, FilePart, ImagePart, MediaPart
from minillm.wire.anthropic_messages.media import media_type, read_document, read_image, with_usual_type, write_media

PDF = base64.b64encode(b"%PDF-1.7").decode()
TEXT = base64.b64encode("grüße".encode()).decode()


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ({"type": "base64", "media_type": "image/png", "data": "AAAA"}, {"data": "AAAA", "mime": "image/png"}),
        ({"type": "url", "url": "https://x.test/a"}, {"url": "https://x.test/a"}),
        ({"type": "file", "file_id": "file_1"}, {"file_id": "file_1"}),
        ({"type": "url", "url": "data:image/png;base64,AAAA"}, None),  # kept whole
        ({"type": "novel"}, None),
    ],
)
def test_the_source_of_a_picture(source: dict[str, Any], fields: dict[str, Any] | None) -> None:
    assert read_image({"source": source}, "c[0]") == fields


def test_a_document_may_be_text_and_has_a_title() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "grüße"}
    fields = {"data": TEXT, "mime": "text/plain", "name": "t"}
    assert read_document({"source": source, "title": "t"}, "c[0]") == fields
    assert read_document({"source": {"type": "content", "content": []}, "title": "t"}, "c[0]") is None


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (None, "c[0].source"),
        ({"type": "base64"}, "c[0].source.data"),
        ({"type": "url", "url": 1}, "c[0].source.url"),
        ({"type": "file"}, "c[0].source.file_id"),
    ],
)
def test_a_source_without_what_makes_it_one_is_refused(source: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read_image({"source": source}, "c[0]")
    assert caught.value.path == place


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (
            ImagePart("image/png", "AAAA"),
            {"type": "image", "source": {"type": "base64", "data": "AAAA", "media_type": "image/png"}},
        ),
        (
            FilePart(url="https://x.test/a.pdf"),
            {"type": "document", "source": {"type": "url", "url": "https://x.test/a.pdf"}},
        ),
        (
            FilePart(data=PDF, name="a.pdf"),
            {
                "type": "document",
                "source": {"type": "base64", "data": PDF, "media_type": "application/pdf"},
                "title": "a.pdf",
            },
        ),
        (
            FilePart("text/markdown", TEXT),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "grüße"}},
        ),
        (
            FilePart("image/png", "AAAA"),
            {"type": "image", "source": {"type": "base64", "data": "AAAA", "media_type": "image/png"}},
        ),
        (FilePart(file_id="file_1"), {"type": "document", "source": {"type": "file", "file_id": "file_1"}}),
        (ImagePart(), None),
    ],
)
def test_a_part_as_its_block(part: MediaPart, block: dict[str, Any] | None) -> None:
    """Text goes as text, the only form of it this vendor reads, and a picture is one whatever the part calls it."""
    assert write_media(part) == block


def test_the_type_of_bytes_is_guessed_where_nobody_said_it() -> None:
    assert media_type(FilePart(data=PDF)) == "application/pdf"
    assert media_type(FilePart(url="https://x.test/a")) is None
    assert media_type(AudioPart(data="!")) is None


@pytest.mark.parametrize(
    ("part", "mime"),
    [
        (ImagePart("image/jpg", "AAAA"), "image/jpeg"),
        (ImagePart("image/png", "AAAA"), "image/png"),
        (FilePart("text/x-rust; charset=utf-8", "AAAA"), "text/x-rust; charset=utf-8"),
        (ImagePart("image/jpg", url="https://x.test/a.jpg"), "image/jpg"),
        (ImagePart(data="AAAA"), None),
    ],
)
def test_the_usual_spelling_of_a_media_type_goes_out(part: MediaPart, mime: str | None) -> None:
    """This vendor refuses the common misspelling."""
    assert with_usual_type(part).mime == mime
