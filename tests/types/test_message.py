"""Messages: equal by what they say, whatever form it was given in."""

import copy
import pickle

import pytest

from minillm.types import (
    AudioPart,
    ImagePart,
    Message,
    Native,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
    as_content,
)


def test_text_equals_one_text_part():
    """A user who wraps and one who does not say the same."""
    assert Message(Role.USER, "hi") == Message("user", [TextPart("hi")])
    assert hash(Message(Role.USER, "hi")) == hash(Message("user", [TextPart("hi")]))


def test_what_differs_in_any_spoken_field_is_unequal():
    message = Message(Role.USER, "hi", name="Ann", extra={"a": 1})
    for other in (
        Message(Role.ASSISTANT, "hi", name="Ann", extra={"a": 1}),
        Message(Role.USER, "ho", name="Ann", extra={"a": 1}),
        Message(Role.USER, "hi", name="Bob", extra={"a": 1}),
        Message(Role.USER, "hi", name="Ann", extra={"a": 2}),
    ):
        assert message != other
    assert message != "hi"


def test_where_it_came_from_takes_no_part_in_equality():
    one = Message(Role.ASSISTANT, "hi", origin=("openai", "m"), native=Native("w", {"x": 1}))
    assert one == Message(Role.ASSISTANT, "hi")
    assert hash(one) == hash(Message(Role.ASSISTANT, "hi"))


def test_known_roles_are_recognised_and_unknown_ones_kept():
    assert Message("assistant").role is Role.ASSISTANT
    assert Message("critic").role == "critic"
    assert not isinstance(Message("critic").role, Role)


@pytest.mark.parametrize("role", [None, 3, b"user"])
def test_a_role_is_text(role):
    with pytest.raises(TypeError, match="role must be a string"):
        Message(role)


def test_content_is_text_or_a_tuple_of_parts():
    part = TextPart("a")
    assert as_content("a") == "a"
    assert as_content(part) == (part,)
    assert as_content(["a", part]) == (part, part)
    assert as_content(iter([part])) == (part,)
    assert as_content([]) == ()
    assert Message(Role.USER, ImagePart(url="https://a.test/x.png")).parts == (ImagePart(url="https://a.test/x.png"),)


@pytest.mark.parametrize("content", [b"bytes", 3, None, {"a": 1}, object()])
def test_what_is_no_content_is_told_by_its_type(content):
    with pytest.raises(TypeError, match=type(content).__name__):
        as_content(content)


def test_an_item_that_is_no_part_is_told_by_its_place():
    with pytest.raises(TypeError, match="item 1 is int"):
        as_content(["a", 1])


def test_something_that_only_looks_like_a_file_is_no_part():
    """Any object may have an attribute ``file_id``, an upload's own class for one."""

    class Upload:
        file_id = "f"

    with pytest.raises(TypeError, match="Upload"):
        as_content(Upload())


def test_the_views_of_a_message():
    call, result = ToolCallPart("c", "f"), ToolResultPart("c", "f", "42")
    picture, sound, film = ImagePart(data="AA=="), AudioPart(data="AA=="), VideoPart(data="AA==")
    parts = [
        ReasoningPart("first"),
        ReasoningPart(sealed="x"),
        ReasoningPart("then"),
        TextPart("a"),
        RefusalPart("no"),
        TextPart("b"),
        call,
        result,
        picture,
        sound,
        film,
    ]
    message = Message(Role.ASSISTANT, parts)
    assert message.text == "ab"
    assert message.reasoning == "first\n\nthen"
    assert message.refusal == "no"
    assert (message.tool_calls, message.tool_results) == ((call,), (result,))
    assert (message.images, message.audio, message.videos) == ((picture,), (sound,), (film,))
    assert message.parts == tuple(parts)


def test_empty_text_is_no_part():
    assert Message(Role.USER, "").parts == ()
    assert Message(Role.USER, "") == Message(Role.USER, ())


def test_a_message_cannot_be_changed():
    message = Message(Role.USER, "hi")
    with pytest.raises(AttributeError):
        message.content = "ho"


def test_copies_and_pickles_are_equal_and_whole():
    message = Message(Role.USER, ["hi", ImagePart(data="AA==", native=Native("w", {"k": 1}))], "Ann", ("h", "m"))
    for other in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert other == message
        assert other.origin == message.origin
        assert other.parts[1].native == message.parts[1].native
