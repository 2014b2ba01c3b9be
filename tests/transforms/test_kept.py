"""What a function of one's own makes of the pieces holds to the end, also where a wire says the whole once more."""

from dataclasses import replace

from minillm.transforms import Transform
from minillm.types import Message, MessageEnd, PartEnd, RefusalPart, TextDelta, TextPart, collect

from .streams import changed, stream

LOUD = Transform(
    events=lambda batch: [replace(one, delta=one.delta.upper()) if isinstance(one, TextDelta) else one for one in batch]
)


def test_final_forms_and_snapshots_say_what_was_made():
    events = stream(
        TextPart("ab", signature="s"), RefusalPart("no"), TextPart("cd"), places=[1], final=True, snapshot=True
    )
    out = changed(events, LOUD)
    expected = (TextPart("AB", signature="s"), RefusalPart("no"), TextPart("CD"))
    assert [event.part for event in out if isinstance(event, PartEnd)] == list(expected)
    assert collect(out).message.parts == expected


def test_what_says_something_else_is_left_to_say_it():
    """It is no echo of the pieces."""
    events = stream(TextPart("ab"), final=True)
    events[-1] = MessageEnd(Message("assistant", "other"))
    assert collect(changed(events, LOUD)).text == "other"


def test_what_is_not_changed_is_not_made_anew():
    part, message = TextPart("ab"), Message("assistant", "ab")
    events = [*stream(part)[:-3], PartEnd(0, part), MessageEnd(message)]
    out = changed(events, Transform(events=list))
    assert all(new is old for new, old in zip(out, events, strict=True))
    assert out[-2].part is part
    assert out[-1].message is message
