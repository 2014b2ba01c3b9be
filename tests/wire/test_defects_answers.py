"""Defects and silent losses of an earlier adapter's answers that must not be here; docs/parity.md lists them."""

import json
from typing import Any

import pytest

from minillm import errors
from minillm.json import repair_json
from minillm.types import FinishReason
from minillm.wire import WIRES, get_codec
from tests.wire.checks import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    RESPONSES,
    Body,
    Check,
    Checks,
    answer_of,
    answered,
    anthropic_answer,
    chat_answer,
    chat_chunk,
    gemini_frame,
    responses_answer,
)

defect = Checks()


def said(*content: Body, **rest: Any) -> Body:
    """A message item of Responses."""
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": list(content),
        **rest,
    }


def output_text(text: str, *annotations: Body) -> Body:
    return {"type": "output_text", "text": text, "annotations": list(annotations)}


FUNCTION_CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}",
                 "status": "completed"}  # fmt: skip
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Is it Paris?"}]}


@defect("B24")
def a_list_of_one_object_behind_prose_stays_a_list() -> None:
    """The value found is the outermost one."""
    found = repair_json('Here you are: [{"a": 1}]')
    assert found.value == [{"a": 1}]


@defect("B38")
def thinking_is_not_the_answer() -> None:
    """An answer that only thinks has no text, on any wire; read again elsewhere it has none either."""
    answers: dict[str, Body] = {
        CHAT: chat_answer({"content": None, "reasoning_content": "Is it Paris?"}),
        RESPONSES: responses_answer(THOUGHT),
        ANTHROPIC: anthropic_answer({"type": "thinking", "thinking": "Is it Paris?", "signature": "c2VhbA=="}),
        GEMINI: gemini_frame({"text": "Is it Paris?", "thought": True}, finish="STOP"),
    }
    for source, body in answers.items():
        for target in WIRES:
            out, _ = answered(source, target, body)
            read = get_codec(target).decode_response(out)
            assert (read.text, read.reasoning) == ("", "Is it Paris?"), (source, target)


@defect("B41")
def null_calls_are_no_calls() -> None:
    """Servers that send ``"tool_calls": null`` beside the text have sent a text."""
    body = chat_answer({"content": "Hi", "tool_calls": None, "function_call": None})
    answer = get_codec(CHAT).decode_response(body)
    assert (answer.text, answer.tool_calls, answer.finish_reason) == ("Hi", (), FinishReason.STOP)
    assert get_codec(CHAT).encode_response(answer) == body
    thought = chat_answer({"content": "Hi", "reasoning_content": "Hm.", "tool_calls": None})
    answer = get_codec(CHAT).decode_response(thought)
    assert (answer.text, answer.reasoning, answer.tool_calls) == ("Hi", "Hm.", ())
    chunk = chat_chunk(content="Hi", tool_calls=None)
    assert answer_of(CHAT, chunk, chat_chunk("stop"), "[DONE]").text == "Hi"


@defect("L18")
def reasoning_and_text_both_stay_beside_a_call() -> None:
    """To Responses: a reasoning item, a message item and the call, none of them in another's words."""
    blocks: list[Body] = [
        {"type": "thinking", "thinking": "Is it Paris?", "signature": "c2VhbA=="},
        {"type": "text", "text": "I look it up."},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}},
    ]
    out, _ = answered(ANTHROPIC, RESPONSES, anthropic_answer(*blocks, stop="tool_use"))
    assert [item["type"] for item in out["output"]] == ["reasoning", "message", "function_call"]
    assert out["output"][1]["content"][0]["text"] == "I look it up."
    assert "Paris" in json.dumps(out["output"][0])
    assert out["status"] == "completed"


REASONS = {
    "end_turn": ("stop", "completed", "STOP"),
    "stop_sequence": ("stop", "completed", "STOP"),
    "max_tokens": ("length", "incomplete", "MAX_TOKENS"),
    "tool_use": ("tool_calls", "completed", "STOP"),
    "pause_turn": ("stop", "incomplete", "STOP"),
    "refusal": ("content_filter", "incomplete", "SAFETY"),
    "model_context_window_exceeded": ("length", "incomplete", "MAX_TOKENS"),
}
PLAINLY = {"end_turn", "max_tokens", "tool_use"}


