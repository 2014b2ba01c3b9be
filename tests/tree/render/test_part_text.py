"""A message in words."""

from minillm.tree.render.part_text import message_text, part_note
from minillm.types import (
    AudioPart,
    FilePart,
    ImagePart,
    Message,
    NativePart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)


def test_text_is_text():
    assert message_text(Message(Role.USER, "hi")) == "hi"
    assert message_text(Message(Role.USER, ("a", "b"))) == "a\nb"


def test_everything_else_is_a_note():
    parts = (
        ReasoningPart("hm"),
        TextPart("see"),
        RefusalPart("no"),
        ToolCallPart("c", "weather", '{"city": "Paris"}'),
        ToolResultPart("c", content=(TextPart("rain"), ImagePart(url="https://h/x.png"))),
        ToolResultPart("c", content="dry"),
    )
    message = Message(Role.ASSISTANT, parts)
    lines = ["see", "no", '[calls weather {"city": "Paris"}]', "rain", "[image https://h/x.png]", "dry"]
    assert message_text(message).splitlines() == lines
    assert message_text(message, reasoning=True).splitlines() == ["[thinking] hm", *lines]


def test_notes():
    assert part_note(ToolCallPart("c", "f", "{", incomplete=True)) == "[calls f { (cut off)]"
    assert part_note(ToolCallPart("c", "f")) == "[calls f]"
    assert part_note(AudioPart("audio/wav", "AAAA")) == "[audio audio/wav]"
    assert part_note(FilePart(name="r.pdf")) == "[file r.pdf]"
    assert part_note(ImagePart()) == "[image]"
    assert part_note(NativePart("anthropic_messages", {})) == "[anthropic_messages block]"
    assert part_note(ReasoningPart(sealed="x")) == "[reasoning]"
    assert len(part_note(ImagePart(url="https://h/" + "x" * 1000))) < 100
