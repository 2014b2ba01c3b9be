"""One small conversation as a client of each wire asks it, and answers read out of each wire's JSON by hand."""

import json
from collections.abc import Mapping
from typing import Any

from tests.chat.four_wires import CHAT, GEMINI, MESSAGES, RESPONSES

__all__ = ["asking", "read_stream", "read_whole"]


def asking(wire: str, **more: Any) -> dict[str, Any]:
    """Terse instructions, a question, a ceiling of 50 tokens."""
    if wire == GEMINI:
        return {
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [{"role": "user", "parts": [{"text": "Hi?"}]}],
            "generationConfig": {"maxOutputTokens": 50},
            **more,
        }
    turn = {"role": "user", "content": "Hi?"}
    if wire == RESPONSES:
        return {"model": "alias", "instructions": "Be brief.", "input": [turn], "max_output_tokens": 50, **more}
    if wire == MESSAGES:
        return {"model": "alias", "system": "Be brief.", "messages": [turn], "max_tokens": 50, **more}
    system = {"role": "system", "content": "Be brief."}
    return {"model": "alias", "messages": [system, turn], "max_completion_tokens": 50, **more}


def read_whole(wire: str, body: Mapping[str, Any]) -> tuple[str, str, int]:
    """Text, the word for why it ended, and the tokens of the answer."""
    if wire == CHAT:
        choice = body["choices"][0]
        return choice["message"]["content"], choice["finish_reason"], body["usage"]["completion_tokens"]
    if wire == RESPONSES:
        text = "".join(part["text"] for item in body["output"] for part in item["content"])
        return text, body["status"], body["usage"]["output_tokens"]
    if wire == MESSAGES:
        text = "".join(block["text"] for block in body["content"])
        return text, body["stop_reason"], body["usage"]["output_tokens"]
    candidate = body["candidates"][0]
    text = "".join(part["text"] for part in candidate["content"]["parts"])
    return text, candidate["finishReason"], body["usageMetadata"]["candidatesTokenCount"]


def read_stream(wire: str, data: bytes) -> tuple[str, str | None]:
    """Text, and the marker of its end; None where there is none."""
    text, end = "", None
    for line in data.decode().splitlines():
        if not line.startswith("data: "):
            continue
        if line == "data: [DONE]":
            end = "[DONE]"
            continue
        frame = json.loads(line.removeprefix("data: "))
        if wire == CHAT:
            text += "".join(choice["delta"].get("content") or "" for choice in frame.get("choices", ()))
        elif wire == GEMINI:
            for candidate in frame.get("candidates", ()):
                text += "".join(part.get("text", "") for part in candidate.get("content", {}).get("parts", ()))
                end = candidate.get("finishReason", end)
        elif frame["type"] in ("content_block_delta", "response.output_text.delta"):
            text += frame["delta"] if wire == RESPONSES else frame["delta"]["text"]
        elif frame["type"] in ("message_stop", "response.completed"):
            end = frame["type"]
    return text, end
