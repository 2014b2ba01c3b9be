"""The questions and answers of a run as one tree, kept and put back."""

import pytest

from minillm import ConfigurationError, Message, Role
from minillm.chat import ChatNode
from minillm.recipes.conversation import Conversation


def answered(talk: Conversation, step: str, prompt: str, system: str = "", continues: str = "") -> list[dict]:
    asked, top = talk.question(prompt, system, continues)
    reply = asked.adopt(ChatNode(Message(Role.ASSISTANT, f"to {prompt}")))
    talk.ends[step] = reply
    return talk.rows(top, reply)


def shape(talk: Conversation) -> list[tuple[int, str, str, bool]]:
    return [(n.depth, n.role, n.text, n.literal) for n in talk.root.iter_depth_first()]


def test_each_question_is_a_branch_and_comes_back():
    """Whole, or as the rows of a state file; braces stay text."""
    talk = Conversation()
    first = answered(talk, "a", "{x}", system="{{s}}")
    second = answered(talk, "b", "two", continues="a")
    third = answered(talk, "c", "three")
    again = Conversation()
    again.restore("a", first, "")
    again.restore("b", second, "a")
    again.restore("c", third, "")
    assert shape(again) == shape(talk)
    assert shape(talk)[1:4] == [
        (1, "system", "{{s}}", True),
        (2, "user", "{x}", True),
        (3, "assistant", "to {x}", False),
    ]
    assert [len(rows) for rows in (first, second, third)] == [3, 2, 2]


@pytest.mark.parametrize("rows", [[{"message": 3}], [{}], [3], ["x"]])
def test_what_are_no_nodes(rows):
    """A state file that somebody changed."""
    with pytest.raises(ConfigurationError, match="nodes of a"):
        Conversation().restore("a", rows, "")
