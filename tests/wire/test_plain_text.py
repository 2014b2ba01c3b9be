"""A turn is plain where nothing but its text would be sent or told of."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minillm.types import Message, Native, ReasoningPart, Role, TextPart
from minillm.wire.plain_text import plain_text

from .plain_turns import ODD_PARTS, both_ways, leftovers_beside_all, plain_turns, recorded_histories

WIRE = "anthropic_messages"
#: The names by which the wires' encoders look.
LOOKS = {
    "anthropic_messages": "minillm.wire.anthropic_messages.messages.plain_text",
    "gemini_generate_content": "minillm.wire.gemini_generate_content.contents.plain_text",
    "openai_responses": "minillm.wire.openai_responses.input.encode_plain",
}


def test_a_text_alone_is_plain_however_it_is_held_and_whatever_another_wire_left_on_it() -> None:
    """As a text, as its one part, and with residues that this wire never sends."""
    elsewhere = Native("openai_responses", {"annotations": []})
    assert plain_text(Message(Role.USER, "Hi."), WIRE) == "Hi."
    assert plain_text(Message(Role.USER, (TextPart("Hi."),)), WIRE) == "Hi."
    assert plain_text(Message(Role.USER, TextPart("Hi.", native=elsewhere), native=elsewhere), WIRE) == "Hi."


@pytest.mark.parametrize("odd", [*ODD_PARTS, {"native": Native(WIRE, {})}], ids=lambda odd: next(iter(odd)))
def test_a_text_with_anything_beside_it_is_not_plain(odd: dict[str, Any]) -> None:
    """Each field that some wire would send, or tell of."""
    assert plain_text(Message(Role.USER, (replace(TextPart("Hi."), **odd),)), WIRE) is None


@pytest.mark.parametrize(
    "odd",
    [{"name": "Ann"}, {"extra": {"own": 1}}, {"native": Native(WIRE, {})}, {"content": ""}, {"content": ()}],
    ids=lambda odd: next(iter(odd)),
)
def test_a_turn_with_anything_beside_its_text_is_not_plain(odd: dict[str, Any]) -> None:
    """A name, words of the user's own, what this wire left, and no text at all."""
    assert plain_text(replace(Message(Role.USER, "Hi."), **odd), WIRE) is None


@pytest.mark.parametrize("content", [(TextPart("a"), TextPart("b")), (ReasoningPart("Hm."),)])
def test_other_parts_are_not_plain(content: Any) -> None:
    """Two texts, and what is none."""
    assert plain_text(Message(Role.ASSISTANT, content), WIRE) is None


@pytest.mark.parametrize("wire", LOOKS)
def test_recorded_conversations_are_said_alike_with_and_without_the_look(
    wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorded requests and answers of all wires, going home, elsewhere, or who knows where."""
    histories = recorded_histories(wire)
    plain = [message for history in histories for message in history.messages if plain_text(message, wire) is not None]
    assert len(plain) > 100
    both_ways(wire, histories, lambda: switch_off(wire, monkeypatch))


@pytest.mark.parametrize("wire", LOOKS)
def test_whatever_a_wire_left_is_said_alike_with_and_without_the_look(
    wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside everything else that a text may carry, from home or elsewhere, and between results of tools."""
    both_ways(wire, leftovers_beside_all(wire), lambda: switch_off(wire, monkeypatch))


@pytest.mark.parametrize("wire", LOOKS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_is_nearly_plain_is_said_alike_with_and_without_the_look(wire: str, data: st.DataObject) -> None:
    """Odd parts, names, roles and leftovers of all kinds, one or a few at a time."""
    request = data.draw(plain_turns(wire))
    with pytest.MonkeyPatch.context() as patch:
        both_ways(wire, [request], lambda: switch_off(wire, patch))


def switch_off(wire: str, patch: pytest.MonkeyPatch) -> None:
    """Have the wire's full way say every turn."""
    patch.setattr(LOOKS[wire], lambda *_: None)
