"""A turn of thinking and two tool calls, as four hosts say it: whole, streamed, and as they want it back.

Shapes are those of the recorded exchanges (``stream_redacted_thinking`` and ``stream_citations``,
``reasoning_encrypted_replay``, ``thought_signature_replay``, ``openrouter_reasoning_encrypted``).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from minillm import GeneratorInfo
from tests.scripted_server import events

HEIGHT, AGE = {"tower": "North"}, {"tower": "South", "unit": "years"}
THOUGHT = "Both towers, so two calls."


@dataclass(frozen=True)
class SealedTurn:
    """One host's.

    Args:
        generator: the generator for a server at this address.
        whole: the answer as one body.
        stream: the same answer streamed.
        text: a plain answer that may follow, whole.
        back: picks the turn out of the next request's body.
        wanted: what stands there, where it goes back to its author.
        secrets: what no other host or model may be sent.
        summary: its readable thoughts are summaries that it does not want back, and no seal is on them.
    """

    generator: Callable[[str], GeneratorInfo]
    whole: Mapping[str, Any]
    stream: bytes
    text: Mapping[str, Any]
    back: Callable[[Mapping[str, Any]], Any]
    wanted: Any
    secrets: tuple[str, ...]
    summary: bool = False


# ------------------------------------------------------------------ Anthropic Messages

_SIGNATURE, _REDACTED = "EqQBCkYIBBgCKkBsignature+of/thinking==", "EmwKAhgBEgyredacted+data/of==thinking"
_CITATION = {
    "type": "char_location",
    "cited_text": "North was built in stone.",
    "document_index": 0,
    "document_title": "Towers",
    "file_id": None,
    "start_char_index": 0,
    "end_char_index": 25,
}
_BLOCKS: list[dict[str, Any]] = [
    {"type": "thinking", "thinking": THOUGHT, "signature": _SIGNATURE},
    {"type": "redacted_thinking", "data": _REDACTED},
    {"type": "text", "text": "It is of stone.", "citations": [_CITATION]},
    {"type": "tool_use", "id": "toolu_height", "name": "height_of", "input": HEIGHT, "caller": {"type": "direct"}},
    {"type": "tool_use", "id": "toolu_age", "name": "age_of", "input": AGE, "caller": {"type": "direct"}},
]
_USAGE = {
    "input_tokens": 12,
    "cache_creation_input_tokens": 3000,
    "cache_read_input_tokens": 500,
    "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000},
    "output_tokens": 88,
    "service_tier": "standard",
}


def _anthropic(content: Any, stop: str) -> dict[str, Any]:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-1"}
    return {**head, "content": content, "stop_reason": stop, "stop_sequence": None, "usage": _USAGE}


def _anthropic_stream() -> bytes:
    start = {**_anthropic([], "tool_use"), "stop_reason": None}
    frames: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(_BLOCKS):
        shell, deltas = _SHELLS[block["type"]](block)
        frames.append({"type": "content_block_start", "index": index, "content_block": shell})
        frames += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        frames.append({"type": "content_block_stop", "index": index})
    end = {"stop_reason": "tool_use", "stop_sequence": None}
    frames += [{"type": "message_delta", "delta": end, "usage": {"output_tokens": 88}}, {"type": "message_stop"}]
    return events(*frames)


def _pieces(kind: str, key: str, text: str) -> list[dict[str, Any]]:
    return [{"type": kind, key: text[start : start + 9]} for start in range(0, len(text), 9)]


def _signed(signature: str) -> dict[str, Any]:
    return {"type": "signature_delta", "signature": signature}


_SHELLS: Mapping[str, Callable[[dict[str, Any]], tuple[dict[str, Any], list[dict[str, Any]]]]] = {
    "thinking": lambda block: (
        {"type": "thinking", "thinking": "", "signature": ""},
        [*_pieces("thinking_delta", "thinking", block["thinking"]), _signed(block["signature"])],
    ),
    "redacted_thinking": lambda block: (block, []),
    "text": lambda block: (
        {"type": "text", "text": "", "citations": []},
        [
            *_pieces("text_delta", "text", block["text"]),
            *({"type": "citations_delta", "citation": citation} for citation in block["citations"]),
        ],
    ),
    "tool_use": lambda block: (
        {**block, "input": {}},
        _pieces("input_json_delta", "partial_json", json.dumps(block["input"])),
    ),
}


def _anthropic_back(body: Mapping[str, Any]) -> Any:
    return next(message["content"] for message in body["messages"] if message["role"] == "assistant")


ANTHROPIC = SealedTurn(
    lambda url: GeneratorInfo.anthropic("claude-1", base_url=f"{url}/v1", api_key="key-1234"),
    _anthropic(_BLOCKS, "tool_use"),
    _anthropic_stream(),
    _anthropic([{"type": "text", "text": "Done."}], "end_turn"),
    _anthropic_back,
    _BLOCKS,
    (_SIGNATURE, _REDACTED),
)

# ------------------------------------------------------------------ OpenAI Responses

_ENCRYPTED = "gAAAAABsealed-reasoning_of-the_turn=="
_ITEMS: list[dict[str, Any]] = [
    {
        "id": "rs_1",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "First."}, {"type": "summary_text", "text": THOUGHT}],
        "encrypted_content": _ENCRYPTED,
    },
    *(
        {
            "id": id,
            "type": "function_call",
            "status": "completed",
            "call_id": f"call_{id}",
            "name": name,
            "arguments": sent,
        }
        for id, name, sent in (
            ("fc_1", "height_of", '{"tower": "North"}'),
            ("fc_2", "age_of", '{"tower":"South", "unit":"years"}'),
        )
    ),
]


def _response(items: Any, status: str = "completed") -> dict[str, Any]:
    usage = {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 30,
        "output_tokens_details": {"reasoning_tokens": 16},
        "total_tokens": 50,
    }
    head = {"id": "resp_1", "object": "response", "created_at": 1_790_000_000, "model": "gpt-1", "status": status}
    return {**head, "error": None, "incomplete_details": None, "output": items, "usage": usage}


def _responses_stream() -> bytes:
    frames: list[dict[str, Any]] = [{"type": "response.created", "response": _response([], "in_progress")}]
    for index, item in enumerate(_ITEMS):
        frames.append({"type": "response.output_item.added", "output_index": index, "item": _unfilled(item)})
        at = {"output_index": index, "item_id": item["id"]}
        if item["type"] == "function_call":
            name = "response.function_call_arguments"
            frames += [{"type": f"{name}.delta", **at, "delta": piece} for piece in _cut(item["arguments"])]
            frames.append({"type": f"{name}.done", **at, "arguments": item["arguments"]})
        for place, part in enumerate(item.get("summary", [])):
            here, name = {**at, "summary_index": place}, "response.reasoning_summary"
            frames.append({"type": f"{name}_part.added", **here, "part": {"type": "summary_text", "text": ""}})
            frames += [{"type": f"{name}_text.delta", **here, "delta": piece} for piece in _cut(part["text"])]
            frames.append({"type": f"{name}_text.done", **here, "text": part["text"]})
            frames.append({"type": f"{name}_part.done", **here, "part": part})
        frames.append({"type": "response.output_item.done", "output_index": index, "item": item})
    frames.append({"type": "response.completed", "response": _response(_ITEMS)})
    return events(*({**frame, "sequence_number": number} for number, frame in enumerate(frames)))


def _unfilled(item: dict[str, Any]) -> dict[str, Any]:
    empty = {"summary": [], "encrypted_content": "gAAA"} if item["type"] == "reasoning" else {"arguments": ""}
    return {**item, **empty}


def _cut(text: str) -> list[str]:
    return [text[start : start + 7] for start in range(0, len(text), 7)]


def _responses_back(body: Mapping[str, Any]) -> Any:
    return [item for item in body["input"] if item.get("type") in ("reasoning", "function_call")]


_TEXT_ITEM = {
    "id": "msg_1",
    "type": "message",
    "status": "completed",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Done.", "annotations": []}],
}

RESPONSES = SealedTurn(
    lambda url: GeneratorInfo.openai("gpt-1", wire="openai_responses", base_url=f"{url}/v1", api_key="key-1234"),
    _response(_ITEMS),
    _responses_stream(),
    _response([_TEXT_ITEM]),
    _responses_back,
    _ITEMS,
    (_ENCRYPTED,),
)

# ------------------------------------------------------------------ Gemini

_CALL_SEAL = "CpICAY89a1+signature/of+the+first+call=="
_GEMINI_PARTS: list[dict[str, Any]] = [
    {"text": THOUGHT, "thought": True},
    {"functionCall": {"id": "fc-1", "name": "height_of", "args": HEIGHT}, "thoughtSignature": _CALL_SEAL},
    {"functionCall": {"id": "fc-2", "name": "age_of", "args": AGE}},
]


def _gemini(parts: Any, finish: str | None = "STOP") -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    usage = {"promptTokenCount": 20, "candidatesTokenCount": 14, "thoughtsTokenCount": 16, "totalTokenCount": 50}
    last = {} if finish is None else {"finishReason": finish}
    return {
        "candidates": [{**candidate, **last}],
        "usageMetadata": usage,
        "modelVersion": "gemini-1",
        "responseId": "r1",
    }


def _gemini_back(body: Mapping[str, Any]) -> Any:
    return next(content["parts"] for content in body["contents"] if content["role"] == "model")


GEMINI = SealedTurn(
    lambda url: GeneratorInfo.gemini("gemini-1", base_url=f"{url}/v1beta", api_key="key-1234"),
    _gemini(_GEMINI_PARTS),
    events(*(_gemini([part], None) for part in _GEMINI_PARTS[:-1]), _gemini(_GEMINI_PARTS[-1:])),
    _gemini([{"text": "Done."}]),
    _gemini_back,
    _GEMINI_PARTS[1:],
    (_CALL_SEAL,),
    summary=True,
)

# ------------------------------------------------------------------ Chat Completions, as OpenRouter speaks it

_DETAIL_SEAL = "8l6Ysealed/reasoning+details=="
_DETAILS: list[dict[str, Any]] = [
    {"type": "reasoning.summary", "summary": THOUGHT, "format": "xai-responses-v1", "index": 0},
    {"type": "reasoning.encrypted", "data": _DETAIL_SEAL, "format": "xai-responses-v1", "id": "rs_2", "index": 0},
]
_AGE_SENT = '{"tower":"South","unit":"years"}'
_CALLS: list[dict[str, Any]] = [
    {"id": "call_1", "type": "function", "function": {"name": "height_of", "arguments": '{"tower":"North"}'}},
    {
        "id": "call_2",
        "type": "function",
        "function": {"name": "age_of", "arguments": '{"tower":"South","unit":"years"}'},
    },
]
_CHAT_USAGE = {"prompt_tokens": 20, "completion_tokens": 30, "total_tokens": 50}


def _chat(message: Mapping[str, Any], finish: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    head = {"id": "gen-1", "object": "chat.completion", "created": 1_790_000_000, "model": "x-ai/grok-1"}
    return {**head, "choices": [choice], "usage": _CHAT_USAGE}


def _chunk(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    head = {"id": "gen-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "x-ai/grok-1"}
    return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _chat_stream() -> bytes:
    frames = [
        *(
            _chunk(
                {
                    "role": "assistant",
                    "content": "",
                    "reasoning": piece,
                    "reasoning_details": [{**_DETAILS[0], "summary": piece}],
                }
            )
            for piece in _cut(THOUGHT)
        ),
        _chunk({"content": "", "reasoning_details": [_DETAILS[1]]}),
    ]
    for index, call in enumerate(_CALLS):
        function = call["function"]
        opened = {**call, "index": index, "function": {"name": function["name"], "arguments": ""}}
        frames.append(_chunk({"tool_calls": [opened]}))
        frames += [
            _chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
            for piece in _cut(function["arguments"])
        ]
    frames.append({**_chunk({"content": ""}, "tool_calls"), "usage": _CHAT_USAGE})
    return b": OPENROUTER PROCESSING\n\n" + events(*frames, done=True)


def _chat_back(body: Mapping[str, Any]) -> Any:
    message = next(message for message in body["messages"] if message["role"] == "assistant")
    return {name: message.get(name) for name in ("reasoning_details", "tool_calls")}


OPENROUTER = SealedTurn(
    lambda url: GeneratorInfo.openrouter("x-ai/grok-1", base_url=f"{url}/api/v1", api_key="key-1234"),
    _chat({"content": "", "reasoning": THOUGHT, "reasoning_details": _DETAILS, "tool_calls": _CALLS}, "tool_calls"),
    _chat_stream(),
    _chat({"content": "Done."}, "stop"),
    _chat_back,
    {"reasoning_details": _DETAILS, "tool_calls": _CALLS},
    (_DETAIL_SEAL,),
)

TURNS = {"anthropic": ANTHROPIC, "responses": RESPONSES, "gemini": GEMINI, "openrouter": OPENROUTER}
