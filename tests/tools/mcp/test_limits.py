"""Limits of what a server may send, and words of it that are safe to show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import ConfigurationError
from minillm.tools.mcp import Limits
from minillm.tools.mcp.limits import one_line, shortened


@given(st.text(st.characters()), st.integers(1, 50))
def test_one_line_is_one_short_harmless_line(text, limit):
    """Whatever a server says: no control, no line break, no turned direction, no half of a character."""
    line = one_line(text, limit)
    assert len(line) <= limit and line.isprintable()


def test_one_line_keeps_what_is_harmless():
    """Words and white space between them."""
    assert one_line("North\n  tower\x1b[2J ✓") == "North tower [2J ✓"
    assert one_line("a" * 1000, 10) == "aaaaaaaaa…"


def test_what_is_cut_is_told():
    """With how much is missing."""
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "abc\n[cut here: 1 of 4 characters are left out]"


@pytest.mark.parametrize("value", [0, -1, 1.5, True, None])
def test_a_limit_is_a_count(value):
    """Anything else is named."""
    with pytest.raises(ConfigurationError, match=r"Limits\(tools=\.\.\.\)"):
        Limits(tools=value)
