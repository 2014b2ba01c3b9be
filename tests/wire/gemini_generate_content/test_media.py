"""Pictures, sounds, films and files, both ways."""

from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.types import AudioPart, FilePart, ImagePart, MediaPart, VideoPart
from minillm.wire.gemini_generate_content.media import (
    is_fetched,
    media_kind,
    media_type,
    read_file,
    read_inline,
    write_media,
)


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/png", ImagePart),
        ("audio/wav", AudioPart),
        ("video/mp4", VideoPart),
        ("application/pdf", FilePart),
        (None, FilePart),
    ],
)
def test_the_type_tells_the_kind(mime: str | None, kind: type[MediaPart]) -> None:
    assert media_kind(mime) is kind


@pytest.mark.parametrize("said", [{"data": "AAAA", "mimeType": "image/png", "displayName": "n"}, {"data": "AAAA"}])
def test_bytes_come_back(said: dict[str, Any]) -> None:
    assert write_media(ImagePart(**read_inline(said, "p"))) == {"inlineData": said}


@pytest.mark.parametrize("said", [{"fileUri": "https://x.test/a", "mimeType": "video/mp4"}, {"fileUri": "files/a"}])
def test_addresses_come_back(said: dict[str, Any]) -> None:
    assert write_media(VideoPart(**read_file(said, "p"))) == {"fileData": said}


def test_what_holds_nothing_cannot_be_sent() -> None:
    assert write_media(ImagePart()) is None


@pytest.mark.parametrize(("read", "place"), [(read_inline, "p.data"), (read_file, "p.fileUri")])
def test_what_is_none_is_refused_with_its_place(read: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read({}, "p")
    assert caught.value.path == place


@pytest.mark.parametrize(
    ("part", "mime"),
    [
        (ImagePart("image/webp", "AAAA"), "image/webp"),
        (FilePart(data="JVBERi0xLjc="), "application/pdf"),
        (FilePart(url="https://x.test/a.pdf?b=c"), "application/pdf"),
        (ImagePart(url="https://x.test/a"), "image/jpeg"),
        (VideoPart(url="https://youtu.be/x"), "video/mp4"),
        (FilePart(file_id="x"), None),
        (FilePart(data="!"), None),
        (ImagePart("image/jpg", "AAAA"), "image/jpeg"),
        (AudioPart("audio/x-wav", "AAAA"), "audio/wav"),
        (VideoPart("video/x-msvideo", "AAAA"), "video/avi"),
        (VideoPart(url="https://x.test/a.wmv"), "video/wmv"),
        (FilePart("text/plain; charset=utf-8", "AAAA"), "text/plain; charset=utf-8"),
    ],
)
def test_the_type_that_this_vendor_wants_to_know(part: MediaPart, mime: str | None) -> None:
    assert media_type(part) == mime


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        (None, True),
        ("gs://bucket/a", True),
        ("https://www.youtube.com/watch?v=x", True),
        ("https://generativelanguage.googleapis.com/v1beta/files/a", True),
        ("https://x.test/a.png", False),
    ],
)
def test_which_addresses_this_vendor_fetches(url: str | None, fetched: bool) -> None:
    assert is_fetched(url) is fetched
