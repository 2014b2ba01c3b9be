"""Events: each has a name, holds content only in fields that can be left out, and shows none in its repr."""

from dataclasses import MISSING, fields

import pytest

from minillm.observe import events

KINDS = [getattr(events, name) for name in events.__all__ if name != "Event"]


def made(kind):
    """One of it, every field filled in."""
    given = {}
    for field in fields(kind):
        if field.metadata.get("content"):
            given[field.name] = "c4n4ry"
        elif field.default is MISSING and field.default_factory is MISSING:
            given[field.name] = {"int": 1, "float": 0.5}.get(getattr(field.type, "__name__", ""), "x")
    return kind(**given)


@pytest.mark.parametrize("kind", KINDS)
def test_content_is_left_out_on_demand_and_never_shown(kind):
    event = made(kind)
    assert "c4n4ry" not in repr(event)
    bare = event.bare()
    assert not any(getattr(bare, field.name) == "c4n4ry" for field in fields(kind))
    assert bare.bare() is bare
    assert bare.id == event.id


def test_names_differ_and_are_the_classes_own():
    names = [kind.name for kind in KINDS]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "") == kind.__name__.lower() for name, kind in zip(names, KINDS, strict=True))


def test_what_may_hold_words_is_marked():
    """Whatever has the type of something that was said."""
    said = ("ChatRequest", "ChatResponse", "ToolCallPart", "ToolResultPart", "BaseException", "StreamEvent")
    for kind in KINDS:
        for field in fields(kind):
            holds = any(name in str(field.type) for name in said)
            assert not holds or field.metadata.get("content"), (kind, field.name)
