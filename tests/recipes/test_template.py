"""Texts with expressions in braces: what is filled in, and what stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.recipes.template import BadTemplate, filled, parse_text, parse_value, placeholders

SCOPE = {"inputs": {"name": "Ada", "n": 2, "list": [1], "odd": "{inputs.n} {{x}}"}, "item": "i"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("Hi {inputs.name}!", "Hi Ada!"),
        ("{inputs.n}", 2),
        ("{inputs.list}", [1]),
        ("{[x + 1 for x in inputs.list]}", [2]),
        ("n={inputs.n}", "n=2"),
        ("{inputs.list} ", "[1] "),
        ("{inputs.name}{item}", "Adai"),
        ('{join([inputs.name, "}"], "{")}', "Ada{}"),
        ("{inputs.odd}!", "{inputs.n} {{x}}!"),
        ('{"a": 1}', '{"a": 1}'),
        ('{"a": {"b": {}}}', '{"a": {"b": {}}}'),
        ("{} {0} { x } { item: 1 }", "{} {0} { x } { item: 1 }"),
        ("{{name}}", "{name}"),
        ("{{inputs.n}}", "{inputs.n}"),
        ("{{{inputs.n}}}", "{2}"),
        ('{"a": {inputs.n}}', '{"a": 2}'),
        ("a } b { c", "a } b { c"),
    ],
)
def test_texts(text, value):
    """JSON in a prompt needs no escapes, and what was filled in is never looked at again (B32)."""
    assert parse_text(text).value(SCOPE) == value


@pytest.mark.parametrize(
    ("text", "near", "words"),
    [
        ("Hi\n{inputs.name +}", "{inputs.name +", "is no expression"),
        ("{return x}", "{return x", "Braces that are text are doubled"),
        ("{inputs.name", "{inputs.name", "ends on its line"),
        ("{inputs.it's}", "{inputs.it's}", "ends on its line"),
        ("{ inputs.name }", "{ inputs.name }", "begins right after the brace"),
        ("{-inputs.n}", "{-inputs.n}", "begins right after the brace"),
    ],
)
def test_what_is_no_placeholder(text, near, words):
    """The error knows the words to look for."""
    with pytest.raises(BadTemplate, match=words) as caught:
        parse_text(text)
    assert caught.value.near == near


def test_values_hold_texts():
    """At any depth; numbers and the like stay."""
    value = parse_value({"a": ["{inputs.n}", 1, None], "b": {"c": "x{item}"}})
    assert filled(value, SCOPE) == {"a": [2, 1, None], "b": {"c": "xi"}}
    assert [path for path, _ in placeholders(value)] == [("a", 0), ("b", "c")]
    with pytest.raises(BadTemplate) as caught:
        parse_value({"a": ["", "{x y}"]})
    assert caught.value.path == ("a", 1)


@given(st.text(st.characters(exclude_characters="{}"), max_size=20))
def test_text_without_braces_is_itself(text):
    """Every other character is harmless."""
    assert parse_text(text).value({}) == text


@given(st.text(max_size=30))
def test_what_is_filled_in_stays_as_it_is(value):
    """Whatever a model said."""
    assert parse_text("<{inputs.x}>").value({"inputs": {"x": value}}) == f"<{value}>"


@given(st.text(alphabet="{}ab.\"' inputs", max_size=40))
def test_any_text_is_a_template_or_a_template_error(text):
    """And goes through in linear time."""
    try:
        parse_text(text)
    except BadTemplate:
        return
