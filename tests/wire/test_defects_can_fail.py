"""The checks of defects can fail: handed a conversion that has the defect, each turns red."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from minillm.types import ChatResponse, Collector, Usage
from tests.wire import (
    test_defects_answers,
    test_defects_conversations,
    test_defects_media,
    test_defects_requests,
    test_defects_streams,
)
from tests.wire.checks import Body, answer_of, answered, asked, collected, frames_of, restreamed, stream_bytes

FILES = {
    "answers": test_defects_answers,
    "conversations": test_defects_conversations,
    "media": test_defects_media,
    "requests": test_defects_requests,
}


def with_frames(change: Callable[[list[Body]], list[Body]]) -> Callable[..., bytes]:
    """A rewriting of streams whose frames are spoilt."""
    return lambda *given, **kwargs: stream_bytes(*change(frames_of(restreamed(*given, **kwargs))))


def every_index_zero(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: 0 if key == "index" else every_index_zero(item) for key, item in value.items()}
    return [every_index_zero(item) for item in value] if isinstance(value, list) else value


def arguments_again(frames: list[Body]) -> list[Body]:
    calls = [f for f in frames if f["choices"] and f["choices"][0]["delta"].get("tool_calls")]
    return frames + calls


def other_names(frames: list[Body]) -> list[Body]:
    return list(json.loads(json.dumps(frames).replace('"input_tokens"', '"prompt_tokens"')))


def cached_twice(frames: list[Body]) -> list[Body]:
    for frame in frames:
        usage = frame.get("usage")
        if usage:
            usage["input_tokens"] += usage.get("cache_read_input_tokens", 0)
    return frames


def with_answer(change: Callable[[ChatResponse], ChatResponse]) -> Callable[..., ChatResponse]:
    """A reading of streams whose answer is spoilt."""
    return lambda *given: change(answer_of(*given))


def with_calls(change: Callable[[list[Any]], list[Any]]) -> Callable[[ChatResponse], ChatResponse]:
    def changed(answer: ChatResponse) -> ChatResponse:
        choice = answer.choices[0]
        message = replace(choice.message, content=tuple(change(list(answer.tool_calls))))
        return replace(answer, choices=(replace(choice, message=message),))

    return changed


def without_repetition(wire: str, *frames: Any) -> ChatResponse:
    return answer_of(wire, *[frame for i, frame in enumerate(frames) if frame not in frames[:i]])


def without_errors(wire: str, *frames: Any) -> ChatResponse:
    return answer_of(wire, *[frame for frame in frames if "error" not in frame or frame["choices"][0]["finish_reason"]])


def as_if_complete(wire: str, data: bytes) -> Collector:
    collector = collected(wire, data)
    collector.error = None
    return collector


def last_counts_only(answer: ChatResponse) -> ChatResponse:
    return replace(answer, usage=Usage(output_tokens=answer.usage.output_tokens if answer.usage else None))


FAULTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "B1": ("restreamed", with_frames(every_index_zero)),
    "B2": ("restreamed", with_frames(arguments_again)),
    "B3": ("restreamed", with_frames(every_index_zero)),
    "B4": ("answer_of", with_answer(with_calls(lambda calls: [*calls, replace(calls[0], id="call_0")]))),
    "B5": ("collected", as_if_complete),
    "B6": ("answer_of", without_repetition),
    "B7": ("answer_of", with_answer(with_calls(lambda calls: calls[-1:]))),
    "B10": ("answer_of", with_answer(last_counts_only)),
    "B11": ("answer_of", without_errors),
    "B13": ("answer_of", with_answer(with_calls(lambda calls: [replace(call, id="f:0") for call in calls]))),
    "B14": ("answer_of", with_answer(with_calls(lambda calls: sorted(calls, key=lambda call: str(call.id))))),
    "B15": ("collected", as_if_complete),
    "B25": ("restreamed", with_frames(other_names)),
    "B26": ("restreamed", with_frames(cached_twice)),
    "B36": ("collected", as_if_complete),
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_stream_with_the_defect_turns_its_check_red(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test_defects_streams.defect.run(number)
    monkeypatch.setattr(test_defects_streams, *FAULTS[number])
    with pytest.raises((AssertionError, KeyError, ValueError)):
        test_defects_streams.defect.run(number)


# Losses that have to be told: a conversion that keeps silent about them is not good enough.
TOLD = {
    "answers": ("L23", "L25", "L31", "L32", "L33", "L34"),
    "conversations": ("B37", "L4", "L5", "L9", "L17", "L21", "L27", "L35", "L36"),
    "media": ("L7", "L11", "L13", "L16"),
    "requests": ("L2", "L3", "L26", "L28", "L29", "L30"),
}


@pytest.mark.parametrize(("file", "number"), [(file, number) for file, numbers in TOLD.items() for number in numbers])
def test_a_silent_conversion_turns_the_check_red(file: str, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FILES[file].defect.run(number)
    name, convert = ("answered", answered) if file == "answers" else ("asked", asked)
    monkeypatch.setattr(FILES[file], name, lambda *given: (convert(*given)[0], ""))
    with pytest.raises(AssertionError):
        FILES[file].defect.run(number)
