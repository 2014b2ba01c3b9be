"""Finding a node that says the same."""

from minillm.tree import Node
from minillm.tree.alike import Alike, call_id, content_key, same_message
from minillm.types import ChatResponse, Choice, Message, Role, TextPart
from tests.tree.trees import DEEP


def answer(id: str, text: str = "Paris.") -> Node:
    message = Message(Role.ASSISTANT, text)
    return Node(message).remember(ChatResponse(id, "m", (Choice(0, message),)))


def test_content_has_many_spellings():
    plain = Node.root("hi")
    assert content_key(plain) == content_key(Node(Message(Role.SYSTEM, (TextPart("hi"),))))
    assert content_key(plain) != content_key(Node(Message(Role.USER, "hi")))
    assert content_key(plain) != content_key(Node(Message(Role.SYSTEM, "hi", name="x")))
    filled = Node.root("hi")
    filled.format_kwargs["a"] = 1
    assert content_key(plain) != content_key(filled)


def test_same_message_takes_no_kwargs_into_account():
    filled = Node.root("hi")
    filled.format_kwargs["a"] = 1
    assert same_message(filled, Node(Message(Role.SYSTEM, (TextPart("hi"),))))
    assert not same_message(filled, Node.root("ho"))


def test_two_answers_with_the_same_words_are_two():
    first, second, plain = answer("1"), answer("2"), Node(Message(Role.ASSISTANT, "Paris."))
    some = Alike((first, second))
    assert some.find(answer("2")) is second
    assert some.find(answer("3")) is None
    assert some.find(plain) is first  # of no call, so it may be any
    some.add(plain)
    assert some.find(answer("3")) is some.find(plain) is plain


def test_an_answer_from_a_file_is_the_same_call():
    loaded = Node.from_tree_json(answer("1").to_tree_json())
    assert call_id(loaded) == "1"
    assert Alike((answer("1"),)).find(loaded) is not None


def test_what_is_taken_is_gone():
    first, second = Node.root("s"), Node.root("s")
    some = Alike((first, second))
    assert [some.take(first), some.take(first), some.take(first)] == [first, second, None]
    assert some.find(Node.root("other")) is None


def test_ten_thousand_equal_ones_are_no_trouble():
    """Were they looked through each time, this would take minutes."""
    nodes = [answer(str(number)) for number in range(DEEP // 10)]
    some = Alike(nodes)
    assert all(some.take(node) is node for node in reversed(nodes))
