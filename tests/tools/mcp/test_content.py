"""What an MCP tool gave, as parts: nothing a host refuses, nothing without end, nothing dropped in silence."""

import base64

import pytest
from mcp import types

from minillm import AudioPart, FilePart, ImagePart, TextPart
from minillm.tools.mcp import Limits
from minillm.tools.mcp.content import content_of
from tests.media_files import png, wav

PNG = png()
TEXT = types.TextContent(text="words")


def content(*blocks, limits=None, **more):
    return content_of(types.CallToolResult(content=list(blocks), **more), limits or Limits())


def image(data, mime="image/png"):
    return types.ImageContent(data=base64.b64encode(data).decode(), mime_type=mime)


def test_text_alone_is_text():
    """As a local tool would return it."""
    assert content(TEXT) == "words"
    assert content() == ""
    assert content(is_error=True) == "it failed and did not say why"
    assert content(TEXT, TEXT) == (TextPart("words"), TextPart("words"))


def test_structured_content_stands_where_no_text_does():
    """Servers repeat it as text, and a model need not read it twice."""
    assert content(structured_content={"a": [1]}) == '{"a":[1]}'
    assert content(TEXT, structured_content={"a": [1]}) == "words"
    assert content(image(PNG), structured_content=[1])[1] == TextPart("[1]")


def test_media_are_parts():
    """Pictures and sounds by their kind, other bytes as documents with the name at the end of their address."""
    sound = types.AudioContent(data=base64.b64encode(wav()).decode(), mime_type="audio/wav")
    blob = types.BlobResourceContents(uri="file:///a/b.bin", blob="AAE=", mime_type="application/x-log")
    picture = types.BlobResourceContents(uri="x://y/", blob=base64.b64encode(PNG).decode(), mime_type="image/png")
    parts = content(image(PNG), sound, *(types.EmbeddedResource(resource=resource) for resource in (blob, picture)))
    assert [type(part) for part in parts] == [ImagePart, AudioPart, FilePart, ImagePart]
    assert parts[0].to_bytes() == PNG
    assert (parts[2].name, parts[2].mime, parts[2].to_bytes()) == ("b.bin", "application/x-log", b"\x00\x01")


def test_a_mislabelled_picture_gets_its_true_type():
    """Hosts refuse a whole request for a wrong label."""
    (part, _) = content(image(PNG, "image/jpeg"), TEXT)
    assert part.mime == "image/png"


@pytest.mark.parametrize("data", ["bm8gcGljdHVyZQ==", "***", ""])
def test_what_is_no_picture_is_said_to_be_left_out(data):
    """No host is sent bytes that it would refuse."""
    said = content(types.ImageContent(data=data, mime_type="image/png"))
    assert said.startswith("[left out, it cannot be read: image/png, ")


def test_links_and_texts_of_resources_are_text():
    """Nothing is fetched: whether it is looked at is for the model and its tools."""
    link = types.ResourceLink(name="chart", uri="file:///chart.pdf", mime_type="application/pdf", size=3)
    note = types.EmbeddedResource(resource=types.TextResourceContents(uri="note://1", text="mind the rocks"))
    linked, noted = content(link, note)
    assert linked.text == (
        '{"name":"chart","uri":"file:///chart.pdf","mimeType":"application/pdf","size":3,"type":"resource_link"}'
    )
    assert noted.text == "note://1:\nmind the rocks"


def test_text_is_limited_in_all():
    """Not each block for itself."""
    limits = Limits(text=8)
    parts = content(*[TEXT] * 5, limits=limits)
    assert [part.text for part in parts] == [
        "words",
        "wor\n[cut here: 2 of 5 characters are left out]",
    ]
    full = content(types.TextContent(text="12345678"), *[TEXT] * 3, limits=limits)
    assert [part.text for part in full] == ["12345678", "[more text is left out: it was too long]"]


def test_media_are_limited_in_all():
    """What is beyond the limit is told, and nothing is decoded for it."""
    first, second = content(image(PNG), image(PNG), limits=Limits(media_bytes=len(PNG) + 1))
    assert isinstance(first, ImagePart)
    assert second.text.startswith("[left out, too large: image/png, ")
