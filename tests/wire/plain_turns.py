"""Conversations of plain turns, or nearly plain ones: said with a wire's short look at each turn and without it, to be
compared, what is told of losses included."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from minillm.errors import MiniLLMError
from minillm.report import Report
from minillm.types import (
    CacheBreakpoint,
    ChatRequest,
    Citation,
    CompletionParameters,
    Message,
    Native,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from minillm.wire import WIRES, get_codec

from .plain_answers import recorded_answers
from .plain_requests import rarely, recorded_requests
from .rewritings import FOLDERS

HOME = ("host", "some-model")
ORIGINS = (None, HOME, ("another", "some-model"))

ITEM = {"type": "message", "id": "msg_1", "status": "completed"}
HINTS = {"type": "output_text", "assistant": True, "item": ITEM, "first": True, "answered": True}
#: What may be left on a turn or on its text: nothing, words of the wires, hints of all kinds, and what is none.
LEFT: tuple[Any, ...] = (
    {},
    {"annotations": [], "logprobs": [], "~": HINTS},
    {"logprobs": [], "annotations": [], "~": {**HINTS, "item": {"id": "x", "phase": "final"}}},
    {"~": HINTS},
    {"annotations": [{"type": "x"}], "~": HINTS},
    {"own": 1, "~": HINTS},
    {"~~": 1, "~": HINTS},
    {"type": "text", "~": HINTS},
    {"prompt_cache_breakpoint": {"mode": "explicit"}, "~": HINTS},
    {"annotations": [], "~": {**HINTS, "answered": False}},
    {"annotations": [], "~": {**HINTS, "assistant": False}},
    {"annotations": [], "~": {**HINTS, "type": "text"}},
    {"annotations": [], "~": {**HINTS, "first": False}},
    {"annotations": [], "~": {**HINTS, "plain": True}},
    {"annotations": [], "~": {**HINTS, "absent": {"text": ""}}},
    {"annotations": [], "~": {key: value for key, value in HINTS.items() if key != "item"}},
    {"~": {"in_place": True, "single": True, "instructions": True, "mixed": True, "marked": True}},
    {"cache_control": {"type": "ephemeral"}, "thoughtSignature": "s"},
    {"~": 5},
    5,
)


def leftovers(wire: str) -> Any:
    """What this wire, or another, left on a turn or on its text."""
    return st.builds(Native, st.sampled_from([wire, wire, *WIRES]), st.sampled_from(LEFT))


def plain_turns(wire: str) -> Any:
    """Turns of one text each; now and then with anything else on them or between them."""
    texts = st.sampled_from(["", "a", "Hello.", "What next?"])
    part: dict[str, Any] = {
        "citations": rarely(st.just(()), st.just((Citation("https://a.example"),))),
        "logprobs": rarely(st.none(), st.just(())),
        "signature": rarely(st.none(), st.just("s")),
        "cache": rarely(st.none(), st.sampled_from([CacheBreakpoint(), CacheBreakpoint("1h")])),
        "extra": rarely(st.none(), st.sampled_from([{}, {"own": 1}])),
        "native": st.none() | leftovers(wire),
    }
    text_parts = st.builds(TextPart, texts, **part)
    others = st.sampled_from(
        [ReasoningPart("Hm."), ToolCallPart("c", "look", "{}"), ToolResultPart("c", "seen"), TextPart("More.")]
    )
    contents = texts | text_parts.map(lambda one: (one,))
    odd = st.lists(text_parts | others, max_size=3).map(tuple)
    message = st.builds(
        Message,
        rarely(st.sampled_from([Role.USER, Role.ASSISTANT]), st.sampled_from([*Role, "critic"])),
        rarely(contents, odd),
        rarely(st.none(), st.just("Ann")),
        st.sampled_from(ORIGINS),
        extra=rarely(st.none(), st.sampled_from([{}, {"own": 1}])),
        native=rarely(st.none(), leftovers(wire)),
    )
    store = st.sampled_from([CompletionParameters(), CompletionParameters(store=False)])
    return st.builds(ChatRequest, st.just("some-model"), st.lists(message, max_size=5).map(tuple), parameters=store)


#: One thing each that a text may have beside it.
ODD_PARTS: tuple[dict[str, Any], ...] = (
    {"citations": (Citation("https://a.example"),)},
    {"logprobs": ()},
    {"signature": "s"},
    {"cache": CacheBreakpoint()},
    {"extra": {"own": 1}},
    {"text": ""},
)


def leftovers_beside_all(wire: str) -> list[ChatRequest]:
    """Every leftover on a text with everything else that may be on it, and between results of tools."""
    found = []
    result = Message(Role.TOOL, (ToolResultPart("c", "seen"),))
    for left in LEFT:
        parts = [TextPart(**{"text": "Hi.", "native": Native(wire, left), **odd}) for odd in ({}, *ODD_PARTS)]
        turns = [Message(role, (part,), None, origin) for role in Role for part in parts for origin in ORIGINS]
        turns += [result, result, Message(Role.USER, "Hi."), result, Message(Role.ASSISTANT, "Hi."), result]
        for parameters in (CompletionParameters(), CompletionParameters(store=False)):
            found.append(ChatRequest("some-model", tuple(turns), parameters=parameters))
    return found


def recorded_histories(wire: str) -> list[ChatRequest]:
    """The recorded requests of every wire, and conversations of all recorded answers of each, given anywhere."""
    found = recorded_requests(wire)
    for folder, source in FOLDERS.items():
        answers: list[Message] = []
        for body in recorded_answers(folder):
            try:
                answers += [choice.message for choice in get_codec(source).decode_response(body).choices]
            except MiniLLMError:
                continue
        for origin in ORIGINS:
            turns: list[Message] = []
            for answer in answers:
                turns += [Message(Role.USER, "And?"), replace(answer, origin=origin)]
            for parameters in (CompletionParameters(), CompletionParameters(store=False)):
                found.append(ChatRequest("some-model", tuple(turns), parameters=parameters))
    return found


def said(wire: str, request: ChatRequest) -> tuple[str, list[Any]]:
    """What is made of a request, the order of its keys included, and what was told; or the error."""
    report = Report()
    try:
        body = repr(get_codec(wire).encode_request(request, origin=HOME, report=report))
    except MiniLLMError as error:
        body = f"{type(error).__name__}: {error}"
    return body, list(report.losses)


def both_ways(wire: str, requests: list[ChatRequest], switch_off: Callable[[], None]) -> None:
    """Each request is said alike with the short look and when it is switched off."""
    short = [said(wire, request) for request in requests]
    switch_off()
    for request, found in zip(requests, short, strict=True):
        assert found == said(wire, request), request
