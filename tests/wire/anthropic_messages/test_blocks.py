"""Content blocks, both ways: text, thinking, calls, results, pictures and documents, citations."""

import base64
import dataclasses
from typing import Any

import pytest

from minillm.errors import DecodeError
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
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from minillm.wire.anthropic_messages.blocks import decode_block, encode_block, shell_of
from minillm.wire.anthropic_messages.dialect import WIRE
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
FOREIGN = Native("openai_responses", {})


def encoded(part: Part, report: Report | None = None, *, asking: bool = True, assistant: bool = False) -> Any:
    enc = Encoding(WIRE, Quirks(), Report(strict=True) if report is None else report, asking=asking)
    return encode_block(part, enc, "at", assistant=assistant)


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


def round_trip(block: dict[str, Any]) -> Part:
    """The part that a block is; and the block comes back from it."""
    part = decode_block(block, "at")
    assert encoded(part) == block
    return part


# Reading


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "text", "text": "a"}, TextPart("a")),
        ({"type": "text", "text": ""}, TextPart("")),
        ({"type": "text", "text": "a", "citations": None}, TextPart("a")),
        (
            {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            TextPart("a", cache=CacheBreakpoint("1h")),
        ),
        ({"type": "thinking", "thinking": "", "signature": "s"}, ReasoningPart("", "s")),
        ({"type": "thinking", "thinking": "a"}, ReasoningPart("a")),
        ({"type": "redacted_thinking", "data": "d"}, ReasoningPart(sealed="d")),
        ({"type": "tool_use", "id": "t", "name": "f", "input": {}}, ToolCallPart("t", "f", "{}")),
        (
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}, "caller": 1},
            ToolCallPart("t", "f", '{"a":1}'),
        ),
        ({"type": "tool_use", "id": "t", "name": "f"}, ToolCallPart("t", "f")),
        ({"type": "tool_result", "tool_use_id": "t"}, ToolResultPart("t")),
        ({"type": "tool_result", "tool_use_id": "t", "content": "a"}, ToolResultPart("t", content="a")),
        (
            {"type": "tool_result", "tool_use_id": "t", "content": "a", "is_error": True},
            ToolResultPart("t", content="a", is_error=True),
        ),
        (
            {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "a"}]},
            ToolResultPart("t", content=(TextPart("a"),)),
        ),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
            ImagePart("image/png", PNG),
        ),
        ({"type": "image", "source": {"type": "url", "url": "https://x.test/a"}}, ImagePart(url="https://x.test/a")),
        ({"type": "image", "source": {"type": "file", "file_id": "file_1"}}, ImagePart(file_id="file_1")),
        (
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}, "title": "t"},
            FilePart("text/plain", base64.b64encode(b"hi").decode(), name="t"),
        ),
        (
            {"type": "document", "source": {"type": "url", "url": "https://x.test/a.pdf"}, "context": "c"},
            FilePart(url="https://x.test/a.pdf"),
        ),
    ],
)
def test_a_block_is_this_part(block: dict[str, Any], part: Part) -> None:
    assert round_trip(block) == part


@pytest.mark.parametrize(
    "block",
    [
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "document", "source": {"type": "content", "content": "a"}},
        {"type": "image", "source": {"type": "url", "url": "data:image/png;base64,AAAA"}},
        {"type": "novel"},
        {},
    ],
)
def test_a_block_without_neutral_form_is_kept_whole(block: dict[str, Any]) -> None:
    assert round_trip(block) == NativePart(WIRE, block)


