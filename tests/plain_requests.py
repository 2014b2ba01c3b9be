"""What a request says, read out of its JSON by hand: nothing here knows the codecs.

Each reader gives the conversation in one form for all wires: tuples of what it is, and its content.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Said = tuple[str, ...]


def conversation(wire: str, body: Mapping[str, Any]) -> list[Said]:
    """``("system", text)``, ``("user", text)``, ``("image", base64)``, ``("assistant", text)``,
    ``("call", id, name, arguments)`` and ``("result", id, text)``, in order."""
    return list(_READERS[wire](body))


def tool_names(wire: str, body: Mapping[str, Any]) -> list[str]:
    """The tools offered."""
    tools = body.get("tools", [])
    if wire == "openai_chat_completions":
        return [tool["function"]["name"] for tool in tools]
    if wire == "gemini_generate_content":
        return [declared["name"] for tool in tools for declared in tool["functionDeclarations"]]
    return [tool["name"] for tool in tools]


def _chat(body: Mapping[str, Any]) -> Iterator[Said]:
    for message in body["messages"]:
        if message["role"] == "tool":
            yield "result", message["tool_call_id"], message["content"]
            continue
        yield from _blocks(message["role"], message.get("content") or [])
        for call in message.get("tool_calls", []):
            yield "call", call["id"], call["function"]["name"], _sorted(json.loads(call["function"]["arguments"]))


def _responses(body: Mapping[str, Any]) -> Iterator[Said]:
    if "instructions" in body:
        yield "system", body["instructions"]
    for item in body["input"]:
        kind = item.get("type", "message")
        if kind == "message":
            yield from _blocks(item["role"], item["content"])
        elif kind == "function_call":
            yield "call", item["call_id"], item["name"], _sorted(json.loads(item["arguments"]))
        elif kind == "function_call_output":
            yield "result", item["call_id"], item["output"]


def _messages(body: Mapping[str, Any]) -> Iterator[Said]:
    yield from _blocks("system", body.get("system", []))
    for message in body["messages"]:
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if block["type"] == "tool_use":
                assert message["role"] == "assistant"
                yield "call", block["id"], block["name"], _sorted(block["input"])
            elif block["type"] == "tool_result":
                assert message["role"] == "user"
                yield "result", block["tool_use_id"], "".join(text for _, text in _blocks("", block["content"]))
            else:
                yield from _blocks(message["role"], [block])


def _gemini(body: Mapping[str, Any]) -> Iterator[Said]:
    for part in body.get("systemInstruction", {"parts": []})["parts"]:
        yield "system", part["text"]
    for content in body["contents"]:
        for part in content["parts"]:
            if "functionCall" in part:
                assert content["role"] == "model"
                call = part["functionCall"]
                yield "call", call.get("id", ""), call["name"], _sorted(call.get("args", {}))
            elif "functionResponse" in part:
                assert content["role"] == "user"
                result = part["functionResponse"]
                assert result["name"]  # this wire finds the call by it
                yield "result", result.get("id", ""), result["response"]["output"]
            elif "inlineData" in part:
                yield "image", part["inlineData"]["data"]
            else:
                yield ("assistant" if content["role"] == "model" else "user"), part["text"]


def _blocks(role: str, content: Any) -> Iterator[Said]:
    """Text and pictures in the forms of three wires."""
    for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
        kind = block["type"]
        if kind in ("text", "input_text", "output_text"):
            yield role, block["text"]
        elif kind == "image_url":
            yield "image", block["image_url"]["url"].partition(";base64,")[2]
        elif kind == "input_image":
            yield "image", block["image_url"].partition(";base64,")[2]
        elif kind == "image":
            yield "image", block["source"]["data"]
        else:
            raise AssertionError(f"a block of type {kind}")


def _sorted(arguments: Any) -> str:
    return json.dumps(arguments, sort_keys=True)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Said]]] = {
    "openai_chat_completions": _chat,
    "openai_responses": _responses,
    "anthropic_messages": _messages,
    "gemini_generate_content": _gemini,
}
