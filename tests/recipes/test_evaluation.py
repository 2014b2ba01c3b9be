"""The values of expressions, as JSON has them, and the limits on work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.recipes.evaluation import evaluate, truth
from minillm.recipes.expression import parse
from minillm.recipes.nodes import ExpressionError

SCOPE = {"inputs": {"n": 3, "text": "Hello", "list": [3, 1], "none": None, "t": {"a": {"b": 1}}, "yes": True}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("inputs.n + 1 * 2", 5),
        ("-inputs.n", -3),
        ("7 / 2", 3.5),
        ("7 % 4", 3),
        ('inputs.text + "!"', "Hello!"),
        ("inputs.list + [2]", [3, 1, 2]),
        ("inputs.t.a.b", 1),
        ('inputs["t"]["a"]', {"b": 1}),
        ("inputs.list[-1]", 1),
        ("inputs.text[0]", "H"),
        ("inputs.n > 2 and inputs.n <= 3", True),
        ("not inputs.yes or false", False),
        ('"ell" in inputs.text', True),
        ('"a" in inputs.t and "b" not in inputs.t', True),
        ("1 in [true, 2]", False),
        ("1 == true", False),
        ("[1] == [1.0]", True),
        ('"a" < "b"', True),
        ("null == inputs.none", True),
        ('"big" if inputs.n > 2 else "small"', "big"),
        ("[x * 2 for x in inputs.list if x > 1]", [6]),
        ("[[x + y for y in [1, 2]] for x in [10]]", [[11, 12]]),
        ('default(inputs.t.c, "x")', "x"),
        ('default(inputs.none, "x")', "x"),
        ("default(inputs.list[9], 0)", 0),
        ("inputs.yes or inputs.missing", True),
        ("upper(inputs.text)", "HELLO"),
    ],
)
def test_values(text, value):
    """Conditions stop where they are decided; true is not 1."""
    found = evaluate(parse(text), SCOPE)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("inputs.missing", ".missing: there is no such key"),
        ("inputs.n.x", ".x: a number has no keys"),
        ("inputs.list[5]", "there are 2 items"),
        ("inputs.t[0]", "a table has no items"),
        ('inputs.list["0"]', "a list has no keys"),
        ("inputs.list[1.5]", "a whole number is needed"),
        ("inputs.n and true", "true or false is needed, not a number: compare it"),
        ("not inputs.text", "true or false is needed, not a text"),
        ('inputs.n + "a"', "+ joins two texts, not a number and a text"),
        ('"a" * 3', "* needs numbers, not a text"),
        ("true + 1", "+ needs numbers, not true or false"),
        ("1 / 0", "/ by 0"),
        ('1 < "a"', "< needs numbers, not a text"),
        ("1 in 1", "in: a text, list or table is needed"),
        ("[x for x in inputs.n]", "for x in: a list is needed, not a number"),
        ("upper(inputs.n)", "upper(): a text is needed, not a number"),
        ("*".join(["999999999999999"] * 30), "too large"),
        ("*".join(["1e300"] * 3), "too large"),
        ("[[[1 for a in range(99)] for b in range(99)] for c in range(99)]", "steps of work"),
        ("sum([1, inputs.text])", "numbers are needed, not a text"),
    ],
)
def test_what_does_not_fit(text, words):
    """Told in words that quote no value."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse(text), SCOPE)
    assert words in str(caught.value)
    assert "Hello" not in str(caught.value)


def test_text_has_an_end():
    """A text cannot be doubled for ever."""
    scope = {"inputs": {"text": "x" * 6_000_000}}
    with pytest.raises(ExpressionError, match="longer than"):
        evaluate(parse("inputs.text + inputs.text"), scope)


def test_truth():
    """Only true and false are conditions."""
    assert truth(True) is True
    with pytest.raises(ExpressionError, match="null"):
        truth(None)


LEAVES = st.sampled_from(["inputs.n", "inputs.text", "inputs.list", "inputs.t", "1", "0", '"a"', "null", "true", "[]"])
SIGNS = st.sampled_from(["+", "-", "*", "/", "%", "==", "<", "in", "and", "or"])
NAMES = st.sampled_from(["len", "text", "sort", "unique", "flat", "json", "sum"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "%", "==", "<", "in", "and", "or"]), inner
        ),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("[{} for inputs2 in {}]".format, inner, inner),
        st.builds("{}({})".format, NAMES, inner),
        st.builds("default({}, {})".format, inner, inner),
    ),
    max_leaves=6,
)


@given(TREES)
def test_any_expression_has_a_value_or_an_expression_error(text):
    """No other exception comes out of values that do not fit."""
    try:
        evaluate(parse(text), SCOPE)
    except ExpressionError:
        return
