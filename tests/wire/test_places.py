"""A loss names its place in the value that was handed in, whatever was left out of it or put in another order."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minillm.errors import MiniLLMError
from minillm.report import Report
from minillm.types import (
    ChatRequest,
    ChatResponse,
    CompletionParameters,
    Loss,
    Message,
    PartStart,
    ReasoningPart,
    Role,
    Severity,
    TextPart,
    ToolResultPart,
    VideoPart,
)
from minillm.wire import WIRES, get_codec, rewrite_request, rewrite_stream
from minillm.wire.places import Places
from tests.wire import corpus, neutral_values, rewritings
from tests.wire.rewritings import MODEL

CHAT, RESPONSES, ANTHROPIC, GEMINI = WIRES


def test_numbers_are_those_before_anything_was_taken_out() -> None:
    places = Places()
    places.keep("messages", [1, 3], 4)
    places.keep("messages[3].content", [0, 2], 3)
    places.keep("messages[1].content", [0], 1)
    assert places.before("messages[0].content[0].cache") == "messages[1].content[0].cache"
    assert places.before("messages[1].content[1].citations[5]") == "messages[3].content[2].citations[5]"
    assert places.before("messages[1].content[7]") == "messages[3].content[7]"
    assert places.before("parameters.seed") == "parameters.seed"


def test_what_is_told_stands_in_the_one_report() -> None:
    places, report = Places(), Report()
    assert places.report(report) is report
    places.keep("messages", [1], 2)
    places.report(report).note("messages[0].name", "name", "why")
    assert report.losses == (Loss("messages[1].name", "name", "why", Severity.NOTE),)


def found(value: Any, path: str) -> tuple[Any, list[str]]:
    """The value at a path as far as it goes, and the steps that are left."""
    steps = re.findall(r"[^.\[\]]+|\[\d+\]", path.partition("/")[0])
    for at, step in enumerate(steps):
        try:
            if step[0] == "[":
                value = value[int(step[1:-1])]
            elif isinstance(value, dict):
                value = value[step]
            elif isinstance(value, CompletionParameters) and step in value.set_fields():
                value = value.get(step)
            else:
                value = getattr(value, step)
        except (AttributeError, KeyError, IndexError, TypeError):
            return value, steps[at:]
    return value, []


def assert_there(value: Any, report: Report) -> None:
    for loss in report.losses:
        assert found(value, loss.path)[1] == [], loss


@settings(max_examples=150)
@given(neutral_values.requests, st.sampled_from(WIRES))
def test_losses_of_any_request_are_places_in_it(request_: ChatRequest, wire: str) -> None:
    report = Report()
    with suppress(MiniLLMError):
        get_codec(wire).encode_request(request_, report=report)
    assert_there(request_, report)


@settings(max_examples=150)
@given(neutral_values.responses, st.sampled_from(WIRES))
def test_losses_of_any_answer_are_places_in_it(response: ChatResponse, wire: str) -> None:
    report = Report()
    with suppress(MiniLLMError):
        get_codec(wire).encode_response(response, report=report)
    assert_there(response, report)


@pytest.mark.parametrize("source", WIRES)
def test_losses_of_recorded_bodies_are_places_in_them(source: str) -> None:
    """Or names that the source's wire has at such a place; then nothing but names is left of the path."""
    corpus.case("openai_chat", "text")  # skips, or fails where the corpus is required
    codec, seen = get_codec(source), 0
    folder = next(folder for folder, wire in rewritings.FOLDERS.items() if wire == source)
    values: dict[tuple[str, str], Callable[[], Any]] = {}
    for case in rewritings.cases(folder):
        values["request", case.name] = lambda case=case: codec.decode_request(case.request, model=MODEL)
        values["response", case.name] = lambda case=case: codec.decode_response(json.loads(case.body))
        values["stream", case.name] = lambda case=case: rewritings.decode_stream(source, case.body).response()
    for made in rewritings.all_rewritings():
        if made.source == source and made.losses:
            value = values[made.kind, made.name]()
            for loss in made.losses:
                seen += 1
                rest = found(value, loss.path)[1]
                assert not any(step.startswith("[") for step in rest[:1]), (made.name, loss)
                assert loss.path.startswith(_ROOTS[made.kind]) or "[" not in loss.path, (made.name, loss)
    assert seen > 100


_ROOTS = {"request": ("messages[", "tools["), "response": ("choices[",), "stream": ("choices[",)}


@pytest.mark.parametrize("target", [CHAT, RESPONSES, GEMINI])
def test_what_stands_behind_a_block_that_is_left_out_keeps_its_number(target: str) -> None:
    thought = {"type": "thinking", "thinking": "t", "signature": "s"}
    block = {"type": "server_tool_use", "id": "a", "name": "web_search", "input": {}}
    body = {
        "model": "m",
        "max_tokens": 9,
        "messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": [thought]},
            {"role": "assistant", "content": [thought, {"type": "text", "text": "x"}, block]},
        ],
    }
    report = Report()
    rewrite_request(body, source=ANTHROPIC, target=target, report=report)
    assert [loss.path for loss in report.losses] == [
        "messages[1].content[0]",
        "messages[2].content[0]",
        "messages[2].content[2]",
    ]


@pytest.mark.parametrize("wire", [RESPONSES, ANTHROPIC])
def test_what_goes_in_another_order_keeps_its_number(wire: str) -> None:
    parts = (
        ReasoningPart("t", sealed="s"),
        TextPart("a", signature="s"),
        ToolResultPart("1", None, "r"),
        VideoPart("video/mp4", "AAAA"),
    )
    report = Report()
    get_codec(wire).encode_request(ChatRequest("m", (Message(Role.USER, parts),)), report=report)
    paths = [loss.path for loss in report.losses]
    assert [path for path in paths if path.startswith("messages[0].content[1]")] == ["messages[0].content[1].signature"]
    assert "messages[0].content[3]" in paths
    assert not any(path.startswith("messages[0].content[2]") for path in paths)


@pytest.mark.parametrize("wire", [RESPONSES, ANTHROPIC, GEMINI])
def test_parts_of_a_stream_are_told_by_the_source_s_count(wire: str) -> None:
    encoder = get_codec(wire).stream_encoder(report=(report := Report()))
    for index, part in ((4, TextPart("a")), (9, ReasoningPart("t", sealed="s", signature="s")), (11, TextPart("b"))):
        encoder.feed(PartStart(index, part))
    encoder.finish()
    assert {loss.path.removesuffix(".signature") for loss in report.losses} <= {"choices[0].message.content[9]"}


def test_a_stream_names_parts_of_the_answer_it_adds_up_to() -> None:
    body = corpus.case("anthropic_messages", "stream_web_search").body
    for target in (CHAT, RESPONSES, GEMINI):
        rewriter = rewrite_stream(source=ANTHROPIC, target=target, report=(report := Report()))
        rewriter.feed(body)
        rewriter.finish()
        response = rewritings.decode_stream(ANTHROPIC, body).response()
        parts = [loss for loss in report.losses if loss.path.startswith("choices[0].message.content[")]
        assert parts
        for loss in parts:
            part = re.match(r"choices\[0\]\.message\.content\[(\d+)\]", loss.path)
            assert part is not None
            kind = type(response.message.parts[int(part[1])]).__name__
            assert ("block" in loss.what) is (kind == "NativePart"), (target, loss)
