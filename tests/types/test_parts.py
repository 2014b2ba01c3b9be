"""Parts: inert values, and media that are taken apart when they are made."""

import base64
import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from minillm.types import (
    AudioPart,
    CacheBreakpoint,
    Citation,
    FilePart,
    ImagePart,
    MediaPart,
    Native,
    NativePart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    TokenLogprob,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8

EACH = [
    TextPart(
        "a", (Citation("https://a.test"),), (TokenLogprob("a", -0.1),), "sig", CacheBreakpoint("5m"), extra={"x": 1}
    ),
    RefusalPart("no"),
    ReasoningPart("hm", "sig", "sealed"),
    ToolCallPart("c", "f", "{}", "custom", "sig"),
    ToolResultPart("c", "f", (TextPart("42"),), is_error=True),
    ImagePart("image/png", "AA=="),
    AudioPart("audio/wav", "AA==", transcript="la"),
    VideoPart(url="https://a.test/x.mp4"),
    FilePart(file_id="f-1", name="a.pdf"),
    NativePart("anthropic_messages", {"type": "web_search_tool_result"}),
]


@pytest.mark.parametrize("part", EACH, ids=lambda part: type(part).__name__)
def test_equal_and_hashable_by_content(part):
    twin = copy.deepcopy(part)
    assert twin == part
    assert hash(twin) == hash(part)
    assert pickle.loads(pickle.dumps(part)) == part
    assert part != "part"


@pytest.mark.parametrize("part", EACH[:-1], ids=lambda part: type(part).__name__)
def test_what_a_wire_said_beside_takes_no_part_in_equality(part):
    told = replace(part, native=Native("w", {"residue": 1}))
    assert told == part
    assert "residue" not in repr(told)


@pytest.mark.parametrize("part", EACH, ids=lambda part: type(part).__name__)
def test_a_part_cannot_be_changed(part):
    with pytest.raises(FrozenInstanceError):
        setattr(part, fields(part)[0].name, "other")


def test_kinds_of_media_differ():
    assert ImagePart(data="AA==") != FilePart(data="AA==")
    assert all(issubclass(kind, MediaPart) for kind in (ImagePart, AudioPart, VideoPart, FilePart))


def test_bytes_become_base64_and_tell_their_type():
    part = ImagePart(data=PNG)
    assert part.mime == "image/png"
    assert base64.b64decode(part.data) == PNG
    assert part.to_bytes() == PNG
    assert ImagePart(data=bytearray(PNG)) == ImagePart(data=memoryview(PNG)) == part


def test_a_given_media_type_wins_over_a_guess():
    assert ImagePart("image/webp", PNG).mime == "image/webp"


def test_a_name_tells_where_bytes_do_not():
    assert FilePart(data=b"a,b\n1,2\n", name="table.CSV").mime == "text/csv"
    assert FilePart(data=b"?").mime is None


def test_a_data_url_is_taken_apart():
    part = ImagePart(url="data:image/gif;base64,R0lGODlh")
    assert (part.mime, part.data, part.url) == ("image/gif", "R0lGODlh", None)


def test_a_data_url_that_is_no_base64_stays_a_url():
    url = "data:text/plain,hello"
    assert FilePart(url=url).url == url


def test_bytes_beside_a_url_are_both_kept():
    part = ImagePart("image/png", "AA==", "https://a.test/x.png")
    assert (part.data, part.url) == ("AA==", "https://a.test/x.png")


def test_to_data_url_round_trips():
    part = ImagePart(data=PNG)
    assert ImagePart(url=part.to_data_url()) == part
    assert FilePart(data=b"?").to_data_url().startswith("data:application/octet-stream;base64,")


@pytest.mark.parametrize("read", [ImagePart.to_bytes, ImagePart.to_data_url])
def test_media_without_bytes_say_so(read):
    with pytest.raises(ValueError, match="only a URL or a file id"):
        read(ImagePart(url="https://a.test/x.png"))


def test_broken_base64_is_a_value_error():
    with pytest.raises(ValueError, match="not base64"):
        ImagePart(data="!!!").to_bytes()


def test_a_picture_is_not_printed():
    assert len(repr(ImagePart(data=b"\0" * 100_000))) < 300


def test_signatures_are_not_printed():
    assert "secret-signature" not in repr(ReasoningPart("hm", "secret-signature", "secret-signature"))


def test_arguments_are_parsed():
    assert ToolCallPart("c", "f", '{"a": [1]}').parse_arguments() == {"a": [1]}
    assert ToolCallPart("c", "f").parse_arguments() == {}
    assert ToolCallPart("c", "f", " \n").parse_arguments() == {}


def test_arguments_that_are_no_json_are_a_value_error():
    with pytest.raises(ValueError, match="Expecting"):
        ToolCallPart("c", "f", "{a").parse_arguments()


def test_a_call_that_was_cut_off_must_not_be_run():
    """Even where what came happens to be JSON."""
    with pytest.raises(ValueError, match="must not be run"):
        ToolCallPart("c", "f", "{}", incomplete=True).parse_arguments()


def test_text_of_a_result():
    assert ToolResultPart("c", content="42").text == "42"
    assert ToolResultPart("c", content=[TextPart("4"), ImagePart(data="AA=="), TextPart("2")]).text == "42"
    assert isinstance(ToolResultPart("c", content=[TextPart("4")]).content, tuple)
