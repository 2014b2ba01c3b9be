"""The official SDKs' own types as judges of what we ask where an answer must have a form: at first, and again."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from minillm import ChatNode, GeneratorInfo, MockModel, ResponseFormat
from minillm.report import Report
from minillm.types import ChatRequest
from minillm.wire import WIRES, get_codec
from tests.peers.test_rewritten_types import ACCEPTED, judged

pytestmark = pytest.mark.peers


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


@dataclass
class Person:
    name: str
    age: int = 0
    mood: Mood | None = None


@dataclass
class Tree:
    name: str
    branches: "list[Tree]" = field(default_factory=list)


class City(BaseModel):
    name: str = Field(description="As it is called there.", min_length=1)
    mayor: Person | None = None
    kind: Literal["town", "village"] = "town"


KINDS: dict[str, Any] = {
    "dataclass": Person,
    "recursive": Tree,
    "pydantic": City,
    "list": list[Person],
    "union": Person | City,
    "literal": Literal["a", "b"],
    "number": int,
    "open": dict[str, int],
    "tuple": tuple[int, str],
    "schema": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
}
HOSTS = {
    "openai_chat_completions": GeneratorInfo.openai("gpt-5.4"),
    "openai_responses": GeneratorInfo.openai("gpt-5.4", wire="openai_responses"),
    "anthropic_messages": GeneratorInfo.anthropic("claude-sonnet-5"),
    "gemini_generate_content": GeneratorInfo.gemini("gemini-3-pro"),
}


def requests_for(output: Any, **options: Any) -> list[ChatRequest]:
    """What is asked at first, and again after an answer that does not fit."""
    model = MockModel(["none of that"] * 2)

    async def ask() -> None:
        await ChatNode.root("Guess.").chat("Who?", model, output=output, correction=1, **options)

    with pytest.raises(ValueError, match="JSON"):
        asyncio.run(ask())
    return model.requests


@pytest.mark.parametrize("wire", WIRES)
def test_what_is_asked_is_what_the_sdks_types_say(wire: str) -> None:
    gen = HOSTS[wire]
    codec = get_codec(wire, quirks=gen.endpoint.quirks)
    named = [
        (f"{name}{number}", request)
        for name, kind in KINDS.items()
        for number, request in enumerate(
            (*requests_for(kind), *requests_for(kind, response_format=ResponseFormat("text")))
        )
    ]
    bodies = [codec.encode_request(request, report=Report.ignore()) for _, request in named]
    for body in bodies:
        body.setdefault("model", gen.model)
    assert len(bodies) == 4 * len(KINDS)
    entries = [{"wire": wire, "kind": "request", "value": body} for body in bodies]
    found = {
        name: [finding for finding in findings if not any(known in finding for known in ACCEPTED.get(wire, ()))]
        for (name, _), findings in zip(named, judged(entries), strict=True)
    }
    assert {name: findings for name, findings in found.items() if findings} == {}
