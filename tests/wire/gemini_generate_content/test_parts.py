"""Parts, both ways: text, thoughts, calls, results and media, with what stands beside them."""

import dataclasses
from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.report import Report, Severity
from minillm.types import (
    AudioPart,
    FilePart,
    ImagePart,
    Native,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.gemini_generate_content.calls import Calls
from minillm.wire.gemini_generate_content.dialect import WIRE
from minillm.wire.gemini_generate_content.parts import decode_part, encode_part

FOREIGN = Native("anthropic_messages", {})


def encoded(part: Part, report: Report | None = None, *, signed: bool = True) -> Any:
    enc = Encoding(WIRE, Quirks(), Report(strict=True) if report is None else report, asking=True)
    return encode_part(part, enc, "at", signed=signed)


def decoded(raw: Any) -> Part:
    return decode_part(raw, "at", Calls())


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"text": "a"}, TextPart("a")),
        ({"text": ""}, TextPart("")),
        ({"text": "a", "thought": False}, TextPart("a")),
        ({"text": "hm", "thought": True}, ReasoningPart("hm")),
        ({"text": "hm", "thought": True, "thoughtSignature": "s"}, ReasoningPart("hm", "s")),
        ({"text": "", "thoughtSignature": "s"}, TextPart("", signature="s")),
        ({"thoughtSignature": "s"}, TextPart("", signature="s")),
        ({"inlineData": {"mimeType": "image/png", "data": "AAAA"}}, ImagePart("image/png", "AAAA")),
        (
            {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AAAA"}},
            AudioPart("audio/L16;rate=24000", "AAAA"),
        ),
        ({"inlineData": {"data": "AAAA", "displayName": "n"}}, FilePart(data="AAAA", name="n")),
        (
            {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://a"}, "videoMetadata": {"fps": 1}},
            VideoPart("video/mp4", url="gs://a"),
        ),
        ({"functionCall": {"id": "c", "name": "f", "args": {"a": 1.0}}}, ToolCallPart("c", "f", '{"a":1.0}')),
        ({"functionCall": {"id": "c", "name": "f"}, "thoughtSignature": "s"}, ToolCallPart("c", "f", signature="s")),
        (
            {"functionResponse": {"id": "c", "name": "f", "response": {"output": "a"}}},
            ToolResultPart("c", "f", "a"),
        ),
        (
            {"functionResponse": {"id": "c", "name": "f", "response": {"error": "a"}}},
            ToolResultPart("c", "f", "a", is_error=True),
        ),
        (
            {"functionResponse": {"id": "c", "name": "f", "response": {"a": 1}, "willContinue": False}},
            ToolResultPart("c", "f", '{"a":1}'),
        ),
        (
            {
                "functionResponse": {
                    "id": "c",
                    "name": "f",
                    "response": {"output": "a"},
                    "parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}],
                }
            },
            ToolResultPart("c", "f", (TextPart("a"), ImagePart("image/png", "AAAA"))),
        ),
    ],
)
def test_a_part_is_this_and_comes_back(raw: dict[str, Any], part: Part) -> None:
    assert decoded(raw) == part
    assert encoded(decoded(raw)) == raw


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"executableCode": {"code": "1", "language": "PYTHON"}, "thoughtSignature": "s"},
        {"toolCall": {"id": "t", "toolType": "FILE_SEARCH"}},
        {"inlineData": {"data": "AAAA"}, "thought": True},
        {"functionCall": {"partialArgs": []}},
        {"functionCall": {}},
    ],
)
def test_a_part_without_neutral_form_is_kept_whole(raw: dict[str, Any]) -> None:
    assert decoded(raw) == NativePart(WIRE, raw)
    assert encoded(decoded(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("a", "at"),
        ({"text": 1}, "at.text"),
        ({"inlineData": {}}, "at.inlineData.data"),
        ({"fileData": {}}, "at.fileData.fileUri"),
        ({"functionCall": 1}, "at.functionCall"),
        ({"functionCall": {"name": 1}}, "at.functionCall.name"),
        ({"functionResponse": {"name": "f", "response": 1}}, "at.functionResponse.response"),
    ],
)
def test_a_known_part_without_what_makes_it_one_is_refused(raw: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decoded(raw)
    assert caught.value.path == place


def test_an_id_that_was_invented_is_left_out_again() -> None:
    calls = Calls("seed")
    raw = {"functionCall": {"name": "f"}}
    one, other = decode_part(raw, "at", calls), decode_part(raw, "at", calls)
    assert isinstance(one, ToolCallPart)
    assert isinstance(other, ToolCallPart)
    assert one.id != other.id
    assert one.id == decode_part(raw, "at", Calls("seed")).id  # type: ignore[union-attr]
    assert encoded(one) == raw
    assert encoded(dataclasses.replace(one, id="mine"))["functionCall"]["id"] == "mine"


def test_a_change_is_said_and_the_rest_comes_back() -> None:
    raw = {"functionCall": {"id": "c", "name": "f", "args": {"a": 1}, "x": 1}, "thoughtSignature": "s"}
    part = decoded(raw)
    assert isinstance(part, ToolCallPart)
    changed = encoded(dataclasses.replace(part, arguments='{"b":2}'))
    assert changed == {**raw, "functionCall": {**raw["functionCall"], "args": {"b": 2}}}  # type: ignore[dict-item]
    result = decoded({"functionResponse": {"id": "c", "name": "f", "response": {"a": 1}}})
    assert isinstance(result, ToolResultPart)
    said = encoded(dataclasses.replace(result, content="no object"))["functionResponse"]["response"]
    assert said == {"output": "no object"}


# What came from elsewhere


@pytest.mark.parametrize(
    ("part", "raw"),
    [
        (ToolCallPart("c", "f", " "), {"functionCall": {"name": "f", "id": "c"}}),
        (ToolResultPart("c", "f", ""), {"functionResponse": {"name": "f", "id": "c", "response": {"output": ""}}}),
        (TextPart("a", extra={"x": 1}), {"text": "a", "x": 1}),
        (ReasoningPart("hm"), {"text": "hm", "thought": True}),
        (
            ToolResultPart("c", "f", (TextPart("a"), ImagePart(data="iVBORw0KGgo="))),
            {
                "functionResponse": {
                    "name": "f",
                    "id": "c",
                    "response": {"output": "a"},
                    "parts": [{"inlineData": {"data": "iVBORw0KGgo=", "mimeType": "image/png"}}],
                }
            },
        ),
    ],
)
def test_a_part_from_elsewhere_is_this(part: Part, raw: dict[str, Any]) -> None:
    assert encoded(part) == raw


@pytest.mark.parametrize(
    "part",
    [
        RefusalPart("no"),
        ImagePart(),
        NativePart("openai_responses", {}),
        ImagePart(file_id="file_1", native=FOREIGN),
    ],
)
def test_what_has_no_form_here_is_lost(part: Part) -> None:
    report = Report()
    assert encoded(part, report) is None
    assert told(report) == [("at", Severity.LOST)]


@pytest.mark.parametrize(
    ("part", "place", "severity"),
    [
        (TextPart("a", signature="s", native=FOREIGN), "at.signature", Severity.NOTE),
        (ReasoningPart("hm", sealed="s"), "at", Severity.NOTE),
        (ToolCallPart("t", "f", "select 1", "custom"), "at", Severity.DEGRADED),
        (ToolCallPart("t", "f", '{"a'), "at.arguments", Severity.DEGRADED),
        (ToolCallPart("t", "f", "[1]"), "at.arguments", Severity.DEGRADED),
        (ToolResultPart("t", "f", (RefusalPart("no"),)), "at.content[0]", Severity.LOST),
        (ImagePart(data="AAAA", detail="low"), "at.detail", Severity.NOTE),
        (FilePart("a/b", "AAAA", name="n"), "at.name", Severity.NOTE),
    ],
)
def test_what_is_said_otherwise_is_told_once(part: Part, place: str, severity: Severity) -> None:
    report = Report()
    assert encoded(part, report) is not None
    assert told(report) == [(place, severity)]


def test_arguments_that_are_no_object_go_as_one() -> None:
    assert encoded(ToolCallPart("t", "f", "select 1", "custom"), Report())["functionCall"]["args"] == {
        "input": "select 1"
    }
    assert encoded(ToolCallPart("t", "f", "[1]"), Report())["functionCall"]["args"] == {"input": [1]}


def test_a_signature_that_may_not_go_along_is_told() -> None:
    report = Report(strict=True)
    assert encoded(decoded({"text": "a", "thoughtSignature": "s"}), report, signed=False) == {"text": "a"}
    assert encoded(decoded({"text": "", "thoughtSignature": "s"}), report, signed=False) is None
    assert told(report) == [("at.signature", Severity.NOTE)]


def test_the_vendor_s_signature_comes_back_from_its_own_chat_layer() -> None:
    """Google's OpenAI-compatible path carries it in ``extra_content``."""
    call = ToolCallPart("t", "f", signature="s", native=Native("openai_chat_completions", {}))
    assert encoded(call)["thoughtSignature"] == "s"


def test_a_spoken_answer_of_which_only_the_words_are_left() -> None:
    assert encoded(AudioPart(transcript="hi")) == {"text": "hi"}
