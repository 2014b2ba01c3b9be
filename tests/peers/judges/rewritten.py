"""Runs where the official SDKs live: holds JSON of all four wires to their own types. Knows nothing of minillm.

Reads one JSON list of ``{"wire": ..., "kind": "request" | "response" | "event", "value": ...}`` from stdin and
writes one list of findings for each. What a type would coerce, does not know, or loses on the way out again
is a finding.
"""

import json
import sys
import typing
import warnings
from collections.abc import Iterator
from typing import Any

from anthropic.types import Message, RawMessageStreamEvent, message_create_params
from google.genai.types import Content, GenerateContentResponse, GenerationConfig, Tool, ToolConfig
from openai.types.chat import ChatCompletion, ChatCompletionChunk, completion_create_params
from openai.types.responses import Response, ResponseStreamEvent, response_create_params
from pydantic import BaseModel, TypeAdapter, ValidationError

REQUESTS: dict[str, dict[bool, TypeAdapter[Any]]] = {
    "openai_chat_completions": {
        True: TypeAdapter(completion_create_params.CompletionCreateParamsStreaming),
        False: TypeAdapter(completion_create_params.CompletionCreateParamsNonStreaming),
    },
    "openai_responses": {
        True: TypeAdapter(response_create_params.ResponseCreateParamsStreaming),
        False: TypeAdapter(response_create_params.ResponseCreateParamsNonStreaming),
    },
    "anthropic_messages": {
        True: TypeAdapter(message_create_params.MessageCreateParamsStreaming),
        False: TypeAdapter(message_create_params.MessageCreateParamsNonStreaming),
    },
}
# google-genai has no type for a request's body: its parts are judged one by one.
GEMINI_PARTS: dict[str, TypeAdapter[Any]] = {
    "contents": TypeAdapter(list[Content]),
    "systemInstruction": TypeAdapter(Content),
    "tools": TypeAdapter(list[Tool]),
    "toolConfig": TypeAdapter(ToolConfig),
    "generationConfig": TypeAdapter(GenerationConfig),
}
RESPONSES: dict[str, TypeAdapter[Any]] = {
    "openai_chat_completions": TypeAdapter(ChatCompletion),
    "openai_responses": TypeAdapter(Response),
    "anthropic_messages": TypeAdapter(Message),
    "gemini_generate_content": TypeAdapter(GenerateContentResponse),
}


def members(union: Any) -> dict[str, TypeAdapter[Any]]:
    """``type`` -> its class, of a union tagged by it: else every member's complaints would be reported."""
    while typing.get_origin(union) is typing.Annotated or hasattr(union, "__value__"):
        union = typing.get_args(union)[0] if typing.get_origin(union) is typing.Annotated else union.__value__
    found = {}
    for member in typing.get_args(union):
        for word in typing.get_args(member.model_fields["type"].annotation):
            found[word] = TypeAdapter(member)
    return found


EVENTS = {
    "openai_responses": members(ResponseStreamEvent),
    "anthropic_messages": members(RawMessageStreamEvent),
}
CHUNKS = {
    "openai_chat_completions": TypeAdapter(ChatCompletionChunk),
    "gemini_generate_content": TypeAdapter(GenerateContentResponse),
}


def read_out(value: Any) -> Any:
    """The validated value as plain JSON; lazily checked iterables raise here."""
    if isinstance(value, dict):
        return {key: read_out(item) for key, item in value.items()}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True, by_alias=True)
    if isinstance(value, str | int | float | bool | None):
        return value
    return [read_out(item) for item in value]


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            if key not in after:
                yield f"{path}.{key}: unknown to the SDK"
            elif key not in before:
                yield f"{path}.{key}: added by the SDK"
            else:
                yield from differences(before[key], after[key], f"{path}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    elif before != after and not _is_base64_of(before, after):
        yield f"{path}: {str(before)[:80]!r} became {str(after)[:80]!r}"


def _is_base64_of(before: Any, after: Any) -> bool:
    """google-genai writes bytes in the other alphabet."""
    return isinstance(before, str) and isinstance(after, str) and before.translate(_URL_SAFE) == after


_URL_SAFE = str.maketrans("+/", "-_")


def judge_request(wire: str, value: dict[str, Any]) -> Iterator[str]:
    if wire != "gemini_generate_content":
        accepted = REQUESTS[wire][bool(value.get("stream"))].validate_python(value)
        yield from differences(value, read_out(accepted))
        return
    for key, part in GEMINI_PARTS.items():
        if key in value:
            said = value[key]
            yield from differences(said, read_out(part.validate_json(json.dumps(said))), f".{key}")


def adapter_of(wire: str, kind: str, value: dict[str, Any]) -> TypeAdapter[Any] | None:
    if kind == "response":
        return RESPONSES[wire]
    return CHUNKS[wire] if wire in CHUNKS else EVENTS[wire].get(str(value.get("type")))


def judge_value(wire: str, kind: str, value: dict[str, Any]) -> Iterator[str]:
    adapter = adapter_of(wire, kind, value)
    if adapter is None:
        yield f"no event is called {value.get('type')!r}"
        return
    strict = wire != "gemini_generate_content"  # its types read base64 and enums from text
    accepted = adapter.validate_json(json.dumps(value), strict=strict)
    yield from differences(value, adapter.dump_python(accepted, mode="json", exclude_unset=True, by_alias=True))


def judge(entry: dict[str, Any]) -> list[str]:
    wire, kind, value = entry["wire"], entry["kind"], entry["value"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # google-genai only warns of a word it does not know
        try:
            return list(judge_request(wire, value) if kind == "request" else judge_value(wire, kind, value))
        except ValidationError as error:
            return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:8]]
        except UserWarning as warning:
            return [str(warning)]


if __name__ == "__main__":
    json.dump([judge(entry) for entry in json.load(sys.stdin)], sys.stdout)
