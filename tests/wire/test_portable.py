"""What only its own host understands stays behind on the way to another wire, and is told."""

import json
from typing import Any

import pytest

from minillm.report import Report
from minillm.types import ChatRequest, Message, NativePart, ReasoningPart, Role, Severity, TextPart
from minillm.wire import WIRES, get_codec, rewrite_request, rewrite_response, rewrite_stream
from minillm.wire.portable import portable_request

CHAT, RESPONSES, ANTHROPIC, GEMINI = WIRES


def rewritten(body: dict[str, Any], source: str, target: str) -> tuple[str, dict[tuple[str, str], Severity]]:
    report = Report()
    out = rewrite_request(body, source=source, target=target, model="m", report=report)
    return json.dumps(out), {(loss.path, loss.what): loss.severity for loss in report.losses}


THOUGHT: dict[str, Any] = {
    "contents": [
        {"role": "user", "parts": [{"text": "q"}]},
        {
            "role": "model",
            "parts": [{"text": "secret", "thought": True, "thoughtSignature": "SEAL"}, {"text": "a"}],
        },
        {"role": "user", "parts": [{"text": "r"}]},
    ]
}


@pytest.mark.parametrize("target", [CHAT, RESPONSES, ANTHROPIC])
def test_a_signed_thought_never_becomes_another_vendor_s(target: str) -> None:
    out, losses = rewritten(THOUGHT, GEMINI, target)
    assert "SEAL" not in out
    assert "secret" not in out
    assert losses == {("messages[1].content[0]", "reasoning"): Severity.NOTE}


def test_a_message_that_was_reasoning_alone_stays_behind() -> None:
    alone = {"contents": [THOUGHT["contents"][0], {"role": "model", "parts": THOUGHT["contents"][1]["parts"][:1]}]}
    out, _ = rewritten(alone, GEMINI, CHAT)
    assert [message["role"] for message in json.loads(out)["messages"]] == ["user"]


@pytest.mark.parametrize("target", [RESPONSES, ANTHROPIC, GEMINI])
def test_another_host_s_file_id_is_lost(target: str) -> None:
    content = [{"type": "text", "text": "q"}, {"type": "file", "file": {"file_id": "file-123"}}]
    out, losses = rewritten({"messages": [{"role": "user", "content": content}]}, CHAT, target)
    assert "file-123" not in out
    assert losses[("messages[0].content[1].file_id", "file id")] is Severity.LOST


def test_gemini_s_signature_of_a_call_travels_as_google_s_own_layer_carries_it() -> None:
    call = {"functionCall": {"id": "c", "name": "f", "args": {}}, "thoughtSignature": "SEAL"}
    body = {"contents": [{"role": "user", "parts": [{"text": "q"}]}, {"role": "model", "parts": [call]}]}
    out, losses = rewritten(body, GEMINI, CHAT)
    (made,) = json.loads(out)["messages"][1]["tool_calls"]
    assert made["extra_content"] == {"google": {"thought_signature": "SEAL"}}
    assert losses == {}
    back, _ = rewritten(json.loads(out), CHAT, GEMINI)
    assert json.loads(back)["contents"][1]["parts"] == [call]
    for target in (RESPONSES, ANTHROPIC):
        out, losses = rewritten(body, GEMINI, target)
        assert "SEAL" not in out
        assert losses == {("messages[1].content[0].signature", "signature"): Severity.NOTE}


def test_a_cache_mark_keeps_only_a_time_the_target_knows() -> None:
    text = {"type": "text", "text": "q", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    body = {"max_tokens": 9, "messages": [{"role": "user", "content": [text]}]}
    out, losses = rewritten(body, ANTHROPIC, RESPONSES)
    assert json.loads(out)["input"][0]["content"][0]["prompt_cache_breakpoint"] == {"mode": "explicit"}
    assert losses == {("messages[0].content[0].cache.ttl", "cache mark's TTL"): Severity.NOTE}


def test_a_grammar_is_spelled_as_the_target_does() -> None:
    flat = {"type": "grammar", "syntax": "regex", "definition": "[a-z]+"}
    body = {"input": "q", "tools": [{"type": "custom", "name": "f", "format": flat}]}
    out, losses = rewritten(body, RESPONSES, CHAT)
    (tool,) = json.loads(out)["tools"]
    assert tool["custom"]["format"] == {"type": "grammar", "grammar": {"syntax": "regex", "definition": "[a-z]+"}}
    assert losses == {}
    back, _ = rewritten(json.loads(out), CHAT, RESPONSES)
    assert json.loads(back)["tools"][0]["format"] == flat


def test_in_an_answer_the_readable_thought_is_shown_without_its_seal() -> None:
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": "shown", "signature": "SEAL"},
            {"type": "redacted_thinking", "data": "SEALED"},
            {"type": "text", "text": "a"},
        ],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    for target in (CHAT, RESPONSES, GEMINI):
        report = Report(strict=True)
        out = json.dumps(rewrite_response(body, source=ANTHROPIC, target=target, report=report))
        assert ("shown" in out, "SEAL" in out) == (True, False)
        assert {loss.severity for loss in report.losses} == {Severity.NOTE}


