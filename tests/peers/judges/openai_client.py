"""Runs where the openai SDK lives: asks a server through the SDK and prints what the SDK understood.

    python openai_client.py BASE_URL < scenarios.json

One request plain, one streamed chunk by chunk, one through the stream helper, for each model name
in the list on stdin. The helper is the strict one: it puts the chunks together by its own rules.
"""

import json
import sys
from typing import Any

import openai

MESSAGES: list[Any] = [{"role": "user", "content": "go"}]
TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": name,
            "strict": True,  # the stream helper takes no other tools
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    }
    for name in ("get_weather", "get_time")
]


def offered(model: str) -> Any:
    return TOOLS if "call" in model else openai.NOT_GIVEN


def plain(client: openai.OpenAI, model: str) -> dict[str, Any]:
    return said(client.chat.completions.create(model=model, messages=MESSAGES, tools=offered(model)))


def chunks(client: openai.OpenAI, model: str) -> dict[str, Any]:
    text, refusal, finish, usage = "", "", None, None
    calls: dict[int, dict[str, str]] = {}
    stream = client.chat.completions.create(
        model=model, messages=MESSAGES, tools=offered(model), stream=True, stream_options={"include_usage": True}
    )
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            refusal += choice.delta.refusal or ""
            finish = choice.finish_reason or finish
            for piece in choice.delta.tool_calls or []:
                call = calls.setdefault(piece.index, {"id": "", "name": "", "arguments": ""})
                call["id"] += piece.id or ""
                call["name"] += (piece.function and piece.function.name) or ""
                call["arguments"] += (piece.function and piece.function.arguments) or ""
    return {
        "text": text,
        "refusal": refusal,
        "finish": finish,
        "calls": [call for _, call in sorted(calls.items())],
        "usage": counted(usage),
    }


def helper(client: openai.OpenAI, model: str) -> dict[str, Any]:
    with client.chat.completions.stream(
        model=model, messages=MESSAGES, tools=offered(model), stream_options={"include_usage": True}
    ) as stream:
        kinds = [event.type for event in stream]
        found = said(stream.get_final_completion())
    return {**found, "events": sorted(set(kinds))}


def said(completion: Any) -> dict[str, Any]:
    choice = completion.choices[0]
    calls = [
        {"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
        for call in choice.message.tool_calls or []
    ]
    return {
        "text": choice.message.content or "",
        "refusal": choice.message.refusal or "",
        "finish": choice.finish_reason,
        "calls": calls,
        "usage": counted(completion.usage),
    }


def counted(usage: Any) -> dict[str, Any] | None:
    return usage and usage.model_dump(exclude_none=True)


def tried(ask: Any, client: openai.OpenAI, model: str) -> dict[str, Any]:
    try:
        return dict(ask(client, model))
    except openai.APIStatusError as error:
        return {"error": type(error).__name__, "status": error.status_code, "code": error.code, "type": error.type}
    except openai.APIError as error:
        return {"error": type(error).__name__, "message": error.message, "code": error.code, "type": error.type}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


def main() -> None:
    client = openai.OpenAI(base_url=sys.argv[1], api_key="no-key-needed", max_retries=0, timeout=60)
    models = json.load(sys.stdin)
    ways = {"plain": plain, "chunks": chunks, "helper": helper}
    json.dump({model: {name: tried(ask, client, model) for name, ask in ways.items()} for model in models}, sys.stdout)


if __name__ == "__main__":
    main()
