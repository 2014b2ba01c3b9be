"""Runs where the anthropic SDK lives: python sdk_anthropic.py BASE_URL < jobs.json. Knows nothing of minillm."""

import asyncio
import json
import sys
from typing import Any

import anthropic
import jobs
from jobs import Ask, call, reading

options: dict[str, Any] = {"base_url": sys.argv[1], "api_key": "no-key-needed", "max_retries": 0, "timeout": 60}
client = anthropic.Anthropic(**options)
later = anthropic.AsyncAnthropic(**options)
loop = asyncio.new_event_loop()


def spoken(ask: Ask, *, typed: bool = False) -> dict[str, Any]:
    spell = {
        "user": lambda text: [{"role": "user", "content": text}],
        "assistant": lambda text: [{"role": "assistant", "content": text}],
        "image": lambda given: [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": given["text"]},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": given["png"]},
                    },
                ],
            }
        ],
        "calls": lambda calls: [
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "tool_use",
                        "id": each["id"],
                        "name": each["name"],
                        "input": json.loads(each["arguments"]),
                    }
                    for each in calls
                ],
            }
        ],
        "results": lambda results: [
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": each["id"], "content": each["text"]} for each in results
                ],
            }
        ],
    }
    said: dict[str, Any] = {
        "system": ask["system"],
        "messages": jobs.turns(ask, spell),
        "max_tokens": ask.get("max_tokens", 4096),
    }
    if "tools" in ask:
        said["tools"] = [
            {"name": tool["name"], "description": tool["description"], "input_schema": tool["parameters"]}
            for tool in ask["tools"]
        ]
    if "effort" in ask:
        said["thinking"] = {"type": "adaptive"}
        said["output_config"] = {"effort": ask["effort"]}
    if "schema" in ask and not typed:
        said["output_config"] = {"format": {"type": "json_schema", "schema": ask["schema"]}}
    return said


def understood(message: Any) -> dict[str, Any]:
    found = reading(finish=message.stop_reason, usage=counted(message.usage))
    for block in message.content:
        if block.type == "text":
            found["text"] += block.text
            parsed = getattr(block, "parsed_output", None)
            found["parsed"] = parsed.model_dump() if isinstance(parsed, jobs.Weather) else found["parsed"]
        elif block.type == "tool_use":
            found["calls"].append(call(block.id, block.name, block.input))
        elif block.type == "thinking":
            found["reasoning"] = "\n\n".join(text for text in (found["reasoning"], block.thinking) if text)
            found["seals"] += [block.signature] if block.signature else []
        elif block.type == "redacted_thinking":
            found["seals"].append(block.data)
    details = getattr(message, "stop_details", None)
    found["refusal"] = (details is not None and details.type == "refusal" and details.explanation) or ""
    return found


def counted(usage: Any) -> dict[str, Any]:
    parts = (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens)
    thinking = getattr(usage, "output_tokens_details", None)
    return {
        "input": sum(part or 0 for part in parts),
        "output": usage.output_tokens,
        "cached": usage.cache_read_input_tokens,
        "reasoning": thinking and thinking.thinking_tokens,
    }


def whole(model: str, ask: Ask) -> dict[str, Any]:
    return understood(client.messages.create(model=model, **spoken(ask)))


def parse(model: str, ask: Ask) -> dict[str, Any]:
    typed: dict[str, Any] = {"output_format": jobs.Weather} if "schema" in ask else {}
    return understood(client.messages.parse(model=model, **spoken(ask, typed=True), **typed))


def chunks(model: str, ask: Ask) -> dict[str, Any]:
    """Raw events, put together as the documentation tells users to."""
    found, calls, usage = reading(), {}, {}
    for event in client.messages.create(model=model, stream=True, **spoken(ask)):
        if event.type == "message_start":
            usage = event.message.usage.model_dump(exclude_none=True)
        elif event.type == "content_block_start" and event.content_block.type == "tool_use":
            calls[event.index] = [event.content_block.id, event.content_block.name, ""]
        elif event.type == "content_block_start" and event.content_block.type == "redacted_thinking":
            found["seals"].append(event.content_block.data)
        elif event.type == "content_block_start" and event.content_block.type == "thinking" and found["reasoning"]:
            found["reasoning"] += "\n\n"
        elif event.type == "content_block_delta":
            delta = event.delta
            if delta.type == "text_delta":
                found["text"] += delta.text
            elif delta.type == "thinking_delta":
                found["reasoning"] += delta.thinking
            elif delta.type == "signature_delta":
                found["seals"].append(delta.signature)
            elif delta.type == "input_json_delta" and event.index in calls:
                calls[event.index][2] += delta.partial_json
        elif event.type == "message_delta":
            found["finish"] = event.delta.stop_reason
            details = event.delta.stop_details
            found["refusal"] = (details is not None and details.type == "refusal" and details.explanation) or ""
            usage |= event.usage.model_dump(exclude_none=True)
    found["calls"] = [call(*each) for each in calls.values()]
    found["usage"] = counted(anthropic.types.Usage.model_validate(usage)) if usage else None
    return found


def helper(model: str, ask: Ask) -> dict[str, Any]:
    typed: dict[str, Any] = {"output_format": jobs.Weather} if "schema" in ask else {}
    heard = {"text": "", "reasoning": "", "arguments": "", "blocks": 0, "stopped": False}
    with client.messages.stream(model=model, **spoken(ask, typed=True), **typed) as stream:
        for event in stream:
            hear(heard, event)
        return {**understood(stream.get_final_message()), "heard": heard}


def hear(heard: dict[str, Any], event: Any) -> None:
    if event.type == "text":
        heard["text"] += event.text
    elif event.type == "thinking":
        heard["reasoning"] += event.thinking
    elif event.type == "input_json":
        heard["arguments"] += event.partial_json
    elif event.type == "content_block_stop":
        heard["blocks"] += 1
    elif event.type == "message_stop":
        heard["stopped"] = True


def async_helper(model: str, ask: Ask) -> dict[str, Any]:
    async def read() -> dict[str, Any]:
        heard = {"text": "", "reasoning": "", "arguments": "", "blocks": 0, "stopped": False}
        async with later.messages.stream(model=model, **spoken(ask)) as stream:
            async for event in stream:
                hear(heard, event)
            return {**understood(await stream.get_final_message()), "heard": heard}

    return loop.run_until_complete(read())


def text_stream(model: str, ask: Ask) -> dict[str, Any]:
    with client.messages.stream(model=model, **spoken(ask)) as stream:
        text = "".join(stream.text_stream)
        return {**understood(stream.get_final_message()), "heard": {"text": text}}


WIRE = "anthropic_messages"

if __name__ == "__main__":
    jobs.main(
        {
            (WIRE, "whole"): whole,
            (WIRE, "chunks"): chunks,
            (WIRE, "helper"): helper,
            (WIRE, "async_helper"): async_helper,
            (WIRE, "text_stream"): text_stream,
            (WIRE, "parse"): parse,
        }
    )
