"""Messages made acceptable to hosts with a narrower idea of a conversation."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from minillm import ChatNode, MockModel, Transform
from minillm.transforms import merge_contiguous, normalize_messages, system_as_user
from minillm.types import (
    CacheBreakpoint,
    ChatRequest,
    ImagePart,
    Message,
    Native,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

PICTURE = ImagePart(url="https://example.com/a.png")


def request(*messages: Message) -> ChatRequest:
    return ChatRequest("m", messages)


def said(changed: ChatRequest) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in changed.messages]


def test_instructions_are_said_by_the_user():
    """And stand in one message with what the user says next, since such templates demand turns."""
    asked = request(
        Message(Role.SYSTEM, "Be terse."),
        Message(Role.USER, "Hi"),
        Message(Role.ASSISTANT, "Hello."),
        Message(Role.DEVELOPER, "Now in French."),
        Message(Role.USER, "Again"),
    )
    assert said(system_as_user(asked)) == [
        ("user", "Be terse.\nHi"),
        ("assistant", "Hello."),
        ("user", "Now in French.\nAgain"),
    ]


def test_a_request_without_instructions_stays_the_very_same():
    """Nothing is made anew, and neighbours are not joined behind the user's back."""
    asked = request(Message(Role.USER, "a"), Message(Role.USER, "b"))
    assert system_as_user(asked) is asked
    assert merge_contiguous(request(Message(Role.USER, "a"))).messages == (Message(Role.USER, "a"),)


def test_what_a_wire_said_of_an_instruction_does_not_follow_it():
    """Its leftovers belong to a message of another role."""
    native = Native("openai_chat_completions", {"cache": 1})
    changed = system_as_user(request(Message(Role.SYSTEM, "Be terse.", native=native)))
    assert changed.messages[0].native is None


def test_neighbours_of_one_role_are_joined_pictures_and_all():
    """Texts with a newline; parts stay parts."""
    joined = merge_contiguous(request(Message(Role.USER, "See:"), Message(Role.USER, (PICTURE,))))
    assert joined.messages == (Message(Role.USER, (TextPart("See:"), PICTURE)),)


def test_calls_results_and_other_names_stay_apart():
    """Joining them would change who said what."""
    messages = (
        Message(Role.ASSISTANT, (ToolCallPart("1", "f"),)),
        Message(Role.ASSISTANT, "and"),
        Message(Role.TOOL, (ToolResultPart("1", "f", "x"),)),
        Message(Role.TOOL, (ToolResultPart("2", "f", "y"),)),
        Message(Role.USER, "a", name="ann"),
        Message(Role.USER, "b", name="bob"),
    )
    asked = request(*messages)
    assert merge_contiguous(asked) is asked


@given(st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), st.text(min_size=1)), max_size=8))
def test_every_word_is_still_there_and_roles_take_turns(turns):
    """Whatever the conversation."""
    asked = request(*(Message(Role(role), text) for role, text in turns))
    changed = system_as_user(asked)
    assert "\n".join(message.text for message in changed.messages) == "\n".join(text for _, text in turns)
    assert all(message.role != Role.SYSTEM for message in changed.messages)
    if changed is not asked:
        roles = [message.role for message in changed.messages]
        assert all(a != b for a, b in pairwise(roles))


async def test_it_stands_in_transforms_of_a_call():
    """As its example says; the tree keeps its system message."""
    model = MockModel(["ok"])
    root = ChatNode.root("Be terse.")
    await root.chat("Hi", model, transforms=[Transform(request=system_as_user)])
    assert said(model.requests[0]) == [("user", "Be terse.\nHi")]
    assert root.message.role == Role.SYSTEM


def test_nothing_empty_is_sent_and_plain_texts_are_one():
    """No character is added or taken away: white space is content."""
    asked = request(
        Message(Role.SYSTEM, ""),
        Message(Role.USER, (TextPart("  hello "), TextPart(""), TextPart(" world \n"))),
        Message(Role.ASSISTANT, ()),
        Message(Role.USER, (TextPart("  "), PICTURE)),
        Message(Role.ASSISTANT, " "),
    )
    assert normalize_messages(asked).messages == (
        Message(Role.USER, "  hello  world \n"),
        Message(Role.USER, (TextPart("  "), PICTURE)),
        Message(Role.ASSISTANT, " "),
    )


def test_results_stand_before_what_the_user_says_with_them():
    """Chat Completions has messages of their own for them, which must follow the calls."""
    result = ToolResultPart("1", "f", "")
    asked = request(Message(Role.USER, ("And now?", result)), Message(Role.USER, (result,)))
    assert normalize_messages(asked).messages == (
        Message(Role.TOOL, (result,)),
        Message(Role.USER, "And now?"),
        Message(Role.USER, (result,)),
    )


def test_texts_of_which_more_is_said_stay_apart():
    """A mark, a source, a wire's own word belong to their text alone."""
    parts = (
        TextPart("a", cache=CacheBreakpoint()),
        TextPart("b", native=Native("w", {"x": 1})),
        TextPart("", signature="s"),
    )
    asked = request(Message(Role.ASSISTANT, parts))
    assert normalize_messages(asked) is asked


@given(st.lists(st.lists(st.sampled_from(["", " ", "a", "\n"]), max_size=4), max_size=4))
def test_normalising_twice_changes_nothing_more(contents):
    """And never a character."""
    asked = request(*(Message(Role.USER, [TextPart(text) for text in content]) for content in contents))
    once = normalize_messages(asked)
    assert normalize_messages(once) is once
    assert [message.text for message in once.messages] == [text for c in contents if (text := "".join(c))]


async def test_a_plain_function_is_a_change_of_requests():
    """Ready-made or your own."""
    model = MockModel(["ok"])
    await ChatNode.root("Be terse.").chat("Hi", model, transforms=[system_as_user, merge_contiguous])
    assert said(model.requests[0]) == [("user", "Be terse.\nHi")]
