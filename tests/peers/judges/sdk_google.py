"""Runs where the google-genai SDK lives: python sdk_google.py BASE_URL < jobs.json. Knows nothing of minillm."""

import asyncio
import base64
import json
import sys
from typing import Any

import jobs
from google import genai
from google.genai import types
from jobs import Ask, call, reading

client = genai.Client(api_key="no-key-needed", http_options=types.HttpOptions(base_url=sys.argv[1], timeout=60_000))
loop = asyncio.new_event_loop()


def contents(ask: Ask) -> list[Any]:
    def content(role: str, *parts: Any) -> list[Any]:
        return [types.Content(role=role, parts=list(parts))]

    spell = {
        "user": lambda text: content("user", types.Part.from_text(text=text)),
        "assistant": lambda text: content("model", types.Part.from_text(text=text)),
        "image": lambda given: content(
            "user",
            types.Part.from_text(text=given["text"]),
            types.Part.from_bytes(data=base64.b64decode(given["png"]), mime_type="image/png"),
        ),
        "calls": lambda calls: content(
            "model",
            *(
                types.Part(
                    function_call=types.FunctionCall(
                        id=each["id"], name=each["name"], args=json.loads(each["arguments"])
                    )
                )
                for each in calls
            ),
        ),
        "results": lambda results: content(
            "user",
            *(
                types.Part(
                    function_response=types.FunctionResponse(
                        id=each["id"], name=each["name"], response={"output": each["text"]}
                    )
                )
                for each in results
            ),
        ),
    }
    return jobs.turns(ask, spell)


def config(ask: Ask, *, typed: bool = False) -> types.GenerateContentConfig:
    said: dict[str, Any] = {"system_instruction": ask["system"], "max_output_tokens": ask.get("max_tokens")}
    if "tools" in ask:
        declared = [
            types.FunctionDeclaration(
                name=tool["name"], description=tool["description"], parameters_json_schema=tool["parameters"]
            )
            for tool in ask["tools"]
        ]
        said["tools"] = [types.Tool(function_declarations=declared)]
    if "effort" in ask:
        said["thinking_config"] = types.ThinkingConfig(thinking_level=ask["effort"], include_thoughts=True)
    if "schema" in ask:
        said["response_mime_type"] = "application/json"
        said["response_schema" if typed else "response_json_schema"] = jobs.Weather if typed else ask["schema"]
    return types.GenerateContentConfig(**said)


def understood(*responses: Any) -> dict[str, Any]:
    found = reading()
    convenient = ""
    for response in responses:
        if response.usage_metadata is not None:
            found["usage"] = counted(response.usage_metadata)
        if response.parsed is not None:
            parsed = response.parsed
            found["parsed"] = parsed.model_dump() if isinstance(parsed, jobs.Weather) else None
        if response.prompt_feedback is not None and response.prompt_feedback.block_reason:
            found["finish"] = f"blocked:{response.prompt_feedback.block_reason.value}"
        convenient += response.text or ""
        for candidate in (response.candidates or [])[:1]:
            if candidate.finish_reason is not None:
                found["finish"] = candidate.finish_reason.value
            found["refusal"] += candidate.finish_message or ""
            for part in (candidate.content and candidate.content.parts) or []:
                read_part(found, part)
    if convenient != found["text"]:
        found["text"] = f".text differs: {convenient!r}"
    return found


def read_part(found: dict[str, Any], part: Any) -> None:
    if part.thought:
        found["reasoning"] += part.text or ""
    elif part.text:
        found["text"] += part.text
    elif part.function_call is not None:
        found["calls"].append(call(part.function_call.id, part.function_call.name, part.function_call.args or {}))
    if part.thought_signature is not None:
        found["seals"].append(base64.b64encode(part.thought_signature).decode())


def counted(usage: Any) -> dict[str, Any]:
    return {
        "input": (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0),
        "output": (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        "cached": usage.cached_content_token_count,
        "reasoning": usage.thoughts_token_count,
    }


def whole(model: str, ask: Ask) -> dict[str, Any]:
    return understood(client.models.generate_content(model=model, contents=contents(ask), config=config(ask)))


def parse(model: str, ask: Ask) -> dict[str, Any]:
    settings = config(ask, typed=True)
    return understood(client.models.generate_content(model=model, contents=contents(ask), config=settings))


def chunks(model: str, ask: Ask) -> dict[str, Any]:
    return understood(*client.models.generate_content_stream(model=model, contents=contents(ask), config=config(ask)))


def asynchronous(model: str, ask: Ask) -> dict[str, Any]:
    async def read() -> Any:
        return await client.aio.models.generate_content(model=model, contents=contents(ask), config=config(ask))

    return understood(loop.run_until_complete(read()))


def async_chunks(model: str, ask: Ask) -> dict[str, Any]:
    async def read() -> list[Any]:
        stream = await client.aio.models.generate_content_stream(
            model=model, contents=contents(ask), config=config(ask)
        )
        return [chunk async for chunk in stream]

    return understood(*loop.run_until_complete(read()))


def chat(model: str, ask: Ask) -> dict[str, Any]:
    """A chat keeps the turns itself; what it remembers of the answer is what it would send next."""
    session, last = opened(model, ask)
    return {**understood(session.send_message(last)), "heard": remembered(session)}


def chat_chunks(model: str, ask: Ask) -> dict[str, Any]:
    session, last = opened(model, ask)
    return {**understood(*session.send_message_stream(last)), "heard": remembered(session)}


def opened(model: str, ask: Ask) -> tuple[Any, Any]:
    *history, last = contents(ask)
    return client.chats.create(model=model, config=config(ask), history=history), last.parts


def remembered(session: Any) -> dict[str, Any]:
    """The model's last turn as the chat would send it next, which leaves out turns it holds for broken."""
    history = session.get_history(curated=True)
    found = reading()
    while history and history[-1].role == "model":
        kept = reading()
        for part in history.pop().parts:
            read_part(kept, part)
        found["text"] = kept["text"] + found["text"]
        found["calls"] = kept["calls"] + found["calls"]
    return {"text": found["text"], "calls": [each["name"] for each in found["calls"]]}


WIRE = "gemini_generate_content"

if __name__ == "__main__":
    jobs.main(
        {
            (WIRE, "whole"): whole,
            (WIRE, "chunks"): chunks,
            (WIRE, "async_whole"): asynchronous,
            (WIRE, "async_chunks"): async_chunks,
            (WIRE, "chat"): chat,
            (WIRE, "chat_chunks"): chat_chunks,
            (WIRE, "parse"): parse,
        }
    )
