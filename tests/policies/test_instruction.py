"""The form asked for in words: where they stand, and what is told."""

from dataclasses import dataclass
from typing import Any

import pytest

from minillm import CacheBreakpoint, ChatRequest, CompletionParameters, Message, ResponseFormat, TextPart
from minillm.json.answer import answer_schema
from minillm.policies.instruction import in_words, instructed
from minillm.types import UNSET, Severity, ToolCallPart, ToolResultPart


@dataclass
class Person:
    name: str


@dataclass
class Free:
    scores: dict[str, int]


ASKED = answer_schema(Person)
WANTED = ResponseFormat("json_schema", ASKED.schema, name="Person", strict=True)
WORDS = in_words(WANTED)
QUESTION = Message("user", "Who?")


def request(*messages: Message, wanted: Any = WANTED) -> ChatRequest:
    return ChatRequest(None, messages or (QUESTION,), parameters=CompletionParameters(response_format=wanted))


def test_the_words_hold_the_schema() -> None:
    assert '"properties":{"name":{"type":"string"}}' in WORDS
    assert "Schema" not in in_words(ResponseFormat("json"))


@pytest.mark.parametrize(
    "formats", [None, frozenset({"text", "json_schema"}), frozenset({"text", "closed_json_schema"})]
)
def test_a_host_that_knows_schemas_is_not_told_in_words(formats: frozenset[str] | None) -> None:
    asked = request()
    assert instructed(asked, ASKED, formats) == (asked, ())


@pytest.mark.parametrize(("formats", "left"), [({"text"}, UNSET), ({"text", "json"}, ResponseFormat("json"))])
def test_elsewhere_it_is_and_that_is_told(formats: set[str], left: Any) -> None:
    """JSON mode, where there is one, holds at least to JSON."""
    asked, losses = instructed(request(), ASKED, frozenset(formats))
    assert asked.messages == (Message("user", f"Who?\n\n{WORDS}"),)
    assert asked.parameters.response_format == left
    assert [(loss.path, loss.severity) for loss in losses] == [("parameters.response_format", Severity.DEGRADED)]


def test_what_a_closed_schema_cannot_say_is_said_in_words() -> None:
    """Held to a schema without open members, the model could only leave them out."""
    free = answer_schema(Free)
    wanted = ResponseFormat("json_schema", free.schema)
    closed = frozenset({"text", "closed_json_schema"})
    asked, losses = instructed(request(wanted=wanted), free, closed)
    assert asked.parameters.response_format is UNSET
    assert losses
    own = ResponseFormat("json_schema", {"type": "object"})  # the caller's own goes as they said
    assert instructed(request(wanted=own), free, closed)[1] == ()


@pytest.mark.parametrize("kind", ["text", "json"])
def test_who_says_another_format_gets_it_and_the_words(kind: Any) -> None:
    asked, losses = instructed(request(wanted=ResponseFormat(kind)), ASKED, None)
    assert asked.parameters.response_format == ResponseFormat(kind)
    assert WORDS in asked.messages[-1].text
    assert losses == ()


@pytest.mark.parametrize("wanted", [None, UNSET])
def test_deliberately_nothing_is_nothing(wanted: Any) -> None:
    asked = request(wanted=wanted)
    assert instructed(asked, ASKED, frozenset({"text"})) == (asked, ())


TEXT_ONLY = frozenset({"text"})
CALL = Message("assistant", [ToolCallPart("c", "f")])
MARKED = TextPart("Who?", cache=CacheBreakpoint())


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ((QUESTION, CALL, Message("tool", [ToolResultPart("c", content="42")])), 0),
        ((QUESTION, CALL, Message("user", [ToolResultPart("c", content="42")])), 0),
        ((QUESTION, Message("assistant", "An")), 0),
        ((QUESTION, Message("assistant", "Ann."), Message("user", "And?")), 2),
    ],
)
def test_they_stand_behind_what_the_user_said_last(messages: tuple[Message, ...], expected: int) -> None:
    """In a tool loop that is the same place each time: the prompt's beginning stays what the host has cached."""
    sent = instructed(request(*messages), ASKED, TEXT_ONLY)[0].messages
    changed = [at for at, message in enumerate(messages) if sent[at] != message]
    assert (changed, len(sent)) == ([expected], len(messages))


def test_they_stand_behind_a_mark_for_the_cache() -> None:
    sent = instructed(request(Message("user", [MARKED])), ASKED, TEXT_ONLY)[0].messages
    assert sent == (Message("user", [MARKED, TextPart(WORDS)]),)


def test_where_no_user_speaks_they_are_said_by_one() -> None:
    sent = instructed(request(Message("system", "Guess.")), ASKED, TEXT_ONLY)[0].messages
    assert sent == (Message("system", "Guess."), Message("user", WORDS))


def test_words_that_stand_there_are_not_said_twice() -> None:
    once = instructed(request(), ASKED, TEXT_ONLY)[0].messages
    assert instructed(request(*once), ASKED, TEXT_ONLY)[0].messages == once
