"""Placeholders: what is one, what fills it, and who wins."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.tree import Node
from minillm.tree.templates import fill, formatted_messages, missing_kwargs
from minillm.types import (
    CacheBreakpoint,
    ChatResponse,
    Choice,
    ImagePart,
    Message,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

VALUES = {"name": "Ann", "x": "{name}", "n": 3, "größe": "XL", "_": "u"}

CASES = [
    ("Hi {name}", "Hi Ann"),
    ("{x}", "{name}"),  # values are not scanned again
    ("{n}", "3"),
    ("{größe}{_}", "XLu"),
    ("{unknown}", "{unknown}"),
    ("{{name}}", "{name}"),
    ("{{{name}}}", "{Ann}"),
    ("{{{{name}}}}", "{{name}}"),
    ("{{unknown}}", "{unknown}"),
    ("{ name }", "{ name }"),
    ("{{ name }}", "{{ name }}"),
    ("{}", "{}"),
    ("{0}", "{0}"),
    ("{name!r}", "{name!r}"),
    ("{name:>8}", "{name:>8}"),
    ("{name.x}", "{name.x}"),
    ("{name", "{name"),
    ("name}", "name}"),
    ("a { b {name}", "a { b Ann"),
    ('{"user": "{name}"}', '{"user": "Ann"}'),
    ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
    ('{{"a": 1}}', '{{"a": 1}}'),
    ('{"a": {name}}', '{"a": Ann}'),  # a brace without a partner is text
    ("{{name}", "{Ann"),
    ("{name}}", "Ann}"),
    ("{name}{name}", "AnnAnn"),
    ("no braces", "no braces"),
]


@pytest.mark.parametrize(("template", "filled"), CASES)
def test_what_is_a_placeholder(template, filled):
    assert fill(template, VALUES.__getitem__) == filled


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(string.printable),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(string.ascii_letters), inner),
)


@given(json_values.filter(lambda value: "{" not in json.dumps(value).replace('{"', "").replace("{}", "")))
def test_json_passes_untouched(value):
    text = json.dumps(value)
    assert fill(text, VALUES.__getitem__) == text


@given(st.text("{}ab"))
def test_filling_never_fails_and_changes_nothing_without_braces(text):
    result = fill(text, VALUES.__getitem__)
    assert text != result or "{{a}}" not in text
    assert result.count("a") == text.count("a")


def test_megabytes_of_braces_take_no_time():
    """Linear, or this would take hours."""
    for text in ("{" * 4_000_000, "{a" * 2_000_000, "{" * 2_000_000 + "a" + "}" * 2_000_000):
        assert fill(text, VALUES.__getitem__)


def leaf_of(*texts):
    node = Node.root(texts[0])
    for text in texts[1:]:
        node = node.add_user(text)
    return node


def filled(leaf, kwargs=None):
    return [message.text for message in formatted_messages(leaf, kwargs)]


def test_a_kwarg_on_the_root_fills_a_later_turn():
    leaf = leaf_of("I am {bot}.", "Hello {bot}")
    leaf.get_root().format_kwargs["bot"] = "Rob"
    assert filled(leaf) == ["I am Rob.", "Hello Rob"]


def test_a_row_fills_the_roots_template():
    leaf = leaf_of("Translate to {language}.", "go")
    leaf.format_kwargs["language"] = "Latin"
    assert filled(leaf) == ["Translate to Latin.", "go"]


def test_who_wins():
    """The request; the own node; above, nearest first; below, nearest first."""
    leaf = leaf_of(*["{k}"] * 6)
    path = leaf.path()
    for position in (1, 3, 5):
        path[position].format_kwargs["k"] = position
    assert filled(leaf) == ["1", "1", "1", "3", "3", "5"]
    assert filled(leaf, {"k": "r"}) == ["r"] * 6
    assert filled(path[2]) == ["1", "1", "1"]
    assert missing_kwargs(path[0]) == ["k"]


def test_siblings_do_not_see_each_other():
    root = Node.root("{k}")
    one, two = root.add_user("1"), root.add_user("2")
    one.format_kwargs["k"] = "one"
    two.format_kwargs["k"] = "two"
    assert (filled(one)[0], filled(two)[0]) == ("one", "two")
    assert root.text == "{k}"


def test_only_text_is_filled():
    parts = (
        TextPart("{k}"),
        ReasoningPart("{k}"),
        ToolCallPart("c", "f", '{"x": "{k}"}'),
        ImagePart(url="https://h/{k}.png"),
    )
    node = Node(Message(Role.ASSISTANT, parts))
    (message,) = formatted_messages(node, {"k": "v"})
    assert message.parts == (TextPart("v"), *parts[1:])


def test_results_and_answers_are_no_templates():
    """A tool's output and a model's words may hold braces of their own."""
    root = Node.root("s")
    answer = root.add_child(Node(Message(Role.ASSISTANT, 'f"{k} {{k}}"')))
    answer.remember(ChatResponse(choices=(Choice(0, answer.message),)))
    said = answer.add_child(Node(Message(Role.TOOL, (ToolResultPart("c", content="{k}"),))))
    plain = said.add_child(Node(Message(Role.TOOL, "{k}")))
    assert [m.text for m in formatted_messages(plain, {"k": "v"})][1] == 'f"{k} {{k}}"'
    assert formatted_messages(plain, {"k": "v"})[2].tool_results[0].text == "{k}"
    assert formatted_messages(plain, {"k": "v"})[3].text == "{k}"
    assert missing_kwargs(plain) == []
    again = Node.from_thread_json(plain.to_thread_json()).leaf
    assert filled(again, {"k": "v"})[1] == 'f"{k} {{k}}"'


def test_what_is_literal_is_no_template():
    """Not here, not in a file, and until somebody says otherwise."""
    node = Node.root("{k} {{k}}")
    node.literal = True
    assert filled(node, {"k": "v"}) == ["{k} {{k}}"]
    assert missing_kwargs(node) == []
    again = Node.from_tree_json(node.to_tree_json())
    assert filled(again, {"k": "v"}) == ["{k} {{k}}"]
    again.literal = False
    assert filled(again, {"k": "v"}) == ["v {k}"]
    assert "literal" not in again.to_tree_json()


def test_an_untouched_message_is_the_same_object():
    leaf = leaf_of("plain", "{k}")
    messages = formatted_messages(leaf, {"k": "v"})
    assert messages[0] is leaf.get_root().message
    assert leaf.message.text == "{k}"


def test_marks_go_on_when_asked():
    leaf = leaf_of("s", "u")
    leaf.cache_breakpoint("5m")
    assert formatted_messages(leaf)[1].parts == (TextPart("u"),)
    assert formatted_messages(leaf, marks=True)[1].parts == (TextPart("u", cache=CacheBreakpoint("5m")),)


def test_missing_names_stand_once_in_order_of_appearance():
    leaf = leaf_of("{b} {a} {{c}}", "{a} {d}")
    leaf.format_kwargs["d"] = None
    assert missing_kwargs(leaf) == ["b", "a"]
    assert missing_kwargs(leaf, {"a": ""}) == ["b"]
