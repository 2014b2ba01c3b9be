"""What was said as the conventions want it: parts by their names, no seals, no bytes."""

import json

import pytest

from minillm import (
    AudioPart,
    ChatRequest,
    ChatResponse,
    FilePart,
    FinishReason,
    ImagePart,
    Message,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)
from minillm.observe.messages import asked, part_of, said
from minillm.types import Choice, NativePart, NativeTool, RefusalPart

PARTS = [
    (TextPart("Hi", signature="s3al"), {"type": "text", "content": "Hi"}),
    (ReasoningPart("Hm.", signature="s3al", sealed="s3al"), {"type": "reasoning", "content": "Hm."}),
    (RefusalPart("No."), {"type": "refusal", "content": "No."}),
    (
        ToolCallPart("c", "f", '{"a":1}', signature="s3al"),
        {"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}},
    ),
    (ToolCallPart("c", "f", "{'a'"), {"type": "tool_call", "id": "c", "name": "f", "arguments": "{'a'"}),
    (ToolResultPart("c", "f", "31 m"), {"type": "tool_call_response", "id": "c", "response": "31 m"}),
    (
        ToolResultPart("c", "f", (TextPart("31 m"),)),
        {"type": "tool_call_response", "id": "c", "response": [{"type": "text", "content": "31 m"}]},
    ),
    (
        ImagePart(url="https://h.test/a.png", mime="image/png"),
        {"type": "uri", "mime_type": "image/png", "modality": "image", "uri": "https://h.test/a.png"},
    ),
    (
        FilePart(file_id="f-1", mime="application/pdf"),
        {"type": "file", "mime_type": "application/pdf", "modality": "document", "file_id": "f-1"},
    ),
    (
        AudioPart(mime="audio/wav", data="UklGRg=="),
        {"type": "blob", "mime_type": "audio/wav", "modality": "audio", "content": "", "omitted_bytes": 6},
    ),
    (NativePart("w", {"type": "x"}), {"type": "native", "wire": "w", "block": {"type": "x"}}),
]


@pytest.mark.parametrize(("part", "expected"), PARTS)
def test_a_part(part, expected):
    assert part_of(part) == expected


def test_a_request_is_split_into_instructions_and_messages():
    tools = (ToolDefinition("f", "does f", {"type": "object"}), NativeTool("w", {"type": "web_search"}))
    messages = (
        Message(Role.SYSTEM, "Be brief."),
        Message(Role.DEVELOPER, "And kind."),
        Message(Role.USER, "Hi", name="ana"),
        Message(Role.SYSTEM, "Later."),
    )
    attributes = {name: json.loads(text) for name, text in asked(ChatRequest("m", messages, tools)).items()}
    assert attributes == {
        "gen_ai.system_instructions": [
            {"type": "text", "content": "Be brief."},
            {"type": "text", "content": "And kind."},
        ],
        "gen_ai.input.messages": [
            {"role": "user", "parts": [{"type": "text", "content": "Hi"}], "name": "ana"},
            {"role": "system", "parts": [{"type": "text", "content": "Later."}]},
        ],
        "gen_ai.tool.definitions": [
            {"type": "function", "name": "f", "description": "does f", "parameters": {"type": "object"}},
            {"type": "web_search", "name": "type"},
        ],
    }


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (FinishReason.STOP, "stop"),
        (FinishReason.TOOL_CALLS, "tool_call"),
        (FinishReason.LENGTH, "length"),
        (FinishReason.REFUSAL, "content_filter"),
        (None, "error"),
    ],
)
def test_an_answer_is_a_message_for_each_choice(reason, word):
    response = ChatResponse("i", "m", (Choice(0, Message(Role.ASSISTANT, "Zoë"), reason),))
    assert json.loads(said(response)) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "Zoë"}], "finish_reason": word}
    ]
