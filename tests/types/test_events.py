"""Events: small, slotted, and equal by what they say."""

from dataclasses import fields
from typing import get_args

import pytest

from minillm.types import Message, Native, PartStart, StreamEvent, TextDelta, TextPart, Usage
from minillm.types.events import CitationAdded, MessageEnd, NativeEvent, PartEnd, StreamFailed, UsageUpdate

KINDS = get_args(StreamEvent)

_VALUES = {
    "index": 0,
    "part": TextPart("a"),
    "delta": "a",
    "citation": None,
    "usage": Usage(1),
    "wire": "w",
    "name": "ping",
    "error": ValueError(),
}


def _made(kind, **more):
    needed = {
        field.name: _VALUES[field.name] for field in fields(kind) if field.name in _VALUES and field.name not in more
    }
    return kind(**{**needed, **more})


@pytest.mark.parametrize("kind", KINDS)
def test_made_for_every_chunk_so_slotted(kind):
    assert not hasattr(_made(kind), "__dict__")


@pytest.mark.parametrize("kind", KINDS)
def test_the_frame_behind_an_event_takes_no_part_in_equality(kind):
    assert _made(kind, native=Native("w", {"a": 1})) == _made(kind)
    assert "native" not in repr(_made(kind))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if any(field.name == "index" for field in fields(kind))])
def test_every_event_of_a_part_names_its_choice(kind):
    assert _made(kind).choice == 0
    assert _made(kind, choice=1) != _made(kind)


def test_what_only_some_carry_is_optional():
    assert TextDelta(0, "a").logprobs is None
    assert PartEnd(0).part is None
    assert MessageEnd().message is None
    assert NativeEvent("w", "ping").structural is False
    assert PartStart(0, TextPart("")) != PartStart(1, TextPart(""))
    assert MessageEnd(Message("assistant", "a")) != MessageEnd()
    assert CitationAdded(0, None) == CitationAdded(0, None)
    assert UsageUpdate(Usage(1)) != UsageUpdate(Usage(2))
    assert StreamFailed(ValueError) == StreamFailed(ValueError)
