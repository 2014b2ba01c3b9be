"""What a field may be told besides its type."""

from decimal import Decimal

import pytest

from minillm.config_file.rules import BadValue, Bounds, NonEmpty


@pytest.mark.parametrize(
    ("bounds", "value", "complaint"),
    [
        (Bounds(at_least=1), 1, ""),
        (Bounds(at_least=1), 0, "is 0; allowed: at least 1"),
        (Bounds(above=0, at_most=2), Decimal("2.5"), "is 2.5; allowed: above 0 and at most 2"),
        (Bounds(above=0), 0, "is 0; allowed: above 0"),
        (Bounds(below=1), 1.0, "is 1.0; allowed: below 1"),
        (Bounds(at_most=1), 10**400, "is a huge number; allowed: at most 1"),
    ],
)
def test_bounds(bounds, value, complaint):
    """The complaint says what is allowed."""
    assert bounds.complaint(value) == complaint


@pytest.mark.parametrize(("value", "complaint"), [("a", ""), (" \n", "is empty"), ([], "is empty"), ({"a": 0}, "")])
def test_non_empty(value, complaint):
    """White space is nothing."""
    assert NonEmpty().complaint(value) == complaint


def test_a_bad_value_names_its_key():
    """One key, a path, or the table."""
    assert [BadValue("m", key).key for key in ("a", ("a", 1), "", ())] == [("a",), ("a", 1), (), ()]