@pytest.mark.parametrize(
    ("block", "place"),
    [
        ("text", "at"),
        ({"type": "text"}, "at.text"),
        ({"type": "thinking", "thinking": None}, "at.thinking"),
        ({"type": "redacted_thinking"}, "at.data"),
        ({"type": "tool_use", "name": "f"}, "at.id"),
        ({"type": "tool_use", "id": "t"}, "at.name"),
        ({"type": "tool_result"}, "at.tool_use_id"),
        ({"type": "tool_result", "tool_use_id": "t", "content": 1}, "at.content"),
        ({"type": "image"}, "at.source"),
        ({"type": "image", "source": {"type": "url"}}, "at.source.url"),
        ({"type": "document", "source": {"type": "text"}}, "at.source.data"),
    ],
)
def test_a_known_block_without_what_makes_it_one_is_refused(block: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_block(block, "at")
    assert caught.value.path == place


def test_citations_name_their_source_and_come_back_with_their_places() -> None:
    page = {"type": "page_location", "cited_text": "c", "document_title": "t", "start_page_number": 1}
    web = {"type": "web_search_result_location", "url": "https://x.test", "title": "w", "encrypted_index": "e"}
    part = round_trip({"type": "text", "text": "a", "citations": [page, web]})
    assert isinstance(part, TextPart)
    assert part.citations == (Citation(title="t", text="c"), Citation("https://x.test", "w"))


def test_a_streamed_call_begins_without_arguments() -> None:
    assert shell_of({"type": "tool_use", "id": "t", "name": "f", "input": {}}, "at") == ToolCallPart("t", "f")
    assert shell_of({"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}, "at") == ToolCallPart(
        "t", "f", '{"a":1}'
    )


# Writing what came from elsewhere


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (ToolCallPart("t", "f"), {"type": "tool_use", "id": "t", "name": "f", "input": {}}),
        (ToolCallPart("t", "f", " "), {"type": "tool_use", "id": "t", "name": "f", "input": {}}),
        (ImagePart(data=PNG), {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}),
        (
            ImagePart(url=f"data:image/png;base64,{PNG}"),
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        ),
        (ImagePart(file_id="file_1"), {"type": "image", "source": {"type": "file", "file_id": "file_1"}}),
        (
            FilePart("image/png", PNG),
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        ),
        (
            FilePart("text/markdown", base64.b64encode(b"# hi").decode(), name="n"),
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "# hi"},
                "title": "n",
            },
        ),
        (
            FilePart("application/pdf", "JVBERi0="),
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}},
        ),
        (
            ToolResultPart("t", "f", (TextPart("a"), ImagePart(url="https://x.test/a")), is_error=True),
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image", "source": {"type": "url", "url": "https://x.test/a"}},
                ],
                "is_error": True,
            },
        ),
        (TextPart("a", extra={"x": 1}), {"type": "text", "text": "a", "x": 1}),
    ],
)
def test_a_part_is_this_block(part: Part, block: dict[str, Any]) -> None:
    assert encoded(part) == block


@pytest.mark.parametrize(
    "part",
    [
        AudioPart(data="UklG"),
        VideoPart(url="https://x.test/a.mp4"),
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


def test_the_model_s_own_turn_holds_no_media() -> None:
    report = Report()
    assert encoded(ImagePart(data=PNG), report, assistant=True) is None
    assert told(report) == [("at", Severity.LOST)]
    kept = decode_block({"type": "image", "source": {"type": "url", "url": "https://x.test/a"}}, "at")
    assert encoded(kept, assistant=True) is not None  # this wire said so itself


@pytest.mark.parametrize(
    ("part", "place", "severity"),
    [
        (TextPart("a", signature="s"), "at.signature", Severity.NOTE),
        (TextPart("a", logprobs=(TokenLogprob("a", 0.0),)), "at.logprobs", Severity.LOST),
        (TextPart("a", (Citation("https://x.test"),)), "at.citations", Severity.LOST),
        (ToolCallPart("t", "f", signature="s"), "at.signature", Severity.NOTE),
        (ToolCallPart("t", "f", "select 1", "custom"), "at", Severity.DEGRADED),
        (ToolCallPart("t", "f", '{"a'), "at.arguments", Severity.DEGRADED),
        (ToolCallPart("t", "f", "[1]"), "at.arguments", Severity.DEGRADED),
        (ImagePart(data=PNG, detail="low"), "at.detail", Severity.NOTE),
    ],
)
def test_what_is_said_otherwise_is_told_once(part: Part, place: str, severity: Severity) -> None:
    report = Report()
    assert encoded(part, report) is not None
    assert told(report) == [(place, severity)]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (ToolCallPart("t", "f", "select 1", "custom"), {"input": "select 1"}),
        (ToolCallPart("t", "f", '{"a'), {"input": '{"a'}),
        (ToolCallPart("t", "f", "[1]"), {"input": [1]}),
    ],
)
def test_arguments_that_are_no_object_go_as_one(part: Part, value: Any) -> None:
    assert encoded(part, Report())["input"] == value


def test_empty_text_is_left_out_unless_this_wire_said_it() -> None:
    assert encoded(TextPart("")) is None
    assert encoded(decode_block({"type": "text", "text": ""}, "at")) == {"type": "text", "text": ""}


def test_in_an_answer_foreign_reasoning_shows_what_can_be_read() -> None:
    report = Report(strict=True)
    part = ReasoningPart("hm", "s", native=FOREIGN)
    assert encoded(part, report, asking=False) == {"type": "thinking", "thinking": "hm", "signature": ""}
    assert encoded(ReasoningPart(sealed="x", native=FOREIGN), report, asking=False) is None
    assert encoded(ReasoningPart("hm"), asking=False) == {"type": "thinking", "thinking": "hm", "signature": ""}
    assert told(report) == [("at", Severity.NOTE)]


def test_a_change_is_said_and_the_rest_comes_back() -> None:
    block = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1.0}, "caller": {"type": "direct"}}
    part = decode_block(block, "at")
    assert isinstance(part, ToolCallPart)
    assert encoded(dataclasses.replace(part, arguments='{"b":2}')) == {**block, "input": {"b": 2}}
    assert encoded(dataclasses.replace(part, name="g")) == {**block, "name": "g"}
