"""Events from elsewhere into the whole ladder of frames: clients index into what was added before."""

import json
from typing import Any

import pytest

from minillm import errors
from minillm.report import Report, Severity
from minillm.types import (
    Citation,
    CitationAdded,
    Finish,
    FinishReason,
    ImagePart,
    MessageEnd,
    MessageStart,
    Native,
    NativeEvent,
    NativePart,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
    collect,
)
from minillm.wire import get_codec
from minillm.wire.sse import ServerSentEvent

WIRE = "openai_responses"
CODEC = get_codec(WIRE)
FOREIGN = Native("anthropic_messages", {})


def frames(*events: StreamEvent, report: Report | None = None) -> list[ServerSentEvent]:
    encoder = CODEC.stream_encoder(report=Report(strict=True) if report is None else report)
    return [frame for event in events for frame in encoder.feed(event)] + encoder.finish()


def said(*events: StreamEvent, report: Report | None = None) -> list[dict[str, Any]]:
    return [json.loads(frame.raw) for frame in frames(*events, report=report)]


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


START = MessageStart("resp_1", "m", 5)
END = (Finish(0, FinishReason.STOP, "stop"), MessageEnd())


def test_the_whole_ladder_of_a_text() -> None:
    found = said(START, PartStart(0, TextPart("")), TextDelta(0, "h"), TextDelta(0, "i"), *END)
    assert [frame["type"] for frame in found] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [frame["sequence_number"] for frame in found] == list(range(10))
    assert found[6]["text"] == "hi"
    assert found[-1]["response"]["output"] == [found[-2]["item"]]
    assert {frame["item_id"] for frame in found[3:8]} == {found[2]["item"]["id"]}


def test_every_frame_has_its_name() -> None:
    for frame in frames(START, PartStart(0, TextPart("")), TextDelta(0, "hi"), *END):
        assert frame.event == json.loads(frame.raw)["type"]


@pytest.mark.parametrize(
    ("kind", "field", "events"),
    [
        ("function", "arguments", "response.function_call_arguments"),
        ("custom", "input", "response.custom_tool_call_input"),
    ],
)
def test_a_call_in_pieces(kind: Any, field: str, events: str) -> None:
    found = said(START, PartStart(0, ToolCallPart("c", "f", kind=kind)), ToolCallDelta(0, "{}"), PartEnd(0), *END)
    assert [frame["type"] for frame in found[2:6]] == [
        "response.output_item.added",
        f"{events}.delta",
        f"{events}.done",
        "response.output_item.done",
    ]
    assert found[2]["item"][field] == ""
    item = found[5]["item"]
    assert (item["call_id"], item["name"], item[field], item["status"]) == ("c", "f", "{}", "completed")


def test_interleaved_calls_come_one_item_after_the_other() -> None:
    found = said(
        START,
        PartStart(4, ToolCallPart("a", "f")),
        PartStart(7, ToolCallPart("b", "g")),
        ToolCallDelta(7, '{"y":2}'),
        ToolCallDelta(4, '{"x":1}'),
        Finish(0, FinishReason.TOOL_CALLS, "tool_calls"),
        MessageEnd(),
    )
    kinds = [(frame["type"].rpartition("response.")[2], frame["output_index"]) for frame in found[2:-1]]
    steps = ("output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done")
    assert kinds == [(step, index) for index in (0, 1) for step in steps]
    assert [item["arguments"] for item in found[-1]["response"]["output"]] == ['{"x":1}', '{"y":2}']


def test_a_call_cut_by_its_ceiling_says_so() -> None:
    found = said(
        START,
        PartStart(0, ToolCallPart("a", "f")),
        ToolCallDelta(0, '{"x'),
        Finish(0, FinishReason.LENGTH, "length"),
        MessageEnd(),
    )
    assert found[-1]["type"] == "response.incomplete"
    assert found[-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert found[-1]["response"]["output"][0]["status"] == "incomplete"


def test_reasoning_is_a_summary_and_a_foreign_seal_stays_behind() -> None:
    report = Report(strict=True)
    seal = SignatureDelta(0, "sig", native=FOREIGN)
    found = said(START, PartStart(0, ReasoningPart("")), ReasoningDelta(0, "hm"), seal, *END, report=report)
    assert found[-1]["response"]["output"][0]["summary"] == [{"type": "summary_text", "text": "hm"}]
    assert "sig" not in json.dumps(found)
    assert told(report) == [("choices[0].message.content[0].signature", Severity.NOTE)]


def test_a_refusal_is_content_of_its_own() -> None:
    found = said(START, PartStart(0, RefusalPart("")), RefusalDelta(0, "n"), RefusalDelta(0, "o"), *END)
    assert found[-1]["response"]["output"][0]["content"] == [{"type": "refusal", "refusal": "no"}]
    assert [frame["type"] for frame in found[4:7]] == [
        "response.refusal.delta",
        "response.refusal.delta",
        "response.refusal.done",
    ]


def test_sources_and_probabilities_are_said_while_and_at_the_end() -> None:
    token = TokenLogprob("a", -0.5, (97,))
    found = said(
        START,
        PartStart(0, TextPart("")),
        TextDelta(0, "a", (token,)),
        CitationAdded(0, Citation("https://x.test", "t", None, 0, 1)),
        *END,
    )
    (content,) = found[-1]["response"]["output"][0]["content"]
    cited = {"type": "url_citation", "url": "https://x.test", "title": "t", "start_index": 0, "end_index": 1}
    assert content["annotations"] == [cited]
    assert content["logprobs"] == [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}]
    (added,) = [frame for frame in found if frame["type"] == "response.output_text.annotation.added"]
    assert (added["annotation"], added["annotation_index"]) == (cited, 0)