@defect("L23")
def reasons_are_said_in_the_targets_words() -> None:
    """No wire gets another's word; what bends the meaning is told."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    for reason, (chat, responses, gemini) in REASONS.items():
        blocks: list[Body] = [{"type": "text", "text": "Hi"}, *([call] if reason == "tool_use" else [])]
        body = anthropic_answer(*blocks, stop=reason)
        for target, word in ((CHAT, chat), (RESPONSES, responses), (GEMINI, gemini)):
            out, losses = answered(ANTHROPIC, target, body)
            says = {
                CHAT: lambda o: o["choices"][0]["finish_reason"],
                RESPONSES: lambda o: o["status"],
                GEMINI: lambda o: o["candidates"][0]["finishReason"],
            }[target](out)
            assert says == word, (reason, target)
            kept = get_codec(target).decode_response(out).finish_reason
            first = get_codec(ANTHROPIC).decode_response(body).finish_reason
            assert kept is first or "finish_reason" in losses, (reason, target)
            assert ("finish_reason" in losses) <= (reason not in PLAINLY)
    for word, stop in (("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "refusal")):
        out, _ = answered(CHAT, ANTHROPIC, chat_answer({"content": "Hi"}, word))
        assert out["stop_reason"] == stop


@defect("L24")
def an_incomplete_answer_keeps_its_text_and_a_failed_one_is_an_error() -> None:
    """``completed`` with a call finishes with the call."""
    short = responses_answer(said(output_text("Hal")), status="incomplete",
                             incomplete_details={"reason": "max_output_tokens"})  # fmt: skip
    answer = get_codec(RESPONSES).decode_response(short)
    assert (answer.text, answer.finish_reason) == ("Hal", FinishReason.LENGTH)
    with pytest.raises(errors.APIError):
        get_codec(RESPONSES).decode_response(
            responses_answer(status="failed", error={"code": "server_error", "message": "overloaded"})
        )
    called = get_codec(RESPONSES).decode_response(responses_answer(FUNCTION_CALL))
    assert called.finish_reason is FinishReason.TOOL_CALLS


USAGES: dict[str, Body] = {
    CHAT: chat_answer({"content": "Hi"}, usage={
        "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
        "completion_tokens_details": {"reasoning_tokens": 5}}),
    RESPONSES: responses_answer(said(output_text("Hi")), usage={
        "input_tokens": 100, "output_tokens": 20, "total_tokens": 120,
        "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
        "output_tokens_details": {"reasoning_tokens": 5}}),
    ANTHROPIC: anthropic_answer({"type": "text", "text": "Hi"}, input_tokens=30, cache_read_input_tokens=60,
                                cache_creation_input_tokens=10, output_tokens=20,
                                output_tokens_details={"thinking_tokens": 5}),
    GEMINI: gemini_frame({"text": "Hi"}, finish="STOP", usageMetadata={
        "promptTokenCount": 100, "cachedContentTokenCount": 60, "candidatesTokenCount": 15,
        "thoughtsTokenCount": 5, "totalTokenCount": 120}),
}  # fmt: skip


def count(bucket: Any) -> int:
    """Tokens of a bucket; some wires must say 0 where nothing was reported."""
    return sum(bucket.values()) if isinstance(bucket, dict) else bucket or 0


@defect("L25")
def tokens_are_counted_once_and_in_their_own_buckets() -> None:
    """Read from any wire and again from any other: the same sums, and each bucket, or the report tells."""
    for source, body in USAGES.items():
        first = get_codec(source).decode_response(body).usage
        assert first is not None
        assert (first.input_tokens, first.output_tokens, first.cache_read_tokens) == (100, 20, 60)
        assert first.reasoning_tokens == 5
        for target in WIRES:
            out, losses = answered(source, target, body)
            again = get_codec(target).decode_response(out).usage
            assert again is not None
            assert (again.input_tokens, again.output_tokens) == (100, 20), (source, target)
            for bucket in ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens"):
                kept = count(getattr(again, bucket)) == count(getattr(first, bucket))
                assert kept or bucket in losses, (source, target, bucket)


@defect("L31")
def further_answers_are_never_mixed_in() -> None:
    """The second answer is its own choice; where only one fits, the report tells of the other."""
    body = chat_answer({"content": "one"})
    body["choices"].append({"index": 1, "message": {"role": "assistant", "content": "two"}, "finish_reason": "stop"})
    out, losses = answered(CHAT, GEMINI, body)
    assert [candidate["content"]["parts"][0]["text"] for candidate in out["candidates"]] == ["one", "two"]
    for target in (RESPONSES, ANTHROPIC):
        out, losses = answered(CHAT, target, body)
        assert "two" not in json.dumps(out)
        assert "lost choices[1]" in losses
    chunks = [chat_chunk(content=text, index=i) for i, text in ((0, "o"), (1, "t"), (0, "ne"), (1, "wo"))]
    answer = answer_of(CHAT, *chunks, chat_chunk("stop"), chat_chunk("stop", index=1), "[DONE]")
    assert [choice.message.text for choice in answer.choices] == ["one", "two"]


@defect("L32")
def items_of_responses_come_back_as_they_were() -> None:
    """Ids, phases, annotations and the host's own calls: equal on the same wire, kept or told elsewhere."""
    cited = {"type": "url_citation", "url": "https://a.test", "title": "A", "start_index": 0, "end_index": 2}
    search = {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "x"},
    }
    body = responses_answer(search, said(output_text("Hi", cited), phase="commentary"), said(output_text("Yes")))
    assert answered(RESPONSES, RESPONSES, body) == (body, "")
    out, losses = answered(RESPONSES, CHAT, body)
    (choice,) = out["choices"]
    assert choice["message"]["annotations"][0]["url_citation"]["url"] == "https://a.test"
    assert "block" in losses
    assert "phase" in losses


