"""Media out of files, bytes, data URLs and addresses: what cannot be used is told with the place and the way out."""

import base64
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import AudioPart, FilePart, ImagePart, MediaError, MiniLLMError, VideoPart, media, run_sync
from minillm.types import media_source
from minillm.types.media_source import MAX_BYTES, size, split_data_url, web_address

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
PDF = b"%PDF-1.7\n%%EOF\n"
WAV = b"RIFF\x10\0\0\0WAVEfmt " + b"\0" * 16
MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 16
EACH = [(ImagePart, PNG, "image/png"), (AudioPart, WAV, "audio/wav"), (VideoPart, MP4, "video/mp4")]
EACH += [(FilePart, PDF, "application/pdf"), (FilePart, b"a,b\n", "text/plain"), (FilePart, PNG, "image/png")]


def written(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("kind", "data", "mime"), EACH)
def test_a_file_is_read_with_its_name_and_what_its_bytes_tell(kind, data, mime, tmp_path):
    """Whatever its ending says: a wrong one is common."""
    path = written(tmp_path, "holiday.bin", data)
    part = kind.from_file(path)
    assert type(part) is kind
    assert (part.to_bytes(), part.mime, part.name) == (data, mime, "holiday.bin")
    assert part == kind.from_file(str(path)) == kind.from_bytes(data, name="holiday.bin")
    assert run_sync(kind.load(path)) == part


def test_reading_in_a_thread_leaves_the_loop_free(tmp_path, monkeypatch):
    """The file is read somewhere else than where the loop runs."""
    import threading

    from minillm.types import parts

    threads = []
    read = parts.read_file
    monkeypatch.setattr(parts, "read_file", lambda *said: threads.append(threading.get_ident()) or read(*said))
    path = written(tmp_path, "a.png", PNG)
    run_sync(ImagePart.load(path))
    ImagePart.from_file(path)
    assert threads[0] != threads[1] == threading.get_ident()


def test_blocking_is_said_where_it_happens():
    assert "blocks" in ImagePart.from_file.__doc__
    assert "load" in ImagePart.from_file.__doc__


def broken(folder):
    """Each way a path can be of no use, and what is said of it."""
    yield folder / "none.png", r"none\.png: no such file \(looked for in .*\)$"
    yield folder / "no" / "none.png", "no such file .*, and no such folder either"
    yield folder, "a folder, not a file; give each of its files"
    yield written(folder, "empty.png", b""), "the file is empty"
    yield (
        written(folder, "large.png", PNG + b"\0" * 2000),
        r"larger than 1 kB; upload it and give its file_id, or raise",
    )
    yield written(folder, "odd.xyz", bytes(range(256))), "neither the bytes nor the name tell .* say mime="
    yield written(folder, "a.pdf", PDF), r"a\.pdf: application/pdf is no picture: use FilePart, or media\.load\(\)"
    os.mkfifo(folder / "pipe.png")
    yield folder / "pipe.png", "no plain file .* read it yourself"
    yield "a\0b.png", "cannot be read"


def test_a_path_of_no_use_is_told_with_the_way_out(tmp_path):
    for path, words in broken(tmp_path):
        with pytest.raises(MediaError, match=words) as caught:
            ImagePart.from_file(path, max_bytes=1024)
        assert isinstance(caught.value, MiniLLMError | ValueError)
        with pytest.raises(MediaError, match=words):
            run_sync(ImagePart.load(path, max_bytes=1024))


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    """The system's reason is told (root may read everything, so the refusal is played)."""

    def refuse(path, count):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(media_source, "_beginning", refuse)
    with pytest.raises(MediaError, match=r"cannot be read: Permission denied$"):
        ImagePart.from_file(written(tmp_path, "a.png", PNG))


def test_a_file_of_exactly_the_limit_is_read(tmp_path):
    path = written(tmp_path, "a.png", PNG)
    assert ImagePart.from_file(path, max_bytes=len(PNG)).to_bytes() == PNG
    with pytest.raises(MediaError, match="larger than"):
        ImagePart.from_file(path, max_bytes=len(PNG) - 1)
    assert MAX_BYTES >= 100 << 20


def test_what_a_caller_says_is_believed(tmp_path):
    """A media type that is given is neither guessed nor judged, nor is a name."""
    path = written(tmp_path, "raw", b"\x01\x02")
    part = AudioPart.from_file(path, mime="audio/pcm", name="speech.pcm")
    assert (part.mime, part.name) == ("audio/pcm", "speech.pcm")
    with pytest.raises(MediaError, match="'png' is no media type; one reads image/png"):
        ImagePart.from_bytes(PNG, mime="png")


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (ImagePart, b"", "no bytes"),
        (ImagePart, WAV, "audio/wav is no picture: use AudioPart"),
        (AudioPart, PNG, "image/png is no sound: use ImagePart"),
        (VideoPart, WAV, "audio/wav is no film: use AudioPart"),
        (AudioPart, b"some words", "text/plain is no sound: use FilePart"),
        (FilePart, b"\0\1\2\3", "neither the bytes nor the name"),
    ],
)
def test_bytes_of_no_use(kind, data, words):
    with pytest.raises(MediaError, match=words):
        kind.from_bytes(data)


