"""Whole answers, both ways: candidates, blocked prompts, sources, token probabilities, counts."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from minillm import errors
from minillm.report import Report, Severity
from minillm.types import (
    ChatResponse,
    Choice,
    Citation,
    FinishReason,
    Message,
    RefusalPart,
    Role,
    TextPart,
    TokenLogprob,
    ToolCallPart,
    Usage,
)
from minillm.wire import get_codec
from minillm.wire.gemini_generate_content.dialect import decode_reason, encode_reason
from minillm.wire.gemini_generate_content.usage import decode_usage, encode_usage
from tests.wire.gemini_generate_content import bodies
from tests.wire.recorded import differences

CODEC = get_codec("gemini_generate_content")


def answer(*parts: dict[str, Any], **candidate: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, "index": 0, **candidate}]}


def comes_back(body: dict[str, Any]) -> ChatResponse:
    before, report = copy.deepcopy(body), Report()
    response = CODEC.decode_response(body, report=report)
    assert differences(before, CODEC.encode_response(response, report=report)) == {}
    assert differences(before, CODEC.encode_response(response, report=report)) == {}
    assert differences(before, body) == {}
    assert report.losses == ()
    return response


def encoded(*parts: Any, report: Report | None = None, **choice: Any) -> dict[str, Any]:
    choices = (Choice(0, Message(Role.ASSISTANT, parts), choice.pop("reason", FinishReason.STOP), **choice),)
    return CODEC.encode_response(
        ChatResponse("x", "m", choices), report=Report(strict=True) if report is None else report
    )


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.ANSWERS)
def test_any_body_comes_back_as_it_was(body: dict[str, Any]) -> None:
    comes_back(body)


def test_a_plain_answer() -> None:
    body = answer({"text": "hi"}, finishReason="STOP") | {"modelVersion": "m", "responseId": "r"}
    response = comes_back(body | {"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}})
    assert (response.id, response.model, response.created, response.text) == ("r", "m", None, "hi")
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.STOP, "STOP")
    assert response.usage == Usage(uncached_tokens=3, output_tokens=2)


def test_several_candidates() -> None:
    first, second = answer({"text": "a"}, index=0)["candidates"], answer({"text": "b"}, index=1)["candidates"]
    response = comes_back({"candidates": first + second})
    assert [(choice.index, choice.message.text) for choice in response.choices] == [(0, "a"), (1, "b")]


@pytest.mark.parametrize("word", ["SAFETY", "OTHER", "BLOCKLIST", "NOVEL"])
def test_a_blocked_prompt_has_a_reason_and_no_text(word: str) -> None:
    response = comes_back({"promptFeedback": {"blockReason": word}})
    assert (response.text, response.finish_reason, response.raw_finish_reason) == (
        "",
        FinishReason.CONTENT_FILTER,
        word,
    )


@pytest.mark.parametrize("body", [{"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}}])
def test_an_error_in_place_of_an_answer_is_raised(body: dict[str, Any]) -> None:
    with pytest.raises(errors.ServerError):
        CODEC.decode_response(body)
    with pytest.raises(errors.ServerError):
        CODEC.decode_response([body])


@pytest.mark.parametrize("body", [{}, None, "x", {"candidates": "x"}, {"candidates": [1]}])
def test_what_is_no_answer_is_refused(body: Any) -> None:
    with pytest.raises(errors.DecodeError):
        CODEC.decode_response(body)


def test_a_list_of_chunks_is_one_answer() -> None:
    chunks = [answer({"text": "a"}), answer({"text": "b"}, finishReason="STOP")]
    assert CODEC.decode_response(chunks).text == "ab"
    with pytest.raises(errors.StreamInterrupted):
        CODEC.decode_response(chunks[:1])


# Finish reasons


@pytest.mark.parametrize(
    ("raw", "calls", "reason"),
    [
        ("STOP", False, FinishReason.STOP),
        ("STOP", True, FinishReason.TOOL_CALLS),
        ("MAX_TOKENS", True, FinishReason.LENGTH),
        ("IMAGE_RECITATION", False, FinishReason.CONTENT_FILTER),
        ("MALFORMED_RESPONSE", False, FinishReason.ERROR),
        ("CONTINUATION", False, FinishReason.PAUSED),
        ("ESCALATION", False, FinishReason.UNKNOWN),
        (None, True, None),
    ],
)
def test_a_finish_reason_means_this_and_comes_back(raw: str | None, calls: bool, reason: FinishReason | None) -> None:
    assert decode_reason(raw, calls=calls) is reason
    assert encode_reason(reason, raw) == raw


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (FinishReason.STOP_SEQUENCE, "STOP"),
        (FinishReason.CONTEXT_FULL, "MAX_TOKENS"),
        (FinishReason.REFUSAL, "SAFETY"),
        (FinishReason.ERROR, "OTHER"),
        (FinishReason.UNKNOWN, "OTHER"),
    ],
)
def test_a_reason_from_elsewhere_is_said_in_the_nearest_word(reason: FinishReason, word: str) -> None:
    assert encode_reason(reason, "eos", ours=False) == word


def test_a_refusal_is_told_beside_the_reason() -> None:
    (candidate,) = encoded(RefusalPart("no"))["candidates"]
    assert (candidate["finishReason"], candidate["finishMessage"]) == ("SAFETY", "no")
    assert candidate["content"]["parts"] == []


# Sources


def grounded(text: str, *supports: dict[str, Any], **more: Any) -> Any:
    chunks = [{"web": {"uri": "https://a.test", "title": "A"}}, {"maps": {"uri": "https://b.test"}}]
    metadata = {"groundingChunks": chunks, "groundingSupports": list(supports), **more}
    return comes_back(answer({"text": text}, groundingMetadata=metadata)).message.parts[0]


def test_sources_stand_on_the_text_that_leans_on_them() -> None:
    """The vendor counts UTF-8 bytes, we count characters."""
    segment = {"startIndex": 3, "endIndex": 9, "text": "wörld"}
    part = grounded("ö wörld", {"segment": segment, "groundingChunkIndices": [0, 1]})
    assert part.citations == (Citation("https://a.test", "A", None, 2, 7), Citation("https://b.test", None, None, 2, 7))


def test_a_source_of_nothing_in_particular_is_kept() -> None:
    assert [citation.url for citation in grounded("a").citations] == ["https://a.test", "https://b.test"]
    stranger = {"segment": {"endIndex": 99, "text": "x"}, "groundingChunkIndices": [0, 7, "x", -1]}
    assert [(c.url, c.start) for c in grounded("a", stranger).citations] == [
        ("https://a.test", None),
        ("https://b.test", None),
    ]


def test_citation_metadata_is_a_source_too() -> None:
    said = {"citations": [{}, {"startIndex": 0, "endIndex": 1, "uri": "https://a.test", "license": "MIT"}]}
    part = comes_back(answer({"text": "ab"}, citationMetadata=said)).message.parts[0]
    assert isinstance(part, TextPart)
    assert part.citations == (Citation("https://a.test", None, None, 0, 1),)


def test_without_text_there_is_nothing_that_leans_on_a_source() -> None:
    said = {"citations": [{"uri": "https://a.test"}]}
    assert comes_back(answer(citationMetadata=said)).message.parts == ()


def test_citations_from_elsewhere_are_said_in_bytes() -> None:
    report = Report()
    part = TextPart("ö b", (Citation("https://a.test", "A", None, 2, 3), Citation(title="a page")))
    (candidate,) = encoded(part, report=report)["candidates"]
    source = {"uri": "https://a.test", "title": "A", "startIndex": 3, "endIndex": 4}
    assert candidate["citationMetadata"] == {"citationSources": [source]}
    assert [(loss.path, loss.severity) for loss in report.losses] == [("choices[0].message.content", Severity.LOST)]


# Token probabilities


def test_token_probabilities() -> None:
    chosen = [{"token": "a", "logProbability": -0.5, "tokenId": 7}, {"token": "b"}]
    tops = [{"candidates": [{"token": "c", "logProbability": -2.0}]}]
    response = comes_back(answer({"text": "ab"}, logprobsResult={"chosenCandidates": chosen, "topCandidates": tops}))
    expected = (TokenLogprob("a", -0.5, None, (TokenLogprob("c", -2.0),)), TokenLogprob("b", 0.0))
    assert response.choices[0].logprobs == expected
    (candidate,) = encoded(TextPart("ab"), logprobs=expected)["candidates"]
    assert candidate["logprobsResult"] == {
        "chosenCandidates": [{"token": "a", "logProbability": -0.5}, {"token": "b", "logProbability": 0.0}],
        "topCandidates": tops,
    }


# Counts


@pytest.mark.parametrize(
    ("raw", "usage"),
    [
        ({"promptTokenCount": 9, "cachedContentTokenCount": 4}, Usage(5, 4)),
        ({"promptTokenCount": 9, "cachedContentTokenCount": 40}, Usage(9)),  # parts that exceed the whole
        ({"promptTokenCount": 9, "toolUsePromptTokenCount": 3}, Usage(9, tool_use_tokens=3)),
        ({"candidatesTokenCount": 2, "thoughtsTokenCount": 5}, Usage(output_tokens=7, reasoning_tokens=5)),
        ({"thoughtsTokenCount": 5}, Usage(output_tokens=5, reasoning_tokens=5)),
        ({"promptTokenCount": "x"}, Usage()),
    ],
)
def test_buckets(raw: dict[str, Any], usage: Usage) -> None:
    found = decode_usage(raw)
    assert found == usage
    assert found is not None
    assert encode_usage(found) == raw


def test_a_later_chunk_does_not_erase_what_it_leaves_out() -> None:
    before = {"promptTokenCount": 9, "thoughtsTokenCount": 5}
    later = decode_usage({"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": None}, before)
    assert later == Usage(9, output_tokens=7, reasoning_tokens=5)


def test_usage_of_another_wire_is_said_with_equal_totals() -> None:
    assert encode_usage(Usage(3, 10, {"5m": 2}, None, 9, 4)) == {
        "promptTokenCount": 15,
        "cachedContentTokenCount": 10,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 4,
        "totalTokenCount": 24,
    }


def test_an_answer_of_ours_has_what_clients_read() -> None:
    assert encoded(TextPart("a"), ToolCallPart("t", "f", '{"a":1}'), reason=FinishReason.TOOL_CALLS) == {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [{"text": "a"}, {"functionCall": {"name": "f", "id": "t", "args": {"a": 1}}}],
                },
                "index": 0,
                "finishReason": "STOP",
            }
        ],
        "modelVersion": "m",
        "responseId": "x",
    }
