"""Text on one line, harmless to a terminal."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from minillm.cli.terminal_text import one_line


@given(st.text(), st.integers(1, 80))
def test_a_line_is_one_line_within_its_limit_and_steers_nothing(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert not any(unicodedata.category(character) == "Cc" for character in line)


def test_white_space_is_joined_and_a_cut_is_shown() -> None:
    assert one_line("a  b\n\tc") == "a b c"
    assert one_line("abcdef", 4) == "abc…"
    assert one_line("abcd", 4) == "abcd"


def test_a_huge_text_is_cut_before_it_is_worked_on() -> None:
    assert one_line("word " * 1_000_000, 10) == "word word…"
