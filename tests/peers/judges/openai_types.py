"""Runs where the openai SDK lives: holds JSON to the SDK's own types. Knows nothing of minillm.

Reads one JSON list of ``{"kind": "request" | "response" | "chunk", "value": ...}`` from stdin and writes one
list of findings for each. Types alone are lenient: TypedDicts drop what they do not know and
iterables are checked only when read. So every value is read to its end and written out again, and
whatever did not survive is a finding.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from openai.types.chat import ChatCompletion, ChatCompletionChunk, completion_create_params
from pydantic import BaseModel, TypeAdapter, ValidationError

REQUESTS = {
    True: TypeAdapter(completion_create_params.CompletionCreateParamsStreaming),
    False: TypeAdapter(completion_create_params.CompletionCreateParamsNonStreaming),
}
MODELS: dict[str, type[BaseModel]] = {"response": ChatCompletion, "chunk": ChatCompletionChunk}


def read_out(value: Any) -> Any:
    """The validated value as plain JSON; lazily checked iterables raise here."""
    if isinstance(value, dict):
        return {key: read_out(item) for key, item in value.items()}
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
    elif before != after:
        yield f"{path}: {before!r} became {after!r}"


def unknown_fields(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, BaseModel):
        for key in value.model_extra or {}:
            yield f"{path}.{key}: unknown to the SDK"
        for key in type(value).model_fields:
            yield from unknown_fields(getattr(value, key), f"{path}.{key}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from unknown_fields(item, f"{path}[{place}]")


def judge_request(value: dict[str, Any]) -> Iterator[str]:
    accepted = REQUESTS[bool(value.get("stream"))].validate_python(value)
    yield from differences(value, read_out(accepted))


def judge_model(kind: str, value: dict[str, Any]) -> Iterator[str]:
    accepted = MODELS[kind].model_validate_json(json.dumps(value), strict=True)
    yield from unknown_fields(accepted)
    yield from differences(value, json.loads(accepted.model_dump_json(exclude_unset=True)))


def judge(kind: str, value: dict[str, Any]) -> list[str]:
    try:
        return list(judge_request(value) if kind == "request" else judge_model(kind, value))
    except ValidationError as error:
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:8]]


if __name__ == "__main__":
    json.dump([judge(entry["kind"], entry["value"]) for entry in json.load(sys.stdin)], sys.stdout)