def test_a_foreign_signature_in_a_stream_is_left_out() -> None:
    chunks: list[dict[str, Any]] = [
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "t", "thought": True}]}}]},
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "a", "thoughtSignature": "SEAL"}]}}]},
        {"candidates": [{"content": {"role": "model", "parts": []}, "finishReason": "STOP"}]},
    ]
    data = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode()
    for target in (CHAT, RESPONSES, ANTHROPIC):
        report = Report()
        rewriter = rewrite_stream(source=GEMINI, target=target, report=report)
        assert b"SEAL" not in rewriter.feed(data) + rewriter.finish()
        assert "signature" in {loss.what for loss in report.losses}


@pytest.mark.parametrize("target", ["anthropic_messages", "gemini_generate_content"])
def test_arguments_that_are_no_object_are_told_once(target: str) -> None:
    """One loss a call: broken arguments, and the free text of a custom tool."""
    function = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{broken"}}
    custom = {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "free"}}
    body = {"messages": [{"role": "assistant", "content": None, "tool_calls": [function, custom]}]}
    report = Report()
    rewrite_request(body, source="openai_chat_completions", target=target, model="m", report=report)
    assert [(loss.path, loss.what, loss.count) for loss in report.losses] == [
        ("messages[0].content[0].arguments", "arguments that are no object", 1),
        ("messages[0].content[1]", "free-text tool call", 1),
    ]


@pytest.mark.parametrize("target", ["openai_chat_completions", "openai_responses", "anthropic_messages"])
@pytest.mark.parametrize("url", ["gs://bucket/a.pdf", "https://generativelanguage.googleapis.com/v1beta/files/a"])
def test_a_file_that_only_google_opens_is_no_address_elsewhere(target: str, url: str) -> None:
    file = {"fileData": {"fileUri": url, "mimeType": "application/pdf"}}
    body = {"contents": [{"role": "user", "parts": [{"text": "Read."}, file]}]}
    report = Report()
    out = rewrite_request(body, source="gemini_generate_content", target=target, model="m", report=report)
    assert url not in str(out)
    assert [(loss.path, loss.what) for loss in report.losses] == [("messages[0].content[1].url", "stored file")]


@pytest.mark.parametrize(
    "target", ["openai_chat_completions", "openai_responses", "anthropic_messages", "gemini_generate_content"]
)
def test_a_turn_of_which_nothing_can_be_said_is_left_out_whole(target: str) -> None:
    """No empty turn is sent in its place: some hosts refuse it, and nobody said it."""
    unsayable = NativePart("elsewhere", {"type": "novel"})
    kept, report = Message("user", "Hi"), Report()
    request = ChatRequest("m", (kept, Message("assistant", (unsayable,)), Message("user", (unsayable,)), kept))
    body = get_codec(target).encode_request(request, report=report)
    said = body.get("messages") or body.get("input") or body["contents"]
    assert len(said) == 2
    assert len(report.losses) == 2


def test_answers_of_our_own_hosts_are_left_to_the_encoder():
    """A turn that a host gave within the call (shown to it again, with what was wrong) knows where it came from."""
    thought = ReasoningPart("So.", "seal")
    ours = Message(Role.ASSISTANT, (thought,), origin=("openai", "m"))
    theirs = Message(Role.ASSISTANT, (thought, TextPart("Yes.")))
    report = Report()
    made, _ = portable_request(ChatRequest("m", (ours, theirs)), "anthropic_messages", "openai_responses", report)
    assert made.messages == (ours, Message(Role.ASSISTANT, (TextPart("Yes."),)))
    assert [loss.path for loss in report.losses] == ["messages[1].content[0]"]
