"""Runs where the openai SDK lives: python sdk_openai.py BASE_URL < jobs.json. Knows nothing of minillm."""

import asyncio
import sys
from typing import Any

import jobs
import openai
from jobs import Ask, call, reading

base = f"{sys.argv[1]}/v1"
client = openai.OpenAI(base_url=base, api_key="no-key-needed", max_retries=0, timeout=60)
loop = asyncio.new_event_loop()
later = openai.AsyncOpenAI(base_url=base, api_key="no-key-needed", max_retries=0, timeout=60)


def schema_format(ask: Ask) -> dict[str, Any]:
    return {"name": "weather", "schema": ask["schema"], "strict": True}


# Chat Completions -----------------------------------------------------------------------------------------------


def chat_ask(ask: Ask, *, typed: bool = False) -> dict[str, Any]:
    spell = {
        "user": lambda text: [{"role": "user", "content": text}],
        "assistant": lambda text: [{"role": "assistant", "content": text}],
        "image": lambda given: [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": given["text"]},
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{given['png']}"}},
                ],
            }
        ],
        "calls": lambda calls: [
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": each["id"],
                        "type": "function",
                        "function": {"name": each["name"], "arguments": each["arguments"]},
                    }
                    for each in calls
                ],
            }
        ],
        "results": lambda results: [
            {"role": "tool", "tool_call_id": each["id"], "content": each["text"]} for each in results
        ],
    }
    said: dict[str, Any] = {"messages": [{"role": "system", "content": ask["system"]}, *jobs.turns(ask, spell)]}
    if "tools" in ask:
        said["tools"] = [{"type": "function", "function": {**tool, "strict": True}} for tool in ask["tools"]]
    if "max_tokens" in ask:
        said["max_completion_tokens"] = ask["max_tokens"]
    if "effort" in ask:
        said["reasoning_effort"] = ask["effort"]
    if "schema" in ask and not typed:
        said["response_format"] = {"type": "json_schema", "json_schema": schema_format(ask)}
    return said


def chat_said(completion: Any) -> dict[str, Any]:
    choice = completion.choices[0]
    message = choice.message
    parsed = getattr(message, "parsed", None)
    return reading(
        text=message.content or "",
        refusal=message.refusal or "",
        reasoning=getattr(message, "reasoning_content", None) or "",
        calls=[chat_call(each) for each in message.tool_calls or []],
        sources=[sourced(each) for each in message.annotations or []],
        finish=choice.finish_reason,
        usage=chat_usage(completion.usage),
        parsed=parsed.model_dump() if isinstance(parsed, jobs.Weather) else None,
    )


def sourced(said: Any) -> str:
    """A source's address; the stream helper leaves it a dictionary."""
    return str(said["url_citation"]["url"] if isinstance(said, dict) else said.url_citation.url)


def chat_call(said: Any) -> dict[str, Any]:
    if said.type == "custom":
        return call(said.id, said.custom.name, {"input": said.custom.input})
    return call(said.id, said.function.name, said.function.arguments)


def chat_usage(usage: Any) -> dict[str, Any] | None:
    if usage is None:
        return None
    before, after = usage.prompt_tokens_details, usage.completion_tokens_details
    return {
        "input": usage.prompt_tokens,
        "output": usage.completion_tokens,
        "cached": before and before.cached_tokens,
        "reasoning": after and after.reasoning_tokens,
    }


COUNTED: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}


def chat_whole(model: str, ask: Ask) -> dict[str, Any]:
    return chat_said(client.chat.completions.create(model=model, **chat_ask(ask)))


def chat_chunks(model: str, ask: Ask) -> dict[str, Any]:
    return put_together(list(client.chat.completions.create(model=model, **chat_ask(ask), **COUNTED)))


def chat_async(model: str, ask: Ask) -> dict[str, Any]:
    async def read() -> list[Any]:
        return [chunk async for chunk in await later.chat.completions.create(model=model, **chat_ask(ask), **COUNTED)]

    return put_together(loop.run_until_complete(read()))


