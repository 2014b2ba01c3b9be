"""Anything as the part that fits: paths, bytes, addresses, data URLs."""

from pathlib import Path

import pytest

from minillm import AudioPart, FilePart, ImagePart, MediaError, MockTransport, TextPart, VideoPart, media
from minillm.transport import MockResponse

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
WAV = b"RIFF\x10\0\0\0WAVEfmt " + b"\0" * 16
MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 16
PDF = b"%PDF-1.7\n%%EOF\n"
EACH = [(PNG, ImagePart, "image/png"), (WAV, AudioPart, "audio/wav"), (MP4, VideoPart, "video/mp4")]
EACH += [(PDF, FilePart, "application/pdf"), (b"a,b\n1,2\n", FilePart, "text/plain")]


@pytest.mark.parametrize(("data", "kind", "mime"), EACH)
async def test_the_part_is_picked_by_what_the_bytes_are(data, kind, mime, tmp_path):
    """From a path, bytes or a data URL, whatever the name says."""
    path = tmp_path / "thing.bin"
    path.write_bytes(data)
    found = [await media.load(source) for source in (path, str(path), data, bytearray(data), memoryview(data))]
    found += [media.from_file(path), media.from_bytes(data)]
    url = found[0].to_data_url()
    found += [await media.load(url), media.from_data_url(url), media.from_url(url)]
    for part in found:
        assert type(part) is kind
        assert (part.mime, part.to_bytes()) == (mime, data)
    assert [part.name for part in found[:2]] == ["thing.bin"] * 2


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a.test/x.png", ImagePart),
        ("https://a.test/x.mp3?key=1", AudioPart),
        ("http://a.test/x.MP4", VideoPart),
        ("https://a.test/x.pdf#page=2", FilePart),
    ],
)
async def test_an_address_stays_an_address_and_nothing_is_fetched(url, kind):
    transport = MockTransport([])
    part = await media.load(url, transport=transport)
    assert (type(part), part.url, part.data) == (kind, url, None)
    assert part == media.from_url(url)
    assert transport.requests == []


async def test_an_address_that_tells_nothing_has_to_be_told():
    with pytest.raises(MediaError, match=r"say mime='image/png' .* or fetch it: await media\.load\(url, fetch=True\)"):
        await media.load("https://a.test/picture")
    assert await media.load("https://a.test/picture", mime="image/webp") == ImagePart.from_url(
        "https://a.test/picture", mime="image/webp"
    )
    assert isinstance(await media.load("https://a.test/picture", name="x.pdf"), FilePart)


async def test_an_address_is_fetched_when_asked_to():
    transport = MockTransport(MockResponse(body=PNG))
    part = await media.load("https://a.test/some%20picture?key=1", fetch=True, transport=transport)
    assert part == ImagePart("image/png", PNG, name="some picture")
    named = await media.load("https://a.test/x", fetch=True, transport=transport, name="mine", mime="image/x")
    assert (named.name, named.mime) == ("mine", "image/x")


async def test_a_part_is_taken_as_it_is_or_its_address_fetched():
    """For hosts that fetch nothing themselves."""
    part = ImagePart.from_url("https://a.test/x.png", name="mine.png")
    assert await media.load(part) is part
    whole = ImagePart.from_bytes(PNG)
    assert await media.load(whole, fetch=True) is whole
    assert (await media.load(whole, name="other")).name == "other"
    transport = MockTransport(MockResponse(body=PNG))
    fetched = await media.load(part, fetch=True, transport=transport)
    assert fetched == ImagePart("image/png", PNG, name="mine.png")


async def test_what_a_caller_says_is_believed(tmp_path):
    path = tmp_path / "speech"
    path.write_bytes(b"\1\2\3")
    part = await media.load(path, mime="audio/pcm", name="speech.pcm")
    assert (type(part), part.mime, part.name) == (AudioPart, "audio/pcm", "speech.pcm")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("none.png", "no such file"),
        (Path("none.png"), "no such file"),
        (Path("."), "a folder, not a file"),
        (b"", "no bytes"),
        (b"\0\1\2", "neither the bytes nor the name tell"),
        ("data:image/png;base64,!!!", "not base64"),
        ("file:///etc/hosts", "give its path instead"),
        (42, "from a path, bytes, an address or a data URL, not int"),
        (TextPart("a"), "not TextPart"),
    ],
)
async def test_what_cannot_be_loaded_is_told_with_the_way_out(source, words):
    with pytest.raises(MediaError, match=words):
        await media.load(source)


async def test_the_limit_holds_for_files_too(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(PNG)
    with pytest.raises(MediaError, match="larger than 4 bytes"):
        await media.load(path, max_bytes=4)
    with pytest.raises(MediaError, match="larger than 4 bytes"):
        media.from_file(path, max_bytes=4)
