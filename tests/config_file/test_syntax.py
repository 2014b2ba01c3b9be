"""What the parsers complain of, as line, column and words."""

from decimal import Decimal

import pytest

from minillm.config_file.syntax import BadSyntax, parse_json, parse_toml


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a = 1\nb = x", 2, 5, "texts need quotes"),
        ("a = ", 1, 5, "the text ends here"),
        ("a = 1\n[b", 2, 3, "not TOML"),
        ("a = 1\nb = " + "9" * 5000, 2, 5, "no program can hold"),
        ("a = 1\nb = 1e99999999999999999999", 2, 5, "no program can hold"),
        ("a = 1979-02-31", 1, 5, "not TOML"),
        ('a = "\\x"', 1, 7, "not TOML"),
    ],
)
def test_toml(text, line, column, words):
    """Each fault has a line, also where the parser names none."""
    with pytest.raises(BadSyntax, match=words) as caught:
        parse_toml(text)
    assert caught.value.line == line
    assert abs((caught.value.column or 0) - column) <= 1 or words == "not TOML"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"a": 1,\n}', 2, "not JSON"),
        ("", 1, "not JSON"),
        ("[1]", 1, "must be an object"),
        ('{"a": 1,\n "b": NaN}', 2, "NaN"),
        ('{"a": 1,\n "b": -Infinity}', 2, "Infinity"),
        ('{"a":\n' + "9" * 5000 + "}", 2, "no program can hold"),
    ],
)
def test_json(text, line, words):
    """The same for JSON, which allows no NaN."""
    with pytest.raises(BadSyntax, match=words) as caught:
        parse_json(text)
    assert caught.value.line == line


def test_numbers_with_a_fraction_stay_exact():
    """A price is what was written."""
    assert parse_toml("a = 0.1") == {"a": Decimal("0.1")}
    assert parse_json('{"a": 0.10}')["a"] == Decimal("0.10")
