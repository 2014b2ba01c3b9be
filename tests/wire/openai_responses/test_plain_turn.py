"""The short way says plain turns as the vendor's own clients do; tests/wire/test_plain_text.py compares it with the
full one."""

from typing import Any

from minillm.types import Message, Native, Role, TextPart
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.openai_responses.dialect import WIRE
from minillm.wire.openai_responses.plain import decode_plain
from minillm.wire.openai_responses.plain_turn import encode_plain

from .test_plain import ANSWER

HOME = ("host", "gpt")


def plainly(message: Message, stored: bool = True) -> dict[str, Any] | None:
    return encode_plain(message, Encoding(WIRE, Quirks(), None, asking=True, origin=HOME), stored)


def answered(origin: tuple[str, str]) -> Message:
    answer = decode_plain(ANSWER)
    assert answer is not None
    message = answer.choices[0].message
    return Message(message.role, message.content, origin=origin)


def test_a_plain_answer_goes_back_as_the_item_it_came_in() -> None:
    """To its host, ids and all, and what it left stays as it was."""
    message = answered(HOME)
    assert plainly(message) == plainly(message) == ANSWER["output"][0]


def test_an_answer_s_id_goes_to_nobody_who_does_not_know_it() -> None:
    """Neither to another host nor to one that keeps nothing."""
    bare = {key: value for key, value in ANSWER["output"][0].items() if key not in ("id", "status")}
    assert plainly(answered(("another", "gpt"))) == bare
    assert plainly(answered(HOME), stored=False) == bare


def test_texts_of_no_answer_of_this_wire_go_in_the_short_form() -> None:
    """The user's own, and answers of other wires."""
    elsewhere = TextPart("Hi.", native=Native("gemini_generate_content", {}))
    assert plainly(Message(Role.USER, "Hi.")) == {"role": "user", "content": "Hi."}
    assert plainly(Message(Role.USER, (TextPart("Hi."),))) == {
        "role": "user",
        "content": [{"type": "input_text", "text": "Hi."}],
    }
    said = {"type": "message", "role": "assistant", "content": "Hi."}
    assert plainly(Message(Role.ASSISTANT, "Hi.")) == plainly(Message(Role.ASSISTANT, (elsewhere,))) == said


def test_other_turns_are_left_to_the_full_way() -> None:
    """Instructions, results, and texts with more beside them."""
    assert plainly(Message(Role.SYSTEM, "Be brief.")) is None
    assert plainly(Message(Role.TOOL, "seen")) is None
    assert plainly(Message(Role.USER, "Hi.", "Ann")) is None
    assert plainly(Message(Role.ASSISTANT, (TextPart("Hi.", native=Native(WIRE, {"own": 1})),))) is None
