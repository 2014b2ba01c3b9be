"""Field names in snake_case are read as those in camelCase, and come back as they were."""

from typing import Any

import pytest

from minillm.types import CompletionParameters, ReasoningConfig, ResponseFormat
from minillm.wire import get_codec
from minillm.wire.gemini_generate_content.spelling import REQUEST, Spelling, in_snake

CODEC = get_codec("gemini_generate_content")


@pytest.mark.parametrize(
    ("snake", "camel"),
    [
        ({"generation_config": {"max_output_tokens": 3}}, {"generationConfig": {"maxOutputTokens": 3}}),
        (
            {"generationConfig": {"thinking_config": {"thinking_level": "LOW"}, "topK": 3}},
            {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}, "topK": 3}},
        ),
        (
            {
                "contents": [
                    {"parts": [{"inline_data": {"mime_type": "a", "data": ""}}, {"inlineData": {"mimeType": "b"}}]}
                ]
            },
            {
                "contents": [
                    {"parts": [{"inlineData": {"mimeType": "a", "data": ""}}, {"inlineData": {"mimeType": "b"}}]}
                ]
            },
        ),
        (
            {"contents": [{"parts": [{"function_call": {"name": "f", "args": {"an_arg": 1}}}]}]},
            {"contents": [{"parts": [{"functionCall": {"name": "f", "args": {"an_arg": 1}}}]}]},
        ),
        ({"an_unknown_name": {"max_output_tokens": 1}}, {"an_unknown_name": {"max_output_tokens": 1}}),
        ({"topK": 1, "contents": "text"}, {"topK": 1, "contents": "text"}),
    ],
)
def test_names_of_the_protocol_are_read_and_come_back(snake: dict[str, Any], camel: dict[str, Any]) -> None:
    """Those of the user (arguments, metadata) are left alone, and so is what nobody knows."""
    spelling = Spelling()
    assert spelling.in_camel(snake, REQUEST) == camel
    assert in_snake(camel, REQUEST, spelling.hints or {}) == snake


def test_a_name_in_both_spellings_stays_two() -> None:
    body = {"generationConfig": {"topK": 1, "top_k": 2}}
    spelling = Spelling()
    assert spelling.in_camel(body, REQUEST) == body
    assert in_snake(body, REQUEST, spelling.hints or {}) == body


def test_what_stands_in_snake_case_inside_the_configuration_is_understood() -> None:
    body = {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "generationConfig": {
            "max_output_tokens": 9,
            "stop_sequences": ["a"],
            "response_mime_type": "application/json",
            "thinking_config": {"include_thoughts": True, "thinking_budget": 8},
            "speech_config": {"voice_config": {"prebuilt_voice_config": {"voice_name": "x"}}},
        },
        "toolConfig": {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["f"]}},
    }
    request = CODEC.decode_request(body)
    assert request.parameters == CompletionParameters(
        max_tokens=9,
        stop=("a",),
        response_format=ResponseFormat("json"),
        reasoning=ReasoningConfig(budget_tokens=8, summary="auto"),
    )
    assert request.tool_choice is not None
    assert request.tool_choice.names == ("f",)
    assert CODEC.encode_request(request) == body
