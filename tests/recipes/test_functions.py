"""The functions of expressions: each with what it gives and what it refuses."""

import pytest

from minillm.recipes.functions import FUNCTIONS, Unfit, as_text

GIVES = {
    "len": [(("abc",), 3), (([1],), 1), (({"a": 1},), 1)],
    "lower": [(("ÄB",), "äb")],
    "upper": [(("äb",), "ÄB")],
    "trim": [((" a\n",), "a")],
    "split": [(("a\n\nb\n",), ["a", "b"]), (("a, b", ", "), ["a", "b"])],
    "join": [((["a", 1, None],), "a, 1, null"), ((["a", "b"], "\n"), "a\nb")],
    "replace": [(("aXbX", "X", "-"), "a-b-")],
    "starts_with": [(("abc", "ab"), True)],
    "ends_with": [(("abc", "ab"), False)],
    "text": [(({"a": [1]},), '{"a":[1]}'), (("x",), "x")],
    "json": [(('```json\n{"a": 1,}\n```',), {"a": 1})],
    "number": [(("12",), 12), ((" -1.5 ",), -1.5), ((3,), 3)],
    "round": [((2.567,), 3), ((2.567, 1), 2.6)],
    "sum": [(([1, 2.5],), 3.5), (([],), 0)],
    "min": [(([2, 1],), 1)],
    "max": [(([2, 1],), 2)],
    "first": [(([2, 1],), 2)],
    "last": [(([2, 1],), 1)],
    "part": [(("abcd", 1, 3), "bc"), (([1, 2, 3], -2), [2, 3])],
    "sort": [((["b", "a"],), ["a", "b"]), (([{"k": 2}, {"k": 1}], "k"), [{"k": 1}, {"k": 2}])],
    "reverse": [(([1, 2],), [2, 1])],
    "unique": [(([1, True, 1, "1", [1], [1]],), [1, True, "1", [1]])],
    "flat": [(([[1], 2, [[3]]],), [1, 2, [3]])],
    "range": [((3,), [0, 1, 2])],
    "keys": [(({"a": 1},), ["a"])],
    "values": [(({"a": 1},), [1])],
    "merge": [(({"a": 1, "b": 1}, {"a": 2}), {"a": 2, "b": 1})],
    "default": [((None, 1), 1), ((0, 1), 0)],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_it_gives(name):
    """Every function has its cases here."""
    for arguments, value in GIVES[name]:
        found = FUNCTIONS[name].run(*arguments)
        assert found == value
        assert type(found) is type(value)
        assert FUNCTIONS[name].least <= len(arguments) <= FUNCTIONS[name].most


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("len", (1,), "a text, list or table is needed, not a number"),
        ("upper", (None,), "a text is needed, not null"),
        ("join", ("ab",), "a list is needed, not a text"),
        ("keys", ([],), "a table is needed, not a list"),
        ("sum", ([1, True],), "numbers are needed, not true or false"),
        ("min", ([],), "the list is empty"),
        ("first", ([],), "the list is empty"),
        ("json", ("none",), "no JSON"),
        ("number", ("x",), "the text is no number"),
        ("number", ("nan",), "the text is no number"),
        ("number", ("9" * 5000,), "the text is no number"),
        ("sort", ([1, "a"],), "have an order"),
        ("replace", ("a", "", "b"), "empty"),
        ("split", ("a", ""), "empty"),
        ("part", ("abc", "1"), "a whole number is needed"),
        ("range", (10**9,), "from 0 to 10000"),
    ],
)
def test_what_it_refuses(name, arguments, words):
    """In words that quote no value: it may be an answer."""
    with pytest.raises(Unfit, match=words):
        FUNCTIONS[name].run(*arguments)


def test_as_text():
    """What is no text becomes JSON."""
    assert [as_text(v) for v in ("a", True, None, 1.5, ["ä"])] == ["a", "true", "null", "1.5", '["ä"]']