def test_bytes_in_any_form():
    assert ImagePart.from_bytes(bytearray(PNG)) == ImagePart.from_bytes(memoryview(PNG)) == ImagePart.from_bytes(PNG)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=3000))
def test_any_text_is_a_document(text):
    """Without a name and without a word about its type, wherever the first kilobytes cut a letter in two."""
    part = FilePart.from_bytes((text * 10).encode())
    assert part.mime is not None
    assert part.to_bytes().decode() == text * 10


def test_data_urls_in_base64_and_percent_encoded():
    url = ImagePart.from_bytes(PNG).to_data_url()
    assert ImagePart.from_data_url(url) == ImagePart.from_url(url) == ImagePart.from_bytes(PNG)
    assert ImagePart.from_data_url("data:;base64," + base64.b64encode(PNG).decode()).mime == "image/png"
    text = FilePart.from_data_url("data:text/plain;charset=utf-8,a%20b%C3%A9")
    assert (text.mime, text.to_bytes()) == ("text/plain;charset=utf-8", "a bé".encode())


@given(st.binary(min_size=1, max_size=300), st.booleans())
def test_any_bytes_come_back_out_of_a_data_url(data, percent):
    payload = quote_from_bytes(data) if percent else f"{base64.b64encode(data).decode()}"
    head = "data:application/x-y" + ("" if percent else ";base64")
    assert split_data_url(f"{head},{payload}") == ("application/x-y", data)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://a.test/x.png", "no data URL: one reads data:<media type>;base64,<payload>"),
        ("data:image/png", "no data URL"),
        ("data:image/png;base64,!!!", r"the payload of the data URL \(image/png\) is not base64"),
        ("data:;base64,é", r"\(no media type\) is not base64"),
        ("data:image/png;base64,", "holds no bytes"),
    ],
)
def test_data_urls_of_no_use(url, words):
    """The payload is never shown: it may be anything."""
    with pytest.raises(MediaError, match=words) as caught:
        ImagePart.from_data_url(url)
    assert "!!!" not in str(caught.value)


def test_an_address_stays_an_address():
    part = ImagePart.from_url("https://a.test/x.jpg?size=1", name="x.jpg")
    assert (part.url, part.mime, part.data, part.name) == ("https://a.test/x.jpg?size=1", "image/jpeg", None, "x.jpg")
    assert ImagePart.from_url("https://a.test/picture").mime is None
    assert VideoPart.from_url("gs://bucket/x", mime="video/mp4").mime == "video/mp4"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("x.png", "no web address: .* give its path"),
        ("/home/me/x.png", "no web address"),
        ("https://", "no web address"),
        ("https://a.test/a b", "no web address"),
        ("https://[::1/x", "no web address"),
        ("file:///etc/passwd", "no host can fetch: give its path"),
    ],
)
def test_addresses_of_no_use(url, words):
    for call in (lambda: web_address(url), lambda: ImagePart.from_url(url, mime="image/png")):
        with pytest.raises(MediaError, match=words):
            call()


def test_a_path_is_a_path():
    with pytest.raises((MediaError, TypeError), match="str"):
        ImagePart.from_file(b"a.png")


def test_the_media_type_of_a_part_is_what_it_says_or_shows():
    assert ImagePart("image/x", data=PNG).media_type == "image/x"
    assert replace(ImagePart.from_bytes(PNG), mime=None).media_type == "image/png"
    assert FilePart(data=base64.b64encode(b"?").decode(), name="a.csv").media_type == "text/csv"
    assert ImagePart(url="https://a.test/x.webp").media_type == "image/webp"
    assert ImagePart(file_id="f").media_type is ImagePart(data="!").media_type is None


@given(st.binary(max_size=200))
def test_bytes_are_counted_without_decoding_them(data):
    assert FilePart("x/y", data).byte_count == len(data)


def test_no_bytes_no_count():
    assert FilePart(url="https://a.test").byte_count is None


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 bytes"), (1536, "1.5 kB"), (10 << 20, "10 MB"), (12_900_000, "12.3 MB"), (2 << 30, "2 GB")],
)
def test_sizes_for_people(count, shown):
    assert size(count) == shown


def test_a_path_object_of_any_kind(tmp_path):
    """What has a path, such as an entry of a folder."""
    written(tmp_path, "a.png", PNG)
    (entry,) = os.scandir(tmp_path)
    assert ImagePart.from_file(entry) == ImagePart.from_file(Path(entry.path))


@pytest.mark.parametrize("wrong", [None, 3, "text", [1]])
def test_what_is_no_bytes_is_told_by_name(wrong):
    """A number would make as many zeros."""
    for make in (FilePart.from_bytes, ImagePart.from_bytes, media.from_bytes):
        with pytest.raises(MediaError, match=r"bytes are expected, not (NoneType|int|str|list)"):
            make(wrong)


@pytest.mark.parametrize("wrong", [None, 3, b"data:,x"])
def test_what_is_no_address_or_path_is_told_by_name(wrong):
    for make in (ImagePart.from_url, ImagePart.from_data_url, media.from_url, media.from_data_url):
        with pytest.raises(MediaError, match=r"an address is a text, not (NoneType|int|bytes)"):
            make(wrong)
    for make in (ImagePart.from_file, media.from_file):
        with pytest.raises(MediaError, match=r"a path is a str or a Path, not (NoneType|int|bytes)"):
            make(wrong)
