"""Content parts inside messages and results, both ways."""

from typing import Any

import pytest

from minillm.errors import DecodeError, EncodeError
from minillm.report import Report, Severity
from minillm.types import (
    AudioPart,
    CacheBreakpoint,
    Citation,
    FilePart,
    ImagePart,
    Native,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    TokenLogprob,
)
from minillm.wire import get_codec
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.openai_responses.content import decode_content, decode_contents, encode_content, encode_contents

WIRE = "openai_responses"
FOREIGN = Native("anthropic_messages", {"x": 1})


def encoding(report: Report | None = None) -> Encoding:
    return Encoding(WIRE, Quirks(), Report(strict=True) if report is None else report, asking=True)


def said(part: Part, report: Report | None = None, *, assistant: bool = False) -> dict[str, Any] | None:
    return encode_content(part, encoding(report), "m", assistant=assistant)


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


MARKED = {"mode": "explicit", "ttl": "12h"}


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"type": "input_text", "text": "a"}, TextPart("a")),
        (
            {"type": "input_text", "text": "a", "prompt_cache_breakpoint": MARKED},
            TextPart("a", cache=CacheBreakpoint("12h")),
        ),
        (
            {"type": "input_image", "image_url": "https://x.test/a", "detail": "low"},
            ImagePart(url="https://x.test/a", detail="low"),
        ),
        ({"type": "input_image", "file_id": "file_1"}, ImagePart(file_id="file_1")),
        (
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
            FilePart("application/pdf", "JVBERi0=", name="a.pdf"),
        ),
        ({"type": "input_audio", "input_audio": {"data": "AAAA"}}, None),
        ({"type": 7}, None),
    ],
)
def test_what_a_client_sends_means_this_and_comes_back(raw: dict[str, Any], part: Part | None) -> None:
    found = decode_content(raw, "input[0].content[0]")
    assert found == (NativePart(WIRE, raw) if part is None else part)
    assert said(found) == raw


def test_what_the_model_said_comes_back() -> None:
    raw = {
        "type": "output_text",
        "text": "a",
        "annotations": [{"type": "url_citation", "url": "https://x.test"}],
        "logprobs": [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}],
    }
    found = decode_content(raw, "x", assistant=True)
    assert found == TextPart("a", (Citation("https://x.test"),), (TokenLogprob("a", -0.5, (97,)),))
    assert said(found, assistant=True) == raw


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("a", "c[0]"),
        ({"type": "input_text"}, "c[0].text"),
        ({"type": "output_text", "text": 1}, "c[0].text"),
        ({"type": "refusal"}, "c[0].refusal"),
    ],
)
def test_content_without_what_makes_it_that_is_refused(raw: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_contents([raw], "c")
    assert caught.value.path == place


def test_a_text_that_has_changed_sides_is_said_as_its_new_side_says_it() -> None:
    """The vendor refuses ``output_text`` from a user, and ``input_text`` from the model."""
    theirs = decode_content({"type": "output_text", "text": "a", "annotations": []}, "x", assistant=True)
    ours = decode_content({"type": "input_text", "text": "a"}, "x")
    assert said(theirs) == {"type": "input_text", "text": "a"}
    assert said(ours, assistant=True) == {"type": "output_text", "text": "a", "annotations": []}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (TextPart("a", native=FOREIGN), {"type": "input_text", "text": "a"}),
        (ImagePart(url="https://x.test/a"), {"type": "input_image", "image_url": "https://x.test/a", "detail": "auto"}),
        (
            FilePart("application/pdf", "JVBERi0="),
            {
                "type": "input_file",
                "file_data": "data:application/pdf;base64,JVBERi0=",
                "filename": "file.pdf",
            },
        ),
        (NativePart(WIRE, {"type": "novel"}), {"type": "novel"}),
    ],
)
def test_a_part_from_elsewhere(part: Part, expected: dict[str, Any]) -> None:
    assert said(part) == expected


@pytest.mark.parametrize(
    ("part", "severity"),
    [
        (AudioPart(data="AAAA"), Severity.LOST),
        (ImagePart(), Severity.LOST),
        (ImagePart(file_id="file_1", native=FOREIGN), Severity.LOST),
        (NativePart("gemini_generate_content", {"executableCode": {}}), Severity.LOST),
        (ReasoningPart("hm"), Severity.LOST),
    ],
)
def test_what_has_no_form_here_is_lost_and_told(part: Part, severity: Severity) -> None:
    report = Report()
    assert said(part, report) is None
    assert told(report) == [("m", severity)]


def test_what_a_part_holds_beside_its_text_is_told() -> None:
    report = Report()
    part = TextPart("a", (Citation(title="page 3"),), signature="s", cache=CacheBreakpoint("5m"))
    assert said(part, report) == {
        "type": "input_text",
        "text": "a",
        "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"},
    }
    assert told(report) == [
        ("m.signature", Severity.NOTE),
        ("m.citations", Severity.LOST),
        ("m.cache", Severity.DEGRADED),
    ]


@pytest.mark.parametrize(("ttl", "expected"), [("1h", "12h"), ("24h", "12h"), ("5m", "30m"), ("30m", "30m")])
def test_lifetimes_of_other_vendors_become_the_nearest(ttl: str, expected: str) -> None:
    block = said(TextPart("a", cache=CacheBreakpoint(ttl)), Report()) or {}
    assert block["prompt_cache_breakpoint"] == {"mode": "explicit", "ttl": expected}


def test_a_lifetime_that_this_wire_said_itself_is_not_judged() -> None:
    raw = {"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "9d"}}
    assert said(decode_content(raw, "x")) == raw


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "input_image", "file_id": None},
        {"type": "input_image", "image_url": ""},
        {"type": "input_file", "file_data": None, "filename": "a"},
        {"type": "output_text", "text": "", "annotations": [{}]},
        {"type": "output_text", "text": "", "annotations": [1]},
    ],
)
def test_odd_content_comes_back_as_it_was(raw: dict[str, Any]) -> None:
    """A picture without content, an annotation that says nothing."""
    assistant = raw["type"] == "output_text"
    report = Report()
    assert said(decode_content(raw, "x", assistant=assistant), report, assistant=assistant) == raw
    assert report.losses == ()


def test_a_refusal_comes_back() -> None:
    raw = {"type": "refusal", "refusal": "no"}
    found = decode_content(raw, "x", assistant=True)
    assert found == RefusalPart("no")
    assert said(found, assistant=True) == raw


def test_what_the_user_wrote_beside_a_part_is_sent() -> None:
    assert said(TextPart("a", extra={"x": 1})) == {"type": "input_text", "text": "a", "x": 1}
    with pytest.raises(EncodeError, match="collides"):
        said(TextPart("a", extra={"text": "b"}))


def test_what_cannot_be_said_leaves_no_hole_in_a_list() -> None:
    parts = (TextPart("a"), AudioPart(data="AAAA"), TextPart("b"))
    assert [block["text"] for block in encode_contents(parts, encoding(Report()), "m")] == ["a", "b"]


def test_a_mark_on_a_refusal_comes_back_and_breaks_nothing() -> None:
    """Refusals are no prompt to mark, but a peer may; found by fuzzing."""
    said = {"type": "refusal", "refusal": "no", "prompt_cache_breakpoint": {"mode": "explicit"}}
    item = {"type": "message", "role": "assistant", "id": "m", "status": "completed", "content": [said]}
    body = {"model": "m", "input": [item]}
    codec = get_codec("openai_responses")
    assert codec.encode_request(codec.decode_request(body)) == body
