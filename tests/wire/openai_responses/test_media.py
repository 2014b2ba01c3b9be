"""Pictures and files, both ways: bytes in data URLs, addresses, and ids."""

from typing import Any

import pytest

from minillm.types import FilePart, ImagePart
from minillm.wire.openai_responses.media import filled_in, read_file, read_image, write_file, write_image

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"image_url": "https://x.test/a", "detail": "low"}, ImagePart(url="https://x.test/a", detail="low")),
        ({"image_url": "data:image/png;base64,AAAA"}, ImagePart("image/png", "AAAA")),
        ({"image_url": "data:;base64,AAAA"}, ImagePart(data="AAAA")),
        ({"image_url": "data:image/png;a=b;base64,AAAA"}, ImagePart("image/png", "AAAA")),
        ({"file_id": "file_1"}, ImagePart(file_id="file_1")),
    ],
)
def test_a_picture_means_this_and_comes_back(raw: dict[str, Any], part: ImagePart) -> None:
    fields, hints = read_image(raw)
    assert ImagePart(**fields) == part or ImagePart(**fields).data == part.data
    assert write_image(ImagePart(**fields), hints) == {"type": "input_image", **raw}


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"file_url": "https://x.test/a.pdf"}, FilePart(url="https://x.test/a.pdf")),
        (
            {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"},
            FilePart("application/pdf", "JVBERi0=", name="a.pdf"),
        ),
        ({"file_data": "JVBERi0="}, FilePart(data="JVBERi0=")),  # bare base64, as some clients send it
        ({"file_id": "file_1", "detail": "high"}, FilePart(file_id="file_1", detail="high")),
    ],
)
def test_a_file_means_this_and_comes_back(raw: dict[str, Any], part: FilePart) -> None:
    fields, hints = read_file(raw)
    assert FilePart(**fields) == part
    assert write_file(FilePart(**fields), hints) == {"type": "input_file", **raw}


def test_what_holds_nothing_cannot_be_sent() -> None:
    assert write_image(ImagePart(detail="low"), {}) is None
    assert write_file(FilePart(name="a.pdf"), {}) is None


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (ImagePart(data=PIXEL), {"mime": "image/png"}),
        (FilePart("application/pdf", "JVBERi0="), {"name": "file.pdf"}),
        (FilePart(data="JVBERi0="), {"mime": "application/pdf", "name": "file.pdf"}),
        (FilePart("application/pdf", "JVBERi0=", name="a.pdf"), {}),
        (ImagePart(url="https://x.test/a"), {}),
    ],
)
def test_what_the_vendor_wants_beside_bytes_is_filled_in(part: Any, expected: dict[str, Any]) -> None:
    """It refuses bytes without their type, and files without a name."""
    assert filled_in(part) == expected


def test_bytes_that_tell_nothing_are_sent_as_such() -> None:
    assert filled_in(FilePart(data="AAAA"))["name"].startswith("file.")
    assert write_image(ImagePart(data="AAAA"), {}) == {
        "type": "input_image",
        "image_url": "data:application/octet-stream;base64,AAAA",
    }
