"""The language of expressions: what is one, and where others stop making sense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.recipes.expression import parse
from minillm.recipes.nodes import (
    Binary,
    Call,
    Choice,
    Collected,
    ExpressionError,
    Get,
    Item,
    Listed,
    Literal,
    Name,
    Unary,
    inner_nodes,
)

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1", Literal(1)),
        ("1.5e3", Literal(1500.0)),
        ('"a\\"b\\n"', Literal('a"b\n')),
        ("'it'", Literal("it")),
        ("true", Literal(True)),
        ("null", Literal(None)),
        ("a.b.class", Get(Get(A, "b"), "class")),
        ('a["b c"]', Get(A, "b c")),
        ("a[0]", Item(A, Literal(0))),
        ("a[-1].b", Get(Item(A, Unary("-", Literal(1))), "b")),
        ("a + b * c", Binary("+", A, Binary("*", B, C))),
        ("a - b - c", Binary("-", Binary("-", A, B), C)),
        ("(a + b) * c", Binary("*", Binary("+", A, B), C)),
        ("a == b and not b == c", Binary("and", Binary("==", A, B), Unary("not", Binary("==", B, C)))),
        ("a or b and c", Binary("or", A, Binary("and", B, C))),
        ("a in b", Binary("in", A, B)),
        ("a not in b", Binary("not in", A, B)),
        ("len(a)", Call("len", (A,))),
        ("[]", Listed(())),
        ("[a, b,]", Listed((A, B))),
        ("a if b else c", Choice(B, A, C)),
        ("[a for x in b]", Collected(A, "x", B, None)),
        ("[a for x in b if c]", Collected(A, "x", B, C)),
    ],
)
def test_what_an_expression_is(text, tree):
    """Signs bind as in arithmetic; words of Python are names behind a dot."""
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a value is expected at its end"),
        ("a +", "a value is expected at its end"),
        ("a b", "nothing more is expected at 'b' (character 3)"),
        ("a = b", "'=' means nothing here; == compares"),
        ("a && b", "'&' means nothing here; and, or, not are words"),
        ("!a", "and, or, not are words"),
        ('"a', "a text ends on its line"),
        ("a < b < c", "comparisons are joined by and"),
        ("(a", "')' is expected at its end"),
        ("a[1", "']' is expected"),
        ("a.", "a name is expected"),
        ("a.1", "a name is expected"),
        ("lenn(a)", 'no function is called lenn; did you mean "len"?'),
        ("len()", "len() takes 1 argument, not 0"),
        ("join(a, b, c)", "join() takes 1 to 2 arguments, not 3"),
        ("__import__('os')", "no function is called __import__"),
        ("a.b()", "nothing more is expected at '('"),
        ("lambda x: x", "means nothing here"),
        ("[a for 1 in b]", "a name is expected"),
        ("a not b", "'in' is expected"),
        ("1" * 50, "more than 40 digits"),
        ("1e999", "too large"),
        ("(" * 99, "nested deeper"),
        ("not " * 99 + "a", "nested deeper"),
        ("+".join("a" * 500), "more than 300 words and signs"),
    ],
)
def test_what_is_none(text, words):
    """The error says where it stops making sense."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert words in str(caught.value)


@given(st.text(alphabet="ab.01+-*/%<>=!()[],\"'\\ \nif else for in not andor", max_size=60))
def test_any_text_is_an_expression_or_an_expression_error(text):
    """Nothing else comes out, and every node can be walked."""
    try:
        waiting = [parse(text)]
    except ExpressionError:
        return
    for node in waiting:
        waiting.extend(inner_nodes(node))