def put_together(chunks: list[Any]) -> dict[str, Any]:
    """As the documentation tells users to: by index, everything concatenated."""
    found = reading()
    calls: dict[int, dict[str, str]] = {}
    for chunk in chunks:
        found["usage"] = chat_usage(chunk.usage) or found["usage"]
        for choice in chunk.choices[:1]:
            found["text"] += choice.delta.content or ""
            found["refusal"] += choice.delta.refusal or ""
            found["reasoning"] += getattr(choice.delta, "reasoning_content", None) or ""
            found["sources"] += [sourced(each) for each in getattr(choice.delta, "annotations", None) or []]
            found["finish"] = choice.finish_reason or found["finish"]
            for piece in choice.delta.tool_calls or []:
                known = calls.setdefault(piece.index, {"id": "", "name": "", "arguments": ""})
                known["id"] += piece.id or ""
                known["name"] += (piece.function and piece.function.name) or ""
                known["arguments"] += (piece.function and piece.function.arguments) or ""
    found["calls"] = [call(**known) for _, known in sorted(calls.items())]
    return found


def chat_helper(model: str, ask: Ask) -> dict[str, Any]:
    typed: dict[str, Any] = {"response_format": jobs.Weather} if "schema" in ask else {}
    options = {"stream_options": {"include_usage": True}}
    text, refusal, arguments = "", "", ""
    with client.chat.completions.stream(model=model, **chat_ask(ask, typed=True), **options, **typed) as stream:
        for event in stream:
            if event.type == "content.delta":
                text += event.delta
            elif event.type == "refusal.delta":
                refusal += event.delta
            elif event.type == "tool_calls.function.arguments.delta":
                arguments += event.arguments_delta
        found = chat_said(stream.get_final_completion())
    return {**found, "heard": {"text": text, "refusal": refusal, "arguments": arguments}}


def chat_parse(model: str, ask: Ask) -> dict[str, Any]:
    typed: dict[str, Any] = {"response_format": jobs.Weather} if "schema" in ask else {}
    return chat_said(client.chat.completions.parse(model=model, **chat_ask(ask, typed=True), **typed))


# Responses ------------------------------------------------------------------------------------------------------


def responses_ask(ask: Ask, *, typed: bool = False) -> dict[str, Any]:
    spell = {
        "user": lambda text: [{"role": "user", "content": text}],
        "assistant": lambda text: [{"role": "assistant", "content": text}],
        "image": lambda given: [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": given["text"]},
                    {
                        "type": "input_image",
                        "detail": "auto",
                        "image_url": f"data:image/png;base64,{given['png']}",
                    },
                ],
            }
        ],
        "calls": lambda calls: [
            {"type": "function_call", "call_id": each["id"], "name": each["name"], "arguments": each["arguments"]}
            for each in calls
        ],
        "results": lambda results: [
            {"type": "function_call_output", "call_id": each["id"], "output": each["text"]} for each in results
        ],
    }
    said: dict[str, Any] = {"instructions": ask["system"], "input": jobs.turns(ask, spell)}
    if "tools" in ask:
        said["tools"] = [{"type": "function", **tool, "strict": True} for tool in ask["tools"]]
    if "max_tokens" in ask:
        said["max_output_tokens"] = ask["max_tokens"]
    if "effort" in ask:
        said["reasoning"] = {"effort": ask["effort"], "summary": "auto"}
        said["include"] = ["reasoning.encrypted_content"]
    if "schema" in ask and not typed:
        said["text"] = {"format": {"type": "json_schema", **schema_format(ask)}}
    return said