def test_counts_are_said_at_the_end() -> None:
    found = said(START, UsageUpdate(Usage(3)), UsageUpdate(Usage(output_tokens=2)), *END)
    usage = found[-1]["response"]["usage"]
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (3, 2, 5)
    assert found[0]["response"]["usage"] is None


def test_a_block_of_this_wire_is_an_item() -> None:
    search = {"id": "ws_1", "type": "web_search_call", "status": "completed"}
    assert said(START, PartStart(0, NativePart(WIRE, search)), *END)[-1]["response"]["output"] == [search]


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (PartStart(0, ImagePart(data="AAAA")), "choices[0].message.content[0]"),
        (PartStart(0, NativePart("anthropic_messages", {"type": "server_tool_use"})), "choices[0].message.content[0]"),
        (NativeEvent("gemini_generate_content", "groundingMetadata", {"a": 1}), "stream"),
        (TextDelta(0, "b", choice=1), "choices[1]"),
    ],
)
def test_what_has_no_form_here_is_lost_once(event: StreamEvent, place: str) -> None:
    report = Report()
    said(START, event, *END, report=report)
    assert told(report) == [(place, Severity.LOST)]


def test_a_citation_without_an_address_is_lost_once() -> None:
    report = Report()
    cited = (CitationAdded(0, Citation(title="p. 3")), CitationAdded(0, Citation(title="p. 4")))
    said(START, PartStart(0, TextPart("")), TextDelta(0, "a"), *cited, *END, report=report)
    assert told(report) == [("choices[0].message.content[0].citations", Severity.LOST)]
    assert report.losses[0].count == 2


def test_a_failed_stream_ends_with_an_error_and_what_it_cost() -> None:
    """Flat as documented, and nested besides: the official clients only raise on the nested one."""
    failed = StreamFailed(errors.RateLimitError("slow", status=429))
    found = said(START, UsageUpdate(Usage(3, output_tokens=2)), failed)
    error, last = found[-2:]
    assert (error["type"], error["code"], error["message"]) == ("error", "rate_limit_exceeded", "slow")
    assert error["error"]["message"] == "slow"
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert last["response"]["usage"]["total_tokens"] == 5


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.RateLimitError("x", status=429), "rate_limit_exceeded"),
        (errors.BadRequestError("x", status=400), "invalid_prompt"),
        (errors.ContextLengthError("x", status=400), "invalid_prompt"),
        (errors.AuthenticationError("x", status=401), "server_error"),
        (errors.ServerError("x", status=503), "server_error"),
        (errors.StreamInterrupted("x"), "server_error"),
    ],
)
def test_a_failed_stream_with_counts_is_read_as_the_same_kind_of_error(error: Exception, code: str) -> None:
    """What the failed answer adds has few codes; the error event before it says which kind it was."""
    encoder, decoder = CODEC.stream_encoder(report=Report()), CODEC.stream_decoder()
    frames = [
        frame
        for event in (START, UsageUpdate(Usage(3, output_tokens=2)), StreamFailed(error))
        for frame in encoder.feed(event)
    ]
    assert json.loads(frames[-1].data)["response"]["error"]["code"] == code
    read = [event for frame in frames for event in decoder.feed(frame)]
    failed = next(event.error for event in read if isinstance(event, StreamFailed))
    assert isinstance(failed, type(error) if isinstance(error, errors.APIError) else errors.ServerError)


def test_what_comes_out_is_read_as_what_went_in() -> None:
    parts = (ReasoningPart("hm"), TextPart("a"), ToolCallPart("t", "f", '{"a":1}'), RefusalPart("no"))
    encoder, decoder = CODEC.stream_encoder(report=Report()), CODEC.stream_decoder()
    whole = [START, *(PartStart(i, part) for i, part in enumerate(parts)), *END]
    found = [event for one in whole for frame in encoder.feed(one) for event in decoder.feed(frame)]
    assert collect([*found, *decoder.finish()]).message.parts == parts


def test_an_edited_piece_is_said_in_its_own_frame() -> None:
    decoder, encoder = CODEC.stream_decoder(), CODEC.stream_encoder()
    place = {"output_index": 0, "content_index": 0}
    frame: dict[str, Any] = {"type": "response.output_text.delta", **place, "delta": "a", "obfuscation": "x"}
    events = decoder.feed(ServerSentEvent(frame["type"], json.dumps(frame)))
    piece = events[-1]
    assert isinstance(piece, TextDelta)
    piece.delta = "b"
    (again,) = encoder.feed(*events)
    assert json.loads(again.raw) == {**frame, "delta": "b"}