@defect("L33")
def refusals_stay_refusals() -> None:
    """Read on any wire, written on any other: never text, never gone."""
    body = chat_answer({"content": None, "refusal": "I will not."})
    assert get_codec(CHAT).decode_response(body).refusal == "I will not."
    for target in WIRES:
        out, losses = answered(CHAT, target, body)
        read = get_codec(target).decode_response(out)
        assert read.text == ""
        assert "I will not." in json.dumps(out), target
        assert read.refusal == "I will not." or "refusal" in losses, target
    assert get_codec(RESPONSES).decode_response(answered(CHAT, RESPONSES, body)[0]).refusal == "I will not."


@defect("L34")
def sources_of_a_whole_answer_are_read() -> None:
    """Citations of each wire are citations here; where the target has none, the report tells."""
    cited = {"type": "web_search_result_location", "url": "https://a.test", "title": "A", "cited_text": "Hi",
             "encrypted_index": "c2VhbA=="}  # fmt: skip
    grounding = {
        "groundingChunks": [{"web": {"uri": "https://a.test", "title": "A"}}],
        "groundingSupports": [
            {"segment": {"startIndex": 0, "endIndex": 2, "text": "Hi"}, "groundingChunkIndices": [0]}
        ],
    }
    gemini = gemini_frame({"text": "Hi"}, finish="STOP")
    gemini["candidates"][0]["groundingMetadata"] = grounding
    annotation = {"type": "url_citation", "url_citation": {"url": "https://a.test", "title": "A", "start_index": 0,
                                                           "end_index": 2}}  # fmt: skip
    answers: dict[str, Body] = {
        CHAT: chat_answer({"content": "Hi", "annotations": [annotation]}),
        RESPONSES: responses_answer(said(output_text("Hi", {"type": "url_citation", **annotation["url_citation"]}))),  # type: ignore[dict-item]
        ANTHROPIC: anthropic_answer({"type": "text", "text": "Hi", "citations": [cited]}),
        GEMINI: gemini,
    }
    for source, body in answers.items():
        (part,) = get_codec(source).decode_response(body).message.parts
        assert [citation.url for citation in part.citations] == ["https://a.test"], source  # type: ignore[union-attr]
        assert answered(source, source, body) == (body, "")
        for target in WIRES:
            out, losses = answered(source, target, body)
            assert get_codec(target).decode_response(out).text == "Hi"
            assert "https://a.test" in json.dumps(out) or "citations" in losses, (source, target)


@defect.each
def test_defect(check: Check) -> None:
    check()
