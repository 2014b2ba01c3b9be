"""A node: making, reading, moving, and Python's own protocols."""

import copy
import gc
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import ConfigurationError, CycleError, TreeError
from minillm.tree import Node
from minillm.types import (
    CacheBreakpoint,
    ChatResponse,
    Choice,
    ImagePart,
    Message,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from tests.tree.trees import DEEP, bushy, chain, check, random_trees, shape


class Answer(Node):
    """As the chat floor's Reply: its children are ordinary nodes."""

    __slots__ = ()
    _plain = Node


class Own(Node):
    """A user's subclass with a field of its own."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.score = 0.0


def test_a_conversation_is_built_by_chaining():
    leaf = Node.root("s").add_user("u").add_assistant("a").add_system("more")
    assert [(m.role, m.text) for m in leaf.thread()] == [
        (Role.SYSTEM, "s"),
        (Role.USER, "u"),
        (Role.ASSISTANT, "a"),
        (Role.SYSTEM, "more"),
    ]
    assert leaf.depth == 3
    assert leaf.is_leaf
    assert not leaf.is_root
    assert leaf.get_root().is_root
    assert leaf.path()[-1] is leaf


def test_a_child_nobody_holds_stays():
    """Ignoring a return value loses nothing."""
    root = Node.root("s")
    root.add_user("kept")
    gc.collect()
    assert [child.text for child in root.children] == ["kept"]


def test_any_role_may_be_a_root():
    node = Node(Message("critic", "hm"))
    assert (node.role, node.text, node.is_root) == ("critic", "hm", True)


def test_content_may_be_parts():
    image = ImagePart(url="https://h/x.png")
    node = Node.root().add_user(["look", image])
    assert node.message.parts == (TextPart("look"), image)
    assert node.text == "look"


def test_text_where_a_message_belongs_is_refused():
    with pytest.raises(TypeError, match=r"root\(\) takes text"):
        Node("hello")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="add_user"):
        Node.root().add_child("hello")  # type: ignore[type-var]


def test_bad_content_attaches_nothing():
    root = Node.root("s")
    with pytest.raises(TypeError):
        root.add_user(42)  # type: ignore[arg-type]
    assert root.children == ()


def test_nodes_are_equal_by_identity_only():
    a, b = Node.root("same"), Node.root("same")
    assert a != b
    assert len({a, b, a}) == 2
    assert a.message == b.message


@pytest.mark.parametrize("name", ["__len__", "__bool__", "__iter__"])
def test_a_node_is_no_container(name):
    """``if node`` is about presence, and ``for x in node`` would be a guess."""
    assert not hasattr(Node, name)


@pytest.mark.parametrize("name", ["message", "parent", "children", "id", "text", "role", "nickname"])
def test_what_is_said_and_linked_is_read_only(name):
    with pytest.raises(AttributeError):
        setattr(Node.root("s"), name, None)


def test_an_edit_is_a_sibling():
    root = Node.root("s")
    first = root.add_user("colour?")
    second = first.add_sibling("color?")
    third = second.add_sibling(Message(Role.USER, "hue?", name="ann"))
    assert root.children == (first, second, third)
    assert second.role is Role.USER
    with pytest.raises(TreeError, match="root"):
        root.add_sibling("x")


def test_children_of_a_reply_are_plain():
    reply = Node.root("s").add_child(Answer(Message(Role.ASSISTANT, "a")))
    assert type(reply.add_user("u")) is Node
    assert type(reply.add_sibling("b")) is Node
    assert type(Answer.root("s")) is Node


def test_a_users_subclass_is_its_own_plain_class():
    root = Own.root("s")
    assert type(root) is Own
    assert type(root.add_user("u")) is Own
    assert type(Own.from_messages([Message(Role.USER, "x")]).leaf) is Own
    assert type(Own.from_tree_json(root.to_tree_json())) is Own
    assert type(Own.from_thread_json(root.to_thread_json()).root) is Own


def test_a_users_own_fields_are_copied_and_pickled():
    node = Own(Message(Role.USER, "x"))
    node.score = 0.5
    assert node.clone().score == 0.5
    assert pickle.loads(pickle.dumps(node)).score == 0.5


def test_metadata_and_kwargs_are_made_on_first_use():
    node = Node.root("s")
    assert node._details is None
    node.metadata["k"] = 1
    node.format_kwargs["name"] = "Ann"
    assert node.metadata == {"k": 1}
    node.metadata = {"other": 2}
    node.format_kwargs = {"b": 3}
    assert (node.metadata, node.format_kwargs) == ({"other": 2}, {"b": 3})


def test_the_id_is_minted_once():
    node = Node.root("s")
    assert node.id == node.id
    assert len(node.id) == 32
    assert node.find(node.id) is node
    node.metadata["now"] = "has details"
    assert node.find(node.id) is node
    assert Node.root("s").find(node.id) is None


def test_tool_results_follow_in_the_order_of_the_calls():
    calls = (ToolCallPart("c1", "weather"), ToolCallPart("c2", "time"))
    asked = Node.root().add_user("?").add_child(Node(Message(Role.ASSISTANT, calls)))
    leaf = asked.add_tool_results([ToolResultPart("c2", content="noon"), ToolResultPart("c1", content="rain")])
    results = [part for message in leaf.thread() for part in message.tool_results]
    assert [(part.call_id, part.name, part.text) for part in results] == [
        ("c1", "weather", "rain"),
        ("c2", "time", "noon"),
    ]


def test_merge_moves_the_other_root():
    root, other = Node.root("a"), Node.root("b")
    leaf = other.add_user("c")
    other.add_user("d").add_user("e")
    grafted = root.merge(leaf)
    assert grafted.text == "e"
    assert other.parent is root
    assert shape(root) == [(0, "system", "a"), (1, "system", "b"), (2, "user", "c"), (2, "user", "d"), (3, "user", "e")]


def test_merge_can_copy():
    root, other = Node.root("a"), Node.root("b")
    other.add_user("c")
    grafted = root.merge(other, copy=True)
    assert other.is_root
    assert grafted.text == "c"
    assert grafted is not other.children[0]
    check(root)


def test_merging_a_tree_into_itself_is_a_cycle_unless_copied():
    root, leaf = chain(4)
    before = shape(root)
    with pytest.raises(CycleError):
        leaf.merge(root)
    assert shape(root) == before
    assert leaf.merge(root, copy=True).depth == 7
    check(root)


def test_detach_gives_back_a_tree_of_its_own():
    root, leaf = chain(4)
    middle = leaf.path()[2]
    assert middle.detach() is middle
    assert middle.is_root
    assert leaf.depth == 1
    assert root.node_count() == 2
    assert root.detach() is root


def test_splice_out_gives_the_children_to_the_parent():
    root = Node.root("r")
    first, out, last = root.add_user("1"), root.add_user("2"), root.add_user("3")
    a, b = out.add_user("a"), out.add_user("b")
    assert out.splice_out() is out
    assert root.children == (first, a, b, last)
    assert out.is_root
    assert out.is_leaf
    check(root)
    with pytest.raises(TreeError):
        root.splice_out()


def test_an_unlisted_node_sees_its_thread_and_is_not_seen():
    root = Node.root("s")
    ghost = root.unlisted(Message(Role.USER, "psst"))
    assert ghost.parent is root
    assert root.is_leaf
    assert [m.text for m in ghost.thread()] == ["s", "psst"]
    assert root.node_count() == 1
    assert ghost.list_under_parent() is ghost
    assert ghost.list_under_parent() is ghost
    assert root.children == (ghost,)


def test_adopt_can_leave_a_node_unlisted():
    root = Node.root("s")
    reply = root.adopt(Answer(Message(Role.ASSISTANT, "a")), listed=False)
    assert reply.parent is root
    assert root.is_leaf
    with pytest.raises(CycleError):
        reply.adopt(root, listed=False)


def test_a_cycle_through_unlisted_nodes_is_one():
    """The root lists nobody, and is above the node all the same."""
    root = Node.root("s")
    ghost = root.unlisted(Message(Role.USER, "u"))
    with pytest.raises(CycleError):
        ghost.add_child(root)
    assert root.is_root


def test_formatted_thread_and_missing_names():
    root = Node.root("You are {bot}.")
    user = root.add_user("I am {name}.")
    root.format_kwargs["bot"] = "Rob"
    assert [m.text for m in user.formatted_thread()] == ["You are Rob.", "I am {name}."]
    assert user.missing_kwargs() == ["name"]
    assert user.missing_kwargs({"name": "Ann"}) == []
    assert user.formatted_thread({"name": "Ann"}, missing="error")[1].text == "I am Ann."
    with pytest.raises(ConfigurationError, match="name"):
        user.formatted_thread(missing="error")


def test_cache_marks_come_and_go():
    root, leaf = chain(3)
    assert leaf.cache_breakpoint(ttl="1h") is leaf
    root.cache_breakpoint()
    assert leaf.cache_mark == CacheBreakpoint("1h")
    assert leaf.clear_cache_breakpoint().cache_mark is None
    leaf.cache_breakpoint()
    leaf.clear_all_cache_breakpoints()
    assert [node.cache_mark for node in root.iter_depth_first()] == [None] * 3


def test_clearing_a_mark_that_is_not_there_makes_nothing():
    node = Node.root("s")
    node.clear_cache_breakpoint()
    assert node._details is None


def test_clone_is_the_subtree_with_new_ids():
    root, leaf = chain(4)
    root.metadata["deep"] = {"list": [1]}
    middle = leaf.path()[1]
    copy_ = middle.clone()
    assert copy_.is_root
    assert shape(copy_) == [(d - 1, r, t) for d, r, t in shape(root)[1:]]
    whole = root.clone()
    assert {n.id for n in whole.iter_depth_first()}.isdisjoint(n.id for n in root.iter_depth_first())
    whole.metadata["deep"]["list"].append(2)
    assert root.metadata == {"deep": {"list": [1]}}


def test_deepcopy_is_clone_and_keeps_references_inside():
    root, leaf = chain(3)
    held = copy.deepcopy({"root": root, "leaf": leaf})
    assert held["root"] is not root
    assert held["leaf"].get_root() is held["root"]
    assert shape(copy.copy(root)) == shape(root)


def test_a_pickle_carries_the_whole_tree():
    root, leaf = chain(3)
    leaf.metadata["m"] = 1
    again = pickle.loads(pickle.dumps(leaf))
    assert shape(again.get_root()) == shape(root)
    assert again.id == leaf.id
    assert again.metadata == {"m": 1}


def test_a_recorded_answer_and_a_bill():
    node = Node(Message(Role.ASSISTANT, "hi"))
    assert node.response is None
    response = ChatResponse("r1", "m", (Choice(0, node.message),))
    assert node.remember(response).response is response
    assert node.bill == ()


def test_the_repr_is_short():
    node = Node.root("word " * 1000)
    node.add_user("x")
    assert repr(node).startswith("<Node system: 'word word")
    assert "1 child" in repr(node)
    assert len(repr(node)) < 100


def test_the_repr_steers_no_terminal():
    """A file may hold any role and any text."""
    node = Node(Message("a\x1b[2J\u202e", "\x1b[2J\u202e"))
    assert repr(node) == r"<Node 'a\x1b[2J\u202e': '\x1b[2J\u202e'>"


def test_the_notebook_form_has_both():
    bundle = Node.root("<b>hi</b>")._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/plain", "text/html"}
    assert "&lt;b&gt;hi&lt;/b&gt;" in bundle["text/html"]


def test_a_hundred_thousand_levels_pass_everywhere():
    """Nothing here recurses."""
    root, leaf = chain(DEEP)
    assert root.node_count() == DEEP
    assert leaf.depth == DEEP - 1
    assert len(leaf.thread()) == len(leaf.formatted_thread()) == DEEP
    assert next(iter(root.iter_leaves())) is leaf
    assert sum(1 for _ in root.iter_breadth_first()) == DEEP
    with pytest.raises(CycleError):
        leaf.add_child(root)
    assert copy.deepcopy(root).node_count() == DEEP
    again = pickle.loads(pickle.dumps(leaf))
    assert again.depth == DEEP - 1
    assert again.id == leaf.id
    assert Node.from_tree_json(root.to_tree_json()).node_count() == DEEP
    assert Node.from_thread_json(leaf.to_thread_json()).leaf.depth == DEEP - 1
    assert len(repr(root)) < 100
    assert "more</i>" in root._repr_mimebundle_()["text/html"]
    leaf.clear_all_cache_breakpoints()
    leaf.path()[DEEP // 2].splice_out()
    assert root.node_count() == DEEP - 1
    del root, leaf, again
    gc.collect()


def test_adding_walks_nowhere():
    """A fresh node costs the same under the root and a hundred thousand levels below."""
    root, leaf = chain(1000)
    walked = []

    class Watched(Node):
        __slots__ = ()

        def __getattribute__(self, name):
            walked.append(name)
            return object.__getattribute__(self, name)

    watched = leaf.add_child(Watched(Message(Role.USER, "x")))
    walked.clear()
    watched.add_user("fresh")
    watched.add_child(Node(Message(Role.USER, "y")))
    assert "_parent" not in walked
    assert root.node_count() == 1003


def test_wide_trees_pass_too():
    root = bushy(50_000)
    assert root.node_count() == 50_000
    for child in root.children:
        child.detach()
    assert root.is_leaf


@st.composite
def operations(draw):
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(["add", "move", "detach", "merge", "copy", "clone", "splice", "sibling", "ghost"]),
                st.integers(0, 1000),
                st.integers(0, 1000),
            ),
            max_size=30,
        )
    )


@given(random_trees(), random_trees(), operations())
def test_laws_hold_after_any_moves(first, second, steps):
    """Whatever is done or refused, what is left are proper trees with all their nodes."""
    roots = [first, second]
    ghosts = []
    for name, i, j in steps:
        nodes = [node for root in roots for node in root.iter_depth_first()] + ghosts
        a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
        before, haunted = sum(root.node_count() for root in roots), bool(ghosts)
        try:
            expected = before + perform(name, a, b, roots, ghosts)
        except (CycleError, TreeError):
            expected = before
        roots = list(dict.fromkeys(node.get_root() for node in [*nodes, *roots] if node not in ghosts))
        ghosts = [ghost for ghost in ghosts if ghost.parent is not None and ghost not in ghost.parent.children]
        roots = [root for root in roots if root not in ghosts]
        for root in roots:
            check(root)
        if not (haunted or ghosts):  # a listed ghost is a node more
            assert sum(root.node_count() for root in roots) == expected


def perform(name, a, b, roots, ghosts):
    """Do it, and tell how many nodes there are more in listed trees (where no ghosts confuse the count)."""
    if name == "add":
        a.add_user("new")
        return 1
    if name == "sibling":
        a.add_sibling("new")
        return 1
    if name == "move":
        a.add_child(b)
    elif name == "detach":
        roots.append(a.detach())
    elif name == "merge":
        a.merge(b)
    elif name == "copy":
        count = b.get_root().node_count()
        a.merge(b, copy=True)
        return count
    elif name == "clone":
        roots.append(a.clone())
        return roots[-1].node_count()
    elif name == "splice":
        roots.append(a.splice_out())
    elif name == "ghost":
        ghosts.append(a.unlisted(Message(Role.USER, "ghost")))
    return 0
