"""Parts in plain form, with a rest, and in full."""

import json

import pytest
from hypothesis import given

from minillm.errors import ThreadFormatError
from minillm.tree.part_json import full_form, plain_form, read_full_form, read_plain_form, read_rest, rest_of
from minillm.types import AudioPart, FilePart, ImagePart, NativePart, TextPart, ToolResultPart, VideoPart
from tests.tree.messages import content_parts, parts, residue


@given(parts)
def test_the_full_form_is_exact(part):
    again = read_full_form(json.loads(json.dumps(full_form(part))), "p")
    assert again == part
    assert residue(again) == residue(part)


@given(content_parts)
def test_plain_form_and_rest_together_are_exact(part):
    form = plain_form(part)
    if form is None:
        return
    plain = read_plain_form(json.loads(json.dumps(form)), "p")
    again = read_rest(plain, json.loads(json.dumps(rest_of(part, plain))), "p")
    assert again == part
    assert residue(again) == residue(part)


PLAIN = [
    (TextPart("x"), {"type": "text", "text": "x"}),
    (
        ImagePart("image/png", "AAAA", detail="high"),
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "high"}},
    ),
    (ImagePart(url="https://h/x"), {"type": "image_url", "image_url": {"url": "https://h/x"}}),
    (AudioPart("audio/mpeg", "AAAA"), {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}),
    (AudioPart("audio/wav", "AAAA"), {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
    (VideoPart(url="https://h/v.mp4"), {"type": "video_url", "video_url": {"url": "https://h/v.mp4"}}),
    (
        FilePart("application/pdf", "AAAA", name="r.pdf"),
        {"type": "file", "file": {"filename": "r.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
    ),
]


@pytest.mark.parametrize(("part", "form"), PLAIN)
def test_the_shared_forms(part, form):
    assert plain_form(part) == form
    assert read_plain_form(form, "p") == part
    assert rest_of(part, read_plain_form(form, "p")) == {}


def test_what_has_no_plain_form():
    for part in (ImagePart(file_id="f"), AudioPart(url="https://h/a"), FilePart(url="https://h/f"), NativePart("w", 1)):
        assert plain_form(part) is None


def test_nesting_is_bounded():
    """A stranger's file cannot recurse."""
    form = {"type": "tool_result", "call_id": "c", "content": "x"}
    for _ in range(900):
        form = {"type": "tool_result", "call_id": "c", "content": [form]}
    with pytest.raises(ThreadFormatError, match="nested"):
        read_full_form(form, "p")
    token = {"token": "t", "logprob": 0}
    for _ in range(900):
        token = {"token": "t", "logprob": 0, "top": [token]}
    with pytest.raises(ThreadFormatError, match="nested"):
        read_full_form({"type": "text", "text": "", "logprobs": [token]}, "p")


def test_keys_of_a_newer_version_are_no_error():
    assert read_full_form({"type": "text", "text": "x", "mood": "good"}, "p") == TextPart("x")
    assert read_rest(TextPart("x"), {"from": "content", "mood": "good"}, "p") == TextPart("x")


def test_what_must_be_there_must_be_there():
    with pytest.raises(ThreadFormatError) as caught:
        read_full_form({"type": "tool_result"}, "p")
    assert caught.value.place == "p.call_id"
    assert read_full_form({"type": "tool_result", "call_id": "c"}, "p") == ToolResultPart("c")
