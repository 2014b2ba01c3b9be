"""The same small answer as each wire says it, whole and streamed, and a generator of each at a server of ours."""

import json
from collections.abc import Mapping
from typing import Any

from minillm import GeneratorInfo
from tests.scripted_server import events

__all__ = ["CHAT", "GEMINI", "MESSAGES", "RESPONSES", "WIRES", "at", "body_for", "streamed", "whole"]

CHAT, RESPONSES, MESSAGES, GEMINI = (
    "openai_chat_completions",
    "openai_responses",
    "anthropic_messages",
    "gemini_generate_content",
)
WIRES = (CHAT, RESPONSES, MESSAGES, GEMINI)


def at(wire: str, url: str, **settings: Any) -> GeneratorInfo:
    """The wire's own vendor, its address turned to this machine."""
    settings = {"base_url": f"{url}/v1", "api_key": "k", **settings}
    if wire == MESSAGES:
        return GeneratorInfo.anthropic(settings.pop("model", "claude-sonnet-4-5"), **settings)
    if wire == GEMINI:
        return GeneratorInfo.gemini(settings.pop("model", "gemini-3-pro"), **settings)
    return GeneratorInfo.openai(settings.pop("model", "gpt-5.4"), wire=wire, **settings)


def whole(wire: str, text: str = "Hello.") -> dict[str, Any]:
    """The body of a whole answer."""
    if wire == CHAT:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return {"id": "c-1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}
    if wire == RESPONSES:
        part = {"type": "output_text", "text": text, "annotations": []}
        item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
        usage = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
        return {
            "id": "r-1",
            "object": "response",
            "model": "m",
            "status": "completed",
            "output": [item],
            "usage": usage,
        }
    if wire == MESSAGES:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 7, "output_tokens": 3},
        }
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": 0}
    usage = {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10}
    return {"responseId": "g-1", "modelVersion": "m", "candidates": [candidate], "usageMetadata": usage}


def streamed(wire: str, *pieces: str) -> bytes:
    """The same as a stream, a frame for each piece of text."""
    texts = pieces or ("Hel", "lo.")
    return events(*_frames(wire, texts), done=wire == CHAT)


def body_for(wire: str, asked: Mapping[str, Any], path: str) -> bytes:
    """What a host answers: a stream where one was asked for."""
    stream = asked.get("stream") or "streamGenerateContent" in path
    return streamed(wire) if stream else json.dumps(whole(wire)).encode()


def _frames(wire: str, texts: tuple[str, ...]) -> list[dict[str, Any]]:
    if wire == CHAT:
        head = {"id": "c-1", "object": "chat.completion.chunk", "model": "m"}
        said = [{**head, "choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return [*said, {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}]
    if wire == RESPONSES:
        return _response_frames(texts)
    if wire == MESSAGES:
        message = {**whole(wire), "content": [], "stop_reason": None}
        return [
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            *(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
                for text in texts
            ),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}},
            {"type": "message_stop"},
        ]
    frames = [whole(wire, text) for text in texts]
    for frame in frames[:-1]:
        del frame["candidates"][0]["finishReason"]
    return frames


def _response_frames(texts: tuple[str, ...]) -> list[dict[str, Any]]:
    done = whole(RESPONSES, "".join(texts))
    item = done["output"][0]
    shell = {**done, "status": "in_progress", "output": [], "usage": None}
    part = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    empty = {**item, "status": "in_progress", "content": []}
    blank = {"type": "output_text", "text": "", "annotations": []}
    return [
        {"type": "response.created", "response": shell},
        {"type": "response.output_item.added", "output_index": 0, "item": empty},
        {"type": "response.content_part.added", **part, "part": blank},
        *({"type": "response.output_text.delta", **part, "delta": text} for text in texts),
        {"type": "response.output_text.done", **part, "text": "".join(texts)},
        {"type": "response.content_part.done", **part, "part": item["content"][0]},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": done},
    ]