def responses_said(response: Any) -> dict[str, Any]:
    found = reading(finish=response.status)
    if response.incomplete_details is not None:
        found["finish"] += f":{response.incomplete_details.reason}"
    for item in response.output:
        if item.type == "message":
            for part in item.content:
                if part.type == "output_text":
                    found["text"] += part.text
                    found["sources"] += [each.url for each in part.annotations if each.type == "url_citation"]
                    parsed = getattr(part, "parsed", None)
                    found["parsed"] = parsed.model_dump() if isinstance(parsed, jobs.Weather) else found["parsed"]
                else:
                    found["refusal"] += part.refusal
        elif item.type == "function_call":
            found["calls"].append(call(item.call_id, item.name, item.arguments))
        elif item.type == "custom_tool_call":
            found["calls"].append({"id": item.call_id, "name": item.name, "arguments": {"input": item.input}})
        elif item.type == "reasoning":
            shown = [part.text for part in item.content or []] or [part.text for part in item.summary]
            found["reasoning"] = "\n\n".join(text for text in (found["reasoning"], *shown) if text)
            found["seals"] += [item.encrypted_content] if item.encrypted_content else []
    if not found["refusal"] and found["text"] != response.output_text:
        found["text"] = f"output_text differs: {response.output_text!r}"
    if response.usage is not None:
        usage = response.usage
        found["usage"] = {
            "input": usage.input_tokens,
            "output": usage.output_tokens,
            "cached": usage.input_tokens_details and usage.input_tokens_details.cached_tokens,
            "reasoning": usage.output_tokens_details and usage.output_tokens_details.reasoning_tokens,
        }
    return found


def responses_whole(model: str, ask: Ask) -> dict[str, Any]:
    return responses_said(client.responses.create(model=model, **responses_ask(ask)))


def responses_parse(model: str, ask: Ask) -> dict[str, Any]:
    typed: dict[str, Any] = {"text_format": jobs.Weather} if "schema" in ask else {}
    return responses_said(client.responses.parse(model=model, **responses_ask(ask, typed=True), **typed))


TERMINAL = ("response.completed", "response.incomplete", "response.failed")


class Ear:
    """What the deltas said, beside what the terminal event says in the end."""

    def __init__(self) -> None:
        self.heard = {"text": "", "refusal": "", "arguments": "", "types": []}
        self.last: Any = None
        self.flat_error: Any = None

    def hear(self, event: Any) -> None:
        if event.type == "response.output_text.delta":
            self.heard["text"] += event.delta
        elif event.type == "response.refusal.delta":
            self.heard["refusal"] += event.delta
        elif event.type == "response.function_call_arguments.delta":
            self.heard["arguments"] += event.delta
        elif event.type in TERMINAL:
            self.last = event.response
        elif event.type == "error":
            self.flat_error = event

    def said(self) -> dict[str, Any]:
        if self.flat_error is not None:
            return reading(finish="flat error event", heard=self.heard)
        if self.last is None:
            return reading(finish="no terminal event", heard=self.heard)
        return {**responses_said(self.last), "heard": self.heard}


def responses_chunks(model: str, ask: Ask) -> dict[str, Any]:
    ear = Ear()
    for event in client.responses.create(model=model, stream=True, **responses_ask(ask)):
        ear.hear(event)
    return ear.said()


def responses_async(model: str, ask: Ask) -> dict[str, Any]:
    ear = Ear()

    async def read() -> None:
        async for event in await later.responses.create(model=model, stream=True, **responses_ask(ask)):
            ear.hear(event)

    loop.run_until_complete(read())
    return ear.said()


def responses_helper(model: str, ask: Ask) -> dict[str, Any]:
    typed: dict[str, Any] = {"text_format": jobs.Weather} if "schema" in ask else {}
    ear = Ear()
    with client.responses.stream(model=model, **responses_ask(ask, typed=True), **typed) as stream:
        for event in stream:
            ear.hear(event)
        if ear.last is not None and ear.last.status != "completed":
            return ear.said()  # the helper hands out final answers that are complete, and no others
        return {**responses_said(stream.get_final_response()), "heard": ear.heard}


CHAT, RESPONSES = "openai_chat_completions", "openai_responses"

if __name__ == "__main__":
    jobs.main(
        {
            (CHAT, "whole"): chat_whole,
            (CHAT, "chunks"): chat_chunks,
            (CHAT, "async_chunks"): chat_async,
            (CHAT, "helper"): chat_helper,
            (CHAT, "parse"): chat_parse,
            (RESPONSES, "whole"): responses_whole,
            (RESPONSES, "chunks"): responses_chunks,
            (RESPONSES, "async_chunks"): responses_async,
            (RESPONSES, "helper"): responses_helper,
            (RESPONSES, "parse"): responses_parse,
        }
    )
