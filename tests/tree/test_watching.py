"""Who is told of changes, and of which."""

import pytest

from minillm.tree import Node
from minillm.tree.watching import watchers
from minillm.types import Attempt, ChatResponse, Message, Role


class Listener:
    def __init__(self):
        self.heard = []

    def __getattr__(self, name):
        return lambda node, *more: self.heard.append((name, node, *more))


@pytest.fixture
def listener():
    found = Listener()
    watchers.append(found)
    yield found
    watchers.remove(found)


def test_every_change_is_told_once(listener):
    root = Node.root("s")
    user = root.add_user("u")
    hidden = root.unlisted(Message(Role.USER, "h"))
    assert listener.heard == [("placed", user)]
    listener.heard.clear()
    hidden.list_under_parent()
    user.add_child(hidden)
    root.adopt(hidden, listed=False)
    user.detach()
    root.add_child(user)
    below = user.add_user("v")
    user.splice_out()
    assert listener.heard == [
        ("placed", hidden),
        ("placed", hidden),
        ("removed", hidden),
        ("removed", user),
        ("placed", user),
        ("placed", below),
        ("spliced", user, (below,)),
    ]


def test_what_stands_beside_the_message_is_told(listener):
    root = Node.root("s")
    root.cache_breakpoint()
    root.remember(ChatResponse())
    root.book([Attempt("h", "m", "w", 1.0)])
    root.metadata = {}
    root.format_kwargs = {}
    assert listener.heard == [("changed", root)] * 5
    listener.heard.clear()
    root.metadata["a"] = root.format_kwargs["b"] = 1
    assert listener.heard == [("touched", root)] * 2


def test_what_changes_nothing_is_not_told(listener):
    root = Node.root("s")
    child = root.add_user("u")
    listener.heard.clear()
    root.detach()
    child.list_under_parent()
    root.clear_cache_breakpoint()
    root.book([])
    root.clone()
    assert listener.heard == []
